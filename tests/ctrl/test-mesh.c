// SPDX-License-Identifier: GPL-2.0
/* What this node makes of maps and deltas. The dataplane has no kernel below it. */
#include "agent/mesh.h"

#include <string.h>

#include "agent/dataplane-private.h"
#include "agent/holders.h"
#include "agent/overlay.h"

/* What is said of a peer whose key is put in. */
#define PEER "{\"public_key\":\"%s\",\"hostname\":\"b\",\"addresses\":[\"100.64.9.1\"]}"

struct fixture {
	struct dataplane dataplane;
	struct mesh *mesh;
	struct key own;
};

static void on_send(JsonObject *message, G_GNUC_UNUSED void *data)
{
	json_object_unref(message);
}

/* How often there was something to store. */
static guint stored;

static void on_changed(G_GNUC_UNUSED void *data)
{
	stored++;
}

static const struct mesh_events events = { .send = on_send, .changed = on_changed };

static void free_dataplane_peer(void *data)
{
	struct dataplane_peer *peer = data;

	dataplane_forget_routes(peer);
	g_array_unref(peer->addresses);
	g_ptr_array_unref(peer->paths);
	g_free(peer);
}

static void set_up(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	struct key private_key = { "a private key of thirty-two byte" };

	key_derive_public(&private_key, &f->own);
	f->dataplane.peers = g_hash_table_new_full(key_hash, key_equal, NULL,
						   free_dataplane_peer);
	f->dataplane.added = g_ptr_array_new();
	f->dataplane.addresses = g_array_new(FALSE, FALSE, sizeof(struct prefix));
	f->dataplane.routes = g_hash_table_new(prefix_hash, prefix_same);
	f->dataplane.suspect_routes = g_hash_table_new(NULL, NULL);
	f->mesh = mesh_new(&private_key, &f->dataplane, &events, NULL);
}

static void tear_down(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	mesh_free(f->mesh);
	g_hash_table_unref(f->dataplane.peers);
	g_ptr_array_unref(f->dataplane.added);
	g_array_unref(f->dataplane.addresses);
	g_hash_table_unref(f->dataplane.routes);
	g_hash_table_unref(f->dataplane.suspect_routes);
}

/* @own: an array of peers, where this node's own key is put in, or of keys */
static void say(struct fixture *f, bool (*take)(struct mesh *, JsonObject *, GError **),
		const char *format, const char *own)
{
	char key[KEY_STRLEN];
	g_autofree char *list = g_strdup_printf(own, key_print(&f->own, key));
	g_autofree char *text = g_strdup_printf(format, list);
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) message =
		message_parse(text, strlen(text), MESSAGE_MAX_FROM_SERVER, "type", &error);

	g_assert_no_error(error);
	take(f->mesh, message, &error);
	g_assert_no_error(error);
}

#define MAP "{\"type\":\"map\",\"generation\":1,\"peers\":%s}"
#define CHANGED(from, to) "{\"type\":\"map-delta\",\"previous\":" #from ",\"generation\":" #to \
			  ",\"changed\":%s,\"removed\":[]}"
#define REMOVED(from, to) "{\"type\":\"map-delta\",\"previous\":" #from ",\"generation\":" #to \
			  ",\"changed\":[],\"removed\":%s}"

/* A map names all nodes but the receiver; one that does not is remembered until it is put right. */
static void test_own_key(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	say(f, mesh_map, MAP, "[" PEER "]");
	g_assert_true(mesh_holds_own_key(f->mesh));
	say(f, mesh_map, MAP, "[]");
	g_assert_false(mesh_holds_own_key(f->mesh));
}

static void test_own_key_in_delta(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	say(f, mesh_map, MAP, "[]");
	say(f, mesh_delta, CHANGED(1, 2), "[" PEER "]");
	g_assert_true(mesh_holds_own_key(f->mesh));

	/* it says nothing about that */
	say(f, mesh_delta, CHANGED(2, 3), "[]");
	g_assert_true(mesh_holds_own_key(f->mesh));
	say(f, mesh_delta, REMOVED(3, 4), "[\"%s\"]");
	g_assert_false(mesh_holds_own_key(f->mesh));
}

/* What the server may give */

