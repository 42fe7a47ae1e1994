// SPDX-License-Identifier: GPL-2.0
#include "turn-client.h"

#include <err.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "lib/turn-attribute.h"

#define REQUEST_MAX 1024

/* What a request has besides its credentials. */
struct request {
	guint16 method;
	guint16 channel;
	const struct endpoint *peer;
	bool ends;
};

static gsize build(const struct turn_client *client, const struct request *request, guint8 *buf)
{
	guint8 id[STUN_TRANSACTION_ID_LEN];
	struct stun_builder b;

	randombytes_buf(id, sizeof(id));
	stun_begin(&b, buf, REQUEST_MAX, STUN_CLASS_REQUEST, request->method, id);
	if (request->method == STUN_METHOD_ALLOCATE)
		turn_add_transport(&b, TURN_TRANSPORT_UDP);
	if (request->channel)
		turn_add_channel_number(&b, request->channel);
	if (request->peer)
		stun_add_xor_address(&b, STUN_XOR_PEER_ADDRESS, request->peer);
	if (request->ends)
		turn_add_lifetime(&b, 0);
	if (client->nonce) {
		stun_add(&b, STUN_USERNAME, client->user, strlen(client->user));
		stun_add(&b, STUN_REALM, client->realm, strlen(client->realm));
		stun_add(&b, STUN_NONCE, client->nonce, strlen(client->nonce));
		stun_add_integrity(&b, client->key, sizeof(client->key));
	}
	return stun_end(&b);
}

static char *copy_text(const struct stun_message *answer, enum stun_type type)
{
	struct stun_attribute attr;

	if (!stun_find(answer, type, &attr))
		errx(EXIT_FAILURE, "the challenge of the server is incomplete");
	return g_strndup((const char *)attr.value, attr.len);
}

/* RFC 8489 section 9.2.2; servers accept MD5 when no algorithm is named. */
static void take_challenge(struct turn_client *client, const struct stun_message *answer)
{
	g_autoptr(GChecksum) md5 = g_checksum_new(G_CHECKSUM_MD5);
	g_autofree char *text = NULL;
	gsize len = sizeof(client->key);

	g_free(client->realm);
	g_free(client->nonce);
	client->realm = copy_text(answer, STUN_REALM);
	client->nonce = copy_text(answer, STUN_NONCE);
	text = g_strdup_printf("%s:%s:%s", client->user, client->realm, client->password);
	g_checksum_update(md5, (const guchar *)text, strlen(text));
	g_checksum_get_digest(md5, client->key, &len);
}

static void exchange(struct turn_client *client, const struct request *request, guint8 *buf,
		     struct stun_message *answer)
{
	gsize len = build(client, request, buf);
	ssize_t received;

	if (sendto(client->fd, buf, len, 0, &client->server.sa,
		   endpoint_socklen(&client->server)) < 0)
		err(EXIT_FAILURE, "cannot send to the TURN server");
	received = recv(client->fd, buf, REQUEST_MAX, 0);
	if (received < 0)
		err(EXIT_FAILURE, "the TURN server does not answer");
	if (stun_parse(answer, buf, received) != STUN_OK)
		errx(EXIT_FAILURE, "the TURN server answers something else than STUN");
}

/* @buf: room for REQUEST_MAX bytes, which @answer refers to */
static void ask(struct turn_client *client, const struct request *request, guint8 *buf,
		struct stun_message *answer)
{
	struct stun_attribute attr;
	const char *reason = "";
	gsize reason_len = 0;
	guint code = 0;

	exchange(client, request, buf, answer);
	if (answer->class == STUN_CLASS_ERROR) {
		take_challenge(client, answer);
		exchange(client, request, buf, answer);
	}
	if (answer->class == STUN_CLASS_SUCCESS)
		return;
	if (stun_find(answer, STUN_ERROR_CODE, &attr))
		stun_get_error(&attr, &code, &reason, &reason_len);
	errx(EXIT_FAILURE, "the TURN server refuses method %u: %u %.*s", request->method, code,
	     (int)reason_len, reason);
}

void turn_client_allocate(struct turn_client *client, struct endpoint *relayed)
{
	const struct request request = { .method = STUN_METHOD_ALLOCATE };
	struct stun_attribute attr;
	struct stun_message answer;
	guint8 buf[REQUEST_MAX];

	ask(client, &request, buf, &answer);
	if (!stun_find(&answer, STUN_XOR_RELAYED_ADDRESS, &attr) ||
	    !stun_get_xor_address(&answer, &attr, relayed))
		errx(EXIT_FAILURE, "the TURN server does not tell the relayed address");
}

void turn_client_bind(struct turn_client *client, guint16 number, const struct endpoint *peer)
{
	const struct request request = {
		.method = STUN_METHOD_CHANNEL_BIND,
		.channel = number,
		.peer = peer,
	};
	struct stun_message answer;
	guint8 buf[REQUEST_MAX];

	ask(client, &request, buf, &answer);
}

void turn_client_end(struct turn_client *client)
{
	const struct request request = { .method = STUN_METHOD_REFRESH, .ends = true };
	struct stun_message answer;
	guint8 buf[REQUEST_MAX];

	ask(client, &request, buf, &answer);
	g_free(client->realm);
	g_free(client->nonce);
}
