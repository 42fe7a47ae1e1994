// SPDX-License-Identifier: GPL-2.0
#include "tls.h"

#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_RECORD 16384

/* Records sent before others have their turn. */
#define MAX_RECORDS_AT_ONCE 16

/* A client's part of a handshake is small: it has no certificate. */
#define MAX_HANDSHAKE_MESSAGE 8192

enum tls_state {
	TLS_HANDSHAKE,
	TLS_OPEN,
	TLS_FINISHING, /* close when the queue is empty */
	TLS_FINISHED,  /* nothing more is sent */
	TLS_CLOSED,
};

struct tls {
	GSource *source;
	gpointer watch;
	int fd;
	enum tls_state state;
	gnutls_session_t session;
	struct certificate *certificate;
	GQueue queue; /* GBytes */
	gsize queued;
	gsize offset; /* into the first of the queue */
	const struct tls_events *events;
	void *data;
};

/* What the source carries: GLib puts its own state in front. */
struct tls_source {
	GSource source;
	struct tls *tls;
};

static void report_closed(struct tls *tls, const char *why)
{
	if (tls->state == TLS_CLOSED)
		return;
	tls->state = TLS_CLOSED;
	tls->events->closed(why, tls->data);
}

static bool try_again(int rc)
{
	return rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED;
}

static void shake_hands(struct tls *tls)
{
	int rc = gnutls_handshake(tls->session);

	if (rc == GNUTLS_E_SUCCESS)
		tls->state = TLS_OPEN;
	else if (gnutls_error_is_fatal(rc))
		report_closed(tls, gnutls_strerror(rc));
}

static void receive(struct tls *tls)
{
	guint8 record[MAX_RECORD];

	do {
		ssize_t n = gnutls_record_recv(tls->session, record, sizeof(record));

		if (n > 0)
			tls->events->received(record, n, tls->data);
		else if (n == 0)
			report_closed(tls, "the other end closed the connection");
		else if (gnutls_error_is_fatal(n))
			report_closed(tls, gnutls_strerror(n));
		else
			return;
		/* decrypted bytes that wait in GnuTLS are not seen by poll() */
	} while (tls->state != TLS_CLOSED && gnutls_record_check_pending(tls->session) > 0);
}

/* Send the queue as far as it goes. Return: 0, or the error of GnuTLS that stopped it. */
static int flush_queue(struct tls *tls)
{
	for (guint i = 0; tls->queued > 0 && i < MAX_RECORDS_AT_ONCE; i++) {
		GBytes *bytes = g_queue_peek_head(&tls->queue);
		gsize size;
		const guint8 *data = g_bytes_get_data(bytes, &size);
		ssize_t n;

		n = gnutls_record_send(tls->session, data + tls->offset,
				       MIN(size - tls->offset, MAX_RECORD));
		if (n < 0)
			return n;
		tls->queued -= n;
		tls->offset += n;
		if (tls->offset == size) {
			tls->offset = 0;
			g_bytes_unref(g_queue_pop_head(&tls->queue));
		}
	}
	return 0;
}

static void transmit(struct tls *tls)
{
	int rc = flush_queue(tls);

	if (rc < 0 && gnutls_error_is_fatal(rc)) {
		report_closed(tls, gnutls_strerror(rc));
		return;
	}
	if (tls->state == TLS_FINISHING && tls->queued == 0 &&
	    !try_again(gnutls_bye(tls->session, GNUTLS_SHUT_WR))) {
		shutdown(tls->fd, SHUT_WR);
		tls->state = TLS_FINISHED;
	}
}

static void update_watch(struct tls *tls)
{
	GIOCondition wanted = G_IO_IN;

	if (tls->state == TLS_HANDSHAKE)
		wanted = gnutls_record_get_direction(tls->session) ? G_IO_OUT : G_IO_IN;
	else if (tls->state == TLS_FINISHING || (tls->state == TLS_OPEN && tls->queued > 0))
		wanted |= G_IO_OUT;
	g_source_modify_unix_fd(tls->source, tls->watch, wanted);
}

static void tls_clear(struct tls *tls)
{
	gnutls_deinit(tls->session);
	certificate_unref(tls->certificate);
	g_queue_clear_full(&tls->queue, (GDestroyNotify)g_bytes_unref);
}

static gboolean tls_ready(GSource *source, GSourceFunc callback, gpointer callback_data)
{
	struct tls *tls = ((struct tls_source *)source)->tls;
	GIOCondition ready = g_source_query_unix_fd(source, tls->watch);

	(void)callback;
	(void)callback_data;
	g_rc_box_acquire(tls); /* whoever is called may free it */
	if (tls->state == TLS_HANDSHAKE)
		shake_hands(tls);
	else if (ready & (G_IO_IN | G_IO_HUP | G_IO_ERR))
		receive(tls);
	if ((tls->state == TLS_OPEN || tls->state == TLS_FINISHING) && (ready & G_IO_OUT))
		transmit(tls);
	if (tls->state == TLS_CLOSED)
		g_source_destroy(source);
	else
		update_watch(tls);
	g_rc_box_release_full(tls, (GDestroyNotify)tls_clear);
	return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = { .dispatch = tls_ready };

struct tls *tls_new(int fd, struct certificate *certificate, const struct tls_events *events,
		    void *data)
{
	struct tls *tls = g_rc_box_new0(struct tls);

	tls->fd = fd;
	tls->certificate = certificate_ref(certificate);
	tls->events = events;
	tls->data = data;
	g_queue_init(&tls->queue);

	/* only memory can be lacking here */
	if (gnutls_init(&tls->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL |
					       GNUTLS_NO_TICKETS) < 0)
		g_error("cannot begin a TLS session");
	gnutls_priority_set_direct(tls->session, "NORMAL:-VERS-ALL:+VERS-TLS1.3", NULL);
	gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE, certificate->credentials);
	gnutls_handshake_set_max_packet_length(tls->session, MAX_HANDSHAKE_MESSAGE);
	gnutls_transport_set_int(tls->session, fd);

	tls->source = g_source_new(&source_funcs, sizeof(struct tls_source));
	((struct tls_source *)tls->source)->tls = tls;
	tls->watch = g_source_add_unix_fd(tls->source, fd, G_IO_IN);
	g_source_attach(tls->source, NULL);
	return tls;
}

void tls_send(struct tls *tls, GBytes *bytes)
{
	if ((tls->state != TLS_HANDSHAKE && tls->state != TLS_OPEN) || g_bytes_get_size(bytes) == 0)
		return;
	g_queue_push_tail(&tls->queue, g_bytes_ref(bytes));
	tls->queued += g_bytes_get_size(bytes);
	update_watch(tls);
}

gsize tls_queued(const struct tls *tls)
{
	return tls->queued;
}

void tls_finish(struct tls *tls)
{
	if (tls->state != TLS_OPEN)
		return;
	tls->state = TLS_FINISHING;
	update_watch(tls);
}

void tls_free(struct tls *tls)
{
	if (!tls)
		return;
	if ((tls->state == TLS_OPEN || tls->state == TLS_FINISHING) && flush_queue(tls) == 0 &&
	    tls->queued == 0)
		gnutls_bye(tls->session, GNUTLS_SHUT_WR);
	tls->state = TLS_CLOSED;
	g_source_destroy(tls->source);
	g_source_unref(tls->source);
	close(tls->fd);
	g_rc_box_release_full(tls, (GDestroyNotify)tls_clear);
}
