/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_LINK_H
#define WGMESH_LINK_H

#include <glib.h>
#include <net/if.h>
#include <stdbool.h>

#include "endpoint.h"
#include "netlink.h"
#include "prefix.h"

/*
 * Network interfaces, their addresses and routes, by rtnetlink. The functions take a socket that
 * was opened with netlink_open(NETLINK_ROUTE, …), and act on its network namespace.
 */

/* Routes of ours carry this origin (rtm_protocol); others are neither listed nor removed. */
#define LINK_ROUTE_PROTOCOL 119

/* The longest kind of link, "wireguard" or "bridge", and the final zero. */
#define LINK_KIND_SIZE 24

/**
 * struct link - a network interface
 * @ifindex: its index
 * @name: its name
 * @kind: "wireguard", "bridge", "veth"; "" for hardware and loopback
 * @mtu_bytes: its MTU
 * @loopback: whether it is the loopback
 * @up: whether the admin set it up
 * @running: whether it can carry packets: up, and with a carrier
 * @ipv6: whether it takes IPv6: the kernel has it, it is not turned off for the interface
 *	  (disable_ipv6), and the MTU is large enough for it
 */
struct link {
	guint32 ifindex;
	char name[IFNAMSIZ];
	char kind[LINK_KIND_SIZE];
	guint32 mtu_bytes;
	bool loopback;
	bool up;
	bool running;
	bool ipv6;
};

/**
 * link_find() - read an interface
 * @nl: the socket
 * @name: of the interface
 * @link: the result goes here
 * @error: NETLINK_ERROR; ENODEV when there is none of that name
 */
bool link_find(struct netlink *nl, const char *name, struct link *link, GError **error);

/**
 * link_find_wireguard() - link_find(), refusing what is not WireGuard
 * @nl: the socket
 * @name: of the interface
 * @link: the result goes here
 * @error: NETLINK_ERROR; ENODEV: no such interface; EEXIST: one of another kind has the name
 */
bool link_find_wireguard(struct netlink *nl, const char *name, struct link *link, GError **error);

/**
 * link_create_wireguard() - make a WireGuard interface
 * @nl: the socket
 * @name: of the interface
 * @link: the result goes here
 * @error: NETLINK_ERROR; EEXIST: the name is taken; EOPNOTSUPP: the kernel has no WireGuard
 */
bool link_create_wireguard(struct netlink *nl, const char *name, struct link *link,
			   GError **error);

/**
 * link_delete() - remove an interface, with its addresses and routes
 * @nl: the socket
 * @ifindex: of the interface
 * @error: NETLINK_ERROR; ENODEV when it is gone already
 */
bool link_delete(struct netlink *nl, guint32 ifindex, GError **error);

/**
 * link_set_up() - set an interface up, and its MTU
 * @nl: the socket
 * @ifindex: of the interface
 * @mtu_bytes: the MTU; 0 leaves it
 * @error: NETLINK_ERROR
 */
bool link_set_up(struct netlink *nl, guint32 ifindex, guint32 mtu_bytes, GError **error);

/**
 * link_add_address() - give an address to an interface
 * @nl: the socket
 * @ifindex: of the interface
 * @address: with the length of its network: /32 and /128 make no route
 * @error: NETLINK_ERROR
 *
 * Succeeds when the interface has it already. IPv6 addresses are usable at once: there is no
 * duplicate address detection.
 */
bool link_add_address(struct netlink *nl, guint32 ifindex, const struct prefix *address,
		      GError **error);

/**
 * link_remove_address() - take an address from an interface
 * @nl: the socket
 * @ifindex: of the interface
 * @address: as it was added
 * @error: NETLINK_ERROR
 *
 * Succeeds when the interface does not have it.
 */
bool link_remove_address(struct netlink *nl, guint32 ifindex, const struct prefix *address,
			 GError **error);

