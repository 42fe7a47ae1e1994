// SPDX-License-Identifier: GPL-2.0
/*
 * nodes: many nodes in one process, of which each knows one peer only. To that peer each is a node
 * like any other: it joins by the server, finds a path by ICE, and has a WireGuard interface and a
 * device of the module of its own, made by the same code as meshd's.
 *
 *	nodes JOIN-STRING PEER FIRST COUNT
 *
 * PEER is the hostname of the peer. The nodes have the interfaces wgFIRST and so on. A few at a time
 * join; each leaves the server as soon as it has a direct path, so that the server need not tell all
 * of them of each other. When all have one, "ready" is printed, and the process goes on until it is
 * ended.
 */
#include <err.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "agent/mapmessage.h"
#include "agent/mesh.h"
#include "agent/overlay.h"
#include "agent/server-link.h"
#include "agent/underlay.h"

/* So many join at the same time. */
#define JOINING_MAX 16

#define LOOK_MS 250

/* So often a node that has a path is looked at before it leaves: its last words are to be sent. */
#define LOOKS 8

/**
 * struct node - one of them
 * @number: of its interface
 * @private_key: its key
 * @dataplane: its part of the kernel
 * @mesh: its only peer
 * @link: to the server; NULL before it joins, and after it left
 * @looks: how often it was found to have a path
 */
struct node {
	guint number;
	struct key private_key;
	struct dataplane *dataplane;
	struct mesh *mesh;
	struct server_link *link;
	guint looks;
};

static struct joinstring join;
static const char *hub;
static struct underlay *uplink;
static GPtrArray *nodes;
static guint begun, joining;

static void send_to_server(JsonObject *message, void *data)
{
	struct node *node = data;

	if (node->link)
		server_link_send(node->link, message);
	else
		json_object_unref(message);
}

static void nothing(G_GNUC_UNUSED void *data)
{
}

static const struct mesh_events mesh_events = { .send = send_to_server, .changed = nothing };

static bool may_enter(G_GNUC_UNUSED const char *network, G_GNUC_UNUSED void *data,
		      G_GNUC_UNUSED GError **error)
{
	return true;
}

static GArray *parse_stun(JsonObject *message)
{
	JsonArray *texts = json_object_get_array_member(message, "stun");
	GArray *stun = g_array_new(FALSE, FALSE, sizeof(struct endpoint));

	for (guint i = 0; i < json_array_get_length(texts); i++) {
		struct endpoint ep;

		if (endpoint_parse(json_array_get_string_element(texts, i), &ep, NULL))
			g_array_append_val(stun, ep);
	}
	return stun;
}

static bool on_welcome(JsonObject *message, void *data, GError **error)
{
	struct node *node = data;
	g_autoptr(GArray) addresses = mapmessage_parse_addresses(message, error);
	g_autoptr(GArray) stun = addresses ? parse_stun(message) : NULL;
	g_autoptr(GArray) prefixes = addresses ? overlay_guess_prefixes(addresses) : NULL;

	if (!stun)
		return false;
	mesh_set_self(node->mesh, prefixes, addresses, stun, join.host);
	mesh_set_connected(node->mesh, true);
	return true;
}

/* All interfaces of the machine would want a route to it: to each it has an address of its own. */
static void replace_addresses(const struct node *node, JsonObject *peer)
{
	g_autofree char *address = g_strdup_printf("100.127.%u.%u", node->number >> 8,
						   node->number & 255);
	JsonArray *addresses = json_array_new();

	json_array_add_string_element(addresses, address);
	json_object_set_array_member(peer, "addresses", addresses);
}

/* Leaves the peer alone in a map. */
static void forget_others(const struct node *node, JsonObject *message, const char *member)
{
	JsonArray *all = json_object_get_array_member(message, member);
	JsonArray *left = json_array_new();

	for (guint i = 0; i < json_array_get_length(all); i++) {
		JsonObject *peer = json_array_get_object_element(all, i);

		if (!g_str_equal(json_object_get_string_member(peer, "hostname"), hub))
			continue;
		replace_addresses(node, peer);
		json_array_add_object_element(left, json_object_ref(peer));
	}
	json_object_set_array_member(message, member, left);
}

