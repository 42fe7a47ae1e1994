// SPDX-License-Identifier: GPL-2.0
/* Reading and writing join strings. */
#include "joinstring.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <sodium.h>
#include <string.h>

static const char scheme[] = "mesh://";

static bool bad(GError **error, const char *why)
{
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s", why);
	return false;
}

static bool bad_join(GError **error, const char *why)
{
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
		    "not a join string: %s; expected: mesh://HOST:PORT/SETUPKEY/FINGERPRINT, as "
		    "mesh-server prints it for a new setup key",
		    why);
	return false;
}

/* RFC 1123 section 2.1: labels of letters, digits and inner hyphens. An IPv4 address is one too. */
static bool is_host_name(const char *name)
{
	const char *label = name;

	for (const char *p = name;; p++) {
		if (*p == '.' || *p == '\0') {
			if (p == label || p - label > 63 || *label == '-' || p[-1] == '-')
				return false;
			if (*p == '\0')
				return true;
			label = p + 1;
		} else if (!g_ascii_isalnum(*p) && *p != '-') {
			return false;
		}
	}
}

static bool parse_port(const char *text, gsize len, guint16 *port)
{
	guint value = 0;

	if (len < 1 || len > 5)
		return false;
	for (gsize i = 0; i < len; i++) {
		if (!g_ascii_isdigit(text[i]))
			return false;
		value = value * 10 + (text[i] - '0');
	}
	if (value < 1 || value > 65535)
		return false;
	*port = value;
	return true;
}

static bool is_ipv6(const char *text)
{
	struct in6_addr address;

	return inet_pton(AF_INET6, text, &address) == 1;
}

bool joinstring_parse_host(const char *text, gsize len, char host[static JOINSTRING_MAX_HOST + 1],
			   guint16 *port, GError **error)
{
	const char *colon = memrchr(text, ':', len);
	char name[JOINSTRING_MAX_HOST + 1];
	const char *from = text;
	gsize host_len;
	bool brackets;

	if (!colon)
		return bad(error, "the port is missing (HOST:PORT)");
	host_len = colon - text;
	brackets = host_len >= 2 && from[0] == '[' && from[host_len - 1] == ']';
	if (brackets) {
		from++;
		host_len -= 2;
	}
	if (host_len == 0)
		return bad(error, "the host is missing (HOST:PORT)");
	if (host_len > JOINSTRING_MAX_HOST)
		return bad(error, "the host is too long");
	memcpy(name, from, host_len);
	name[host_len] = '\0';

	if (brackets && !is_ipv6(name))
		return bad(error, "what stands in [ ] is not an IPv6 address");
	if (!brackets && memchr(name, ':', host_len))
		return bad(error, "an IPv6 address has to stand in brackets: [ADDRESS6]:PORT");
	if (!brackets && !is_host_name(name))
		return bad(error, "the host is neither a name nor an address");
	if (!parse_port(colon + 1, text + len - colon - 1, port))
		return bad(error, "the port has to be a number from 1 to 65535");
	memcpy(host, name, host_len + 1);
	return true;
}

bool joinstring_parse_address(const char *text, char host[static JOINSTRING_MAX_HOST + 1],
			      guint16 *port, GError **error)
{
	const char *colon = strchr(text, ':');
	bool bare6 = colon && colon != strrchr(text, ':') && text[0] != '[';
	g_autofree char *full = NULL;

	if (colon && !bare6 && !g_str_has_suffix(text, "]"))
		return joinstring_parse_host(text, strlen(text), host, port, error);
	full = g_strdup_printf(bare6 ? "[%s]:1" : "%s:1", text);
	if (!joinstring_parse_host(full, strlen(full), host, port, error))
		return false;
	*port = 0;
	return true;
}

bool joinstring_is_setup_key(const char *text)
{
	return strlen(text) == JOINSTRING_SETUP_KEY_LEN &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz234567") == JOINSTRING_SETUP_KEY_LEN;
}

static bool parse_setup_key(const char *text, gsize len, struct joinstring *join)
{
	if (len != JOINSTRING_SETUP_KEY_LEN)
		return false;
	memcpy(join->setup_key, text, len);
	return joinstring_is_setup_key(join->setup_key);
}

static bool parse_fingerprint(const char *text, struct joinstring *join)
{
	size_t got;

	return sodium_base642bin(join->fingerprint, sizeof(join->fingerprint), text, strlen(text),
				 NULL, &got, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
	       got == sizeof(join->fingerprint);
}

static bool parse_into(const char *text, struct joinstring *join, GError **error)
{
	g_autoptr(GError) reason = NULL;
	const char *slash, *end;

	if (strlen(text) > JOINSTRING_MAX_LEN)
		return bad_join(error, "it is too long");
	if (!g_str_has_prefix(text, scheme))
		return bad_join(error, "it has to begin with mesh://");
	text += strlen(scheme);
	slash = strchr(text, '/');
	if (!slash)
		return bad_join(error, "the setup key is missing");
	if (!joinstring_parse_host(text, slash - text, join->host, &join->port, &reason))
		return bad_join(error, reason->message);

	text = slash + 1;
	end = strchrnul(text, '/');
	if (!parse_setup_key(text, end - text, join))
		return bad_join(error, "the setup key has to be 32 characters of a-z and 2-7");
	join->has_fingerprint = *end == '/';
	if (join->has_fingerprint && !parse_fingerprint(end + 1, join))
		return bad_join(error, "the fingerprint of the server's certificate has to be 43 "
				       "characters of base64url; it may have been cut off");
	return true;
}

bool joinstring_parse(const char *text, struct joinstring *join, GError **error)
{
	struct joinstring parsed = {};
	bool ok = parse_into(text, &parsed, error);

	if (ok)
		*join = parsed;
	joinstring_wipe(&parsed);
	return ok;
}

char *joinstring_format(const struct joinstring *join)
{
	char fingerprint[sodium_base64_ENCODED_LEN(JOINSTRING_FINGERPRINT_SIZE,
						   sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
	bool brackets = strchr(join->host, ':') != NULL;

	sodium_bin2base64(fingerprint, sizeof(fingerprint), join->fingerprint,
			  JOINSTRING_FINGERPRINT_SIZE, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return g_strdup_printf("%s%s%s%s:%u/%s%s%s", scheme, brackets ? "[" : "", join->host,
			       brackets ? "]" : "", join->port, join->setup_key,
			       join->has_fingerprint ? "/" : "",
			       join->has_fingerprint ? fingerprint : "");
}

void joinstring_wipe(struct joinstring *join)
{
	sodium_memzero(join, sizeof(*join));
}