/**
 * link_list_addresses() - read the addresses of an interface
 * @nl: the socket
 * @ifindex: of the interface
 * @error: NETLINK_ERROR
 *
 * Return: (owned by the caller) an array of struct prefix, without the link-local one that the
 * kernel gives by itself; NULL on error.
 */
GArray *link_list_addresses(struct netlink *nl, guint32 ifindex, GError **error);

/**
 * struct link_route - a route into an interface
 * @destination: bits behind the prefix are zero
 * @mtu_bytes: largest packet that may take it; 0: that of the interface
 */
struct link_route {
	struct prefix destination;
	guint32 mtu_bytes;
};

/**
 * link_add_route() - route a destination into an interface
 * @nl: the socket
 * @ifindex: of the interface
 * @route: the route
 * @error: NETLINK_ERROR; EEXIST when somebody else's route of the same destination and metric is in
 *	   the way
 *
 * The route is in the main table and carries LINK_ROUTE_PROTOCOL. One that is there already gets
 * the MTU.
 */
bool link_add_route(struct netlink *nl, guint32 ifindex, const struct link_route *route,
		    GError **error);

/**
 * link_remove_route() - remove a route that link_add_route() made
 * @nl: the socket
 * @ifindex: of the interface
 * @destination: of the route
 * @error: NETLINK_ERROR
 *
 * Succeeds when there is none. A route with another origin stays.
 */
bool link_remove_route(struct netlink *nl, guint32 ifindex, const struct prefix *destination,
		       GError **error);

/**
 * link_list_routes() - read the routes that link_add_route() made
 * @nl: the socket
 * @ifindex: of the interface
 * @error: NETLINK_ERROR
 *
 * Return: (owned by the caller) an array of struct link_route; NULL on error.
 */
GArray *link_list_routes(struct netlink *nl, guint32 ifindex, GError **error);

/**
 * struct link_underlay - an address of this node where a peer might reach it
 * @address: port 0
 * @ifindex: of its interface
 * @ifname: the name of that
 * @mtu_bytes: the MTU of that
 */
struct link_underlay {
	struct endpoint address;
	guint32 ifindex;
	guint32 mtu_bytes;
	char ifname[IFNAMSIZ];
};

/**
 * link_list_underlay() - read the addresses that can be host candidates of ICE
 * @nl: the socket
 * @error: NETLINK_ERROR
 *
 * Left out: loopback, WireGuard interfaces, what is not running, the bridges of containers and
 * virtual machines (docker*, virbr*, …); link-local, multicast and 240.0.0.0/4 addresses;
 * addresses that are tentative, duplicate or deprecated; and a temporary IPv6 address (RFC 8981)
 * when the interface has a lasting one of the same prefix beside it: only peers get to see it.
 *
 * Return: (owned by the caller) an array of struct link_underlay in the kernel's order, each
 * address once; NULL on error.
 */
GArray *link_list_underlay(struct netlink *nl, GError **error);

/* What changed, as bits: see link_watch_new(). */
enum link_change {
	LINK_CHANGE_LINKS = 1 << 0,
	LINK_CHANGE_ADDRESSES = 1 << 1,
	LINK_CHANGE_DEFAULT_ROUTE = 1 << 2,
};

/**
 * struct link_watch - tells of changes of the network
 */
typedef struct link_watch link_watch;

/**
 * link_watch_new() - be told when interfaces, addresses or a default route change
 * @changed: called from the thread-default main context with the bits of enum link_change, once for
 *	     what came together; all bits when events were lost. May not free the watch
 * @data: for @changed
 * @error: NETLINK_ERROR
 *
 * It says that something happened, not what: read anew and compare. One's own changes are told too.
 *
 * Return: (owned by the caller) the watch; NULL on error.
 */
struct link_watch *link_watch_new(void (*changed)(unsigned int what, void *data), void *data,
				  GError **error);

/**
 * link_watch_free() - end it
 * @watch: a watch, or NULL
 */
void link_watch_free(struct link_watch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(link_watch, link_watch_free)

#endif
