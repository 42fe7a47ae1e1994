// SPDX-License-Identifier: GPL-2.0
/* Hashes of endpoints that nobody outside can make collide. */
#include "keyed-hash.h"

#include <string.h>

#include "lib/key.h"

static guint hash_endpoint(const struct endpoint *endpoint, guint16 port)
{
	guint8 bytes[16 + 2];
	const void *address;
	gsize len;

	address = endpoint_address(endpoint, &len);
	if (address)
		memcpy(bytes, address, len);
	memcpy(bytes + len, &port, sizeof(port));
	return key_hash_bytes(bytes, len + sizeof(port));
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
