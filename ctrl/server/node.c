// SPDX-License-Identifier: GPL-2.0
/* The connection of a node, from the moment at which it was accepted. */
#include "node.h"

#include <sodium.h>
#include <string.h>

#include "lib/hostname.h"
#include "lib/log.h"
#include "lib/message.h"
#include "lib/network-tag.h"
#include "lib/proof.h"
#include "lib/ratelimit.h"
#include "network.h"
#include "outbox.h"
#include "websocket.h"

/* docs/protocol.md section 1: between connecting and hello */
#define HELLO_S 10

/* So much longer when the server has not come to read what the node says. */
#define MAX_OVERTIME_S 20

/* What sealing adds to a message: a nonce and a tag. No box is smaller. */
#define MIN_BOX (24 + 16)

#define MAX_SETUP_KEY 64

/* Whole maps are large, and one asked for too soon can wait: the last question is answered. */
static const struct ratelimit_rule map_rule = {
	.interval_us = G_USEC_PER_SEC,
	.burst = 5,
};

/* All others are told of each, and it gets a whole map. */
static const struct ratelimit_rule connect_rule = {
	.interval_us = 2 * G_USEC_PER_SEC,
	.burst = 30,
};

enum node_state {
	NODE_GREETING,	 /* TLS and HTTP */
	NODE_CHALLENGED, /* has to prove its key */
	NODE_JOINED,
	NODE_ENDING,
};

struct node {
	struct server *server;
	struct websocket *websocket;
	struct outbox *outbox;
	struct admission *admission;
	struct member *member; /* while joined */
	enum node_state state;
	char from[ENDPOINT_STRLEN];
	struct proof_challenge challenge;
	struct key challenge_private;
	struct expiry deadline;
	guint overtime; /* seconds that the deadline was put off */
	guint map_timer;
	bool owed_map; /* it gets a map when it has read what waits, and no delta until then */
};

struct hello {
	struct key public_key;
	guint8 proof[PROOF_SIZE];
	guint8 session[SESSION_SIZE];
	const char *hostname;
	const char *setup_key;
};

static GPtrArray *make_frame(JsonObject *message)
{
	gsize size;
	g_autofree char *text = message_serialise(message, &size);

	return websocket_frame_text(text, size);
}

/* For what comes once in a connection; all else has to fit into the outbox. */
static void send_message(struct node *node, JsonObject *message)
{
	g_autoptr(GPtrArray) frame = make_frame(message);

	websocket_send(node->websocket, frame, NULL, NULL);
}

void node_forget_member(struct node *node)
{
	node->member = NULL;
	websocket_count_frames(node->websocket, NULL);
}

/* The connection stands for no member any more. */
static void leave(struct node *node)
{
	struct member *member = node->member;

	node_forget_member(node);
	expiry_cancel(node->server->timers, &node->deadline);
	g_clear_handle_id(&node->map_timer, g_source_remove);
	key_wipe(&node->challenge_private);
	if (member)
		network_disconnect(node->server->network, member);
}

void node_refuse(struct node *node, enum refusal refusal, const char *text)
{
	g_autoptr(JsonObject) message = message_new_error(refusal_code(refusal), text);

	if (node->state == NODE_ENDING)
		return;
	log_limited(LOG_LEVEL_INFO, "%s: disconnected, %s: %s", node->from, refusal_code(refusal),
		    text);
	leave(node);
	send_message(node, message);
	node->state = NODE_ENDING;
	admission_set_guest(node->admission, true);
	websocket_close(node->websocket, WEBSOCKET_POLICY);
}

/* Refuse for what went wrong: with its code, or because the message was not understood. */
static void refuse_error(struct node *node, const GError *error)
{
	if (g_error_matches(error, REFUSAL, REFUSAL_INTERNAL)) {
		log_limited(LOG_LEVEL_ERROR, "%s: %s", node->from, error->message);
		node_refuse(node, REFUSAL_INTERNAL,
			    "something is wrong with the server; \"journalctl -u mesh-server\" there says what");
	} else {
		node_refuse(node, error->domain == REFUSAL ? (enum refusal)error->code :
							     REFUSAL_BAD_MESSAGE,
			    error->message);
	}
}

/* What waits is read first: a map that is made then says the newest. */
static void owe_map(struct node *node)
{
	node->owed_map = true;
	outbox_await(node->outbox);
}

