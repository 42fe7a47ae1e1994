// SPDX-License-Identifier: GPL-2.0
/* The status that meshd tells, as C structs. */
#include "meshstatus.h"

#include <gio/gio.h>
#include <string.h>

#include "daemon.h"
#include "lib/prefix.h"

/* A shorter beginning of a key is more likely a mistyped name. */
#define MIN_KEY_PREFIX 4

static JsonNode *member(JsonObject *object, const char *name, JsonNodeType type)
{
	JsonNode *node = object ? json_object_get_member(object, name) : NULL;

	return node && JSON_NODE_TYPE(node) == type ? node : NULL;
}

static char *get_text(JsonObject *object, const char *name)
{
	JsonNode *node = member(object, name, JSON_NODE_VALUE);
	const char *text = node ? json_node_get_string(node) : NULL;

	return cli_clean(text ?: "");
}

static gint64 get_number(JsonObject *object, const char *name, gint64 otherwise)
{
	JsonNode *node = member(object, name, JSON_NODE_VALUE);

	if (!node || json_node_get_value_type(node) != G_TYPE_INT64)
		return otherwise;
	return json_node_get_int(node);
}

static bool get_flag(JsonObject *object, const char *name)
{
	JsonNode *node = member(object, name, JSON_NODE_VALUE);

	return node && json_node_get_value_type(node) == G_TYPE_BOOLEAN &&
	       json_node_get_boolean(node);
}

static JsonObject *get_object(JsonObject *object, const char *name)
{
	JsonNode *node = member(object, name, JSON_NODE_OBJECT);

	return node ? json_node_get_object(node) : NULL;
}

static guint list_length(JsonObject *object, const char *name)
{
	JsonNode *node = member(object, name, JSON_NODE_ARRAY);

	return node ? json_array_get_length(json_node_get_array(node)) : 0;
}

static JsonNode *list_item(JsonObject *object, const char *name, guint i, JsonNodeType type)
{
	JsonNode *node = json_array_get_element(json_object_get_array_member(object, name), i);

	return JSON_NODE_TYPE(node) == type ? node : NULL;
}

static char **get_texts(JsonObject *object, const char *name)
{
	g_autoptr(GPtrArray) texts = g_ptr_array_new();
	JsonNode *item;

	for (guint i = 0; i < list_length(object, name); i++) {
		item = list_item(object, name, i, JSON_NODE_VALUE);
		if (item && json_node_get_string(item))
			g_ptr_array_add(texts, cli_clean(json_node_get_string(item)));
	}
	g_ptr_array_add(texts, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&texts), FALSE);
}

/* Objects alone are read, each to where its element of the list is. */
static GArray *read_list(JsonObject *object, const char *name, gsize size,
			 void (*read)(JsonObject *object, void *element), GDestroyNotify clear)
{
	GArray *list = g_array_new(FALSE, TRUE, size);
	JsonNode *item;

	g_array_set_clear_func(list, clear);
	for (guint i = 0; i < list_length(object, name); i++) {
		item = list_item(object, name, i, JSON_NODE_OBJECT);
		if (!item)
			continue;
		g_array_set_size(list, list->len + 1);
		read(json_node_get_object(item), list->data + size * (list->len - 1));
	}
	return list;
}

static void read_path(JsonObject *object, void *path)
{
	*(struct mesh_path *)path = (struct mesh_path){
		.id = get_number(object, "id", 0),
		.kind = get_text(object, "kind"),
		.local = get_text(object, "local"),
		.remote = get_text(object, "remote"),
		.relay = get_text(object, "relay"),
		.channel = get_number(object, "channel", 0),
		.priority = get_number(object, "priority", 0),
		.selected = get_flag(object, "selected"),
		.mtu_bytes = get_number(object, "mtu_bytes", 0),
		.pmtu_bytes = get_number(object, "pmtu_bytes", -1),
		.rtt_us = get_number(object, "rtt_us", -1),
		.rx_packets = get_number(object, "rx_packets", 0),
		.rx_bytes = get_number(object, "rx_bytes", 0),
		.tx_packets = get_number(object, "tx_packets", 0),
		.tx_bytes = get_number(object, "tx_bytes", 0),
		.tx_errors = get_number(object, "tx_errors", 0),
		.rx_age_ms = get_number(object, "rx_age_ms", -1),
		.copies = get_flag(object, "copies"),
		.why_not = get_text(object, "why_not"),
		.state = get_text(object, "state"),
		.state_age_ms = get_number(object, "state_age_ms", -1),
		.jitter_us = get_number(object, "jitter_us", -1),
		.loss_permille = get_number(object, "loss_permille", -1),
		.lossy = get_flag(object, "lossy"),
		.held = get_flag(object, "held"),
		.policy = get_text(object, "policy"),
		.probes_sent = get_number(object, "probes_sent", 0),
		.probes_answered = get_number(object, "probes_answered", 0),
	};
}

