// SPDX-License-Identifier: GPL-2.0
/* What meshctl asks of the server, and the answers. */
#include "admin.h"

#include <sodium.h>
#include <string.h>

#include "lib/joinstring.h"
#include "lib/log.h"
#include "lib/message.h"
#include "localaddress.h"
#include "node.h"
#include "server.h"
#include "setupkey.h"

#define DEFAULT_EXPIRY_S (24 * 60 * 60)
#define MAX_EXPIRY_S (100LL * 365 * 24 * 60 * 60)

/* Enough for HOST, brackets and PORT. */
#define MAX_HOST (JOINSTRING_MAX_HOST + 16)

static gint64 now_s(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

static JsonObject *key_info(const struct store_setup_key *key)
{
	JsonObject *info = json_object_new();

	json_object_set_int_member(info, "id", key->id);
	json_object_set_string_member(info, "name", key->name);
	json_object_set_boolean_member(info, "reusable", key->max_uses != 1);
	if (key->max_uses)
		json_object_set_int_member(info, "max_uses", key->max_uses);
	json_object_set_int_member(info, "created", key->created);
	if (key->expires)
		json_object_set_int_member(info, "expires", key->expires);
	json_object_set_boolean_member(info, "revoked", key->revoked);
	json_object_set_int_member(info, "uses", key->uses);
	return info;
}

/* One node, any number of them, or so many. */
static bool parse_max_uses(JsonObject *message, gint64 *max_uses, GError **error)
{
	bool reusable = false;

	if (message_has(message, "reusable") && message_has(message, "max_uses")) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
				    "'reusable' and 'max_uses' exclude each other: the one lets any "
				    "number of nodes join, the other so many");
		return false;
	}
	if (message_has(message, "max_uses"))
		return message_get_int(message, "max_uses", 1, STORE_MAX_NODES, max_uses, error);
	if (message_has(message, "reusable") &&
	    !message_get_bool(message, "reusable", &reusable, error))
		return false;
	*max_uses = !reusable;
	return true;
}

static bool parse_key_create(JsonObject *message, struct store_setup_key *key, GError **error)
{
	gint64 expires_s = DEFAULT_EXPIRY_S;
	const char *name = "";

	memset(key, 0, sizeof(*key));
	if (message_has(message, "name"))
		name = message_get_string(message, "name", 0, STORE_MAX_NAME, error);
	if (!name)
		return false;
	if (!parse_max_uses(message, &key->max_uses, error))
		return false;
	if (message_has(message, "expires_s") &&
	    !message_get_int(message, "expires_s", 0, MAX_EXPIRY_S, &expires_s, error))
		return false;
	g_strlcpy(key->name, name, sizeof(key->name));
	key->created = now_s();
	key->expires = expires_s ? key->created + expires_s : 0;
	return true;
}

static guint16 listening_port(const struct server *server)
{
	return endpoint_port(&g_array_index(listener_endpoints(server->listener), struct endpoint,
					    0));
}

/* How nodes reach this server: as the settings say, or by its own address. */
static bool find_own_host(const struct server *server, char host[static JOINSTRING_MAX_HOST + 1],
			  guint16 *port)
{
	const struct settings *settings = server->settings;

	if (!settings->public_host[0])
		return localaddress_find(listener_endpoints(server->listener), host,
					 JOINSTRING_MAX_HOST + 1);
	memcpy(host, settings->public_host, JOINSTRING_MAX_HOST + 1);
	*port = settings->public_port;
	return true;
}

/* The same, when the request says nothing else. */
static bool find_host(const struct server *server, JsonObject *message, struct joinstring *join,
		      GError **error)
{
	if (message_has(message, "host")) {
		const char *host = message_get_string(message, "host", 1, MAX_HOST, error);

		if (!host)
			return false;
		if (!joinstring_parse_address(host, join->host, &join->port, error)) {
			g_prefix_error(error, "member 'host': ");
			return false;
		}
	} else if (!find_own_host(server, join->host, &join->port)) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
				    "this machine has no address that nodes could reach; say in the "
				    "request ('host') or with --public-host how they reach it");
		return false;
	}
	if (!join->port)
		join->port = listening_port(server);
	return true;
}

