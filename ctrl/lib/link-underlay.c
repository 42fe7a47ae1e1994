// SPDX-License-Identifier: GPL-2.0
#include <linux/if_addr.h>
#include <string.h>

#include "link-private.h"

/*
 * What engines of containers and virtual machines name their own networks. The address of such a
 * bridge is known to nobody outside, and often the same on every machine.
 */
static const char *const inner_networks[] = {
	"docker", "virbr", "lxcbr", "lxdbr", "incusbr", "podman", "cni", "vnet", "veth",
};

/* Docker names the bridge of a network after 12 hexadecimal digits of its number. */
static bool is_docker_bridge(const char *name)
{
	return g_str_has_prefix(name, "br-") && strlen(name) == strlen("br-") + 12 &&
	       strspn(name + strlen("br-"), "0123456789abcdef") == 12;
}

bool link_is_underlay(const struct link *link)
{
	if (link->loopback || !link->running || strcmp(link->kind, "wireguard") == 0)
		return false;
	for (guint i = 0; i < G_N_ELEMENTS(inner_networks); i++) {
		if (g_str_has_prefix(link->name, inner_networks[i]))
			return false;
	}
	return !is_docker_bridge(link->name);
}

static bool same_network(const struct prefix *a, const struct prefix *b)
{
	guint8 bytes = a->length / 8;
	guint8 mask = 0xff << (8 - a->length % 8);

	return a->family == b->family && a->length == b->length &&
	       memcmp(&a->in6, &b->in6, bytes) == 0 &&
	       (a->length % 8 == 0 ||
		((a->in6.s6_addr[bytes] ^ b->in6.s6_addr[bytes]) & mask) == 0);
}

static bool is_usable_ip(const struct prefix *prefix)
{
	guint32 ip = ntohl(prefix->in.s_addr);

	if (prefix->family == AF_INET6)
		return !IN6_IS_ADDR_LINKLOCAL(&prefix->in6) &&
		       !IN6_IS_ADDR_LOOPBACK(&prefix->in6) &&
		       !IN6_IS_ADDR_UNSPECIFIED(&prefix->in6) &&
		       !IN6_IS_ADDR_V4MAPPED(&prefix->in6) &&
		       !IN6_IS_ADDR_MULTICAST(&prefix->in6);
	/* 169.254.0.0/16 is link-local; from 224.0.0.0 on are multicast and class E. */
	return ip >> 24 != 0 && ip >> 24 != 127 && ip >> 16 != 0xa9fe && ip >> 24 < 224;
}

static bool has_lasting_companion(const struct link_address *temporary, const GArray *all)
{
	const struct link_address *other;

	for (guint i = 0; i < all->len; i++) {
		other = &g_array_index(all, struct link_address, i);
		if (other->ifindex == temporary->ifindex &&
		    same_network(&other->prefix, &temporary->prefix) &&
		    !(other->flags & (IFA_F_TEMPORARY | IFA_F_TENTATIVE | IFA_F_DEPRECATED |
				      IFA_F_DADFAILED)))
			return true;
	}
	return false;
}

bool link_address_is_underlay(const struct link_address *address, const GArray *all)
{
	if (address->flags & (IFA_F_TENTATIVE | IFA_F_DEPRECATED | IFA_F_DADFAILED) ||
	    !is_usable_ip(&address->prefix))
		return false;
	/* For IPv4 the same bit means a second address of the same network. */
	return address->prefix.family != AF_INET6 || !(address->flags & IFA_F_TEMPORARY) ||
	       !has_lasting_companion(address, all);
}

static const struct link *find_link(const GArray *links, guint32 ifindex)
{
	const struct link *link;

	for (guint i = 0; i < links->len; i++) {
		link = &g_array_index(links, struct link, i);
		if (link->ifindex == ifindex)
			return link;
	}
	return NULL;
}

static bool is_listed(const GArray *list, const struct endpoint *address)
{
	for (guint i = 0; i < list->len; i++) {
		if (endpoint_equal_address(&g_array_index(list, struct link_underlay, i).address,
					   address))
			return true;
	}
	return false;
}

static void add(GArray *list, const struct link *link, const struct link_address *address)
{
	struct link_underlay underlay = {
		.ifindex = link->ifindex,
		.mtu_bytes = link->mtu_bytes,
	};
	const void *bytes;
	gsize size;

	g_strlcpy(underlay.ifname, link->name, sizeof(underlay.ifname));
	bytes = prefix_address(&address->prefix, &size);
	if (endpoint_from_address(&underlay.address, bytes, size, 0) &&
	    !is_listed(list, &underlay.address))
		g_array_append_val(list, underlay);
}

GArray *link_list_underlay(struct netlink *nl, GError **error)
{
	g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(struct link_underlay));
	g_autoptr(GArray) links = link_list(nl, error);
	g_autoptr(GArray) addresses = links ? link_address_list(nl, 0, error) : NULL;
	const struct link_address *address;
	const struct link *link;

	if (!addresses)
		return NULL;
	for (guint i = 0; i < addresses->len; i++) {
		address = &g_array_index(addresses, struct link_address, i);
		link = find_link(links, address->ifindex);
		if (link && link_is_underlay(link) && link_address_is_underlay(address, addresses))
			add(list, link, address);
	}
	return g_steal_pointer(&list);
}
