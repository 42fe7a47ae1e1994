// SPDX-License-Identifier: GPL-2.0
/* The HTTP request that opens a WebSocket, and the answer to it. */
#include "upgrade.h"

#include <string.h>

#include "lib/message.h"

/* RFC 6455 section 1.3 */
static const char websocket_guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

#define WEBSOCKET_KEY_SIZE 16

/* The headers that matter, of all that were sent. A header that comes twice is joined by a comma. */
struct request {
	GString *connection;
	GString *upgrade;
	GString *version;
	GString *key;
	bool has_host;
	bool has_body;
};

gsize upgrade_head_size(const guint8 *data, gsize size)
{
	const guint8 *end = memmem(data, size, "\r\n\r\n", 4);

	return end ? (gsize)(end - data) + 4 : 0;
}

static char *respond(const char *status, const char *headers, const char *text)
{
	return g_strdup_printf("HTTP/1.1 %s\r\n%sContent-Type: text/plain\r\nContent-Length: %zu\r\n"
			       "Connection: close\r\n\r\n%s\n",
			       status, headers, strlen(text) + 1, text);
}

static void append_value(GString *to, const char *value)
{
	if (to->len > 0)
		g_string_append_c(to, ',');
	g_string_append(to, value);
}

static void take_header(struct request *request, const char *name, const char *value)
{
	const struct {
		const char *name;
		GString *to;
	} kept[] = {
		{ "connection", request->connection },
		{ "upgrade", request->upgrade },
		{ "sec-websocket-version", request->version },
		{ "sec-websocket-key", request->key },
	};

	for (guint i = 0; i < G_N_ELEMENTS(kept); i++) {
		if (g_ascii_strcasecmp(name, kept[i].name) == 0)
			append_value(kept[i].to, value);
	}
	if (g_ascii_strcasecmp(name, "host") == 0)
		request->has_host = true;
	if (g_ascii_strcasecmp(name, "transfer-encoding") == 0 ||
	    (g_ascii_strcasecmp(name, "content-length") == 0 && strcmp(value, "0") != 0))
		request->has_body = true;
}

/* RFC 9112 section 5; a line that goes on in the next one is refused there too. */
static bool take_header_line(struct request *request, char *line)
{
	char *colon = strchr(line, ':');

	if (!colon || colon == line || strpbrk(line, "\r\n") ||
	    strcspn(line, " \t") < (gsize)(colon - line))
		return false;
	*colon = '\0';
	take_header(request, line, g_strstrip(colon + 1));
	return true;
}

static bool has_token(const char *list, const char *token)
{
	g_auto(GStrv) items = g_strsplit(list, ",", -1);

	for (char **item = items; *item; item++) {
		if (g_ascii_strcasecmp(g_strstrip(*item), token) == 0)
			return true;
	}
	return false;
}

static char *accept_websocket(const char *key)
{
	g_autoptr(GChecksum) sha1 = g_checksum_new(G_CHECKSUM_SHA1);
	g_autofree char *accept = NULL;
	guint8 digest[20];
	gsize size = sizeof(digest);

	g_checksum_update(sha1, (const guint8 *)key, -1);
	g_checksum_update(sha1, (const guint8 *)websocket_guid, -1);
	g_checksum_get_digest(sha1, digest, &size);
	accept = g_base64_encode(digest, size);
	return g_strdup_printf("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
			       "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
			       accept);
}

static char *answer_request(const struct request *request, bool *upgraded)
{
	guint8 key[WEBSOCKET_KEY_SIZE];

	if (!request->has_host || request->has_body)
		return respond("400 Bad Request", "", "a Host is expected, and no body");
	if (!has_token(request->connection->str, "upgrade") ||
	    !has_token(request->upgrade->str, "websocket"))
		return respond("426 Upgrade Required", "Upgrade: websocket\r\n",
			       "this is a mesh-server; nodes connect to it with a WebSocket");
	if (strcmp(request->version->str, "13") != 0)
		return respond("426 Upgrade Required", "Sec-WebSocket-Version: 13\r\n",
			       "this version of WebSocket is not supported");
	if (!message_decode_base64(request->key->str, key, sizeof(key)))
		return respond("400 Bad Request", "", "Sec-WebSocket-Key has to be 16 bytes");
	*upgraded = true;
	return accept_websocket(request->key->str);
}

static char *answer_lines(char **lines, const char *path, struct request *request, bool *upgraded)
{
	g_auto(GStrv) words = g_strsplit(lines[0], " ", 4);

	if (g_strv_length(words) != 3 || strcmp(words[2], "HTTP/1.1") != 0)
		return respond("400 Bad Request", "", "HTTP/1.1 is expected");
	if (strcmp(words[1], path) != 0)
		return respond("404 Not Found", "", "there is nothing here");
	if (strcmp(words[0], "GET") != 0)
		return respond("405 Method Not Allowed", "Allow: GET\r\n", "GET is expected");
	for (char **line = lines + 1; *line; line++) {
		if (!take_header_line(request, *line))
			return respond("400 Bad Request", "", "a header is malformed");
	}
	return answer_request(request, upgraded);
}

char *upgrade_answer(const guint8 *head, gsize size, const char *path, bool *upgraded)
{
	/* without the empty line at its end */
	g_autofree char *text = g_strndup((const char *)head, size - strlen("\r\n\r\n"));
	g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);
	struct request request = {
		.connection = g_string_new(NULL),
		.upgrade = g_string_new(NULL),
		.version = g_string_new(NULL),
		.key = g_string_new(NULL),
	};
	char *answer;

	*upgraded = false;
	if (memchr(head, '\0', size))
		answer = respond("400 Bad Request", "", "a zero byte does not belong here");
	else
		answer = answer_lines(lines, path, &request, upgraded);
	g_string_free(request.connection, TRUE);
	g_string_free(request.upgrade, TRUE);
	g_string_free(request.version, TRUE);
	g_string_free(request.key, TRUE);
	return answer;
}

char *upgrade_too_large(void)
{
	return respond("431 Request Header Fields Too Large", "", "the request is too large");
}
