// SPDX-License-Identifier: GPL-2.0
#include "mapmessage.h"

#include <gio/gio.h>
#include <string.h>

#include "dataplane.h"

#define MAX_GENERATION G_GINT64_CONSTANT(999999999999999999)

static bool refuse(GError **error, const char *what)
{
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s", what);
	return false;
}

static bool is_private(const struct prefix *prefix)
{
	guint32 address;

	if (prefix->family == AF_INET6)
		return (prefix->in6.s6_addr[0] & 0xfe) == 0xfc;
	address = ntohl(prefix->in.s_addr);
	return (address & 0xff000000) == 0x0a000000 || (address & 0xfff00000) == 0xac100000 ||
	       (address & 0xffff0000) == 0xc0a80000 || (address & 0xffc00000) == 0x64400000;
}

static bool parse_address(const char *text, GArray *addresses, GError **error)
{
	struct prefix prefix;

	if (!prefix_parse(text, &prefix, error))
		return false;
	if (prefix.length != (prefix.family == AF_INET ? 32 : 128))
		return refuse(error, "addresses: a prefix where an address is expected");
	if (!is_private(&prefix))
		return refuse(error, "addresses: not a private address");
	for (guint i = 0; i < addresses->len; i++) {
		if (g_array_index(addresses, struct prefix, i).family == prefix.family)
			return refuse(error, "addresses: two of the same family");
	}
	g_array_append_val(addresses, prefix);
	return true;
}

GArray *mapmessage_parse_addresses(JsonObject *object, GError **error)
{
	g_autoptr(GArray) addresses = g_array_new(FALSE, FALSE, sizeof(struct prefix));
	JsonArray *texts = message_get_strings(object, "addresses", DATAPLANE_ADDRESSES,
					       INET6_ADDRSTRLEN, error);

	if (!texts)
		return NULL;
	for (guint i = 0; i < json_array_get_length(texts); i++) {
		if (!parse_address(json_array_get_string_element(texts, i), addresses, error))
			return NULL;
	}
	if (addresses->len == 0) {
		refuse(error, "addresses: there is none");
		return NULL;
	}
	return g_steal_pointer(&addresses);
}

void mapmessage_set_addresses(JsonObject *object, const GArray *addresses)
{
	JsonArray *texts = json_array_new();
	char text[PREFIX_STRLEN];

	for (guint i = 0; i < addresses->len; i++)
		json_array_add_string_element(
			texts, prefix_print(&g_array_index(addresses, struct prefix, i), text));
	json_object_set_array_member(object, "addresses", texts);
}

static bool parse_peer(JsonObject *object, struct mapmessage_peer *peer, GError **error)
{
	const char *hostname =
		message_get_string(object, "hostname", 1, PEER_HOSTNAME_SIZE - 1, error);

	if (!hostname ||
	    !message_get_binary(object, "public_key", &peer->key, KEY_SIZE, error))
		return false;
	if (!hostname_is_valid(hostname))
		return refuse(error, "hostname: not a hostname");
	if (key_is_zero(&peer->key))
		return refuse(error, "public_key: no key");
	g_strlcpy(peer->hostname, hostname, sizeof(peer->hostname));
	peer->has_session = message_has(object, "session");
	if (peer->has_session &&
	    !message_get_binary(object, "session", &peer->session, SEAL_SESSION_SIZE, error))
		return false;
	peer->addresses = mapmessage_parse_addresses(object, error);
	return peer->addresses;
}

static bool parse_peers(JsonObject *object, const char *member, GArray *peers, GError **error)
{
	JsonArray *array = message_get_objects(object, member, MAPMESSAGE_MAX_PEERS, error);

	if (!array)
		return false;
	for (guint i = 0; i < json_array_get_length(array); i++) {
		struct mapmessage_peer peer = {};

		if (!parse_peer(json_array_get_object_element(array, i), &peer, error))
			return false;
		g_array_append_val(peers, peer);
	}
	return true;
}

static bool parse_removed(JsonObject *object, GArray *removed, GError **error)
{
	JsonArray *array = message_get_strings(object, "removed", MAPMESSAGE_MAX_PEERS,
					       KEY_STRLEN, error);

	if (!array)
		return false;
	for (guint i = 0; i < json_array_get_length(array); i++) {
		struct key key;

		if (!key_parse(json_array_get_string_element(array, i), &key, error))
			return false;
		g_array_append_val(removed, key);
	}
	return true;
}

/* A map that does not mention relays says that there are none. */
static bool parse_relays(JsonObject *object, bool delta, GArray **relays, GError **error)
{
	if (message_has(object, "relays"))
		*relays = relayinfo_parse_list(object, true, error);
	else if (!delta)
		*relays = relayinfo_new_list();
	else
		return true;
	return *relays;
}

static void clear_peer(void *data)
{
	struct mapmessage_peer *peer = data;

	g_clear_pointer(&peer->addresses, g_array_unref);
}

struct mapmessage *mapmessage_parse(JsonObject *object, bool delta, GError **error)
{
	g_autoptr(mapmessage) message = g_new0(struct mapmessage, 1);

	message->peers = g_array_new(FALSE, FALSE, sizeof(struct mapmessage_peer));
	g_array_set_clear_func(message->peers, clear_peer);
	message->removed = g_array_new(FALSE, FALSE, sizeof(struct key));
	if (!message_get_int(object, "generation", 0, MAX_GENERATION, &message->generation, error) ||
	    !parse_peers(object, delta ? "changed" : "peers", message->peers, error))
		return NULL;
	if (delta && (!message_get_int(object, "previous", 0, MAX_GENERATION, &message->previous,
				       error) ||
		      !parse_removed(object, message->removed, error)))
		return NULL;
	if (!parse_relays(object, delta, &message->relays, error))
		return NULL;
	return g_steal_pointer(&message);
}

void mapmessage_free(struct mapmessage *message)
{
	if (!message)
		return;
	g_array_unref(message->peers);
	g_array_unref(message->removed);
	g_clear_pointer(&message->relays, g_array_unref);
	g_free(message);
}