/* A certificate that everybody can check is not pinned, so that it may be renewed. */
static void set_fingerprint(const struct server *server, struct joinstring *join)
{
	join->has_fingerprint = !server->settings->tls_cert ||
				!certificate_is_trusted(server->certificate, join->host);
	memcpy(join->fingerprint, server->certificate->fingerprint, sizeof(join->fingerprint));
}

static JsonObject *key_create(struct server *server, JsonObject *message, GError **error)
{
	struct store_setup_key key;
	struct joinstring join = {};
	JsonObject *answer;
	char *text;

	if (!parse_key_create(message, &key, error) || !find_host(server, message, &join, error))
		return NULL;
	setupkey_generate(join.setup_key);
	set_fingerprint(server, &join);
	if (!store_add_setup_key(server->store, join.setup_key, &key, error))
		return NULL;
	log_info("setup key %" G_GINT64_FORMAT " was made", key.id);

	text = joinstring_format(&join);
	answer = json_object_new();
	json_object_set_object_member(answer, "key", key_info(&key));
	json_object_set_string_member(answer, "join", text);
	sodium_memzero(text, strlen(text));
	g_free(text);
	joinstring_wipe(&join);
	return answer;
}

static void append_key(const struct store_setup_key *key, void *data)
{
	json_array_add_object_element(data, key_info(key));
}

static JsonObject *key_list(struct server *server, JsonObject *message, GError **error)
{
	JsonArray *keys = json_array_new();
	JsonObject *answer;

	(void)message;
	if (!store_each_setup_key(server->store, append_key, keys, error)) {
		json_array_unref(keys);
		return NULL;
	}
	answer = json_object_new();
	json_object_set_array_member(answer, "keys", keys);
	return answer;
}

static JsonObject *key_revoke(struct server *server, JsonObject *message, GError **error)
{
	gint64 id;

	if (!message_get_int(message, "id", 1, G_MAXINT64, &id, error) ||
	    !store_revoke_setup_key(server->store, id, error))
		return NULL;
	log_info("setup key %" G_GINT64_FORMAT " was revoked", id);
	return json_object_new();
}

static JsonObject *peer_info(const struct member *member)
{
	JsonObject *info = json_object_new();

	message_set_binary(info, "public_key", member->record.public_key.bytes, KEY_SIZE);
	json_object_set_string_member(info, "hostname", member->record.hostname);
	json_object_set_array_member(info, "addresses", network_addresses(&member->record));
	json_object_set_boolean_member(info, "online", member->node != NULL);
	json_object_set_boolean_member(info, "behind",
				       member->node && node_is_owed_map(member->node));
	json_object_set_int_member(info, "joined", member->record.joined);
	json_object_set_int_member(info, "last_seen",
				   member->node ? now_s() : member->record.last_seen);
	json_object_set_int_member(info, "setup_key", member->record.setup_key);
	return info;
}

static JsonObject *peer_list(struct server *server, JsonObject *message, GError **error)
{
	g_autoptr(GPtrArray) members = network_members(server->network);
	JsonObject *answer = json_object_new();
	JsonArray *peers = json_array_new();

	(void)message;
	(void)error;
	for (guint i = 0; i < members->len; i++)
		json_array_add_object_element(peers, peer_info(members->pdata[i]));
	json_object_set_array_member(answer, "peers", peers);
	return answer;
}

static JsonObject *removed(guint count)
{
	JsonObject *answer = json_object_new();

	json_object_set_int_member(answer, "removed", count);
	return answer;
}

static void dismiss(struct node *node)
{
	node_forget_member(node);
	node_refuse(node, REFUSAL_REMOVED,
		    "the operator removed this node from the network; to join again a new setup key "
		    "is needed");
}

