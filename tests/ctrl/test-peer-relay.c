// SPDX-License-Identifier: GPL-2.0
/* What a peer says about its relays, where this node has none itself. */
#include "../../ctrl/agent/peer-relay.h"

#include "daemon.h"

/* More than are taken at once. */
#define MANY 100

struct fixture {
	struct relays *relays;
	struct peer_relay *ways;
};

static const struct relays_events events = {};

static bool tell(G_GNUC_UNUSED const struct peermessage *message, G_GNUC_UNUSED void *data)
{
	return false;
}

static void set_up(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	f->relays = relays_new(&events, NULL);
	f->ways = peer_relay_new(f->relays, tell, NULL);
}

static void tear_down(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	peer_relay_free(f->ways);
	relays_free(f->relays);
}

static void say(struct fixture *f, const char *relayed)
{
	struct peermessage message = { .type = PEERMESSAGE_RELAY };

	g_assert_true(endpoint_parse(relayed, &message.relayed, NULL));
	peer_relay_receive(f->ways, &message);
}

static void test_nonsense(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	say(f, "203.0.113.1:4000");
	g_assert_null(peer_relay_error(f->ways));
	say(f, "224.0.0.1:4000");
	g_assert_nonnull(peer_relay_error(f->ways));
}

/* What it says last counts; but not at once, when it has said much. */
static void test_flood(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	guint timer = daemon_impatience_new();

	for (guint i = 0; i < MANY; i++)
		say(f, "203.0.113.1:4000");
	say(f, "224.0.0.1:4000");
	g_assert_null(peer_relay_error(f->ways));
	while (!peer_relay_error(f->ways))
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
}

/* It may be gone before its turn comes. */
static void test_gone(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	for (guint i = 0; i < MANY; i++)
		say(f, "203.0.113.1:4000");
}

#define ADD(path, test) g_test_add(path, struct fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("/peer-relay/nonsense", test_nonsense);
	ADD("/peer-relay/flood", test_flood);
	ADD("/peer-relay/gone", test_gone);
	return g_test_run();
}
