// SPDX-License-Identifier: GPL-2.0
/*
 * The server's end of a TCP connection, with TLS or without, on the main loop and without a
 * thread.
 */
#include "connection.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Records sent before others have their turn. */
#define MAX_RECORDS_AT_ONCE 16

/* A client's part of a handshake is small: it has no certificate. */
#define MAX_HANDSHAKE_MESSAGE 8192

enum connection_state {
	CONNECTION_HANDSHAKE,
	CONNECTION_OPEN,
	CONNECTION_FINISHING, /* close when the queue is empty */
	CONNECTION_FINISHED,  /* nothing more is sent */
	CONNECTION_CLOSED,
};

/**
 * struct connection - see connection.h
 * @entry: of @poller
 * @poller: waits for the socket
 * @awaited: events of epoll that are waited for
 * @state: how far it has come
 * @session: of GnuTLS; NULL without TLS
 * @certificate: of the server
 * @queue: GBytes that wait to be sent
 * @tail: what comes after @queue and can still grow, or NULL
 * @queued: bytes that wait to be sent
 * @progress_us: when some of @queue was sent last, or @queue was empty
 * @offset: how much of the first of @queue was sent
 * @more: the next record follows at once: the kernel need not send what is not a whole packet
 * @events: of the owner
 * @data: for @events
 */
struct connection {
	struct poll_entry entry;
	struct poller *poller;
	guint32 awaited;
	enum connection_state state;
	gnutls_session_t session;
	struct certificate *certificate;
	GQueue queue;
	GByteArray *tail;
	gsize queued;
	gint64 progress_us;
	gsize offset;
	bool more;
	const struct connection_events *events;
	void *data;
};

static void report_closed(struct connection *connection, const char *why)
{
	if (connection->state == CONNECTION_CLOSED)
		return;
	connection->state = CONNECTION_CLOSED;
	connection->events->closed(why, connection->data);
}

static void shake_hands(struct connection *connection)
{
	int rc = gnutls_handshake(connection->session);

	if (rc == GNUTLS_E_SUCCESS)
		connection->state = CONNECTION_OPEN;
	else if (gnutls_error_is_fatal(rc))
		report_closed(connection, gnutls_strerror(rc));
}

static bool is_transient(int error)
{
	return error == EAGAIN || error == EINTR;
}

/*
 * Both return the number of bytes; else, where it is 0 or less, @why is set, or NULL when there is
 * nothing to be done but to wait.
 */
static ssize_t read_some(struct connection *connection, guint8 *buf, gsize size, const char **why)
{
	ssize_t n;

	if (connection->session) {
		n = gnutls_record_recv(connection->session, buf, size);
		*why = n < 0 && gnutls_error_is_fatal(n) ? gnutls_strerror(n) : NULL;
	} else {
		n = recv(connection->entry.fd, buf, size, 0);
		*why = n < 0 && !is_transient(errno) ? g_strerror(errno) : NULL;
	}
	if (n == 0)
		*why = "the other end closed the connection";
	return n;
}

static int send_flags(const struct connection *connection)
{
	return MSG_NOSIGNAL | (connection->more ? MSG_MORE : 0);
}

/* Sends for GnuTLS. */
static ssize_t push(gnutls_transport_ptr_t data, const giovec_t *parts, int n_parts)
{
	struct connection *connection = data;
	const struct msghdr message = { .msg_iov = (struct iovec *)parts, .msg_iovlen = n_parts };
	ssize_t n = sendmsg(connection->entry.fd, &message, send_flags(connection));

	if (n < 0)
		gnutls_transport_set_errno(connection->session, errno);
	return n;
}

static ssize_t write_some(struct connection *connection, const guint8 *data, gsize size,
			  const char **why)
{
	ssize_t n;

	if (connection->session) {
		n = gnutls_record_send(connection->session, data, size);
		*why = n < 0 && gnutls_error_is_fatal(n) ? gnutls_strerror(n) : NULL;
	} else {
		n = send(connection->entry.fd, data, size, send_flags(connection));
		*why = n < 0 && !is_transient(errno) ? g_strerror(errno) : NULL;
	}
	return n;
}

/* Decrypted bytes that wait in GnuTLS are not seen by epoll. */
static bool has_pending(const struct connection *connection)
{
	return connection->session && gnutls_record_check_pending(connection->session) > 0;
}

