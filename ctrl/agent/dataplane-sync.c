// SPDX-License-Identifier: GPL-2.0
/* All that is wanted is compared with what the kernel has, one part after the other. */
#include <errno.h>

#include "dataplane-private.h"

bool dataplane_sync_below(struct dataplane *dp, const struct wireguard_device *device, bool module,
			  GError **error)
{
	g_autoptr(GError) failure = NULL;

	if (!module)
		return dataplane_sync_wireguard(dp, device, error);
	if (dataplane_sync_module(dp, device, &failure))
		g_clear_pointer(&dp->module_error, g_free);
	else
		dataplane_module_failed(dp, failure);

	/* without the module the peers wait: it tells them their endpoint */
	if (!dataplane_sync_wireguard(dp, device, error))
		return false;

	/* that it is not there is no error: we are told when it comes */
	if (!failure || g_error_matches(failure, NETLINK_ERROR, EPROTONOSUPPORT))
		return true;
	g_propagate_error(error, g_steal_pointer(&failure));
	return false;
}

/* The routes come last: the path in use says what they take. They come without the module, too. */
bool dataplane_sync(struct dataplane *dp, GError **error)
{
	g_autoptr(wireguard_device) device = NULL;
	g_autoptr(GError) failure = NULL;

	if (!dataplane_sync_interface(dp, &device, error) || !dataplane_sync_addresses(dp, error))
		return false;
	dataplane_sync_below(dp, device, true, &failure);
	if (!dataplane_sync_routes(dp, error))
		return false;
	if (!failure)
		return true;
	g_propagate_error(error, g_steal_pointer(&failure));
	return false;
}

bool dataplane_sync_peer(struct dataplane_peer *peer, GError **error)
{
	struct dataplane *dp = peer->dp;
	struct wireguard_peer set = {
		.change = WIREGUARD_SET,
		.public_key = peer->key,
		.allowed_ips = peer->addresses,
		.keepalive_s = WIREGUARD_KEEP,
	};

	dataplane_note_handshake(peer, NULL);
	return dataplane_sync_peer_in_module(peer, error) &&
	       wireguard_set_peers(dp->wg, dp->ifindex, &set, 1, error) &&
	       dataplane_sync_routes_to(peer, error);
}
