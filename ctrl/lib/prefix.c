// SPDX-License-Identifier: GPL-2.0
/* Addresses with a prefix length. */
#include "prefix.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <string.h>

#include "endpoint.h"
#include "key.h"

static guint8 address_bits(sa_family_t family)
{
	return family == AF_INET ? 32 : 128;
}

static bool parse_length(const char *text, guint8 max, guint8 *length)
{
	guint64 value;

	/* "08" or "+8" would be a number too, but not one that anybody writes. */
	if (!g_ascii_isdigit(text[0]) || (text[0] == '0' && text[1]))
		return false;
	if (!g_ascii_string_to_unsigned(text, 10, 0, max, &value, NULL))
		return false;
	*length = value;
	return true;
}

bool prefix_parse(const char *text, struct prefix *prefix, GError **error)
{
	struct prefix result = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };
	const char *slash = strchr(text, '/');
	g_autofree char *address = slash ? g_strndup(text, slash - text) : g_strdup(text);
	guint8 bits = address_bits(result.family);

	if (inet_pton(result.family, address, &result.in6) != 1) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			    "'%s' is not an IP address, with or without /LENGTH", text);
		return false;
	}
	result.length = bits;
	if (slash && !parse_length(slash + 1, bits, &result.length)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			    "'%s': a prefix length from 0 to %u has to follow the slash", text,
			    bits);
		return false;
	}
	*prefix = result;
	return true;
}

const char *prefix_print(const struct prefix *prefix, char buf[static PREFIX_STRLEN])
{
	gsize used;

	if (prefix->family == AF_UNSPEC) {
		g_strlcpy(buf, "unset", PREFIX_STRLEN);
		return buf;
	}
	inet_ntop(prefix->family, &prefix->in6, buf, PREFIX_STRLEN);
	if (prefix->length < address_bits(prefix->family)) {
		used = strlen(buf);
		g_snprintf(buf + used, PREFIX_STRLEN - used, "/%u", prefix->length);
	}
	return buf;
}

bool prefix_from_address(struct prefix *prefix, const void *address, gsize size, guint8 length)
{
	if ((size != 4 && size != 16) || length > 8 * size)
		return false;
	*prefix = (struct prefix){ .family = size == 4 ? AF_INET : AF_INET6, .length = length };
	memcpy(&prefix->in6, address, size);
	return true;
}

bool prefix_from_endpoint(struct prefix *prefix, const struct endpoint *ep)
{
	gsize size;
	const void *bytes = endpoint_address(ep, &size);

	return bytes && prefix_from_address(prefix, bytes, size, size * 8);
}

const void *prefix_address(const struct prefix *prefix, gsize *size)
{
	switch (prefix->family) {
	case AF_INET:
		*size = sizeof(prefix->in);
		return &prefix->in;
	case AF_INET6:
		*size = sizeof(prefix->in6);
		return &prefix->in6;
	default:
		*size = 0;
		return NULL;
	}
}

bool prefix_equal_address(const struct prefix *a, const struct prefix *b)
{
	gsize size;
	const void *address = prefix_address(a, &size);

	return a->family == b->family && (!size || memcmp(address, &b->in6, size) == 0);
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return a->length == b->length && prefix_equal_address(a, b);
}

bool prefix_equal_lists(const GArray *a, const GArray *b)
{
	for (guint i = 0; i < a->len; i++) {
		const struct prefix *one = &g_array_index(a, struct prefix, i);
		bool found = false;

		for (guint j = 0; !found && j < b->len; j++)
			found = prefix_equal(one, &g_array_index(b, struct prefix, j));
		if (!found)
			return false;
	}
	return a->len == b->len;
}

bool prefix_contains(const struct prefix *network, const struct prefix *prefix)
{
	guint8 bytes = network->length / 8, bits = network->length % 8;
	const guint8 *a = network->in6.s6_addr, *b = prefix->in6.s6_addr;

	return network->family == prefix->family && network->length <= prefix->length &&
	       memcmp(a, b, bytes) == 0 && (!bits || !((a[bytes] ^ b[bytes]) >> (8 - bits)));
}

const struct prefix *prefix_private_block(const struct prefix *prefix)
{
	static const struct prefix blocks[] = {
		{ .family = AF_INET, .length = 8, .in6.s6_addr = { 10 } },
		{ .family = AF_INET, .length = 12, .in6.s6_addr = { 172, 16 } },
		{ .family = AF_INET, .length = 16, .in6.s6_addr = { 192, 168 } },
		{ .family = AF_INET, .length = 10, .in6.s6_addr = { 100, 64 } },
		{ .family = AF_INET6, .length = 7, .in6.s6_addr = { 0xfc } },
	};

	for (guint i = 0; i < G_N_ELEMENTS(blocks); i++) {
		if (prefix_contains(&blocks[i], prefix))
			return &blocks[i];
	}
	return NULL;
}

guint prefix_hash(gconstpointer prefix)
{
	gsize size;
	const void *address = prefix_address(prefix, &size);

	return key_hash_bytes(address, size);
}

gboolean prefix_same(gconstpointer a, gconstpointer b)
{
	return prefix_equal(a, b);
}