static void clear_path(void *item)
{
	struct mesh_path *path = item;

	g_free(path->kind);
	g_free(path->local);
	g_free(path->remote);
	g_free(path->relay);
	g_free(path->why_not);
	g_free(path->state);
	g_free(path->policy);
}

static void clear_key_change(void *item)
{
	struct mesh_key_change *change = item;

	g_free(change->what);
	g_free(change->from);
}

static void read_key_change(JsonObject *object, void *change)
{
	*(struct mesh_key_change *)change = (struct mesh_key_change){
		.what = get_text(object, "what"),
		.from = get_text(object, "from"),
		.when = get_number(object, "when", 0),
	};
}

static void read_peer(JsonObject *object, void *peer)
{
	JsonObject *ice = get_object(object, "ice");

	*(struct mesh_peer *)peer = (struct mesh_peer){
		.public_key = get_text(object, "public_key"),
		.hostname = get_text(object, "hostname"),
		.addresses = get_texts(object, "addresses"),
		.online = get_flag(object, "online"),
		.state = get_text(object, "state"),
		.why_relayed = get_text(object, "why_relayed"),
		.relay_error = get_text(object, "relay_error"),
		.address_refused = get_text(object, "address_refused"),
		.key_changes = read_list(object, "key_changes", sizeof(struct mesh_key_change),
					 read_key_change, clear_key_change),
		.route_error = get_text(object, "route_error"),
		.route_shared = get_text(object, "route_shared"),
		.selector = get_text(object, "selector"),
		.probing = get_flag(object, "probing"),
		.switches = get_number(object, "switches", 0),
		.switch_age_ms = get_number(object, "switch_age_ms", -1),
		.switch_reason = get_text(object, "switch_reason"),
		.ice = {
			.state = get_text(ice, "state"),
			.local_candidates = get_texts(ice, "local_candidates"),
			.remote_candidates = get_texts(ice, "remote_candidates"),
			.left_out = get_texts(ice, "left_out"),
			.error = get_text(ice, "error"),
		},
		.paths = read_list(object, "paths", sizeof(struct mesh_path), read_path,
				   clear_path),
		.virtual_endpoint = get_text(object, "virtual_endpoint"),
		.last_handshake = get_number(object, "last_handshake", 0),
		.wg_rx_bytes = get_number(object, "wg_rx_bytes", 0),
		.wg_tx_bytes = get_number(object, "wg_tx_bytes", 0),
	};
}

static void clear_peer(void *item)
{
	struct mesh_peer *peer = item;

	g_free(peer->public_key);
	g_free(peer->hostname);
	g_strfreev(peer->addresses);
	g_free(peer->state);
	g_free(peer->why_relayed);
	g_free(peer->relay_error);
	g_free(peer->address_refused);
	g_array_unref(peer->key_changes);
	g_free(peer->route_error);
	g_free(peer->route_shared);
	g_free(peer->selector);
	g_free(peer->switch_reason);
	g_free(peer->ice.state);
	g_strfreev(peer->ice.local_candidates);
	g_strfreev(peer->ice.remote_candidates);
	g_strfreev(peer->ice.left_out);
	g_free(peer->ice.error);
	g_array_unref(peer->paths);
	g_free(peer->virtual_endpoint);
}

static void clear_mended(void *item)
{
	g_free(((struct mesh_mended *)item)->what);
}

static void read_mended(JsonObject *object, void *mended)
{
	*(struct mesh_mended *)mended = (struct mesh_mended){
		.what = get_text(object, "what"),
		.count = get_number(object, "count", 0),
		.last = get_number(object, "last", 0),
		.again_and_again = get_flag(object, "again_and_again"),
	};
}

struct mesh_status *mesh_status_read(JsonObject *object)
{
	struct mesh_status *status = g_new0(struct mesh_status, 1);
	JsonObject *network = get_object(object, "network");
	JsonObject *server = get_object(object, "server");
	JsonObject *kernel = get_object(object, "kernel");

