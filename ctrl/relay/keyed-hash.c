// SPDX-License-Identifier: GPL-2.0
#include "keyed-hash.h"

#include <sodium.h>
#include <string.h>

guint64 keyed_hash(const void *data, gsize len)
{
	static guint8 key[crypto_shorthash_KEYBYTES];
	static gsize drawn;
	guint64 hash;

	if (g_once_init_enter(&drawn)) {
		randombytes_buf(key, sizeof(key));
		g_once_init_leave(&drawn, 1);
	}
	crypto_shorthash((guint8 *)&hash, data, len, key);
	return hash;
}

static guint hash_endpoint(const struct endpoint *endpoint, guint16 port)
{
	guint8 bytes[16 + 2];
	const void *address;
	gsize len;

	address = endpoint_address(endpoint, &len);
	if (address)
		memcpy(bytes, address, len);
	memcpy(bytes + len, &port, sizeof(port));
	return keyed_hash(bytes, len + sizeof(port));
}

guint keyed_hash_endpoint(gconstpointer endpoint)
{
	return hash_endpoint(endpoint, endpoint_port(endpoint));
}

guint keyed_hash_address(gconstpointer endpoint)
{
	return hash_endpoint(endpoint, 0);
}

gboolean keyed_hash_endpoint_equal(gconstpointer a, gconstpointer b)
{
	return endpoint_equal(a, b);
}

gboolean keyed_hash_address_equal(gconstpointer a, gconstpointer b)
{
	return endpoint_equal_address(a, b);
}
