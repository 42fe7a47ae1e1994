// SPDX-License-Identifier: GPL-2.0
/* A peer that boxes do not reach. There is no kernel, and no relay. */
#include "agent/peer.h"

struct fixture {
	struct peer_context context;
	struct peer *peer;
	guint boxes; /* sent */
};

static void on_send(G_GNUC_UNUSED const struct key *to, G_GNUC_UNUSED const guint8 *box,
		    G_GNUC_UNUSED gsize size, void *data)
{
	struct fixture *f = data;

	f->boxes++;
}

static void set_up(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	static const struct relays_events events = {};
	struct key private_key = { "another private key of 32 bytes" };
	struct seal_session session = {};
	struct key key;

	key_generate(&f->context.private_key);
	key_derive_public(&f->context.private_key, &f->context.public_key);
	key_derive_public(&private_key, &key);
	f->context.relays = relays_new(&events, NULL);
	f->context.send = on_send;
	f->context.data = f;
	f->context.connected = true;
	g_queue_init(&f->context.waiting);

	f->peer = peer_new(&f->context, &key);
	peer_set_hostname(f->peer, "b");
	peer_set_session(f->peer, &session);
	g_assert_true(peer_is_online(f->peer));
	f->boxes = 0;
}

static void tear_down(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	peer_free(f->peer);
	relays_free(f->context.relays);
}

static void test_offline(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	peer_signal_failed(f->peer, "offline");
	g_assert_false(peer_is_online(f->peer));
}

/* It is there; however many boxes did not reach it, what counts is said again once. */
static void test_busy(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	for (guint i = 0; i < 100; i++)
		peer_signal_failed(f->peer, "busy");
	g_assert_true(peer_is_online(f->peer));
	g_assert_cmpuint(f->boxes, ==, 0);
	while (f->boxes == 0)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpuint(f->boxes, ==, 1);
	g_assert_true(peer_is_online(f->peer));
}

/* It comes back, as it was: what boxes said counts, but for those that did not reach it. */
static void test_returned(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	struct seal_session session = {};

	for (guint i = 0; i < 100; i++) {
		peer_set_session(f->peer, NULL);
		g_assert_false(peer_is_online(f->peer));
		peer_lost(f->peer);
		peer_set_session(f->peer, &session);
	}
	g_assert_cmpuint(f->boxes, ==, 0);

	peer_signal_failed(f->peer, "offline");
	peer_set_session(f->peer, &session);
	g_assert_cmpuint(f->boxes, ==, 1);
	peer_set_session(f->peer, &session);
	g_assert_cmpuint(f->boxes, ==, 1);

	/* that was said lately, and the server is lost, or the way of the peer to it */
	peer_lost(f->peer);
	peer_set_session(f->peer, &session);
	g_assert_cmpuint(f->boxes, ==, 2);
	peer_set_session(f->peer, NULL);
	peer_set_session(f->peer, &session);
	g_assert_cmpuint(f->boxes, ==, 3);
}

#define ADD(path, test) g_test_add(path, struct fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("/peer/offline", test_offline);
	ADD("/peer/busy", test_busy);
	ADD("/peer/returned", test_returned);
	return g_test_run();
}
