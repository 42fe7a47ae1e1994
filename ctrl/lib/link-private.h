/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_LINK_PRIVATE_H
#define WGMESH_LINK_PRIVATE_H

#include "link.h"

/* What the files link*.c share with each other and with their tests. */

/**
 * link_parse() - read an RTM_NEWLINK
 * @message: the message
 * @link: the result goes here
 *
 * Return: false when it is malformed.
 */
bool link_parse(const struct nlmsghdr *message, struct link *link);

/**
 * struct link_address - an address of an interface
 * @ifindex: of the interface
 * @prefix: the address, with the length of its network
 * @flags: IFA_F_…
 * @scope: RT_SCOPE_…
 */
struct link_address {
	guint32 ifindex;
	struct prefix prefix;
	guint32 flags;
	guint8 scope;
};

/**
 * link_address_parse() - read an RTM_NEWADDR
 * @message: the message
 * @address: the result goes here
 *
 * Return: false when it is malformed.
 */
bool link_address_parse(const struct nlmsghdr *message, struct link_address *address);

/**
 * link_route_parse() - read an RTM_NEWROUTE
 * @message: the message
 * @route: the result goes here
 *
 * Return: false when it is malformed, or no route of IP.
 */
bool link_route_parse(const struct nlmsghdr *message, struct link_fib_route *route);

/**
 * link_route_parse_attributes() - the same, and more than that
 * @message: the message
 * @a: RTA_MAX + 1 attributes; borrowed from @message
 * @route: the result goes here
 */
bool link_route_parse_attributes(const struct nlmsghdr *message, struct nlattr **a,
				 struct link_fib_route *route);

/**
 * link_address_list() - read the addresses of all interfaces, or of one
 * @nl: the socket
 * @ifindex: of the interface; 0 for all
 * @error: NETLINK_ERROR
 *
 * Return: (owned by the caller) an array of struct link_address; NULL on error.
 */
GArray *link_address_list(struct netlink *nl, guint32 ifindex, GError **error);

/**
 * link_is_tunnel() - whether an interface sends what it is given to another address
 * @link: the interface
 */
bool link_is_tunnel(const struct link *link);

/**
 * link_is_end_of_guest() - whether an interface is of a kind that containers and virtual machines
 * are plugged in by
 * @link: the interface
 */
bool link_is_end_of_guest(const struct link *link);

/**
 * link_same_network() - whether two addresses are of the same network
 * @a: an address
 * @b: another one
 *
 * Return: false, too, when the lengths differ.
 */
bool link_same_network(const struct prefix *a, const struct prefix *b);

/**
 * link_address_is_underlay() - whether peers might reach this node at an address
 * @address: the address
 * @all: array of struct link_address: all there are, for its companions
 */
bool link_address_is_underlay(const struct link_address *address, const GArray *all);

#endif