static bool on_message(JsonObject *message, void *data, GError **error)
{
	struct node *node = data;
	const char *type = json_object_get_string_member(message, "type");

	if (g_str_equal(type, "map")) {
		forget_others(node, message, "peers");
		return mesh_map(node->mesh, message, error);
	}
	if (g_str_equal(type, "map-delta")) {
		forget_others(node, message, "changed");
		return mesh_delta(node->mesh, message, error);
	}
	if (g_str_equal(type, "signal"))
		return mesh_signal(node->mesh, message, error);
	return mesh_signal_failed(node->mesh, message, error);
}

static void on_lost(const char *why, void *data)
{
	const struct node *node = data;

	mesh_set_connected(node->mesh, false);
	warnx("wg%u: %s", node->number, why);
}

static void on_refused(const char *code, const char *why, void *data)
{
	const struct node *node = data;

	errx(EXIT_FAILURE, "wg%u: %s: %s", node->number, code, why);
}

static const struct server_link_events link_events = {
	.may_enter = may_enter,
	.welcome = on_welcome,
	.message = on_message,
	.lost = on_lost,
	.refused = on_refused,
};

static void begin(struct node *node)
{
	g_autofree char *name = g_strdup_printf("wg%u", node->number);
	const struct dataplane_settings settings = {
		.ifname = name,
		.private_key = &node->private_key,
	};
	struct server_link_settings link = {
		.host = join.host,
		.port = join.port,
		.fingerprint = join.fingerprint,
		.private_key = &node->private_key,
		.hostname = name,
		.setup_key = join.setup_key,
	};
	g_autoptr(GError) error = NULL;

	key_generate(&node->private_key);
	node->dataplane = dataplane_new(&settings, &error);
	if (!node->dataplane)
		errx(EXIT_FAILURE, "%s: %s", name, error->message);

	/* a machine is in a network once: to its interfaces these are as many */
	dataplane_set_network(node->dataplane, name);
	node->mesh = mesh_new(&node->private_key, node->dataplane, &mesh_events, node);
	mesh_set_underlay(node->mesh, uplink);
	link.session = mesh_session(node->mesh);
	node->link = server_link_new(&link, &link_events, node);
}

/* ICE has found the best pair, both ends have it, and the kernel's probes are answered there. */
static bool has_path(const struct node *node)
{
	const struct peer *peer = mesh_find(node->mesh, hub);
	const struct dataplane_path *path = peer ? peer_path(peer) : NULL;

	return path && path->kind == WGMESH_PATH_KIND_DIRECT &&
	       path->state == WGMESH_PATH_STATE_ALIVE && peer_ice(peer) &&
	       g_str_equal(ice_state(peer_ice(peer)), "ready");
}

static void look_at(struct node *node)
{
	if (!node->link || !has_path(node) || ++node->looks < LOOKS)
		return;
	g_clear_pointer(&node->link, server_link_free);
	mesh_set_connected(node->mesh, false);
	joining--;
}

static gboolean on_look(G_GNUC_UNUSED void *data)
{
	for (guint i = 0; i < begun; i++)
		look_at(nodes->pdata[i]);
	while (begun < nodes->len && joining < JOINING_MAX) {
		begin(nodes->pdata[begun++]);
		joining++;
	}
	if (begun < nodes->len || joining)
		return G_SOURCE_CONTINUE;
	puts("ready");
	fflush(stdout);
	return G_SOURCE_REMOVE;
}

static void on_underlay_changed(G_GNUC_UNUSED bool gone, G_GNUC_UNUSED bool rerouted,
				G_GNUC_UNUSED void *data)
{
}

static const struct underlay_events underlay_events = {
	.changed = on_underlay_changed,
	.read = nothing,
	.touched = nothing,
};

static void allow_many_sockets(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	if (argc != 5)
		errx(EXIT_FAILURE, "usage: nodes JOIN-STRING PEER FIRST COUNT");
	allow_many_sockets();
	hub = argv[2];
	if (sodium_init() < 0 || !joinstring_parse(argv[1], &join, &error))
		errx(EXIT_FAILURE, "%s", error ? error->message : "no libsodium");
	uplink = underlay_new("none", &underlay_events, NULL, &error);
	if (!uplink)
		errx(EXIT_FAILURE, "%s", error->message);
	nodes = g_ptr_array_new_with_free_func(g_free);
	for (int i = 0; i < atoi(argv[4]); i++) {
		struct node *node = g_new0(struct node, 1);

		node->number = atoi(argv[3]) + i;
		g_ptr_array_add(nodes, node);
	}
	g_timeout_add(LOOK_MS, on_look, NULL);
	g_main_loop_run(g_main_loop_new(NULL, FALSE));
}
