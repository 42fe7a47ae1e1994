// SPDX-License-Identifier: GPL-2.0
/* Reading the server's map and its deltas. */
#include "mapmessage.h"

#include <gio/gio.h>
#include <string.h>

#include "dataplane.h"

#define MIN_PREFIX6_LENGTH 48

#define MAX_GENERATION G_GINT64_CONSTANT(999999999999999999)

static bool refuse(GError **error, const char *what)
{
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s", what);
	return false;
}

static bool check_address(const struct prefix *prefix, GError **error)
{
	return prefix->length == (prefix->family == AF_INET ? 32 : 128) ||
	       refuse(error, "a prefix where an address is expected");
}

/* One of IPv6 is a site's at most (RFC 4193 section 3.1): the whole of fc00::/7 is everybody's. */
static bool check_prefix(const struct prefix *prefix, GError **error)
{
	if (prefix->family == AF_INET6 && prefix->length < MIN_PREFIX6_LENGTH)
		return refuse(error, "larger than that of a network");
	return prefix_private_block(prefix) || refuse(error, "not of private addresses");
}

static bool parse_prefix(const char *text, GArray *prefixes,
			 bool (*check)(const struct prefix *, GError **), GError **error)
{
	struct prefix prefix;

	if (!prefix_parse(text, &prefix, error) || !check(&prefix, error))
		return false;
	for (guint i = 0; i < prefixes->len; i++) {
		if (g_array_index(prefixes, struct prefix, i).family == prefix.family)
			return refuse(error, "two of the same family");
	}
	g_array_append_val(prefixes, prefix);
	return true;
}

static GArray *parse_prefixes(JsonObject *object, const char *member,
			      bool (*check)(const struct prefix *, GError **), GError **error)
{
	g_autoptr(GArray) prefixes = g_array_new(FALSE, FALSE, sizeof(struct prefix));
	JsonArray *texts = message_get_strings(object, member, DATAPLANE_ADDRESSES, PREFIX_STRLEN,
					       error);

	if (!texts)
		return NULL;
	for (guint i = 0; i < json_array_get_length(texts); i++) {
		const char *text = json_array_get_string_element(texts, i);

		if (!parse_prefix(text, prefixes, check, error)) {
			g_prefix_error(error, "%s: %s: ", member, text);
			return NULL;
		}
	}
	if (prefixes->len == 0) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: there is none",
			    member);
		return NULL;
	}
	return g_steal_pointer(&prefixes);
}

GArray *mapmessage_parse_addresses(JsonObject *object, GError **error)
{
	return parse_prefixes(object, "addresses", check_address, error);
}

GArray *mapmessage_parse_prefixes(JsonObject *object, GError **error)
{
	return parse_prefixes(object, "prefixes", check_prefix, error);
}

static void set_prefixes(JsonObject *object, const char *member, const GArray *prefixes)
{
	JsonArray *texts = json_array_new();
	char text[PREFIX_STRLEN];

	for (guint i = 0; i < prefixes->len; i++)
		json_array_add_string_element(
			texts, prefix_print(&g_array_index(prefixes, struct prefix, i), text));
	json_object_set_array_member(object, member, texts);
}

void mapmessage_set_addresses(JsonObject *object, const GArray *addresses)
{
	set_prefixes(object, "addresses", addresses);
}

void mapmessage_set_prefixes(JsonObject *object, const GArray *prefixes)
{
	set_prefixes(object, "prefixes", prefixes);
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
