// SPDX-License-Identifier: GPL-2.0
/* The connection to mesh-server: made, proved, kept alive, and made again whenever it is lost. */
#include "server-link.h"

#include <libsoup/soup.h>
#include <sodium.h>
#include <string.h>

#include "backoff.h"
#include "lib/log.h"
#include "lib/message.h"
#include "lib/network-tag.h"
#include "lib/proof.h"

#define CONNECT_TIMEOUT_MS 15000

/* docs/protocol.md section 2.4 */
#define PING_INTERVAL_S 15
#define SILENCE_MS 45000

/* A server that lets us in and throws us out at once is not to be asked every second. */
#define STABLE_US (10 * G_USEC_PER_SEC)

/*
 * The same key has connected so often that it was no restart of ours: another machine has it, too,
 * and each throws the other out. Who is left alone for so long is alone.
 */
#define REPLACED_MANY 3
#define ALONE_US (15 * 60 * G_USEC_PER_SEC)

/* After a change of the network a connection that works answers within this time. */
#define PROBE_MS 5000

/*
 * A server names a window in which to come back to it, so that not all do at once. It is to serve
 * the whole network in it: 10 000 nodes, 10 ms each.
 */
#define MAX_RETRY_WINDOW_MS 100000

/* Less than the server allows (docs/protocol.md section 1). */
static const struct ratelimit_rule send_rule = { .interval_us = 6667, .burst = 1500 };
#define MAX_QUEUED 20000

/* The server takes it for granted that these are not tried again (docs/protocol.md section 2.3). */
static const char *const final_codes[] = {
	"setup-key-required", "setup-key-unknown", "setup-key-expired", "setup-key-revoked",
	"setup-key-used", "removed", NULL,
};

enum phase {
	PHASE_WAITING,		/* for the next attempt */
	PHASE_CONNECTING,
	PHASE_CHALLENGE,	/* expected */
	PHASE_WELCOME,		/* expected */
	PHASE_CONNECTED,
	PHASE_REFUSED,		/* for good */
};

/**
 * struct server_link - the connection
 * @url: of the server, for people
 * @request_url: the one asked for
 * @session: of libsoup
 * @websocket: NULL unless there is one
 * @upgrade: the HTTP request of the attempt being made
 * @cancel: cancels @upgrade
 * @timer: next attempt, or end of patience
 * @connected_us: when the server let us in last
 * @retry_window_ms: in which to come back to the server when it is lost; 0: at once
 * @replaced: how often in a row the same key threw us out
 * @remote: the endpoint of the server that was reached last
 * @queue: messages as text (GBytes) that may not go out yet
 * @drain: GLib source that sends what is in @queue
 * @limit: of what goes out
 * @certificate: SHA-256 of what the server presented
 * (the others: see struct server_link_settings)
 */
struct server_link {
	char *url;
	char *request_url;
	bool pinned;
	guint8 fingerprint[JOINSTRING_FINGERPRINT_SIZE];
	struct key private_key;
	struct key public_key;
	struct seal_session session_id;
	char *hostname;
	char *setup_key;
	const struct server_link_events *events;
	void *data;

	SoupSession *session;
	SoupWebsocketConnection *websocket;
	SoupMessage *upgrade;
	GCancellable *cancel;
	enum phase phase;
	guint timer;
	struct backoff backoff;
	gint64 connected_us;
	guint retry_window_ms;
	guint replaced;
	struct endpoint remote;
	GQueue queue;
	guint drain;
	struct ratelimit limit;
	guint8 certificate[PROOF_FINGERPRINT_SIZE];
	char *error;
};

static void connect_now(struct server_link *link);
static void lose(struct server_link *link, const char *why);

static gboolean on_timer(void *data)
{
	struct server_link *link = data;

	link->timer = 0;
	if (link->phase == PHASE_WAITING)
		connect_now(link);
	else
		lose(link, "the server does not answer");
	return G_SOURCE_REMOVE;
}

static void set_timer(struct server_link *link, guint delay_ms)
{
	g_clear_handle_id(&link->timer, g_source_remove);
	link->timer = g_timeout_add(delay_ms, on_timer, link);
}

/* Sending */

static gboolean on_drain(void *data);

/* One that either side has begun to close takes nothing more; on_closed() follows. */
static bool is_open(const struct server_link *link)
{
	return soup_websocket_connection_get_state(link->websocket) == SOUP_WEBSOCKET_STATE_OPEN;
}

