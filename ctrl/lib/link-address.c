// SPDX-License-Identifier: GPL-2.0
/* Addresses of network interfaces. */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "link-private.h"

/* Two addresses and the flags, with the attributes around them. */
#define REQUEST_SIZE 128

static struct nl_msg *address_message(guint16 type, guint16 flags, guint32 ifindex,
				      const struct prefix *address)
{
	struct nl_msg *msg = netlink_message(type, flags, sizeof(struct ifaddrmsg) + REQUEST_SIZE);
	struct ifaddrmsg header = {
		.ifa_family = address->family,
		.ifa_prefixlen = address->length,
		.ifa_index = ifindex,
	};
	const void *bytes;
	gsize size;

	nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO);
	bytes = prefix_address(address, &size);
	if (bytes) {
		netlink_put(msg, IFA_LOCAL, bytes, size);
		netlink_put(msg, IFA_ADDRESS, bytes, size);
	}
	return msg;
}

static bool change_address(struct netlink *nl, struct nl_msg *msg, const struct prefix *address,
			   const char *verb, int done_before, GError **error)
{
	char text[PREFIX_STRLEN];
	g_autofree char *what = g_strdup_printf("cannot %s the address %s", verb,
						prefix_print(address, text));
	g_autoptr(GError) problem = NULL;

	if (netlink_request(nl, msg, what, NULL, NULL, &problem) ||
	    g_error_matches(problem, NETLINK_ERROR, done_before))
		return true;
	g_propagate_error(error, g_steal_pointer(&problem));
	return false;
}

bool link_add_address(struct netlink *nl, guint32 ifindex, const struct prefix *address,
		      GError **error)
{
	g_autoptr(netlink_msg) msg = address_message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL,
						     ifindex, address);

	if (address->family == AF_INET6)
		netlink_put_u32(msg, IFA_FLAGS, IFA_F_NODAD);
	return change_address(nl, msg, address, "add", EEXIST, error);
}

bool link_remove_address(struct netlink *nl, guint32 ifindex, const struct prefix *address,
			 GError **error)
{
	g_autoptr(netlink_msg) msg = address_message(RTM_DELADDR, 0, ifindex, address);

	return change_address(nl, msg, address, "remove", EADDRNOTAVAIL, error);
}

static void begin_list(void *data)
{
	g_array_set_size(data, 0);
}

bool link_address_parse(const struct nlmsghdr *message, struct link_address *address)
{
	static const struct nla_policy policy[IFA_MAX + 1] = {
		[IFA_FLAGS] = { .type = NLA_U32 },
	};
	const struct ifaddrmsg *header;
	struct nlattr *a[IFA_MAX + 1];
	struct nlattr *bytes;

	if (nlmsg_parse((void *)message, sizeof(*header), a, IFA_MAX, policy) < 0)
		return false;
	header = nlmsg_data(message);
	/* On a point-to-point link IFA_ADDRESS is the other end. */
	bytes = a[IFA_LOCAL] ?: a[IFA_ADDRESS];
	address->ifindex = header->ifa_index;
	address->flags = a[IFA_FLAGS] ? nla_get_u32(a[IFA_FLAGS]) : header->ifa_flags;
	address->scope = header->ifa_scope;
	return bytes && prefix_from_address(&address->prefix, nla_data(bytes), nla_len(bytes),
					    header->ifa_prefixlen);
}

static bool add_address(const struct nlmsghdr *reply, void *data, G_GNUC_UNUSED GError **error)
{
	const struct ifaddrmsg *header = nlmsg_data(reply);
	struct link_address address;
	GArray *addresses = data;

	/* The list for all families has more than IP. */
	if (nlmsg_datalen(reply) < (int)sizeof(*header) ||
	    (header->ifa_family != AF_INET && header->ifa_family != AF_INET6))
		return true;
	if (!link_address_parse(reply, &address))
		return false;
	g_array_append_val(addresses, address);
	return true;
}

GArray *link_address_list(struct netlink *nl, guint32 ifindex, GError **error)
{
	const struct prefix any = { .family = AF_UNSPEC };
	g_autoptr(netlink_msg) msg = address_message(RTM_GETADDR, 0, ifindex, &any);
	g_autoptr(GArray) addresses = g_array_new(FALSE, FALSE, sizeof(struct link_address));

	if (!netlink_dump(nl, msg, "cannot list the addresses", begin_list, add_address, addresses,
			  error))
		return NULL;
	return g_steal_pointer(&addresses);
}

GArray *link_list_addresses(struct netlink *nl, guint32 ifindex, GError **error)
{
	g_autoptr(GArray) addresses = link_address_list(nl, ifindex, error);
	g_autoptr(GArray) prefixes = g_array_new(FALSE, FALSE, sizeof(struct prefix));
	const struct link_address *address;

	if (!addresses)
		return NULL;
	for (guint i = 0; i < addresses->len; i++) {
		address = &g_array_index(addresses, struct link_address, i);
		if (address->prefix.family == AF_INET6 && address->scope == RT_SCOPE_LINK)
			continue;
		g_array_append_val(prefixes, address->prefix);
	}
	return g_steal_pointer(&prefixes);
}

bool link_who_has(struct netlink *nl, const struct prefix *address, guint32 but, guint32 *ifindex,
		  GError **error)
{
	g_autoptr(GArray) all = link_address_list(nl, 0, error);

	*ifindex = 0;
	for (guint i = 0; all && !*ifindex && i < all->len; i++) {
		const struct link_address *one = &g_array_index(all, struct link_address, i);

		if (one->ifindex != but && prefix_equal_address(&one->prefix, address))
			*ifindex = one->ifindex;
	}
	return all;
}
