// SPDX-License-Identifier: GPL-2.0
/* Choosing the addresses of nodes. */
#include "address.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <sodium.h>
#include <string.h>

#define MIN_LENGTH 8
#define MAX_LENGTH 29

/* network, first and broadcast */
#define RESERVED 3

/* Two nodes share 64 bits of a hash only on purpose; this many times only in vain. */
#define TRIES6 8

static bool refuse(const struct prefix *prefix, const char *why, GError **error)
{
	char text[PREFIX_STRLEN];

	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s: %s",
		    prefix_print(prefix, text), why);
	return false;
}

bool address_check_prefix(const struct prefix *prefix, GError **error)
{
	guint32 address = ntohl(prefix->in.s_addr);

	if (prefix->family != AF_INET)
		return refuse(prefix, "an IPv4 prefix is expected, for example 100.64.0.0/10",
			      error);
	if (prefix->length < MIN_LENGTH || prefix->length > MAX_LENGTH)
		return refuse(prefix, "the length has to be from /8 to /29", error);
	if (address & (G_MAXUINT32 >> prefix->length))
		return refuse(prefix, "there are bits set behind the prefix's length", error);
	if (address >> 24 == 0 || address >> 24 == 127 || address >> 24 >= 224)
		return refuse(prefix, "hosts cannot have addresses out of it", error);
	return true;
}

guint32 address_capacity(const struct prefix *prefix)
{
	return (1U << (32 - prefix->length)) - RESERVED;
}

/* A hash that only depends on network, key and try, so that it is the same at the next time. */
static void hash_node(const guint8 *network_id, const struct key *node, guint8 try,
		      guint8 *hash, gsize size)
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, network_id, NETWORK_ID_SIZE, size);
	crypto_generichash_update(&state, node->bytes, KEY_SIZE);
	crypto_generichash_update(&state, &try, 1);
	crypto_generichash_final(&state, hash, size);
}

bool address_choose(const struct prefix *prefix, const guint8 *network_id, const struct key *node,
		    address_taken taken, void *data, struct in_addr *address)
{
	guint32 first = ntohl(prefix->in.s_addr) + 2;
	guint32 capacity = address_capacity(prefix);
	guint8 hash[crypto_generichash_BYTES_MIN];
	guint64 start;

	hash_node(network_id, node, 0, hash, sizeof(hash));
	memcpy(&start, hash, sizeof(start));
	start = GUINT64_FROM_LE(start) % capacity;
	for (guint32 i = 0; i < capacity; i++) {
		address->s_addr = htonl(first + (start + i) % capacity);
		if (!taken(address, data))
			return true;
	}
	return false;
}

void address_prefix6(const guint8 *network_id, struct prefix *prefix)
{
	guint8 hash[crypto_generichash_BYTES_MIN];

	crypto_generichash(hash, sizeof(hash), network_id, NETWORK_ID_SIZE, NULL, 0);
	*prefix = (struct prefix){ .family = AF_INET6, .length = 64, .in6.s6_addr = { 0xfd } };
	memcpy(&prefix->in6.s6_addr[1], hash, 7);
}

bool address_choose6(const guint8 *network_id, const struct key *node, address_taken taken,
		     void *data, struct in6_addr *address)
{
	guint8 hash[crypto_generichash_BYTES_MIN];
	struct prefix prefix;

	G_STATIC_ASSERT(sizeof(hash) >= 8);
	address_prefix6(network_id, &prefix);
	*address = prefix.in6;
	for (guint8 try = 0; try < TRIES6; try++) {
		hash_node(network_id, node, try, hash, sizeof(hash));
		memcpy(&address->s6_addr[8], hash, 8);
		/* the interface identifier zero is every router's (RFC 4291 section 2.6.1) */
		if (!sodium_is_zero(&address->s6_addr[8], 8) && !taken(address, data))
			return true;
	}
	return false;
}