static void drain(struct server_link *link)
{
	while (!g_queue_is_empty(&link->queue) && is_open(link)) {
		g_autoptr(GBytes) text = NULL;

		if (!ratelimit_allow(&link->limit, &send_rule, g_get_monotonic_time())) {
			if (!link->drain)
				link->drain = g_timeout_add(send_rule.interval_us / 1000 + 1,
							    on_drain, link);
			return;
		}
		text = g_queue_pop_head(&link->queue);
		soup_websocket_connection_send_message(link->websocket, SOUP_WEBSOCKET_DATA_TEXT,
						       text);
	}
}

static gboolean on_drain(void *data)
{
	struct server_link *link = data;

	link->drain = 0;
	drain(link);
	return G_SOURCE_REMOVE;
}

static void enqueue(struct server_link *link, JsonObject *message)
{
	gsize size;
	char *text = message_serialise(message, &size);

	g_queue_push_tail(&link->queue, g_bytes_new_take(text, size));
	drain(link);
}

void server_link_send(struct server_link *link, JsonObject *message)
{
	if (link->phase == PHASE_CONNECTED && link->queue.length < MAX_QUEUED)
		enqueue(link, message);
	json_object_unref(message);
}

/* Losing */

static void disconnect(struct server_link *link)
{
	g_clear_handle_id(&link->timer, g_source_remove);
	g_clear_handle_id(&link->drain, g_source_remove);
	g_queue_clear_full(&link->queue, (GDestroyNotify)g_bytes_unref);
	if (link->cancel) {
		g_signal_handlers_disconnect_by_data(link->upgrade, link);
		g_cancellable_cancel(link->cancel);
	}
	g_clear_object(&link->upgrade);
	g_clear_object(&link->cancel);
	if (link->websocket) {
		g_signal_handlers_disconnect_by_data(link->websocket, link);
		if (is_open(link))
			soup_websocket_connection_close(link->websocket,
							SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
		g_clear_object(&link->websocket);
	}
	soup_session_abort(link->session);
}

/* Two machines with one key are to throw each other out less and less often. */
static void judge_connection(struct server_link *link)
{
	gint64 lasted_us = g_get_monotonic_time() - link->connected_us;

	if (link->phase != PHASE_CONNECTED)
		return;
	if (lasted_us >= ALONE_US)
		link->replaced = 0;
	if (lasted_us >= STABLE_US && !link->replaced)
		backoff_reset(&link->backoff);
}

static void lose(struct server_link *link, const char *why)
{
	g_autofree char *reason = g_strdup(why);
	guint delay_ms;

	judge_connection(link);
	delay_ms = backoff_next_within_ms(&link->backoff, link->retry_window_ms);
	disconnect(link);
	link->phase = PHASE_WAITING;
	set_timer(link, delay_ms);
	if (g_strcmp0(link->error, reason) != 0)
		log_warning("server %s: %s", link->url, reason);
	g_free(link->error);
	link->error = g_steal_pointer(&reason);
	link->events->lost(link->error, link->data);
}

/* Receiving */

/* A server of before tells its network only to its members. */
static bool parse_challenge(JsonObject *message, struct proof_challenge *challenge,
			    const char **network, GError **error)
{
	gint64 version;

	if (!message_get_int(message, "version", PROTOCOL_VERSION, PROTOCOL_VERSION, &version,
			     error) ||
	    !message_get_binary(message, "nonce", challenge->nonce, PROOF_NONCE_SIZE, error) ||
	    !message_get_binary(message, "public_key", &challenge->server_key, KEY_SIZE, error))
		return false;
	*network = NULL;
	if (!message_has(message, "network"))
		return true;
	*network = message_get_string(message, "network", NETWORK_TAG_LEN, NETWORK_TAG_LEN, error);
	return *network;
}

static bool on_challenge(struct server_link *link, JsonObject *message, GError **error)
{
	struct proof_challenge challenge;
	g_autoptr(JsonObject) hello = NULL;
	g_autoptr(GError) refusal = NULL;
	guint8 proof[PROOF_SIZE];
	const char *network;

	if (!parse_challenge(message, &challenge, &network, error))
		return false;
	if (network && !link->events->may_enter(network, link->data, &refusal)) {
		lose(link, refusal->message);
		return true;
	}
	memcpy(challenge.fingerprint, link->certificate, PROOF_FINGERPRINT_SIZE);
	if (!proof_make(&challenge, &link->private_key, proof, error))
		return false;

	hello = message_new("hello");
	json_object_set_int_member(hello, "version", PROTOCOL_VERSION);
	message_set_binary(hello, "public_key", &link->public_key, KEY_SIZE);
	message_set_binary(hello, "proof", proof, sizeof(proof));
	message_set_binary(hello, "session", &link->session_id, SEAL_SESSION_SIZE);
	json_object_set_string_member(hello, "hostname", link->hostname);
	if (link->setup_key)
		json_object_set_string_member(hello, "setup_key", link->setup_key);
	enqueue(link, hello);
	link->phase = PHASE_WELCOME;
	return true;
}

/* A server of before does not name one. What is too long is cut off. */
static bool take_retry_window(struct server_link *link, JsonObject *message, GError **error)
{
	gint64 window_ms;

	if (!message_has(message, "retry_window_ms"))
		return true;
	if (!message_get_int(message, "retry_window_ms", 0, G_MAXINT64, &window_ms, error))
		return false;
	link->retry_window_ms = MIN(window_ms, MAX_RETRY_WINDOW_MS);
	return true;
}

static bool on_welcome(struct server_link *link, JsonObject *message, GError **error)
{
	link->phase = PHASE_CONNECTED;
	link->connected_us = g_get_monotonic_time();
	g_clear_pointer(&link->error, g_free);
	if (link->setup_key)
		sodium_memzero(link->setup_key, strlen(link->setup_key));
	g_clear_pointer(&link->setup_key, g_free);
	log_info("server %s: connected", link->url);
	link->retry_window_ms = 0;
	return take_retry_window(link, message, error) &&
	       link->events->welcome(message, link->data, error);
}

static bool on_error(struct server_link *link, JsonObject *message, GError **error)
{
	const char *code = message_get_string(message, "code", 1, MESSAGE_MAX_NAME, error);
	const char *text = code ? message_get_string(message, "message", 0, 4096, error) : NULL;

	if (!text)
		return false;
	if (strcmp(code, "replaced") == 0 && ++link->replaced == REPLACED_MANY)
		log_error("server %s: another machine goes on connecting with the key of this "
			  "node", link->url);
	if (!g_strv_contains(final_codes, code)) {
		lose(link, text);
		return true;
	}
	disconnect(link);
	link->phase = PHASE_REFUSED;
	g_free(link->error);
	link->error = g_strdup(text);
	log_error("server %s: %s", link->url, text);
	link->events->refused(code, link->error, link->data);
	return true;
}

static bool unexpected(const char *type, GError **error)
{
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "'%s' was not expected now", type);
	return false;
}

