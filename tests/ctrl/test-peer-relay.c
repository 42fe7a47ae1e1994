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

struct member {
	struct dataplane_peer *dataplane;
	struct paths *paths;
	struct peer_relay *ways;
	struct member *other;
};

static bool tell(const struct peermessage *message, void *data);

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

struct node {
	GSubprocess *process;
	struct relayinfo info;
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

	node->process = daemon_start(argv, &endpoint, 1);
	node->info = info;
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

static void remove_member(struct member *member)
{
	peer_relay_free(member->ways);
	paths_free(member->paths);
	g_ptr_array_unref(member->dataplane->paths);
	g_array_unref(member->dataplane->addresses);
	g_free(member->dataplane);
}

static bool has_allocation(const struct node *node)
{
	return relays_turn(node->relays, LEASES_FIRST);
}

static void begin(struct node *node, G_GNUC_UNUSED const void *data)
{
	g_autoptr(GArray) infos = relayinfo_new_list();

	node->dataplane.peers = g_hash_table_new(key_hash, key_equal);
	node->dataplane.added = g_ptr_array_new();
	node->relays = relays_new(&node_events, node);
	if (!node->info.name[0])
		start_relay(node);
	g_array_append_val(infos, node->info);
	relays_set(node->relays, infos);
	for (guint i = 0; i < G_N_ELEMENTS(node->members); i++)
		add_member(node, i);
	wait_for(has_allocation, node);
}

static void end(struct node *node, G_GNUC_UNUSED const void *data)
{
	for (guint i = 0; i < G_N_ELEMENTS(node->members); i++)
		remove_member(&node->members[i]);
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

/* ---- two nodes, of which each is the first peer of the other ---- */

struct pair {
	struct node nodes[2];
};

/* What is said reaches the other one in its turn, or is lost without anybody noticing. */
struct letter {
	struct member *to;
	JsonObject *text;
};

static GQueue letters = G_QUEUE_INIT;
static bool gets_lost, is_away;
static guint said;

static bool tell(const struct peermessage *message, void *data)
{
	const struct member *from = data;
	struct letter *letter;

	if (!from || !from->other || is_away)
		return false;
	said++;
	if (gets_lost)
		return true;
	letter = g_new(struct letter, 1);
	letter->to = from->other;
	letter->text = peermessage_build(message);
	g_queue_push_tail(&letters, letter);
	return true;
}

/* No loopback address is taken for a relayed one: to the other node these are elsewhere. */
static void move(struct endpoint *endpoint)
{
	struct endpoint here, there;
	guint16 port = endpoint_port(endpoint);

	g_assert_true(endpoint_parse("127.0.0.1:1", &here, NULL));
	g_assert_true(endpoint_parse("203.0.113.1:1", &there, NULL));
	if (!endpoint_is_set(endpoint))
		return;
	*endpoint = endpoint_equal_address(endpoint, &here) ? there : here;
	endpoint_set_port(endpoint, port);
}

static void deliver(struct letter *letter)
{
	g_autoptr(GError) error = NULL;
	struct peermessage message;

	g_assert_true(peermessage_parse(letter->text, &message, &error));
	move(&message.relayed);
	move(&message.local);
	move(&message.remote);
	peer_relay_receive(letter->to->ways, &message);
	json_object_unref(letter->text);
	g_free(letter);
}

static bool is_ready(const struct node *node)
{
	const struct dataplane_path *path = path_of(node, 0);

	return path && path->priority > 0;
}

/* Until both have the path, know that the other one has it, and have nothing more to say. */
static void converse(struct pair *pair)
{
	guint timer = daemon_impatience_new();
	struct letter *letter;

	while (!g_queue_is_empty(&letters) || !is_ready(&pair->nodes[0]) ||
	       !is_ready(&pair->nodes[1])) {
		letter = g_queue_pop_head(&letters);
		if (letter)
			deliver(letter);
		else
			g_main_context_iteration(NULL, TRUE);
	}
	g_source_remove(timer);
}

static void begin_pair(struct pair *pair, G_GNUC_UNUSED const void *data)
{
	struct member *one = &pair->nodes[0].members[0], *other = &pair->nodes[1].members[0];

	gets_lost = is_away = false;
	begin(&pair->nodes[0], NULL);
	pair->nodes[1].info = pair->nodes[0].info;
	begin(&pair->nodes[1], NULL);
	one->other = other;
	other->other = one;
	peer_relay_tell(one->ways);
	peer_relay_tell(other->ways);
	converse(pair);
}

static void end_pair(struct pair *pair, G_GNUC_UNUSED const void *data)
{
	end(&pair->nodes[1], NULL);
	end(&pair->nodes[0], NULL);
}

/* The map says that the others are there, as they were; returns how much is said because of it. */
static guint come_back(struct pair *pair)
{
	said = 0;
	for (guint i = 0; i < G_N_ELEMENTS(pair->nodes); i++)
		peer_relay_tell_untold(pair->nodes[i].members[0].ways);
	converse(pair);
	return said;
}

/* The node forgets its peer, and gets to know it anew. */
static void forget(struct node *node)
{
	struct member *other = node->members[0].other;

	remove_member(&node->members[0]);
	g_hash_table_remove_all(node->dataplane.peers);
	g_ptr_array_set_size(node->dataplane.added, 0);
	add_member(node, 0);
	node->members[0].other = other;
	peer_relay_tell(node->members[0].ways);
}

/* However often the server was away: who was told everything is told nothing. */
static void test_returned(struct pair *pair, G_GNUC_UNUSED const void *data)
{
	for (guint i = 0; i < MANY; i++)
		g_assert_cmpuint(come_back(pair), ==, 0);
}

/* What may be lost is said once more, and heard. */
static void test_doubted(struct pair *pair, G_GNUC_UNUSED const void *data)
{
	for (guint i = 0; i < G_N_ELEMENTS(pair->nodes); i++)
		peer_relay_doubt_lately(pair->nodes[i].members[0].ways);
	g_assert_cmpuint(come_back(pair), >, 0);
	g_assert_cmpuint(come_back(pair), ==, 0);

	peer_relay_doubt(pair->nodes[0].members[0].ways);
	g_assert_cmpuint(come_back(pair), >, 0);
	g_assert_cmpuint(come_back(pair), ==, 0);
}

/* A node that was removed and joined again keeps its peers, which have forgotten it. */
static void test_forgotten(struct pair *pair, G_GNUC_UNUSED const void *data)
{
	forget(&pair->nodes[0]);
	g_assert_false(is_ready(&pair->nodes[0]));
	come_back(pair);
	g_assert_cmpuint(come_back(pair), ==, 0);
}

/* Both have: the server lost its memory, for one. */
static void test_forgotten_by_both(struct pair *pair, G_GNUC_UNUSED const void *data)
{
	forget(&pair->nodes[0]);
	forget(&pair->nodes[1]);
	come_back(pair);
	g_assert_cmpuint(come_back(pair), ==, 0);
}

/* What the one says when it gets to know the other is lost with the server, or for want of room. */
static void test_forgotten_and_lost(struct pair *pair, G_GNUC_UNUSED const void *data)
{
	gets_lost = true;
	forget(&pair->nodes[0]);
	gets_lost = false;
	peer_relay_doubt_lately(pair->nodes[0].members[0].ways);
	come_back(pair);

	forget(&pair->nodes[0]);
	gets_lost = true;
	deliver(g_queue_pop_head(&letters));
	gets_lost = false;
	g_assert_true(g_queue_is_empty(&letters));
	peer_relay_doubt_lately(pair->nodes[1].members[0].ways);
	come_back(pair);
	g_assert_cmpuint(come_back(pair), ==, 0);
}

/* It was not there when it should have been told. */
static void test_away(struct pair *pair, G_GNUC_UNUSED const void *data)
{
	is_away = true;
	forget(&pair->nodes[0]);
	is_away = false;
	g_assert_cmpuint(come_back(pair), >, 0);
	g_assert_cmpuint(come_back(pair), ==, 0);
}

#define ADD_PAIR(path, test) g_test_add(path, struct pair, NULL, begin_pair, test, end_pair)
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
	ADD_PAIR("/peer-relay/returned", test_returned);
	ADD_PAIR("/peer-relay/doubted", test_doubted);
	ADD_PAIR("/peer-relay/forgotten", test_forgotten);
	ADD_PAIR("/peer-relay/forgotten-by-both", test_forgotten_by_both);
	ADD_PAIR("/peer-relay/forgotten-and-lost", test_forgotten_and_lost);
	ADD_PAIR("/peer-relay/away", test_away);
	return g_test_run();
}