	*status = (struct mesh_status){
		.state = get_text(object, "state"),
		.error = get_text(object, "error"),
		.warning = get_text(object, "warning"),
		.network_id = get_text(network, "id"),
		.network_name = get_text(network, "name"),
		.server_url = get_text(server, "url"),
		.server_connected = get_flag(server, "connected"),
		.server_error = get_text(server, "error"),
		.interface = get_text(object, "interface"),
		.public_key = get_text(object, "public_key"),
		.hostname = get_text(object, "hostname"),
		.addresses = get_texts(object, "addresses"),
		.prefixes_refused = get_text(network, "prefixes_refused"),
		.address_refused = get_text(object, "address_refused"),
		.address_error = get_text(object, "address_error"),
		.address_shared = get_text(object, "address_shared"),
		.left_out = get_texts(get_object(object, "underlay"), "left_out"),
		.module = get_flag(kernel, "module"),
		.module_error = get_text(kernel, "error"),
		.ipv6 = get_flag(kernel, "ipv6"),
		.mended = read_list(object, "mended", sizeof(struct mesh_mended), read_mended,
				    clear_mended),
		.peers = read_list(object, "peers", sizeof(struct mesh_peer), read_peer, clear_peer),
	};
	return status;
}

void mesh_status_free(struct mesh_status *status)
{
	g_free(status->state);
	g_free(status->error);
	g_free(status->warning);
	g_free(status->network_id);
	g_free(status->network_name);
	g_free(status->server_url);
	g_free(status->server_error);
	g_free(status->interface);
	g_free(status->public_key);
	g_free(status->hostname);
	g_strfreev(status->addresses);
	g_free(status->prefixes_refused);
	g_free(status->address_refused);
	g_free(status->address_error);
	g_free(status->address_shared);
	g_strfreev(status->left_out);
	g_free(status->module_error);
	g_array_unref(status->mended);
	g_array_unref(status->peers);
	g_free(status);
}

struct mesh_status *mesh_status_get(struct control_client *client, const char *peer,
				    GError **error)
{
	JsonObject *request = daemon_request("status");
	g_autoptr(JsonObject) answer = NULL;
	JsonObject *status;

	if (peer)
		json_object_set_string_member(request, "peer", peer);
	answer = daemon_call(client, request, error);
	status = answer ? message_get_object(answer, "status", error) : NULL;
	return status ? mesh_status_read(status) : NULL;
}

static bool has_address(const struct mesh_peer *peer, const char *name)
{
	struct prefix wanted, address;

	if (!prefix_parse(name, &wanted, NULL))
		return false;
	for (char **text = peer->addresses; *text; text++) {
		if (prefix_parse(*text, &address, NULL) && prefix_equal(&address, &wanted))
			return true;
	}
	return false;
}

static bool is_meant(const struct mesh_peer *peer, const char *name)
{
	return g_ascii_strcasecmp(peer->hostname, name) == 0 || has_address(peer, name) ||
	       (strlen(name) >= MIN_KEY_PREFIX && g_str_has_prefix(peer->public_key, name));
}

const struct mesh_peer *mesh_status_find_peer(const struct mesh_status *status, const char *name,
					      GError **error)
{
	const struct mesh_peer *found = NULL, *peer;

	for (guint i = 0; i < status->peers->len; i++) {
		peer = &g_array_index(status->peers, struct mesh_peer, i);
		if (!is_meant(peer, name))
			continue;
		/* The whole name wins over the beginning of somebody else's key. */
		if (g_ascii_strcasecmp(peer->hostname, name) == 0)
			return peer;
		if (found) {
			g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
				    "\"%s\" may be %s or %s\nWrite more of the key.", name,
				    found->hostname, peer->hostname);
			return NULL;
		}
		found = peer;
	}
	if (!found)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
			    "no peer has the hostname, overlay address or key \"%s\"\n"
			    "\"meshctl status\" lists the peers.",
			    name);
	return found;
}

const struct mesh_path *mesh_peer_selected(const struct mesh_peer *peer)
{
	const struct mesh_path *path;

	for (guint i = 0; i < peer->paths->len; i++) {
		path = &g_array_index(peer->paths, struct mesh_path, i);
		if (path->selected)
			return path;
	}
	return NULL;
}

const struct mesh_path *mesh_peer_latest(const struct mesh_peer *peer)
{
	const struct mesh_path *latest = NULL, *path;

	for (guint i = 0; i < peer->paths->len; i++) {
		path = &g_array_index(peer->paths, struct mesh_path, i);
		if (path->rx_age_ms >= 0 && (!latest || path->rx_age_ms < latest->rx_age_ms))
			latest = path;
	}
	return latest;
}