static bool on_message(struct server_link *link, JsonObject *message, GError **error)
{
	const char *type = json_object_get_string_member(message, "type");

	if (strcmp(type, "error") == 0)
		return on_error(link, message, error);
	switch (link->phase) {
	case PHASE_CHALLENGE:
		return strcmp(type, "challenge") == 0 ? on_challenge(link, message, error) :
							unexpected(type, error);
	case PHASE_WELCOME:
		return strcmp(type, "welcome") == 0 ? on_welcome(link, message, error) :
						      unexpected(type, error);
	case PHASE_CONNECTED:
		return take_retry_window(link, message, error) &&
		       link->events->message(message, link->data, error);
	default:
		return true;
	}
}

static void on_frame(G_GNUC_UNUSED SoupWebsocketConnection *websocket, SoupWebsocketDataType type,
		     GBytes *bytes, struct server_link *link)
{
	g_autoptr(JsonObject) message = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *why = NULL;
	const char *text;
	gsize size;

	text = g_bytes_get_data(bytes, &size);
	if (type == SOUP_WEBSOCKET_DATA_TEXT)
		message = message_parse(text ? text : "", size, MESSAGE_MAX_FROM_SERVER, "type",
					&error);
	else
		unexpected("a binary frame", &error);
	if (link->phase == PHASE_CONNECTED)
		set_timer(link, SILENCE_MS);
	if (message && on_message(link, message, &error)) {
		if (link->phase == PHASE_CONNECTED)
			set_timer(link, SILENCE_MS);
		return;
	}
	why = g_strdup_printf("the server sends nonsense: %s", error->message);
	lose(link, why);
}

static void on_pong(G_GNUC_UNUSED SoupWebsocketConnection *websocket,
		    G_GNUC_UNUSED GBytes *bytes, struct server_link *link)
{
	if (link->phase == PHASE_CONNECTED)
		set_timer(link, SILENCE_MS);
}