bool node_send_delta(struct node *node, GPtrArray *delta)
{
	if (!node->owed_map && outbox_put(node->outbox, OUTBOX_DELTA, delta, NULL))
		return true;
	owe_map(node);
	return false;
}

bool node_is_owed_map(const struct node *node)
{
	return node->owed_map;
}

static void set_deadline(struct node *node, gint64 delay_s)
{
	expiry_set(node->server->timers, &node->deadline,
		   g_get_monotonic_time() + delay_s * G_USEC_PER_SEC);
}

static void deadline_passed(struct expiry *expiry)
{
	struct node *node = expiry_owner(expiry, struct node, deadline);

	/* it may have said it in time, and we were busy with others */
	if (websocket_has_unread(node->websocket) && ++node->overtime <= MAX_OVERTIME_S) {
		set_deadline(node, 1);
		return;
	}
	if (node->state == NODE_GREETING) {
		log_limited(LOG_LEVEL_INFO, "%s: no WebSocket was opened within %d s", node->from,
			    HELLO_S);
		node_free(node);
	} else {
		node_refuse(node, REFUSAL_TOO_MANY, "no hello came within 10 s");
	}
}

static void on_opened(void *data)
{
	g_autoptr(JsonObject) message = message_new("challenge");
	struct node *node = data;
	struct proof_challenge *challenge = &node->challenge;
	char tag[NETWORK_TAG_LEN + 1];

	network_tag(network_info(node->server->network)->id, tag);
	randombytes_buf(challenge->nonce, PROOF_NONCE_SIZE);
	key_generate(&node->challenge_private);
	key_derive_public(&node->challenge_private, &challenge->server_key);

	json_object_set_int_member(message, "version", PROTOCOL_VERSION);
	message_set_binary(message, "nonce", challenge->nonce, PROOF_NONCE_SIZE);
	message_set_binary(message, "public_key", challenge->server_key.bytes, KEY_SIZE);
	json_object_set_string_member(message, "network", tag);
	send_message(node, message);
	node->state = NODE_CHALLENGED;
}

static bool check_version(JsonObject *message, GError **error)
{
	gint64 version;

	if (!message_get_int(message, "version", G_MININT64, G_MAXINT64, &version, error))
		return false;
	if (version == PROTOCOL_VERSION)
		return true;
	g_set_error(error, REFUSAL, REFUSAL_BAD_VERSION,
		    "this server speaks version %d of the protocol, the node speaks "
		    "%" G_GINT64_FORMAT "; upgrade the older of the two",
		    PROTOCOL_VERSION, version);
	return false;
}

static bool parse_hello(JsonObject *message, struct hello *hello, GError **error)
{
	if (!check_version(message, error) ||
	    !message_get_binary(message, "public_key", hello->public_key.bytes, KEY_SIZE, error) ||
	    !message_get_binary(message, "proof", hello->proof, PROOF_SIZE, error) ||
	    !message_get_binary(message, "session", hello->session, SESSION_SIZE, error))
		return false;
	hello->hostname = message_get_string(message, "hostname", 1, HOSTNAME_MAX, error);
	if (!hello->hostname)
		return false;
	if (!hostname_is_valid(hello->hostname)) {
		g_set_error_literal(error, REFUSAL, REFUSAL_BAD_MESSAGE,
				    "member 'hostname' has to be of a-z, 0-9 and '-', with no '-' "
				    "at its ends");
		return false;
	}
	hello->setup_key = NULL;
	if (message_has(message, "setup_key")) {
		hello->setup_key = message_get_string(message, "setup_key", 1, MAX_SETUP_KEY,
						      error);
		return hello->setup_key != NULL;
	}
	return true;
}

static bool check_proof(struct node *node, const struct hello *hello, GError **error)
{
	g_autoptr(GError) reason = NULL;

	if (proof_check(&node->challenge, &node->challenge_private, &hello->public_key,
			hello->proof, &reason))
		return true;
	g_set_error_literal(error, REFUSAL, REFUSAL_BAD_PROOF, reason->message);
	return false;
}

/* What a node pins, so that whoever gets hold of the server later can give it no other address. */
static JsonArray *network_prefixes(const struct store_network *info)
{
	JsonArray *prefixes = json_array_new();
	char text[PREFIX_STRLEN];
	struct prefix prefix6;

	address_prefix6(info->id, &prefix6);
	json_array_add_string_element(prefixes, prefix_print(&info->prefix, text));
	json_array_add_string_element(prefixes, prefix_print(&prefix6, text));
	return prefixes;
}

