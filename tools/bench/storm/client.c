// SPDX-License-Identifier: GPL-2.0
/* A node as far as its server can tell: the connection, and when it is made again. */
#include "client.h"

#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/message.h"

/* As meshd does (ctrl/agent/server-link.c). */
#define CONNECT_TIMEOUT_US (15 * G_USEC_PER_SEC)
#define STABLE_US (10 * G_USEC_PER_SEC)
#define PING_INTERVAL_US (15 * G_USEC_PER_SEC)

/* Few enough to be guests of the server at a time, as if each lot were behind a NAT of its own. */
#define NODES_PER_SOURCE 32

#define RECORD_SIZE 16384

enum opcode { TEXT = 0x1, CLOSE = 0x8, PING = 0x9, PONG = 0xA };

static gnutls_certificate_credentials_t credentials;
static gnutls_priority_t priority;

void client_init(struct client *client, guint number, const struct joinstring *server, int poll)
{
	guint lot = number / NODES_PER_SOURCE;
	char source[ENDPOINT_STRLEN];

	if (!credentials && (gnutls_certificate_allocate_credentials(&credentials) < 0 ||
			     gnutls_priority_init(&priority, "NORMAL:-VERS-ALL:+VERS-TLS1.3", NULL) < 0))
		errx(EXIT_FAILURE, "no GnuTLS");
	*client = (struct client){ .server = server, .poll = poll, .fd = -1 };
	/* a network of its own for each, for the server counts those, too */
	g_snprintf(source, sizeof(source), "127.%u.%u.1:0", 1 + lot / 256, lot % 256);
	if (!endpoint_parse(source, &client->source, NULL))
		errx(EXIT_FAILURE, "%s is no endpoint", source);
	g_snprintf(client->hostname, sizeof(client->hostname), "n%u", number);
	key_generate(&client->private_key);
	key_derive_public(&client->private_key, &client->public_key);
	randombytes_buf(client->session, sizeof(client->session));
	client->out = g_byte_array_new();
	client->in = g_byte_array_new();
}

static void disconnect(struct client *client)
{
	if (client->tls)
		gnutls_deinit(client->tls);
	client->tls = NULL;
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
	g_byte_array_set_size(client->out, 0);
	g_byte_array_set_size(client->in, 0);
	client->left = 0;
	client->due_us = 0;
}

static void lose(struct client *client)
{
	bool was_connected = client->phase >= CLIENT_MAPLESS;
	gint64 now_us = g_get_monotonic_time();

	if (was_connected && now_us - client->connected_us >= STABLE_US)
		backoff_reset(&client->backoff);
	disconnect(client);
	client->phase = CLIENT_WAITING;
	client->due_us = now_us + 1000 * (gint64)backoff_next_within_ms(&client->backoff,
							       client->retry_window_ms);
}

static void watch(struct client *client, int operation)
{
	struct epoll_event event = {
		.events = EPOLLIN | (client->wants_to_write ? EPOLLOUT : 0),
		.data.ptr = client,
	};

	if (epoll_ctl(client->poll, operation, client->fd, &event) < 0)
		err(EXIT_FAILURE, "epoll");
}

static void want_to_write(struct client *client, bool wants)
{
	if (client->wants_to_write == wants)
		return;
	client->wants_to_write = wants;
	watch(client, EPOLL_CTL_MOD);
}