static void on_closed(G_GNUC_UNUSED SoupWebsocketConnection *websocket, struct server_link *link)
{
	lose(link, "the server closed the connection");
}

static void on_websocket_error(G_GNUC_UNUSED SoupWebsocketConnection *websocket, GError *error,
			       struct server_link *link)
{
	lose(link, error->message);
}

/* Connecting */

static bool take_fingerprint(GTlsCertificate *certificate, guint8 *fingerprint)
{
	g_autoptr(GByteArray) der = NULL;

	if (certificate)
		g_object_get(certificate, "certificate", &der, NULL);
	if (!der)
		return false;
	crypto_hash_sha256(fingerprint, der->data, der->len);
	return true;
}

static bool is_accepted(const struct server_link *link, GTlsCertificate *certificate)
{
	guint8 fingerprint[JOINSTRING_FINGERPRINT_SIZE];

	return take_fingerprint(certificate, fingerprint) &&
	       memcmp(fingerprint, link->fingerprint, sizeof(fingerprint)) == 0;
}

/* Called for a certificate that the system's authorities do not vouch for. */
static gboolean on_certificate(G_GNUC_UNUSED SoupMessage *message, GTlsCertificate *certificate,
			       G_GNUC_UNUSED GTlsCertificateFlags errors, struct server_link *link)
{
	return link->pinned && is_accepted(link, certificate);
}

/* One that they do vouch for is not good enough when another one is pinned. */
static bool check_certificate(struct server_link *link, SoupMessage *message)
{
	GTlsCertificate *certificate = soup_message_get_tls_peer_certificate(message);

	if (!take_fingerprint(certificate, link->certificate))
		return false;
	return !link->pinned || is_accepted(link, certificate);
}