static void send_welcome(struct node *node)
{
	const struct store_network *info = network_info(node->server->network);
	const GPtrArray *stun = node->server->settings->stun;
	g_autoptr(JsonObject) message = message_new("welcome");
	JsonObject *network = json_object_new();
	JsonArray *endpoints = json_array_new();
	char id[2 * NETWORK_ID_SIZE + 1];

	sodium_bin2hex(id, sizeof(id), info->id, NETWORK_ID_SIZE);
	json_object_set_string_member(network, "id", id);
	json_object_set_string_member(network, "name", info->name);
	for (guint i = 0; i < stun->len; i++)
		json_array_add_string_element(endpoints, stun->pdata[i]);
	json_object_set_object_member(message, "network", network);
	json_object_set_string_member(message, "hostname", node->member->record.hostname);
	json_object_set_array_member(message, "addresses",
				     network_addresses(&node->member->record));
	json_object_set_array_member(message, "prefixes", network_prefixes(info));
	json_object_set_array_member(message, "stun", endpoints);
	json_object_set_int_member(message, "retry_window_ms",
				   network_retry_window_ms(node->server->network));
	send_message(node, message);
}

static void send_map(struct node *node)
{
	g_autoptr(GPtrArray) map = NULL;

	if (!outbox_has_caught_up(node->outbox)) {
		owe_map(node);
		return;
	}
	map = network_map(node->server->network, node->member);
	outbox_put(node->outbox, OUTBOX_MAP, map, NULL);
	node->owed_map = false;
}

static void on_caught_up(void *data)
{
	struct node *node = data;

	if (node->owed_map && node->member)
		send_map(node);
}

static void take_hello(struct node *node, JsonObject *message)
{
	struct network *network = node->server->network;
	g_autoptr(GError) error = NULL;
	struct member *member = NULL;
	struct hello hello;

	if (parse_hello(message, &hello, &error) && check_proof(node, &hello, &error))
		member = network_admit(network, &hello.public_key, hello.hostname, hello.setup_key,
				       &error);
	if (!member) {
		refuse_error(node, error);
		return;
	}
	if (!ratelimit_allow(&member->connects, &connect_rule, g_get_monotonic_time())) {
		node_refuse(node, REFUSAL_TOO_MANY,
			    "the node connects again and again; look why it loses its connections");
		return;
	}
	if (member->node)
		node_refuse(member->node, REFUSAL_REPLACED,
			    "a node with the same key has connected; if that was not a restart, two "
			    "machines use one key, and one of them has to join anew");

	expiry_cancel(node->server->timers, &node->deadline);
	key_wipe(&node->challenge_private);
	node->state = NODE_JOINED;
	node->member = member;
	admission_set_guest(node->admission, false);
	websocket_count_frames(node->websocket, &member->frames);
	network_connect(network, member, node, hello.session);
	send_welcome(node);
	send_map(node);
}

static gboolean map_due(gpointer data)
{
	struct node *node = data;

	node->map_timer = 0;
	send_map(node);
	return G_SOURCE_REMOVE;
}

static void take_get_map(struct node *node)
{
	if (node->map_timer)
		return;
	if (ratelimit_allow(&node->member->maps, &map_rule, g_get_monotonic_time()))
		send_map(node);
	else
		node->map_timer = g_timeout_add_seconds(1, map_due, node);
}

static void send_signal_failed(struct node *node, const struct key *to, const char *reason)
{
	g_autoptr(JsonObject) message = message_new("signal-failed");
	g_autoptr(GPtrArray) frame = NULL;

	message_set_binary(message, "to", to->bytes, KEY_SIZE);
	json_object_set_string_member(message, "reason", reason);
	frame = make_frame(message);
	/* a node that goes on sending and does not read is not told of each */
	outbox_put(node->outbox, OUTBOX_FAILED, frame, NULL);
}

/* Return: false when the receiver has not read what was sent to it before. */
static bool pass_on(struct node *from, struct node *to, const char *box)
{
	const struct key *sender = &from->member->record.public_key;
	g_autoptr(JsonObject) message = NULL;
	g_autoptr(GPtrArray) frame = NULL;

	if (!network_introduce(from->server->network, from->member, to->member))
		return false;
	message = message_new("signal");
	message_set_binary(message, "from", sender->bytes, KEY_SIZE);
	json_object_set_string_member(message, "box", box);
	frame = make_frame(message);
	return outbox_put(to->outbox, OUTBOX_SIGNAL, frame, sender);
}