#define OTHER(name, key, addresses) "{\"public_key\":\"" key "=\",\"hostname\":\"" name \
				    "\",\"addresses\":[" addresses "]}"
#define KEY_B "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo"
#define KEY_C "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08"
#define NETWORK "100.64.0.0/10,fd12::/64"
#define B(addresses) OTHER("b", KEY_B, addresses)
#define C(addresses) OTHER("c", KEY_C, addresses)

/* A list of them, separated by commas. */
static GArray *prefixes_of(const char *list)
{
	GArray *prefixes = g_array_new(FALSE, FALSE, sizeof(struct prefix));
	g_auto(GStrv) texts = g_strsplit(list, ",", 0);

	for (char **text = texts; *text; text++) {
		struct prefix prefix;

		g_assert_true(prefix_parse(*text, &prefix, NULL));
		g_array_append_val(prefixes, prefix);
	}
	return prefixes;
}

static void be(struct fixture *f, const char *prefixes, const char *addresses)
{
	g_autoptr(GArray) network = prefixes_of(prefixes), own = prefixes_of(addresses);
	g_autoptr(GArray) stun = g_array_new(FALSE, FALSE, sizeof(struct endpoint));

	mesh_set_self(f->mesh, network, own, stun, "192.0.2.1");
	f->dataplane.wanted = false;
}

static void expect_list(const GArray *addresses, const char *expected)
{
	g_autoptr(GArray) wanted = prefixes_of(expected);

	g_assert_true(prefix_equal_lists(addresses, wanted));
}

/* What the dataplane is to have, and what is said. */
static void expect_peer(struct fixture *f, const char *name, const char *addresses,
			const char *refused)
{
	const struct peer *peer = mesh_find(f->mesh, name);
	const struct dataplane_peer *programmed =
		g_hash_table_lookup(f->dataplane.peers, peer_key(peer));

	g_test_message("%s: %s", name, mesh_peer_refused(f->mesh, peer));
	expect_list(mesh_peer_addresses(f->mesh, peer), addresses);
	expect_list(programmed->addresses, addresses);
	if (refused)
		g_assert_nonnull(strstr(mesh_peer_refused(f->mesh, peer), refused));
	else
		g_assert_null(mesh_peer_refused(f->mesh, peer));
}

/* The peer keeps the address that is right. */
static void test_outside(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	be(f, NETWORK, "100.64.9.9,fd12::9");
	say(f, mesh_map, MAP, "[" B("\"192.168.1.1\",\"fd12::1\"") ","
			      C("\"100.64.9.2\",\"fd13::2\"") "]");
	expect_peer(f, "b", "fd12::1", "192.168.1.1 is not of 100.64.0.0/10 and fd12::/64");
	expect_peer(f, "c", "100.64.9.2", "fd13::2 is not of");
	say(f, mesh_delta, CHANGED(1, 2), "[" B("\"100.64.9.1\",\"fd12::1\"") "]");
	expect_peer(f, "b", "100.64.9.1,fd12::1", NULL);
	expect_peer(f, "c", "100.64.9.2", "fd13::2 is not of");
	say(f, mesh_delta, CHANGED(2, 3), "[" C("\"8.8.8.8\"") "]");
	expect_peer(f, "c", "", "8.8.8.8 is not of");
}

static void test_own_outside(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	be(f, NETWORK, "192.168.1.1,fd12::9");
	expect_list(mesh_addresses(f->mesh), "fd12::9");
	expect_list(f->dataplane.addresses, "fd12::9");
	g_assert_nonnull(strstr(mesh_refused(f->mesh), "192.168.1.1 is not of"));
	be(f, NETWORK, "100.64.9.9,fd12::9");
	expect_list(f->dataplane.addresses, "100.64.9.9,fd12::9");
	g_assert_null(mesh_refused(f->mesh));
}

/* What one has, another one does not get, until the first has it no more. */
static void test_twice(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	be(f, NETWORK, "100.64.9.9");
	say(f, mesh_map, MAP, "[" B("\"100.64.9.1\"") ","
			      C("\"100.64.9.1\",\"fd12::2\"") "]");
	expect_peer(f, "b", "100.64.9.1", NULL);
	expect_peer(f, "c", "fd12::2", "100.64.9.1 is the address of another node");
	say(f, mesh_delta, CHANGED(1, 2), "[" B("\"100.64.9.9\"") "]");
	expect_peer(f, "b", "", "100.64.9.9 is the address of another node");
	say(f, mesh_delta, CHANGED(2, 3), "[" C("\"100.64.9.1\",\"fd12::2\"") "]");
	expect_peer(f, "c", "100.64.9.1,fd12::2", NULL);
}