static const char *explain(const struct server_link *link, const GError *error)
{
	if (!g_error_matches(error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
		return error->message;
	return link->pinned ? "its certificate is not the one of the join string. Is this the "
			      "right server? Get a new join string from its operator" :
			      "its certificate is not trusted by this system; use a join string "
			      "with a fingerprint, or install the authority of the certificate";
}

static void listen_to(struct server_link *link, SoupWebsocketConnection *websocket)
{
	link->websocket = websocket;
	soup_websocket_connection_set_max_incoming_payload_size(websocket,
								MESSAGE_MAX_FROM_SERVER);
	soup_websocket_connection_set_keepalive_interval(websocket, PING_INTERVAL_S);
	g_signal_connect(websocket, "message", G_CALLBACK(on_frame), link);
	g_signal_connect(websocket, "pong", G_CALLBACK(on_pong), link);
	g_signal_connect(websocket, "closed", G_CALLBACK(on_closed), link);
	g_signal_connect(websocket, "error", G_CALLBACK(on_websocket_error), link);
	link->phase = PHASE_CHALLENGE;
}

typedef struct attempt {
	struct server_link *link;
	SoupMessage *message;
	GCancellable *cancel;
} attempt;

static void attempt_free(struct attempt *attempt)
{
	g_object_unref(attempt->message);
	g_object_unref(attempt->cancel);
	g_free(attempt);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(attempt, attempt_free)

static void note_remote(struct server_link *link, SoupMessage *upgrade)
{
	GSocketAddress *address = soup_message_get_remote_address(upgrade);

	if (address && endpoint_from_gsocket_address(&link->remote, address, NULL))
		endpoint_canonicalise(&link->remote);
}

static void on_connected(GObject *session, GAsyncResult *result, void *data)
{
	g_autoptr(attempt) attempt = data;
	g_autoptr(GError) error = NULL;
	g_autoptr(SoupWebsocketConnection) websocket =
		soup_session_websocket_connect_finish(SOUP_SESSION(session), result, &error);
	struct server_link *link = attempt->link;

	/* given up, and perhaps freed, in the meantime */
	if (g_cancellable_is_cancelled(attempt->cancel))
		return;
	g_clear_object(&link->upgrade);
	g_clear_object(&link->cancel);
	if (!websocket) {
		lose(link, explain(link, error));
	} else if (!check_certificate(link, attempt->message)) {
		lose(link, "its certificate is not the one of the join string");
	} else {
		note_remote(link, attempt->message);
		listen_to(link, g_steal_pointer(&websocket));
	}
}

static void connect_now(struct server_link *link)
{
	struct attempt *attempt = g_new0(struct attempt, 1);

	link->phase = PHASE_CONNECTING;
	link->upgrade = soup_message_new(SOUP_METHOD_GET, link->request_url);
	link->cancel = g_cancellable_new();
	link->limit = (struct ratelimit){};
	attempt->link = link;
	attempt->message = g_object_ref(link->upgrade);
	attempt->cancel = g_object_ref(link->cancel);
	g_signal_connect(link->upgrade, "accept-certificate", G_CALLBACK(on_certificate), link);
	set_timer(link, CONNECT_TIMEOUT_MS);
	soup_session_websocket_connect_async(link->session, link->upgrade, NULL, NULL,
					     G_PRIORITY_DEFAULT, link->cancel, on_connected,
					     attempt);
}

struct server_link *server_link_new(const struct server_link_settings *settings,
				    const struct server_link_events *events, void *data)
{
	struct server_link *link = g_new0(struct server_link, 1);
	g_autoptr(GSocketAddress) remote = NULL;
	bool v6 = strchr(settings->host, ':');

	link->url = g_strdup_printf(v6 ? "wss://[%s]:%u/v1/node" : "wss://%s:%u/v1/node",
				    settings->host, settings->port);
	link->request_url = g_strdup(link->url);
	link->pinned = settings->fingerprint;
	if (link->pinned)
		memcpy(link->fingerprint, settings->fingerprint, sizeof(link->fingerprint));
	key_guard(&link->private_key);
	link->private_key = *settings->private_key;
	key_derive_public(&link->private_key, &link->public_key);
	link->session_id = *settings->session;
	link->hostname = g_strdup(settings->hostname);
	link->setup_key = g_strdup(settings->setup_key);
	link->events = events;
	link->data = data;
	g_queue_init(&link->queue);

	/*
	 * GIO would name an IPv6 address to the server as if it were a host name, which RFC 6066
	 * section 3 does not allow and GnuTLS refuses. With a pinned certificate any name will do.
	 */
	if (v6 && link->pinned) {
		g_free(link->request_url);
		link->request_url = g_strdup_printf("wss://mesh-server:%u/v1/node", settings->port);
		remote = g_inet_socket_address_new_from_string(settings->host, settings->port);
	}

	/* no proxy of the environment, and no limit on idle connections: we have our own */
	link->session = soup_session_new_with_options("proxy-resolver", NULL, "timeout", 0,
						      "idle-timeout", 0, "remote-connectable",
						      remote, NULL);

	/* nobody but us judges a pinned certificate, and reading all authorities takes a while */
	if (link->pinned)
		soup_session_set_tls_database(link->session, NULL);
	connect_now(link);
	return link;
}

void server_link_free(struct server_link *link)
{
	if (!link)
		return;
	disconnect(link);
	g_object_unref(link->session);
	key_wipe(&link->private_key);
	if (link->setup_key)
		sodium_memzero(link->setup_key, strlen(link->setup_key));
	g_free(link->setup_key);
	g_free(link->hostname);
	g_free(link->url);
	g_free(link->request_url);
	g_free(link->error);
	g_free(link);
}

void server_link_network_changed(struct server_link *link, bool gone)
{
	switch (link->phase) {
	case PHASE_CONNECTED:
		if (gone) {
			lose(link, "the network changed");
			break;
		}
		server_link_send(link, message_new("get-map"));
		set_timer(link, PROBE_MS);
		return;
	case PHASE_CONNECTING:
	case PHASE_CHALLENGE:
	case PHASE_WELCOME:
		disconnect(link);
		break;
	case PHASE_WAITING:
		break;
	case PHASE_REFUSED:
		return;
	}
	backoff_reset(&link->backoff);
	g_clear_handle_id(&link->timer, g_source_remove);
	connect_now(link);
}

bool server_link_is_connected(const struct server_link *link)
{
	return link->phase == PHASE_CONNECTED;
}

const char *server_link_error(const struct server_link *link)
{
	return link->error;
}

bool server_link_is_cloned(const struct server_link *link)
{
	bool alone = link->phase == PHASE_CONNECTED &&
		     g_get_monotonic_time() - link->connected_us >= ALONE_US;

	return link->replaced >= REPLACED_MANY && !alone;
}

const char *server_link_url(const struct server_link *link)
{
	return link->url;
}

const struct endpoint *server_link_remote(const struct server_link *link)
{
	return &link->remote;
}