static JsonObject *remove_one(struct server *server, JsonObject *message, GError **error)
{
	const char *name = message_get_string(message, "peer", 1, MAX_HOST, error);
	struct member *member;
	struct node *node;
	char key[KEY_STRLEN];

	if (!name)
		return NULL;
	member = network_find(server->network, name);
	if (!member) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
			    "there is no peer '%s' in the network; \"meshctl server peer list\" names "
			    "those that are",
			    name);
		return NULL;
	}
	log_info("node '%s' (%s) is being removed", member->record.hostname,
		 key_print(&member->record.public_key, key));
	node = member->node;
	if (!network_remove(server->network, member, error))
		return NULL;
	if (node)
		dismiss(node);
	return removed(1);
}

static JsonObject *remove_by_setup_key(struct server *server, JsonObject *message, GError **error)
{
	g_autoptr(GPtrArray) nodes = NULL;
	gint64 id;
	guint count;

	if (!message_get_int(message, "setup_key", 1, G_MAXINT64, &id, error))
		return NULL;
	nodes = network_remove_by_setup_key(server->network, id, &count, error);
	if (!nodes)
		return NULL;
	log_info("setup key %" G_GINT64_FORMAT " was revoked, and %u nodes that joined with it were "
		 "removed", id, count);
	for (guint i = 0; i < nodes->len; i++)
		dismiss(nodes->pdata[i]);
	return removed(count);
}

static JsonObject *peer_remove(struct server *server, JsonObject *message, GError **error)
{
	return message_has(message, "setup_key") ? remove_by_setup_key(server, message, error) :
						   remove_one(server, message, error);
}

static bool parse_relay_add(JsonObject *message, struct store_relay *relay, GError **error)
{
	const char *secret;

	if (!relayinfo_parse(message, false, &relay->info, error))
		return false;
	secret = message_get_string(message, "secret", 1, TURN_CREDENTIAL_SECRET_MAX, error);
	if (!secret)
		return false;
	if (!turn_credential_check_secret(secret, error)) {
		g_prefix_error(error, "member 'secret': ");
		return false;
	}
	g_strlcpy(relay->secret, secret, sizeof(relay->secret));
	relay->added = now_s();
	return true;
}

static JsonObject *relay_add(struct server *server, JsonObject *message, GError **error)
{
	struct store_relay relay = {};
	bool added;

	added = parse_relay_add(message, &relay, error) &&
		relays_add(network_relays(server->network), &relay, error);
	if (added)
		log_info("relay '%s' was added: %s, port %u", relay.info.name, relay.info.host,
			 relay.info.port);
	sodium_memzero(&relay, sizeof(relay));
	return added ? json_object_new() : NULL;
}

static JsonObject *relay_remove(struct server *server, JsonObject *message, GError **error)
{
	const char *name = message_get_string(message, "name", 1, HOSTNAME_MAX, error);

	if (!name || !relays_remove(network_relays(server->network), name, error))
		return NULL;
	log_info("relay '%s' was removed", name);
	return json_object_new();
}

/* Nodes know where this machine is; for the operator it is said. */
static void fill_host(const struct server *server, struct relayinfo *info)
{
	guint16 port;

	if (!info->host[0] && !find_own_host(server, info->host, &port))
		g_strlcpy(info->host, "localhost", sizeof(info->host));
}

static JsonObject *relay_info(const struct server *server, const struct store_relay *relay)
{
	struct relayinfo info = relay->info;
	JsonObject *object;

	fill_host(server, &info);
	object = relayinfo_build(&info);
	json_object_set_int_member(object, "added", relay->added);
	json_object_set_int_member(object, "untold",
				   relays_untold(network_relays(server->network), info.name));
	return object;
}

static JsonObject *relay_list(struct server *server, JsonObject *message, GError **error)
{
	const GArray *relays = relays_list(network_relays(server->network));
	JsonObject *answer = json_object_new();
	JsonArray *list = json_array_new();

	(void)message;
	(void)error;
	for (guint i = 0; i < relays->len; i++)
		json_array_add_object_element(
			list, relay_info(server, &g_array_index(relays, struct store_relay, i)));
	json_object_set_array_member(answer, "relays", list);
	return answer;
}

