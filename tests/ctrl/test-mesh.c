// SPDX-License-Identifier: GPL-2.0
/* What this node makes of maps and deltas. The dataplane has no kernel below it. */
#include "agent/mesh.h"

#include <string.h>

#include "agent/dataplane-private.h"

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

static void on_changed(G_GNUC_UNUSED void *data)
{
}

static const struct mesh_events events = { .send = on_send, .changed = on_changed };

static void set_up(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	struct key private_key = { "a private key of thirty-two byte" };

	key_derive_public(&private_key, &f->own);
	f->dataplane.peers = g_hash_table_new(key_hash, key_equal);
	f->dataplane.added = g_ptr_array_new();
	f->mesh = mesh_new(&private_key, &f->dataplane, &events, NULL);
}

static void tear_down(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	mesh_free(f->mesh);
	g_hash_table_unref(f->dataplane.peers);
	g_ptr_array_unref(f->dataplane.added);
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

#define ADD(path, test) g_test_add(path, struct fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("/mesh/own-key", test_own_key);
	ADD("/mesh/own-key-in-delta", test_own_key_in_delta);
	return g_test_run();
}
