// SPDX-License-Identifier: GPL-2.0

/*
 * libnice as a client of mesh-relayd.
 *
 *	nice-client PORT udp|tcp
 *
 * Two agents that may use nothing but the relay on 127.0.0.1 find each other and then send each
 * other messages, one at a time. Ends with success when all have arrived.
 */
#include <nice/agent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGES 200
#define MESSAGE_LEN 1000
#define PATIENCE_S 60

struct end {
	NiceAgent *agent;
	guint stream;
	struct end *other;
	guint received;
	bool gathered, ready, closed;
};

static GMainLoop *loop;

static void fail(const char *what)
{
	fprintf(stderr, "nice-client: %s\n", what);
	exit(EXIT_FAILURE);
}

static gboolean too_late(gpointer ends)
{
	const struct end *end = ends;

	fprintf(stderr, "ready: %d %d, received: %u %u\n", end[0].ready, end[1].ready,
		end[0].received, end[1].received);
	fail("in vain");
	return G_SOURCE_REMOVE;
}

static void send_next(struct end *end)
{
	char message[MESSAGE_LEN];

	memset(message, (char)end->other->received, sizeof(message));
	if (nice_agent_send(end->agent, end->stream, 1, sizeof(message), message) != MESSAGE_LEN)
		fail("cannot send");
}

/* Its allocation has ended. */
static void on_closed(GObject *agent, GAsyncResult *result, gpointer data)
{
	struct end *end = data;

	(void)agent;
	(void)result;
	end->closed = true;
	if (end->other->closed)
		g_main_loop_quit(loop);
}

static void on_received(NiceAgent *agent, guint stream, guint component, guint len, gchar *buf,
			gpointer data)
{
	struct end *end = data;

	(void)agent;
	(void)stream;
	(void)component;
	if (len != MESSAGE_LEN || buf[0] != (char)end->received || buf[len - 1] != buf[0])
		fail("something else arrived than was sent");
	end->received++;
	if (end->received < MESSAGES || end->other->received < MESSAGES) {
		send_next(end);
		return;
	}
	nice_agent_close_async(end->agent, on_closed, end);
	nice_agent_close_async(end->other->agent, on_closed, end->other);
}

static void tell_candidates(struct end *from, struct end *to)
{
	GSList *candidates = nice_agent_get_local_candidates(from->agent, from->stream, 1);
	g_autofree char *ufrag = NULL, *password = NULL;

	for (GSList *item = candidates; item; item = item->next)
		if (((NiceCandidate *)item->data)->type != NICE_CANDIDATE_TYPE_RELAYED)
			fail("a candidate that is not relayed");
	if (!candidates)
		fail("no relayed candidate");
	nice_agent_get_local_credentials(from->agent, from->stream, &ufrag, &password);
	nice_agent_set_remote_credentials(to->agent, to->stream, ufrag, password);
	nice_agent_set_remote_candidates(to->agent, to->stream, 1, candidates);
	g_slist_free_full(candidates, (GDestroyNotify)nice_candidate_free);
}

static void on_gathered(NiceAgent *agent, guint stream, gpointer data)
{
	struct end *end = data;

	(void)agent;
	(void)stream;
	end->gathered = true;
	if (!end->other->gathered)
		return;
	tell_candidates(end, end->other);
	tell_candidates(end->other, end);
}

static void on_state(NiceAgent *agent, guint stream, guint component, guint state, gpointer data)
{
	struct end *end = data;

	(void)agent;
	(void)stream;
	(void)component;
	if (state == NICE_COMPONENT_STATE_FAILED)
		fail("the agents do not find each other");
	if (state != NICE_COMPONENT_STATE_READY || end->ready)
		return;
	end->ready = true;
	if (end->other->ready)
		send_next(end);
}

static void start(struct end *end, guint port, NiceRelayType type, bool controlling)
{
	NiceAddress *address = nice_address_new();

	end->agent = nice_agent_new_full(NULL, NICE_COMPATIBILITY_RFC5245,
					 NICE_AGENT_OPTION_REGULAR_NOMINATION);
	g_object_set(end->agent, "upnp", FALSE, "ice-tcp", FALSE, "force-relay", TRUE,
		     "controlling-mode", controlling, NULL);
	nice_address_set_from_string(address, "127.0.0.1");
	nice_agent_add_local_address(end->agent, address);
	nice_address_free(address);
	end->stream = nice_agent_add_stream(end->agent, 1);
	nice_agent_set_relay_info(end->agent, end->stream, 1, "127.0.0.1", port, "user", "pw", type);
	nice_agent_attach_recv(end->agent, end->stream, 1, NULL, on_received, end);
	g_signal_connect(end->agent, "candidate-gathering-done", G_CALLBACK(on_gathered), end);
	g_signal_connect(end->agent, "component-state-changed", G_CALLBACK(on_state), end);
}

int main(int argc, char **argv)
{
	struct end ends[2] = { { .other = &ends[1] }, { .other = &ends[0] } };
	NiceRelayType type;

	if (argc != 3)
		fail("PORT udp|tcp");
	type = strcmp(argv[2], "tcp") == 0 ? NICE_RELAY_TYPE_TURN_TCP : NICE_RELAY_TYPE_TURN_UDP;
	loop = g_main_loop_new(NULL, FALSE);
	for (int i = 0; i < 2; i++)
		start(&ends[i], atoi(argv[1]), type, i == 0);
	for (int i = 0; i < 2; i++)
		if (!nice_agent_gather_candidates(ends[i].agent, ends[i].stream))
			fail("cannot gather candidates");
	g_timeout_add_seconds(PATIENCE_S, too_late, ends);
	g_main_loop_run(loop);
	for (int i = 0; i < 2; i++)
		g_object_unref(ends[i].agent);
	g_main_loop_unref(loop);
	return EXIT_SUCCESS;
}
