// SPDX-License-Identifier: GPL-2.0
/* The interface and its addresses: what is wanted compared with what the kernel has. */
#include <errno.h>

#include "dataplane-private.h"
#include "lib/log.h"

bool dataplane_owns_interface(struct dataplane *dp, struct link *link,
			      struct wireguard_device **device, GError **error)
{
	g_autoptr(wireguard_device) found = NULL;

	if (!link_find_wireguard(dp->rt, dp->ifname, link, error))
		return false;
	found = wireguard_get_device(dp->wg, link->ifindex, error);
	if (!found)
		return false;

	/*
	 * Without a key it is one that we made, and were killed before we gave it one. One that we
	 * had already stays ours, whatever key somebody gives it.
	 */
	if (link->ifindex != dp->ifindex && found->has_private_key &&
	    !key_equal(&found->public_key, &dp->public_key))
		return netlink_fail(error, EEXIST,
				    "the interface %s has the private key of somebody else; give "
				    "another name with --interface, or remove it: ip link del %s",
				    dp->ifname, dp->ifname);
	if (device)
		*device = g_steal_pointer(&found);
	return true;
}

/* Somebody may have given another name to the one that we had. */
static bool find_renamed(struct dataplane *dp, struct link *link,
			 struct wireguard_device **device)
{
	g_autoptr(wireguard_device) found = NULL;

	if (dp->ifindex)
		found = wireguard_get_device(dp->wg, dp->ifindex, NULL);
	if (!found || !key_equal(&found->public_key, &dp->public_key) ||
	    !link_rename(dp->rt, dp->ifindex, dp->ifname, NULL) ||
	    !dataplane_owns_interface(dp, link, device, NULL))
		return false;
	log_warning("%s: the interface had another name, and has its own again", dp->ifname);
	return true;
}

static bool is_free_for_us(struct dataplane *dp, const char *network, GError **error)
{
	g_autoptr(GError) failure = NULL;
	struct link holder;

	if (!link_find_altname(dp->rt, network, &holder, &failure)) {
		if (g_error_matches(failure, NETLINK_ERROR, ENODEV))
			return true;
		g_propagate_error(error, g_steal_pointer(&failure));
		return false;
	}
	if (holder.ifindex == dp->ifindex || g_str_equal(holder.name, dp->ifname))
		return true;
	return netlink_fail(error, EEXIST,
			    "this machine is in that network already, by the interface %s. To be in "
			    "it by %s, leave it there first (meshctl down), or remove what a meshd "
			    "left that does not run any more: ip link del %s",
			    holder.name, dp->ifname, holder.name);
}

bool dataplane_may_enter(struct dataplane *dp, const char *tag, GError **error)
{
	g_autofree char *network = g_strconcat(DATAPLANE_NETWORK_PREFIX, tag, NULL);

	return is_free_for_us(dp, network, error);
}

/* The kernel gives a name once. One that we had just made for nothing goes again. */
static bool enter_network(struct dataplane *dp, const struct link *link,
			  const struct wireguard_device *device, GError **error)
{
	g_autoptr(GError) failure = NULL;
	struct link holder;

	if (link_find_altname(dp->rt, dp->network, &holder, NULL) &&
	    holder.ifindex == link->ifindex)
		return true;
	if (link_add_altname(dp->rt, link->ifindex, dp->network, &failure))
		return true;
	if (!device->has_private_key)
		link_delete(dp->rt, link->ifindex, NULL);
	if (g_error_matches(failure, NETLINK_ERROR, EEXIST) &&
	    !is_free_for_us(dp, dp->network, error))
		return false;
	g_propagate_error(error, g_steal_pointer(&failure));
	return false;
}

static bool find_or_create(struct dataplane *dp, struct link *link,
			   struct wireguard_device **device, GError **error)
{
	g_autoptr(GError) failure = NULL;

	if (dataplane_owns_interface(dp, link, device, &failure))
		return true;
	if (!g_error_matches(failure, NETLINK_ERROR, ENODEV)) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return false;
	}
	dataplane_mended(dp, MENDED_INTERFACE, 1);
	if (find_renamed(dp, link, device))
		return true;
	if (!link_create_wireguard(dp->rt, dp->ifname, link, error))
		return false;
	log_info("%s: made the interface", dp->ifname);
	*device = wireguard_get_device(dp->wg, link->ifindex, error);
	return *device;
}

/*
 * A port that nobody asked for is kept as long as it can be: who moves it may have taken the old
 * one for another socket.
 */
