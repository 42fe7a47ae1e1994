// SPDX-License-Identifier: GPL-2.0
/* How large a packet inside may be for a path to carry it whole. */
#include "path-mtu.h"

#include <stdbool.h>

#include "dataplane.h"

#define IPV6_MTU_MIN 1280

#define IPV4_BYTES 20
#define IPV6_BYTES 40
#define UDP_BYTES 8
/* Type, receiver, counter and the authentication tag of a data message. */
#define WIREGUARD_BYTES 32
/* In front of what is sent in a channel of a relay. */
#define CHANNEL_BYTES 4

static guint32 overhead(sa_family_t family, bool relayed)
{
	return (family == AF_INET6 ? IPV6_BYTES : IPV4_BYTES) + UDP_BYTES + WIREGUARD_BYTES +
	       (relayed ? CHANNEL_BYTES : 0);
}

guint32 path_mtu_inside(const struct dataplane_path *path)
{
	guint32 around;

	if (!path)
		return 0;
	around = overhead(path->local.sa.sa_family, path->channel != 0);
	return path->pmtu_bytes > around ? path->pmtu_bytes - around : 0;
}

guint32 path_mtu_of_family(guint32 mtu_bytes, sa_family_t family)
{
	return family == AF_INET6 ? MAX(mtu_bytes, IPV6_MTU_MIN) : mtu_bytes;
}

guint32 path_mtu_inside_any(guint32 underlay_bytes)
{
	guint32 around = overhead(AF_INET6, true);

	return path_mtu_of_family(underlay_bytes > around ? underlay_bytes - around : 0, AF_INET6);
}