/* What is refused now is known at the next start, when it may be right. */
static void test_saved(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	g_autoptr(JsonObject) saved = NULL;
	g_autoptr(GError) error = NULL;

	be(f, "10.9.0.0/16,fd12::/64", "10.9.0.1");
	say(f, mesh_map, MAP, "[" B("\"192.168.1.1\",\"fd12::1\"") "]");
	saved = mesh_save(f->mesh);
	be(f, "192.168.0.0/16,fd12::/64", "192.168.0.1");
	g_assert_true(mesh_map(f->mesh, saved, &error));
	expect_peer(f, "b", "192.168.1.1,fd12::1", NULL);
}

/* By the overlay alone: who is a router, and whose own address it is. */
static void test_needed(void)
{
	static const struct link_needed router = { .what = "a router" };
	static const struct link_needed own = { .own = true, .what = "an address here" };
	g_autoptr(GHashTable) needed = g_hash_table_new_full(prefix_hash, prefix_same, g_free, g_free);
	g_autoptr(GArray) network = prefixes_of("192.168.0.0/16,fd12::/64");
	g_autoptr(GArray) given = prefixes_of("192.168.1.1,192.168.1.7,fd12::1,192.168.1.8");
	const struct prefix *address = (const struct prefix *)(void *)given->data;
	struct overlay *overlay = overlay_new();
	const struct key b = { "b" }, self = { "self" };
	g_autofree char *refused = NULL, *taken = NULL;

	g_assert_true(link_view_add_needed(needed, &address[0], &router));
	g_assert_true(link_view_add_needed(needed, &address[1], &own));
	g_assert_true(link_view_add_needed(needed, &address[2], &router));
	g_assert_false(link_view_add_needed(needed, &address[2], &own));
	overlay_set_prefixes(overlay, network);
	overlay_set_needed(overlay, needed);

	refused = overlay_claim(overlay, &address[0], &b, false);
	g_assert_cmpstr(refused, ==, "192.168.1.1 is a router");
	g_assert_false(overlay_has(overlay, &address[0]));
	taken = overlay_claim(overlay, &address[1], &b, false);
	g_assert_cmpstr(taken, ==, "192.168.1.7 is an address here");
	overlay_clear(overlay);
	g_assert_null(overlay_claim(overlay, &address[1], &self, true));
	g_assert_false(overlay_has(overlay, &address[2]));
	g_assert_false(overlay_has(overlay, &address[3]));
	g_assert_null(overlay_claim(overlay, &address[3], &b, false));
	g_assert_true(overlay_has(overlay, &address[3]));

	overlay_set_needed(overlay, NULL);
	g_assert_null(overlay_claim(overlay, &address[0], &b, false));
	g_assert_true(overlay_has(overlay, &address[2]));
	overlay_free(overlay);
}

static void test_guess(void)
{
	g_autoptr(GArray) addresses = prefixes_of("100.64.9.1,fd12:0:0:1::7");
	g_autoptr(GArray) prefixes = overlay_guess_prefixes(addresses);
	g_autofree char *text = overlay_print_prefixes(prefixes);

	g_assert_cmpstr(text, ==, "100.64.0.0/10 and fd12:0:0:1::/64");
}

/* Another key */

static void expect_changes(struct fixture *f, const char *peer, const char *expected)
{
	g_autoptr(JsonArray) changes = mesh_peer_key_changes(f->mesh, mesh_find(f->mesh, peer));
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < json_array_get_length(changes); i++) {
		JsonObject *change = json_array_get_object_element(changes, i);

		g_assert_cmpint(json_object_get_int_member(change, "when"), >, 0);
		g_string_append_printf(text, "%s%s %.3s", i ? ", " : "",
				       json_object_get_string_member(change, "what"),
				       json_object_get_string_member(change, "from"));
	}
	g_assert_cmpstr(text->str, ==, expected);
}