static bool set_port(struct dataplane *dp, const struct wireguard_device *device, bool *changed,
		     GError **error)
{
	guint16 port = dp->listen_port ?: dp->port;
	struct wireguard_settings settings = { .listen_port = port, .fwmark = WIREGUARD_KEEP };
	g_autoptr(GError) failure = NULL;

	if (!port || device->listen_port == port)
		return true;
	if (!wireguard_set_device(dp->wg, device->ifindex, &settings, &failure)) {
		if (!dp->listen_port && g_error_matches(failure, NETLINK_ERROR, EADDRINUSE))
			return true;
		g_propagate_error(error, g_steal_pointer(&failure));
		return false;
	}
	dataplane_mended(dp, MENDED_WIREGUARD, 1);
	*changed = true;
	return true;
}

static bool set_key(struct dataplane *dp, const struct wireguard_device *device, bool *changed,
		    GError **error)
{
	struct wireguard_settings settings = {
		.private_key = &dp->private_key,
		.listen_port = WIREGUARD_KEEP,
		.fwmark = WIREGUARD_KEEP,
	};

	if (device->has_private_key && key_equal(&device->public_key, &dp->public_key))
		return true;
	dataplane_mended(dp, MENDED_WIREGUARD, 1);
	*changed = true;
	return wireguard_set_device(dp->wg, device->ifindex, &settings, error);
}

static bool set_key_and_port(struct dataplane *dp, const struct wireguard_device *device,
			     bool *changed, GError **error)
{
	/* a new one has no port yet that could be kept */
	if (device->ifindex != dp->ifindex)
		dp->port = 0;
	return set_port(dp, device, changed, error) && set_key(dp, device, changed, error);
}

/* One that was moved to another network namespace would keep our paths in the module. */
static void forget_old_device(struct dataplane *dp)
{
	if (dp->device)
		pathnl_device_del(dp->nl, dp->device, NULL);
	dataplane_forget_module(dp);
}

static void take_note_of_link(struct dataplane *dp, const struct link *link)
{
	bool is_new = link->ifindex != dp->ifindex;

	if (is_new)
		forget_old_device(dp);
	if (!link->ipv6 && (is_new || dp->ipv6))
		log_info("%s: IPv6 is turned off here: the network is reached by IPv4 alone",
			 dp->ifname);
	dp->ifindex = link->ifindex;
	dp->link_mtu_bytes = link->mtu_bytes;
	dp->ipv6 = link->ipv6;
}

static bool set_up(struct dataplane *dp, struct link *link, bool *changed, GError **error)
{
	bool other_mtu = dp->mtu_bytes && link->mtu_bytes != dp->mtu_bytes;

	if (link->up && !other_mtu)
		return true;
	/* what was made anew is counted already, and what follows from it is not counted */
	if (link->ifindex == dp->ifindex)
		dataplane_mended(dp, MENDED_INTERFACE, 1);
	*changed = true;
	return link_set_up(dp->rt, link->ifindex, dp->mtu_bytes, error) &&
	       link_find(dp->rt, dp->ifname, link, error);
}

/* Setting it up chooses its port, and its MTU decides whether it takes IPv6. */
bool dataplane_sync_interface(struct dataplane *dp, struct wireguard_device **device,
			      GError **error)
{
	g_autoptr(wireguard_device) found = NULL;
	guint found_before = dp->found[MENDED_INTERFACE];
	bool changed = false;
	struct link link;

	if (!is_free_for_us(dp, dp->network, error) || !find_or_create(dp, &link, &found, error) ||
	    !enter_network(dp, &link, found, error) ||
	    !set_key_and_port(dp, found, &changed, error) || !set_up(dp, &link, &changed, error))
		return false;
	if (dp->found[MENDED_INTERFACE] != found_before)
		dp->mending = false;
	take_note_of_link(dp, &link);
	*device = changed ? wireguard_get_device(dp->wg, link.ifindex, error) :
			    g_steal_pointer(&found);
	if (*device)
		dp->port = (*device)->listen_port;
	return *device;
}

bool dataplane_sync_addresses(struct dataplane *dp, GError **error)
{
	g_autoptr(GArray) there = link_list_addresses(dp->rt, dp->ifindex, error);
	g_autoptr(GArray) wanted = dataplane_link_addresses(dp);

	if (!there)
		return false;
	for (guint i = 0; i < there->len; i++) {
		const struct prefix *address = &g_array_index(there, struct prefix, i);

		if (dataplane_has_prefix(wanted, address))
			continue;
		if (!link_remove_address(dp->rt, dp->ifindex, address, error))
			return false;
		dataplane_mended(dp, MENDED_ADDRESSES, 1);
	}
	for (guint i = 0; i < wanted->len; i++) {
		const struct prefix *address = &g_array_index(wanted, struct prefix, i);

		if (dataplane_has_prefix(there, address))
			continue;
		if (!link_add_address(dp->rt, dp->ifindex, address, error))
			return false;
		dataplane_mended(dp, MENDED_ADDRESSES, 1);
	}
	dataplane_look_for_own_addresses(dp);
	return true;
}