static JsonObject *relay_credentials(struct server *server, JsonObject *message, GError **error)
{
	g_autoptr(GArray) relays = relays_for_operator(network_relays(server->network));
	JsonObject *answer = json_object_new();

	(void)message;
	(void)error;
	for (guint i = 0; i < relays->len; i++)
		fill_host(server, &g_array_index(relays, struct relayinfo, i));
	relayinfo_set_list(answer, relays);
	return answer;
}

static JsonObject *network_status(const struct network *network)
{
	const struct store_network *info = network_info(network);
	JsonObject *status = json_object_new();
	char id[2 * NETWORK_ID_SIZE + 1];
	char prefix[PREFIX_STRLEN];

	json_object_set_string_member(status, "id",
				      sodium_bin2hex(id, sizeof(id), info->id, NETWORK_ID_SIZE));
	json_object_set_string_member(status, "name", info->name);
	json_object_set_string_member(status, "prefix", prefix_print(&info->prefix, prefix));
	return status;
}

static JsonArray *listen_status(const struct server *server)
{
	const GArray *endpoints = listener_endpoints(server->listener);
	JsonArray *listen = json_array_new();
	char text[ENDPOINT_STRLEN];

	for (guint i = 0; i < endpoints->len; i++)
		json_array_add_string_element(
			listen,
			endpoint_print(&g_array_index(endpoints, struct endpoint, i), text));
	return listen;
}

static JsonObject *status(struct server *server, JsonObject *message, GError **error)
{
	char fingerprint[sodium_base64_ENCODED_LEN(CERTIFICATE_FINGERPRINT_SIZE,
						   sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
	struct network *network = server->network;
	JsonObject *answer = json_object_new();
	JsonObject *all = json_object_new();

	(void)message;
	(void)error;
	sodium_bin2base64(fingerprint, sizeof(fingerprint), server->certificate->fingerprint,
			  CERTIFICATE_FINGERPRINT_SIZE, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	json_object_set_int_member(all, "version", PROTOCOL_VERSION);
	json_object_set_object_member(all, "network", network_status(network));
	json_object_set_array_member(all, "listen", listen_status(server));
	json_object_set_string_member(all, "fingerprint", fingerprint);
	json_object_set_int_member(all, "peers", network_size(network));
	json_object_set_int_member(all, "online", network_online(network));
	json_object_set_int_member(all, "relays", relays_list(network_relays(network))->len);
	json_object_set_int_member(all, "generation", network_generation(network));
	json_object_set_object_member(answer, "status", all);
	return answer;
}

static const struct {
	const char *name;
	JsonObject *(*answer)(struct server *server, JsonObject *message, GError **error);
} requests[] = {
	{ "key-create", key_create },
	{ "key-list", key_list },
	{ "key-revoke", key_revoke },
	{ "peer-list", peer_list },
	{ "peer-remove", peer_remove },
	{ "relay-add", relay_add },
	{ "relay-credentials", relay_credentials },
	{ "relay-list", relay_list },
	{ "relay-remove", relay_remove },
	{ "status", status },
};

const char *const admin_views[] = { "status", "key-list", "peer-list", "relay-list", NULL };

void admin_handle(struct control_request *request, void *server)
{
	const char *name = control_request_name(request);

	for (guint i = 0; i < G_N_ELEMENTS(requests); i++) {
		g_autoptr(GError) error = NULL;
		JsonObject *answer;

		if (strcmp(requests[i].name, name) != 0)
			continue;
		answer = requests[i].answer(server, control_request_message(request), &error);
		if (answer)
			control_finish(request, answer);
		else
			control_fail(request, "%s", error->message);
		return;
	}
	control_fail(request, "mesh-server does not know the request '%s'", name);
}