static void test_key_change(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	be(f, NETWORK, "100.64.9.9");
	say(f, mesh_map, MAP, "[" B("\"100.64.9.1\",\"fd12::1\"") "]");
	expect_changes(f, "b", "");
	say(f, mesh_delta, REMOVED(1, 2), "[\"" KEY_B "=\"]");
	say(f, mesh_delta, CHANGED(2, 3), "[" OTHER("b", KEY_C, "\"100.64.9.2\",\"fd12::1\"") "]");
	expect_changes(f, "b", "b hSD, fd12::1 hSD");

	/* a name of its own, and the address of one that has it no more */
	say(f, mesh_delta, CHANGED(3, 4), "[" C("\"100.64.9.1\"") "]");
	expect_changes(f, "c", "100.64.9.1 hSD");
	say(f, mesh_delta, CHANGED(4, 5), "[" B("\"100.64.9.1\"") "]");
	expect_changes(f, "b", "b 3p7");
	say(f, mesh_delta, CHANGED(5, 6), "[" C("\"100.64.9.3\"") "," B("\"100.64.9.1\"") "]");
	expect_changes(f, "c", "");
	expect_changes(f, "b", "b 3p7, 100.64.9.1 3p7");
}

/* Over a restart; whom the server forgets is not forgotten. */
static void test_key_change_saved(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	g_autoptr(JsonObject) saved = NULL;
	g_autoptr(GError) error = NULL;

	be(f, NETWORK, "100.64.9.9");
	say(f, mesh_map, MAP, "[" B("\"100.64.9.1\"") "]");
	say(f, mesh_map, MAP, "[" OTHER("b", KEY_C, "\"100.64.9.2\"") "]");
	say(f, mesh_map, MAP, "[]");
	saved = mesh_save(f->mesh);
	mesh_clear(f->mesh);
	be(f, NETWORK, "100.64.9.9");
	g_assert_true(mesh_load(f->mesh, saved, &error));
	say(f, mesh_map, MAP, "[" OTHER("b", KEY_C, "\"100.64.9.1\"") "]");
	expect_changes(f, "b", "b hSD, 100.64.9.1 hSD");

	/* another network */
	mesh_clear(f->mesh);
	be(f, NETWORK, "100.64.9.9");
	say(f, mesh_map, MAP, "[" B("\"100.64.9.1\"") "]");
	expect_changes(f, "b", "");
}

/* The server does not say whose things were. */
static void test_key_change_from_server(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	be(f, NETWORK, "100.64.9.9");
	say(f, mesh_map, "{\"type\":\"map\",\"generation\":1,\"peers\":[],\"holders\":%s}",
	    "[{\"what\":\"b\",\"public_key\":\"" KEY_C "=\"}]");
	say(f, mesh_map, MAP, "[" B("\"100.64.9.1\"") "]");
	expect_changes(f, "b", "");
}

static bool is_never_implied(G_GNUC_UNUSED const char *what, G_GNUC_UNUSED const struct key *key,
			     G_GNUC_UNUSED void *data)
{
	return false;
}

static void test_too_many_holders(void)
{
	struct holders *holders = holders_new();
	const struct key one = { "one" }, other = { "other" };
	g_autoptr(JsonArray) saved = NULL;

	g_assert_null(holders_note(holders, "a", &one, 1));
	g_assert_null(holders_note(holders, "b", &one, 1));
	for (guint i = 0; i < HOLDERS_MAX; i++) {
		g_autofree char *what = g_strdup_printf("n%u", i);

		holders_note(holders, "a", &one, 1);
		holders_note(holders, what, &one, 1);
	}
	g_assert_nonnull(holders_note(holders, "a", &other, 1));
	g_assert_null(holders_note(holders, "b", &other, 1));
	saved = holders_save(holders, is_never_implied, NULL);
	g_assert_cmpuint(json_array_get_length(saved), ==, HOLDERS_MAX);
	holders_free(holders);
}

#define CONNECTED(name, key, address, session) "{\"public_key\":\"" key "=\",\"hostname\":\"" \
	name "\",\"addresses\":[\"" address "\"],\"session\":\"" session "\"}"