/* docs/protocol.md section 4 */
static void take_signal(struct node *node, JsonObject *message)
{
	g_autoptr(GError) error = NULL;
	g_autofree guint8 *box = NULL;
	struct member *member;
	struct key to;
	gsize size;

	if (!message_get_binary(message, "to", to.bytes, KEY_SIZE, &error) ||
	    !(box = message_get_bytes(message, "box", MIN_BOX, MESSAGE_MAX_BOX, &size, &error))) {
		refuse_error(node, error);
		return;
	}
	member = network_member(node->server->network, &to);
	if (member)
		network_show(node->server->network, member);
	if (!member)
		send_signal_failed(node, &to, "unknown");
	else if (!member->node)
		send_signal_failed(node, &to, "offline");
	else if (!pass_on(node, member->node, json_object_get_string_member(message, "box")))
		send_signal_failed(node, &to, "busy");
}

/* As if the operator had removed it: the answer is the same. */
static void take_leave(struct node *node)
{
	g_autoptr(GError) error = NULL;

	log_info("node '%s' leaves the network", node->member->record.hostname);
	if (!network_remove(node->server->network, node->member, &error)) {
		refuse_error(node, error);
		return;
	}
	node_forget_member(node);
	node_refuse(node, REFUSAL_REMOVED,
		    "this node has left the network; to join again a new setup key is needed");
}

static void on_message(const char *text, gsize size, void *data)
{
	g_autoptr(JsonObject) message = NULL;
	g_autoptr(GError) error = NULL;
	struct node *node = data;
	const char *type;

	message = message_parse(text, size, MESSAGE_MAX_FROM_NODE, "type", &error);
	if (!message) {
		refuse_error(node, error);
		return;
	}
	type = json_object_get_string_member(message, "type");
	if (node->state == NODE_CHALLENGED && strcmp(type, "hello") == 0)
		take_hello(node, message);
	else if (node->state == NODE_JOINED && strcmp(type, "signal") == 0)
		take_signal(node, message);
	else if (node->state == NODE_JOINED && strcmp(type, "get-map") == 0)
		take_get_map(node);
	else if (node->state == NODE_JOINED && strcmp(type, "leave") == 0)
		take_leave(node);
	else
		node_refuse(node, REFUSAL_BAD_MESSAGE,
			    node->state == NODE_JOINED ? "the type of the message is not known" :
							 "the first message has to be a hello");
}

static void on_violated(enum refusal refusal, const char *why, void *data)
{
	node_refuse(data, refusal, why);
}

static void on_closed(const char *why, void *data)
{
	struct node *node = data;

	if (node->state == NODE_GREETING || node->state == NODE_CHALLENGED)
		log_limited(LOG_LEVEL_INFO, "%s: gone before it joined: %s", node->from, why);
	else if (node->member)
		log_limited(LOG_LEVEL_INFO, "node '%s' is gone: %s", node->member->record.hostname,
			    why);
	node_free(node);
}

static void on_evicted(void *data)
{
	struct node *node = data;

	log_limited(LOG_LEVEL_WARNING,
		    "%s: gives way to newer connections, there are too many that no node has "
		    "proved to be its own",
		    node->from);
	node_free(node);
}

static const struct websocket_events websocket_events = {
	.opened = on_opened,
	.message = on_message,
	.violated = on_violated,
	.closed = on_closed,
};

void node_new(struct server *server, int fd, const struct endpoint *from,
	      struct admission *admission)
{
	struct node *node = g_new0(struct node, 1);

	node->server = server;
	node->admission = admission;
	admission_on_evict(admission, on_evicted, node);
	endpoint_print(from, node->from);
	memcpy(node->challenge.fingerprint, server->certificate->fingerprint,
	       PROOF_FINGERPRINT_SIZE);
	node->websocket = websocket_new(fd, server->poller, server->timers, server->certificate,
					&websocket_events, node);
	node->outbox = outbox_new(node->websocket, on_caught_up, node);
	node->deadline.expired = deadline_passed;
	set_deadline(node, HELLO_S);
	g_hash_table_add(server->nodes, node);
}

void node_free(struct node *node)
{
	leave(node);
	g_hash_table_remove(node->server->nodes, node);
	websocket_close(node->websocket, WEBSOCKET_GOING_AWAY);
	outbox_free(node->outbox);
	websocket_free(node->websocket);
	admission_release(node->admission);
	g_free(node);
}