static void receive(struct connection *connection)
{
	guint8 record[CONNECTION_MAX_RECORD];
	const char *why;

	do {
		ssize_t n = read_some(connection, record, sizeof(record), &why);

		if (n > 0)
			connection->events->received(record, n, connection->data);
		else if (why)
			report_closed(connection, why);
		else
			return;
	} while (connection->state != CONNECTION_CLOSED && has_pending(connection));
}

/* What can still grow goes behind the rest, and grows no more. */
static void seal(struct connection *connection)
{
	if (connection->tail)
		g_queue_push_tail(&connection->queue,
				  g_byte_array_free_to_bytes(g_steal_pointer(&connection->tail)));
}

/* Send the queue as far as it goes. Return: false with @why when it will never go further. */
static bool flush_queue(struct connection *connection, const char **why)
{
	for (guint i = 0; connection->queued > 0 && i < MAX_RECORDS_AT_ONCE; i++) {
		const guint8 *data;
		GBytes *bytes;
		gsize size, record;
		ssize_t n;

		if (g_queue_is_empty(&connection->queue))
			seal(connection);
		bytes = g_queue_peek_head(&connection->queue);
		data = g_bytes_get_data(bytes, &size);
		record = MIN(size - connection->offset, CONNECTION_MAX_RECORD);
		connection->more = connection->queued > record && i + 1 < MAX_RECORDS_AT_ONCE;
		n = write_some(connection, data + connection->offset, record, why);
		connection->more = false;
		if (n < 0)
			return !*why;
		connection->queued -= n;
		connection->progress_us = g_get_monotonic_time();
		connection->offset += n;
		if (connection->offset == size) {
			connection->offset = 0;
			g_bytes_unref(g_queue_pop_head(&connection->queue));
		}
	}
	return true;
}

/* Return: false when it has to be tried again. */
static bool say_goodbye(struct connection *connection)
{
	int rc = connection->session ? gnutls_bye(connection->session, GNUTLS_SHUT_WR) : 0;

	return rc != GNUTLS_E_AGAIN && rc != GNUTLS_E_INTERRUPTED;
}

static void transmit(struct connection *connection)
{
	const char *why;

	if (!flush_queue(connection, &why)) {
		report_closed(connection, why);
		return;
	}
	if (connection->state == CONNECTION_FINISHING && connection->queued == 0 &&
	    say_goodbye(connection)) {
		shutdown(connection->entry.fd, SHUT_WR);
		connection->state = CONNECTION_FINISHED;
	}
}

static guint32 wanted_events(const struct connection *connection)
{
	if (connection->state == CONNECTION_HANDSHAKE)
		return gnutls_record_get_direction(connection->session) ? EPOLLOUT : EPOLLIN;
	if (connection->state == CONNECTION_FINISHING ||
	    (connection->state == CONNECTION_OPEN && connection->queued > 0))
		return EPOLLIN | EPOLLOUT;
	return EPOLLIN;
}

static void update_watch(struct connection *connection)
{
	guint32 wanted = wanted_events(connection);

	if (wanted == connection->awaited)
		return;
	connection->awaited = wanted;
	poller_change(connection->poller, &connection->entry, wanted);
}

static void connection_clear(struct connection *connection)
{
	if (connection->session)
		gnutls_deinit(connection->session);
	certificate_unref(connection->certificate);
	g_queue_clear_full(&connection->queue, (GDestroyNotify)g_bytes_unref);
	g_clear_pointer(&connection->tail, g_byte_array_unref);
}

/* In the end no event comes any more, whether or not the owner has freed it by now. */
static void unwatch(struct connection *connection)
{
	if (connection->poller)
		poller_remove(connection->poller, &connection->entry);
	connection->poller = NULL;
}

static void ready(struct poll_entry *entry, guint32 events)
{
	struct connection *connection = (struct connection *)entry;

	g_rc_box_acquire(connection); /* whoever is called may free it */
	if (connection->state == CONNECTION_HANDSHAKE)
		shake_hands(connection);
	else if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		receive(connection);
	if ((connection->state == CONNECTION_OPEN || connection->state == CONNECTION_FINISHING) &&
	    (events & EPOLLOUT))
		transmit(connection);
	if (connection->state == CONNECTION_CLOSED)
		unwatch(connection);
	else
		update_watch(connection);
	g_rc_box_release_full(connection, (GDestroyNotify)connection_clear);
}