#define RELAYS(password) "\"relays\":[{\"name\":\"fra\",\"host\":\"203.0.113.1\",\"port\":3478," \
	"\"transports\":[\"udp\"],\"username\":\"u\",\"password\":\"" password "\"," \
	"\"expires\":1790000000}]"
#define MAP_WITH_RELAYS(password) "{\"type\":\"map\",\"generation\":7,\"peers\":%s," RELAYS(password) "}"

/* Whoever connects and leaves, and however often the map is told: the disk has it. */
static void test_stored(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	g_autoptr(JsonObject) saved = NULL;
	g_autoptr(GError) error = NULL;

	stored = 0;
	be(f, NETWORK, "100.64.9.9");
	say(f, mesh_map, MAP, "[" B("\"100.64.9.1\"") "]");
	g_assert_cmpuint(stored, ==, 1);
	say(f, mesh_delta, CHANGED(1, 2), "[" CONNECTED("b", KEY_B, "100.64.9.1",
							"AAAAAAAAAAAAAAAAAAAAAA==") "]");
	say(f, mesh_delta, CHANGED(2, 3), "[" B("\"100.64.9.1\"") "]");
	say(f, mesh_delta, CHANGED(3, 4), "[" CONNECTED("b", KEY_B, "100.64.9.1",
							"BAAAAAAAAAAAAAAAAAAAAA==") "]");
	be(f, NETWORK, "100.64.9.9");
	say(f, mesh_map, MAP, "[" B("\"100.64.9.1\"") "]");
	g_assert_cmpuint(stored, ==, 1);

	/* the next process has it, too */
	saved = mesh_save(f->mesh);
	mesh_clear(f->mesh);
	be(f, NETWORK, "100.64.9.9");
	g_assert_true(mesh_load(f->mesh, saved, &error));
	g_assert_no_error(error);
	stored = 0;
	say(f, mesh_map, MAP, "[" B("\"100.64.9.1\"") "]");
	g_assert_cmpuint(stored, ==, 0);
}

static void test_stored_changes(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	be(f, NETWORK, "100.64.9.9");
	say(f, mesh_map, MAP, "[" B("\"100.64.9.1\"") "]");
	stored = 0;
	say(f, mesh_delta, CHANGED(1, 2), "[" OTHER("d", KEY_B, "\"100.64.9.1\"") "]");
	g_assert_cmpuint(stored, ==, 1);
	say(f, mesh_delta, CHANGED(2, 3), "[" OTHER("d", KEY_B, "\"100.64.9.2\"") "]");
	g_assert_cmpuint(stored, ==, 2);
	say(f, mesh_delta, CHANGED(3, 4), "[" C("\"100.64.9.3\"") "]");
	g_assert_cmpuint(stored, ==, 3);
	say(f, mesh_delta, REMOVED(4, 5), "[\"" KEY_B "=\"]");
	g_assert_cmpuint(stored, ==, 4);
	say(f, mesh_map, MAP, "[]");
	g_assert_cmpuint(stored, ==, 5);
	say(f, mesh_map, MAP_WITH_RELAYS("one"), "[]");
	g_assert_cmpuint(stored, ==, 6);
	say(f, mesh_map, MAP_WITH_RELAYS("one"), "[]");
	g_assert_cmpuint(stored, ==, 6);
	say(f, mesh_map, MAP_WITH_RELAYS("two"), "[]");
	g_assert_cmpuint(stored, ==, 7);
}

#define ADD(path, test) g_test_add(path, struct fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("/mesh/own-key", test_own_key);
	ADD("/mesh/own-key-in-delta", test_own_key_in_delta);
	ADD("/mesh/outside", test_outside);
	ADD("/mesh/own-outside", test_own_outside);
	ADD("/mesh/twice", test_twice);
	ADD("/mesh/saved", test_saved);
	ADD("/mesh/stored", test_stored);
	ADD("/mesh/stored-changes", test_stored_changes);
	ADD("/mesh/key-change", test_key_change);
	ADD("/mesh/key-change-saved", test_key_change_saved);
	ADD("/mesh/key-change-from-server", test_key_change_from_server);
	g_test_add_func("/holders/too-many", test_too_many_holders);
	g_test_add_func("/overlay/needed", test_needed);
	g_test_add_func("/overlay/guess", test_guess);
	return g_test_run();
}
