// SPDX-License-Identifier: GPL-2.0
/* Finding objects of the module by what a user calls them, and listing them. */
#include "module.h"

#include <errno.h>
#include <string.h>

#include "lib/message.h"
#include "lib/pathnl-json.h"
#include "lib/pathnl-names.h"

bool module_parse_id(const char *text, guint32 *id)
{
	guint64 value;

	if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT32, &value, NULL))
		return false;
	*id = value;
	return true;
}

bool module_find_device(struct pathnl *nl, const char *name, struct pathnl_device *device,
			GError **error)
{
	g_autoptr(GArray) devices = pathnl_device_dump(nl, error);
	const struct pathnl_device *candidate;
	guint32 number = 0;
	guint found = 0;

	if (!devices)
		return false;
	module_parse_id(name, &number);
	for (guint i = 0; i < devices->len; i++) {
		candidate = &g_array_index(devices, struct pathnl_device, i);
		if (strcmp(candidate->ifname, name) == 0 || candidate->id == number) {
			*device = *candidate;
			found++;
		}
	}
	if (found == 1)
		return true;
	if (found)
		return netlink_fail(error, ENOENT,
				    "several attached interfaces are called \"%s\"\n"
				    "Give the number that \"meshctl device\" shows.",
				    name);
	return netlink_fail(error, ENOENT,
			    "no attached interface is called \"%s\"\n"
			    "\"meshctl device\" lists them, \"meshctl device attach %s\" attaches it.",
			    name, name);
}

bool module_find_peer(struct pathnl *nl, const struct pathnl_device *device, const char *key,
		      struct pathnl_peer *peer, GError **error)
{
	g_autoptr(GArray) peers = NULL;
	const struct pathnl_peer *candidate;
	struct key public_key;

	if (!key_parse(key, &public_key, error))
		return false;
	peers = pathnl_peer_dump(nl, device->id, error);
	for (guint i = 0; peers && i < peers->len; i++) {
		candidate = &g_array_index(peers, struct pathnl_peer, i);
		if (key_equal(&candidate->public_key, &public_key)) {
			*peer = *candidate;
			return true;
		}
	}
	return peers && netlink_fail(error, ENOENT,
				     "%s has no peer with this key here\n"
				     "\"meshctl peer list %s\" lists them, \"meshctl peer add %s KEY\" adds it.",
				     device->ifname, device->ifname, device->ifname);
}

static void set_number(JsonObject *object, const char *member, gint64 number)
{
	if (number > 0)
		json_object_set_int_member(object, member, number);
}

JsonObject *module_device_json(const struct pathnl_device *device)
{
	JsonObject *object = json_object_new();
	char text[PREFIX_STRLEN];

	json_object_set_int_member(object, "id", device->id);
	json_object_set_string_member(object, "ifname", device->ifname);
	json_object_set_int_member(object, "ifindex", device->ifindex);
	set_number(object, "listen_port", device->listen_port);
	set_number(object, "mark", device->mark);
	json_object_set_string_member(object, "virtual_network",
				      prefix_print(&device->virtual_network, text));
	json_object_set_int_member(object, "peers", device->peers);
	json_object_set_int_member(object, "drop_no_peer_packets", device->drop_no_peer);
	json_object_set_int_member(object, "drop_no_socket_packets", device->drop_no_socket);
	json_object_set_int_member(object, "drop_probe_packets", device->drop_probe);
	pathnl_json_set_settings(object, &device->settings);
	return object;
}

JsonObject *module_peer_json(const struct pathnl_peer *peer)
{
	JsonObject *object = json_object_new();
	char key[KEY_STRLEN];

	json_object_set_int_member(object, "id", peer->id);
	json_object_set_int_member(object, "device", peer->device);
	json_object_set_string_member(object, "public_key", key_print(&peer->public_key, key));
	message_set_endpoint(object, "virtual_endpoint", &peer->virtual_endpoint);
	set_number(object, "selected_path", peer->selected_path);
	set_number(object, "second_path", peer->second_path);
	json_object_set_int_member(object, "paths", peer->paths);
	json_object_set_int_member(object, "drop_no_path_packets", peer->drop_no_path);
	pathnl_json_set_choice(object, peer);
	return object;
}

JsonObject *module_path_json(const struct pathnl_path *path)
{
	JsonObject *object = json_object_new();

	pathnl_json_set_path(object, path);
	json_object_set_int_member(object, "device", path->device);
	json_object_set_int_member(object, "peer", path->peer);
	set_number(object, "ifindex", path->ifindex);
	return object;
}

JsonObject *module_selection_json(const struct pathnl_selection *selection)
{
	JsonObject *object = json_object_new();

	json_object_set_int_member(object, "device", selection->device);
	json_object_set_int_member(object, "peer", selection->peer);
	if (selection->from)
		json_object_set_int_member(object, "from", selection->from);
	if (selection->to)
		json_object_set_int_member(object, "to", selection->to);
	json_object_set_string_member(object, "reason", pathnl_reason_name(selection->reason));
	return object;
}

static JsonArray *pairs_json(const struct pathnl_bounce *bounce, bool deny)
{
	JsonArray *pairs = json_array_new(), *pair;
	char text[PREFIX_STRLEN];

	for (guint i = 0; i < bounce->n_pairs; i++) {
		if (bounce->pairs[i].deny != deny)
			continue;
		pair = json_array_new();
		json_array_add_string_element(pair, prefix_print(&bounce->pairs[i].one, text));
		json_array_add_string_element(pair, prefix_print(&bounce->pairs[i].other, text));
		json_array_add_array_element(pairs, pair);
	}
	return pairs;
}

JsonObject *module_bounce_json(const struct pathnl_bounce *bounce)
{
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "ifname", bounce->ifname);
	json_object_set_int_member(object, "ifindex", bounce->ifindex);
	if (bounce->group)
		json_object_set_int_member(object, "group", bounce->group);
	json_object_set_array_member(object, "allow", pairs_json(bounce, false));
	json_object_set_array_member(object, "deny", pairs_json(bounce, true));
	json_object_set_int_member(object, "packets", bounce->packets);
	json_object_set_int_member(object, "bytes", bounce->bytes);
	json_object_set_int_member(object, "drop_denied_packets", bounce->drop_denied);
	json_object_set_int_member(object, "drop_expired_packets", bounce->drop_expired);
	json_object_set_int_member(object, "drop_too_big_packets", bounce->drop_too_big);
	json_object_set_int_member(object, "drop_error_packets", bounce->drop_error);
	json_object_set_int_member(object, "stack_elsewhere_packets", bounce->stack_elsewhere);
	json_object_set_int_member(object, "stack_source_packets", bounce->stack_source);
	json_object_set_int_member(object, "stack_unusual_packets", bounce->stack_unusual);
	return object;
}

enum cli_status module_print_list(const char *name, JsonArray *items)
{
	JsonObject *object = json_object_new();

	json_object_set_array_member(object, name, items);
	cli_print_json(object);
	return CLI_OK;
}