/* To understand the words takes longer than one would think. Return: (borrowed) what they say. */
static gnutls_priority_t priority_of(const char *versions)
{
	static GHashTable *known;
	gnutls_priority_t priority;

	if (!known)
		known = g_hash_table_new(g_str_hash, g_str_equal);
	priority = g_hash_table_lookup(known, versions);
	if (!priority) {
		if (gnutls_priority_init(&priority, versions, NULL) < 0)
			g_error("GnuTLS does not know \"%s\"", versions);
		g_hash_table_insert(known, (char *)versions, priority);
	}
	return priority;
}

static void start_tls(struct connection *connection, const struct connection_security *security)
{
	connection->certificate = certificate_ref(security->certificate);
	if (gnutls_init(&connection->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL |
						      GNUTLS_NO_TICKETS) < 0)
		g_error("cannot begin a TLS session");
	gnutls_priority_set(connection->session, priority_of(security->versions));
	gnutls_credentials_set(connection->session, GNUTLS_CRD_CERTIFICATE,
			       security->certificate->credentials);
	gnutls_handshake_set_max_packet_length(connection->session, MAX_HANDSHAKE_MESSAGE);
	gnutls_transport_set_ptr2(connection->session, GINT_TO_POINTER(connection->entry.fd),
				  connection);
	gnutls_transport_set_vec_push_function(connection->session, push);
}

struct connection *connection_new(int fd, struct poller *poller,
				  const struct connection_security *security,
				  const struct connection_events *events, void *data)
{
	struct connection *connection = g_rc_box_new0(struct connection);

	connection->entry = (struct poll_entry){ ready, fd };
	connection->events = events;
	connection->data = data;
	connection->awaited = EPOLLIN;
	connection->state = security ? CONNECTION_HANDSHAKE : CONNECTION_OPEN;
	g_queue_init(&connection->queue);
	connection->poller = poller;
	/* only memory can be lacking here, and below */
	if (!poller_add(poller, &connection->entry))
		g_error("cannot wait for a connection: %s", g_strerror(errno));
	if (security)
		start_tls(connection, security);
	return connection;
}

static bool may_send(const struct connection *connection)
{
	return connection->state == CONNECTION_HANDSHAKE || connection->state == CONNECTION_OPEN;
}

static void count_queued(struct connection *connection, gsize size)
{
	if (connection->queued == 0)
		connection->progress_us = g_get_monotonic_time();
	connection->queued += size;
}

void connection_send(struct connection *connection, GBytes *bytes)
{
	if (!may_send(connection) || g_bytes_get_size(bytes) == 0)
		return;
	seal(connection);
	g_queue_push_tail(&connection->queue, g_bytes_ref(bytes));
	count_queued(connection, g_bytes_get_size(bytes));
	update_watch(connection);
}

void connection_send_copy(struct connection *connection, const void *data, gsize size)
{
	if (!may_send(connection) || size == 0)
		return;
	if (connection->tail && connection->tail->len + size > CONNECTION_MAX_RECORD)
		seal(connection);
	if (!connection->tail)
		connection->tail = g_byte_array_new();
	g_byte_array_append(connection->tail, data, size);
	count_queued(connection, size);
	update_watch(connection);
}

gsize connection_queued(const struct connection *connection)
{
	return connection->queued;
}

gint64 connection_stalled_us(const struct connection *connection)
{
	return connection->queued ? g_get_monotonic_time() - connection->progress_us : 0;
}

bool connection_has_unread(const struct connection *connection)
{
	int size;

	return has_pending(connection) ||
	       (ioctl(connection->entry.fd, FIONREAD, &size) == 0 && size > 0);
}

void connection_finish(struct connection *connection)
{
	if (connection->state != CONNECTION_OPEN)
		return;
	connection->state = CONNECTION_FINISHING;
	update_watch(connection);
}

void connection_free(struct connection *connection)
{
	const char *why;

	if (!connection)
		return;
	if ((connection->state == CONNECTION_OPEN || connection->state == CONNECTION_FINISHING) &&
	    flush_queue(connection, &why) && connection->queued == 0)
		say_goodbye(connection);
	connection->state = CONNECTION_CLOSED;
	unwatch(connection);
	close(connection->entry.fd);
	g_rc_box_release_full(connection, (GDestroyNotify)connection_clear);
}
