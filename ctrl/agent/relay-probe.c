// SPDX-License-Identifier: GPL-2.0
/*
 * How far away a relay is: one STUN Binding, repeated until it is answered.
 */
#include "relay-probe.h"

#include <sodium.h>
#include <string.h>

#include "lib/stun.h"
#include "turn-transport.h"

/* Asked again after each of these but the last. */
static const guint patience_ms[] = { 250, 500, 1000 };

/**
 * struct relay_probe - see relay-probe.h
 * @transport: to the relay
 * @id: transaction ids, one for each time it was asked
 * @sent_us: when
 * @asked: how often
 * @timer: GLib source
 * @done: of the owner
 * @data: for @done
 */
struct relay_probe {
	struct turn_transport *transport;
	guint8 id[G_N_ELEMENTS(patience_ms)][STUN_TRANSACTION_ID_LEN];
	gint64 sent_us[G_N_ELEMENTS(patience_ms)];
	guint asked;
	guint timer;
	void (*done)(gint64 rtt_us, void *data);
	void *data;
};

static void finish(struct relay_probe *probe, gint64 rtt_us)
{
	g_clear_handle_id(&probe->timer, g_source_remove);
	probe->done(rtt_us, probe->data);
}

static gboolean on_impatient(void *data);

static void ask(struct relay_probe *probe)
{
	guint8 request[STUN_HEADER_LEN + 8];
	guint i = probe->asked++;
	struct stun_builder b;

	randombytes_buf(probe->id[i], sizeof(probe->id[i]));
	stun_begin(&b, request, sizeof(request), STUN_CLASS_REQUEST, STUN_METHOD_BINDING,
		   probe->id[i]);
	stun_add_fingerprint(&b);
	probe->sent_us[i] = g_get_monotonic_time();
	probe->timer = g_timeout_add(patience_ms[i], on_impatient, probe);
	turn_transport_send(probe->transport, request, stun_end(&b));
}

static gboolean on_impatient(void *data)
{
	struct relay_probe *probe = data;

	probe->timer = 0;
	if (probe->asked < G_N_ELEMENTS(patience_ms))
		ask(probe);
	else
		finish(probe, -1);
	return G_SOURCE_REMOVE;
}

static void on_ready(void *data)
{
	ask(data);
}

static void on_received(const guint8 *message, gsize len, void *data)
{
	struct relay_probe *probe = data;
	struct stun_message answer;
	struct stun_attribute attr;
	gint64 now_us = g_get_monotonic_time();

	if (stun_parse(&answer, message, len) != STUN_OK || answer.class != STUN_CLASS_SUCCESS ||
	    answer.method != STUN_METHOD_BINDING || !probe->timer)
		return;
	for (guint i = 0; i < probe->asked; i++) {
		if (memcmp(stun_transaction_id(&answer), probe->id[i], sizeof(probe->id[i])) == 0) {
			bool draining = stun_find(&answer, STUN_DRAINING, &attr);

			finish(probe, draining ? -1 : now_us - probe->sent_us[i]);
			return;
		}
	}
}

static void on_failed(G_GNUC_UNUSED const char *why, void *data)
{
	finish(data, -1);
}

static const struct turn_transport_events transport_events = {
	.ready = on_ready,
	.received = on_received,
	.failed = on_failed,
};

struct relay_probe *relay_probe_new(const struct endpoint *relay,
				    void (*done)(gint64 rtt_us, void *data), void *data)
{
	struct relay_probe *probe = g_new0(struct relay_probe, 1);

	probe->done = done;
	probe->data = data;
	probe->transport = turn_transport_udp(relay, &transport_events, probe, NULL);
	if (probe->transport)
		return probe;
	g_free(probe);
	return NULL;
}

void relay_probe_free(struct relay_probe *probe)
{
	if (!probe)
		return;
	g_clear_handle_id(&probe->timer, g_source_remove);
	turn_transport_free(probe->transport);
	g_free(probe);
}
