// SPDX-License-Identifier: GPL-2.0
/*
 * What peers say about their relays, and the ways to them through an allocation of this node, on
 * mesh-relayd. The dataplane has no kernel below it: its paths wait for one.
 * RELAYD names the program, build/bin/mesh-relayd by default.
 */
#include "agent/peer-relay.h"

#include <string.h>

#include "agent/dataplane-private.h"
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

/* ---- with an allocation, and two peers ---- */

#define RELAYED "203.0.113.1:4000"

struct member {
	struct dataplane_peer *dataplane;
	struct paths *paths;
	struct peer_relay *ways;
};

struct node {
	GSubprocess *process;
	struct relays *relays;
	struct dataplane dataplane;
	struct member members[2];
	guint refusals;
};

static void wait_for(bool (*reached)(const struct node *node), const struct node *node)
{
	guint timer = daemon_impatience_new();

	while (!reached(node))
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
}

static void on_changed(void *data)
{
	struct node *node = data;

	for (guint i = 0; i < G_N_ELEMENTS(node->members); i++) {
		if (node->members[i].ways)
			peer_relay_allocation_changed(node->members[i].ways);
	}
}

static void on_bound(const struct turn *turn, guint16 channel, void *user,
		     G_GNUC_UNUSED void *data)
{
	peer_relay_bound(((struct member *)user)->ways, turn, channel);
}

static void on_refused(const struct turn *turn, guint16 channel, void *user, const char *why,
		       void *data)
{
	struct node *node = data;

	node->refusals++;
	peer_relay_refused(((struct member *)user)->ways, turn, channel, why);
}

static void on_claimed(const struct dataplane_path *path, void *data)
{
	peer_relay_claimed(((struct member *)data)->ways, path);
}

static const struct relays_events node_events = {
	.changed = on_changed,
	.bound = on_bound,
	.refused = on_refused,
};

static const struct dataplane_peer_events peer_events = { .claimed = on_claimed };

static void start_relay(struct node *node)
{
	struct endpoint server = daemon_free_endpoint("127.0.0.1:0");
	const struct endpoint *endpoint = &server;
	g_autofree char *listen = endpoint_format(&server);
	const char *argv[] = { g_getenv("RELAYD") ?: "build/bin/mesh-relayd", "--listen", listen,
			       "--relay-address", "127.0.0.1", "--realm", "test", "--user",
			       "user:pw", "--allow-peer", "203.0.113.0/24", "--kernel", "off",
			       NULL };
	struct relayinfo info = { .name = "relay", .host = "127.0.0.1", .username = "user",
				  .password = "pw", .port = endpoint_port(&server),
				  .transports = RELAYINFO_UDP };
	g_autoptr(GArray) infos = relayinfo_new_list();

	node->process = daemon_start(argv, &endpoint, 1);
	node->relays = relays_new(&node_events, node);
	g_array_append_val(infos, info);
	relays_set(node->relays, infos);
}

static void add_member(struct node *node, guint number)
{
	struct member *member = &node->members[number];
	g_autoptr(GArray) addresses = g_array_new(FALSE, FALSE, sizeof(struct prefix));
	struct key key = {};

	memset(&key, number + 1, sizeof(key));
	member->dataplane = dataplane_set_peer(&node->dataplane, &key, addresses);
	member->paths = paths_new(member->dataplane, true);
	dataplane_watch_peer(member->dataplane, &peer_events, member);
	member->ways = peer_relay_new(node->relays, tell, member);
	peer_relay_set_paths(member->ways, member->paths);
}

static bool has_allocation(const struct node *node)
{
	return relays_turn(node->relays, LEASES_FIRST);
}

static void begin(struct node *node, G_GNUC_UNUSED const void *data)
{
	node->dataplane.peers = g_hash_table_new(key_hash, key_equal);
	node->dataplane.added = g_ptr_array_new();
	start_relay(node);
	for (guint i = 0; i < G_N_ELEMENTS(node->members); i++)
		add_member(node, i);
	wait_for(has_allocation, node);
}

static void end(struct node *node, G_GNUC_UNUSED const void *data)
{
	for (guint i = 0; i < G_N_ELEMENTS(node->members); i++) {
		struct member *member = &node->members[i];

		peer_relay_free(member->ways);
		paths_free(member->paths);
		g_ptr_array_unref(member->dataplane->paths);
		g_array_unref(member->dataplane->addresses);
		g_free(member->dataplane);
	}
	g_hash_table_unref(node->dataplane.peers);
	g_ptr_array_unref(node->dataplane.added);
	relays_free(node->relays);
	daemon_stop(&node->process);
}

static void name(struct node *node, guint number, const char *relayed)
{
	struct peermessage message = { .type = PEERMESSAGE_RELAY };

	g_assert_true(!relayed || endpoint_parse(relayed, &message.relayed, NULL));
	peer_relay_receive(node->members[number].ways, &message);
}

static struct dataplane_path *path_of(const struct node *node, guint number)
{
	const GPtrArray *paths = dataplane_paths(node->members[number].dataplane);

	return paths->len ? paths->pdata[0] : NULL;
}

static bool first_has_path(const struct node *node)
{
	return path_of(node, 0);
}

static bool second_is_told_why(const struct node *node)
{
	return peer_relay_error(node->members[1].ways);
}

static bool is_refused_twice(const struct node *node)
{
	return node->refusals == 2;
}

/* mesh-relayd denies 10.0.0.0/8 unless it is allowed, which may be any time. */
static void test_refused(struct node *node, G_GNUC_UNUSED const void *data)
{
	name(node, 0, "10.0.0.1:4000");
	wait_for(is_refused_twice, node);
}

/* Who claims what another one has, and is answered at, gets nothing, and takes nothing away. */
static void test_claimed(struct node *node, G_GNUC_UNUSED const void *data)
{
	struct dataplane_path *path;

	name(node, 0, RELAYED);
	wait_for(first_has_path, node);
	path = path_of(node, 0);
	path->state = WGMESH_PATH_STATE_ALIVE;
	name(node, 1, RELAYED);
	wait_for(second_is_told_why, node);
	g_assert_null(path_of(node, 1));
	name(node, 1, NULL);
	g_assert_true(path_of(node, 0) == path);
	g_assert_true(turn_is_bound(relays_turn(node->relays, LEASES_FIRST), path->channel));
}

/* A claim that nothing came of makes way, and is tried again. */
static void test_unfounded(struct node *node, G_GNUC_UNUSED const void *data)
{
	name(node, 0, RELAYED);
	wait_for(first_has_path, node);
	name(node, 1, RELAYED);
	g_assert_null(path_of(node, 0));
	g_assert_nonnull(path_of(node, 1));
	wait_for(first_has_path, node);
	g_assert_null(path_of(node, 1));
}

#define ADD(path, test) g_test_add(path, struct fixture, NULL, set_up, test, tear_down)
#define ADD_NODE(path, test) g_test_add(path, struct node, NULL, begin, test, end)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("/peer-relay/nonsense", test_nonsense);
	ADD("/peer-relay/flood", test_flood);
	ADD("/peer-relay/gone", test_gone);
	ADD_NODE("/peer-relay/refused", test_refused);
	ADD_NODE("/peer-relay/claimed", test_claimed);
	ADD_NODE("/peer-relay/unfounded", test_unfounded);
	return g_test_run();
}