void client_connect(struct client *client)
{
	struct endpoint remote;
	int on = 1;

	client->attempts++;
	client->phase = CLIENT_CONNECTING;
	client->due_us = g_get_monotonic_time() + CONNECT_TIMEOUT_US;
	if (!endpoint_parse("127.0.0.1:0", &remote, NULL))
		errx(EXIT_FAILURE, "no endpoint");
	endpoint_set_port(&remote, client->server->port);
	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (client->fd < 0 ||
	    setsockopt(client->fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) < 0 ||
	    setsockopt(client->fd, SOL_TCP, TCP_NODELAY, &on, sizeof(on)) < 0 ||
	    bind(client->fd, &client->source.sa, endpoint_socklen(&client->source)) < 0)
		err(EXIT_FAILURE, "%s: no socket", client->hostname);
	if (connect(client->fd, &remote.sa, endpoint_socklen(&remote)) < 0 && errno != EINPROGRESS) {
		lose(client);
		return;
	}
	if (gnutls_init(&client->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0 ||
	    gnutls_priority_set(client->tls, priority) < 0 ||
	    gnutls_credentials_set(client->tls, GNUTLS_CRD_CERTIFICATE, credentials) < 0)
		errx(EXIT_FAILURE, "no TLS");
	gnutls_transport_set_int(client->tls, client->fd);
	client->wants_to_write = true;
	watch(client, EPOLL_CTL_ADD);
}

/* Sending */

static void flush(struct client *client)
{
	while (client->out->len > 0) {
		ssize_t n = gnutls_record_send(client->tls, client->out->data,
					       MIN(client->out->len, RECORD_SIZE));

		if (n < 0 && gnutls_error_is_fatal(n)) {
			lose(client);
			return;
		}
		if (n < 0)
			break;
		g_byte_array_remove_range(client->out, 0, n);
	}
	want_to_write(client, client->out->len > 0);
}

/* Masked with zeros, which is a mask as good as any for a server that is tried (RFC 6455). */
static void send_frame(struct client *client, enum opcode opcode, const void *payload, gsize size)
{
	guint8 header[8] = { 0x80 | opcode, 0x80 | MIN(size, 126), size >> 8, size & 0xff };

	g_byte_array_append(client->out, header, size < 126 ? 2 : 4);
	g_byte_array_append(client->out, (const guint8 *)"\0\0\0", 4);
	g_byte_array_append(client->out, payload, size);
	flush(client);
}

static void ask_for_websocket(struct client *client)
{
	static const char request[] =
		"GET /v1/node HTTP/1.1\r\nHost: mesh-server\r\nConnection: Upgrade\r\n"
		"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n";

	client->phase = CLIENT_UPGRADING;
	g_byte_array_append(client->out, (const guint8 *)request, strlen(request));
	flush(client);
}

static void say_hello(struct client *client, const struct proof_challenge *challenge)
{
	g_autoptr(JsonObject) hello = message_new("hello");
	g_autofree char *text = NULL;
	guint8 proof[PROOF_SIZE];
	gsize size;

	if (!proof_make(challenge, &client->private_key, proof, NULL))
		errx(EXIT_FAILURE, "%s: no proof", client->hostname);
	json_object_set_int_member(hello, "version", 1);
	message_set_binary(hello, "public_key", client->public_key.bytes, KEY_SIZE);
	message_set_binary(hello, "proof", proof, sizeof(proof));
	message_set_binary(hello, "session", client->session, sizeof(client->session));
	json_object_set_string_member(hello, "hostname", client->hostname);
	if (!client->joined_before)
		json_object_set_string_member(hello, "setup_key", client->server->setup_key);
	text = message_serialise(hello, &size);
	send_frame(client, TEXT, text, size);
}

/* Receiving */

static void on_challenge(struct client *client, JsonObject *message)
{
	struct proof_challenge challenge;
	const gnutls_datum_t *der = gnutls_certificate_get_peers(client->tls, NULL);

	if (!der ||
	    !message_get_binary(message, "nonce", challenge.nonce, PROOF_NONCE_SIZE, NULL) ||
	    !message_get_binary(message, "public_key", challenge.server_key.bytes, KEY_SIZE, NULL))
		errx(EXIT_FAILURE, "%s: no challenge", client->hostname);
	crypto_hash_sha256(challenge.fingerprint, der->data, der->size);
	say_hello(client, &challenge);
}

/* Servers of before name none. It is in front of what makes messages long. */
static void take_retry_window(struct client *client, const char *text)
{
	static const char member[] = "\"retry_window_ms\":";
	const char *found = strstr(text, member);

	if (found)
		client->retry_window_ms = g_ascii_strtoull(found + strlen(member), NULL, 10);
}

static void on_welcome(struct client *client)
{
	client->phase = CLIENT_MAPLESS;
	client->connected_us = g_get_monotonic_time();
	client->ping_us = client->connected_us + PING_INTERVAL_US;
	client->due_us = 0;
	client->joined_before = true;
}

static void on_message(struct client *client, const char *text, gsize size)
{
	g_autoptr(JsonObject) message = NULL;
	g_autoptr(GError) error = NULL;
	const char *type;

	take_retry_window(client, text);

	/* these are not looked at: the client would be busier than the server */
	if (g_str_has_prefix(text, "{\"type\":\"signal\""))
		return;
	client->heard_us = g_get_monotonic_time();
	if (g_str_has_prefix(text, "{\"type\":\"map-delta\""))
		return;
	if (g_str_has_prefix(text, "{\"type\":\"map\"")) {
		if (client->phase == CLIENT_MAPLESS)
			client->phase = CLIENT_JOINED;
		return;
	}
	message = message_parse(text, size, CLIENT_MAX_MESSAGE, "type", &error);
	if (!message)
		errx(EXIT_FAILURE, "%s: %s", client->hostname, error->message);
	type = json_object_get_string_member(message, "type");
	if (strcmp(type, "challenge") == 0) {
		on_challenge(client, message);
	} else if (strcmp(type, "welcome") == 0) {
		on_welcome(client);
	} else if (strcmp(type, "error") == 0) {
		g_strlcpy(client->refusal, json_object_get_string_member(message, "message"),
			  sizeof(client->refusal));
		lose(client);
	} else {
		errx(EXIT_FAILURE, "%s: \"%s\" was not expected", client->hostname, type);
	}
}

static void on_frame(struct client *client)
{
	g_autoptr(GByteArray) payload = g_steal_pointer(&client->in);

	client->in = g_byte_array_new();
	if (client->opcode == PING) {
		send_frame(client, PONG, payload->data, payload->len);
	} else if (client->opcode == CLOSE) {
		lose(client);
	} else if (client->opcode == TEXT) {
		g_byte_array_append(payload, (const guint8 *)"", 1);
		on_message(client, (const char *)payload->data, payload->len - 1);
	}
}

/* Return: how much of @data belongs to the header of a frame, which counts once it is whole. */
static gsize take_header(struct client *client, const guint8 *data, gsize size)
{
	GByteArray *in = client->in;
	gsize before = in->len, header;

	g_byte_array_append(in, data, MIN(size, 10 - before));
	header = in->len < 2 ? 2 : (in->data[1] & 0x7f) == 127 ? 10 : (in->data[1] & 0x7f) == 126 ? 4 : 2;
	if (in->len < header)
		return in->len - before;
	client->opcode = in->data[0] & 0xf;
	client->left = header == 2 ? in->data[1] & 0x7f : 0;
	for (gsize i = 2; i < header; i++)
		client->left = client->left << 8 | in->data[i];
	g_byte_array_set_size(in, 0);
	if (client->left == 0)
		on_frame(client);
	return header - before;
}

static gsize take_payload(struct client *client, const guint8 *data, gsize size)
{
	gsize taken = MIN(size, client->left);
	gsize room = CLIENT_MAX_MESSAGE - client->in->len;

	g_byte_array_append(client->in, data, MIN(taken, room));
	client->left -= taken;
	if (client->left == 0)
		on_frame(client);
	return taken;
}

static gsize take_head(struct client *client, const guint8 *data, gsize size)
{
	gsize before = client->in->len;
	const guint8 *end;
	gsize taken;

	g_byte_array_append(client->in, data, size);
	end = memmem(client->in->data, client->in->len, "\r\n\r\n", 4);
	if (!end)
		return size;
	taken = end + 4 - client->in->data - before;
	if (!g_str_has_prefix((const char *)client->in->data, "HTTP/1.1 101 "))
		errx(EXIT_FAILURE, "%s: no WebSocket", client->hostname);
	g_byte_array_set_size(client->in, 0);
	client->phase = CLIENT_GREETING;
	return taken;
}

static void take(struct client *client, const guint8 *data, gsize size)
{
	client->received += size;
	while (size > 0 && client->phase >= CLIENT_UPGRADING) {
		gsize taken;

		if (client->phase == CLIENT_UPGRADING)
			taken = take_head(client, data, size);
		else if (client->left == 0)
			taken = take_header(client, data, size);
		else
			taken = take_payload(client, data, size);
		data += taken;
		size -= taken;
	}
}

static void receive(struct client *client)
{
	guint8 record[RECORD_SIZE];

	while (client->phase >= CLIENT_UPGRADING) {
		ssize_t n = gnutls_record_recv(client->tls, record, sizeof(record));

		if (n > 0)
			take(client, record, n);
		else if (n == 0 || gnutls_error_is_fatal(n))
			lose(client);
		else
			return;
	}
}

static void shake_hands(struct client *client)
{
	int rc = gnutls_handshake(client->tls);

	if (rc == GNUTLS_E_SUCCESS)
		ask_for_websocket(client);
	else if (gnutls_error_is_fatal(rc))
		lose(client);
	else
		want_to_write(client, gnutls_record_get_direction(client->tls));
}

void client_ready(struct client *client)
{
	if (client->phase == CLIENT_CONNECTING) {
		shake_hands(client);
	} else if (client->phase > CLIENT_CONNECTING) {
		flush(client);
		receive(client);
	}
}

void client_look(struct client *client, gint64 now_us)
{
	if (client->due_us && now_us >= client->due_us) {
		if (client->phase == CLIENT_WAITING)
			client_connect(client);
		else
			lose(client);
	}
	if (client->phase == CLIENT_JOINED && now_us >= client->ping_us) {
		client->ping_us += PING_INTERVAL_US;
		send_frame(client, PING, NULL, 0);
	}
}

void client_leave(struct client *client)
{
	disconnect(client);
	client->phase = CLIENT_AWAY;
}

void client_restart(struct client *client)
{
	client_leave(client);
	randombytes_buf(client->session, sizeof(client->session));
}
