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
 * @lower: interface that it is made on top of, or the other end of a veth; 0 when there is none
 * @lower_elsewhere: @lower is of another network namespace, and says nothing here
 * @master: the bridge, bond or VRF that it belongs to; 0 when there is none
 * @vrf_table: the routing table of a VRF; 0 when it is none
 * @tunnel_local: address that a tunnel sends from; not set when it is none, or any will do
 * @tunnel_remote: address that a tunnel sends to; not set when it is none, or it has many
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
	guint32 lower;
	bool lower_elsewhere;
	guint32 master;
	guint32 vrf_table;
	struct endpoint tunnel_local;
	struct endpoint tunnel_remote;
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
 * link_find_altname() - read an interface
 * @nl: the socket
 * @name: one of its alternative names (ip-link(8), altname), which no two interfaces share
 * @link: the result goes here
 * @error: NETLINK_ERROR; ENODEV when there is none that has it
 */
bool link_find_altname(struct netlink *nl, const char *name, struct link *link, GError **error);

/**
 * link_add_altname() - give an interface one more alternative name
 * @nl: the socket
 * @ifindex: of the interface
 * @name: less than 128 characters
 * @error: NETLINK_ERROR; EEXIST: this interface or another one has it
 */
bool link_add_altname(struct netlink *nl, guint32 ifindex, const char *name, GError **error);

/**
 * link_remove_altname() - take an alternative name from an interface
 * @nl: the socket
 * @ifindex: of the interface
 * @name: the name
 * @error: NETLINK_ERROR
 */
bool link_remove_altname(struct netlink *nl, guint32 ifindex, const char *name, GError **error);

/**
 * link_find_index() - read an interface
 * @nl: the socket
 * @ifindex: of the interface
 * @link: the result goes here
 * @error: NETLINK_ERROR; ENODEV when there is none of that index
 */
bool link_find_index(struct netlink *nl, guint32 ifindex, struct link *link, GError **error);

/**
 * link_find_wireguard() - link_find(), refusing what is not WireGuard
 * @nl: the socket
 * @name: of the interface
 * @link: the result goes here
 * @error: NETLINK_ERROR; ENODEV: no such interface; EEXIST: one of another kind has the name
 */
bool link_find_wireguard(struct netlink *nl, const char *name, struct link *link, GError **error);

/**
 * link_list() - read all interfaces
 * @nl: the socket
 * @error: NETLINK_ERROR
 *
 * Return: (owned by the caller) an array of struct link; NULL on error.
 */
GArray *link_list(struct netlink *nl, GError **error);

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
 * link_rename() - give an interface another name
 * @nl: the socket
 * @ifindex: of the interface; it is set down where the kernel wants that
 * @name: the new one
 * @error: NETLINK_ERROR; EEXIST: another interface has it
 */
bool link_rename(struct netlink *nl, guint32 ifindex, const char *name, GError **error);

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
 * link_who_has() - find an interface that has an address
 * @nl: the socket
 * @address: the address; its length does not count
 * @but: index of an interface that does not count
 * @ifindex: its index goes here; 0 when there is none
 * @error: NETLINK_ERROR
 */
bool link_who_has(struct netlink *nl, const struct prefix *address, guint32 but, guint32 *ifindex,
		  GError **error);

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
 * @was_there: set: whether it was there already, as it is wanted
 * @error: NETLINK_ERROR; EEXIST when somebody else's route of the same destination and metric is in
 *	   the way: which one, is said
 *
 * The route is in the main table and carries LINK_ROUTE_PROTOCOL. One that is there already gets
 * the MTU.
 */
bool link_add_route(struct netlink *nl, guint32 ifindex, const struct link_route *route,
		    bool *was_there, GError **error);

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
 * struct link_fib_route - a route as the kernel describes it, whoever made it
 * @destination: bits behind the prefix are zero
 * @ifindex: where it leads; 0 when that is no interface, or several
 * @table: RT_TABLE_…, or another number
 * @protocol: RTPROT_…: who made it
 * @type: RTN_…
 * @metric: the lower one wins
 * @mtu_bytes: largest packet that may take it; 0: that of the interface
 */
struct link_fib_route {
	struct prefix destination;
	guint32 ifindex;
	guint32 table;
	guint8 protocol;
	guint8 type;
	guint32 metric;
	guint32 mtu_bytes;
};

/**
 * link_find_route() - the route that a packet to an address takes
 * @nl: the socket
 * @destination: an address of full length
 * @route: the result goes here
 * @error: NETLINK_ERROR; ENETUNREACH: none
 */
bool link_find_route(struct netlink *nl, const struct prefix *destination,
		     struct link_fib_route *route, GError **error);

/**
 * link_describe_route() - a route as ip(8) writes it
 * @route: the route
 *
 * Return: (owned by the caller) "192.0.2.1 dev eth0 proto static metric 0".
 */
char *link_describe_route(const struct link_fib_route *route);

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
 * struct link_way - how the kernel would send a packet
 * @ifindex: interface that it would leave by; 0 when it would stay on this machine
 * @source: address that it would carry, port 0; not set when the kernel does not say
 * @gateway: router that it would be handed to, port 0; not set when there is none
 * @detour: the routes say otherwise: see link_way_outside()
 */
struct link_way {
	guint32 ifindex;
	struct endpoint source;
	struct endpoint gateway;
	bool detour;
};

/**
 * link_way() - ask the kernel how it would send a packet
 * @nl: the socket
 * @to: where; the port does not count
 * @mark: of the packet; 0: none
 * @way: the answer goes here
 * @error: NETLINK_ERROR; ENETUNREACH, EHOSTUNREACH, ...: there is no way
 */
bool link_way(struct netlink *nl, const struct endpoint *to, guint32 mark, struct link_way *way,
	      GError **error);

/* Up to this length the destination of a route is about everything: 0/1, 2000::/3. */
#define LINK_WIDE_LENGTH 3

/**
 * link_way_is_wide() - whether the route that decides is about everything
 * @nl: the socket
 * @to: where; the port does not count
 *
 * Return: true, too, when there is no way.
 */
bool link_way_is_wide(struct netlink *nl, const struct endpoint *to);

/**
 * link_way_from() - ask the kernel how it would send a packet that carries an address of ours
 * @nl: the socket
 * @from: the address; the port does not count
 * @to: where; the port does not count
 * @way: the answer goes here
 * @error: NETLINK_ERROR; EINVAL: this machine does not have the address
 */
bool link_way_from(struct netlink *nl, const struct endpoint *from, const struct endpoint *to,
		   struct link_way *way, GError **error);

/**
 * link_way_outside() - how a packet of our own has to be sent to leave this machine for good
 * @to: where; the port does not count
 * @way: the answer goes here. When the routes lead into a mesh, it is a detour, by an interface by
 *	 which a default route leaves all the same: the socket has to be tied to that
 * @error: NETLINK_ERROR: see link_way(); ELOOP: the only way is a mesh, or something on top of one
 */
bool link_way_outside(const struct endpoint *to, struct link_way *way, GError **error);

/**
 * link_way_stands() - whether packets leave as before
 * @to: where; the port does not count
 * @way: what link_way_outside() said before
 *
 * Return: false when this machine has lost the address, or what carries it is sent by another
 * interface or to another router; and when nobody knows.
 */
bool link_way_stands(const struct endpoint *to, const struct link_way *way);

/* What changed, as bits: see link_watch_new(). */
enum link_change {
	LINK_CHANGE_LINKS = 1 << 0,
	LINK_CHANGE_ADDRESSES = 1 << 1,
	LINK_CHANGE_ROUTES = 1 << 2,
};

/**
 * struct link_watch - tells of changes of the network
 */
typedef struct link_watch link_watch;

/**
 * link_watch_new() - be told when interfaces, addresses, routes or rules change
 * @changed: called from the thread-default main context with the bits of enum link_change, once for
 *	     what came together; all bits when events were lost. May not free the watch
 * @data: for @changed
 * @error: NETLINK_ERROR
 *
 * It says that something happened, not what: read anew and compare. One's own changes are told too,
 * but for routes that carry LINK_ROUTE_PROTOCOL.
 *
 * Return: (owned by the caller) the watch; NULL on error.
 */
struct link_watch *link_watch_new(void (*changed)(unsigned int what, void *data), void *data,
				  GError **error);

/**
 * link_watch_tell() - show each event to somebody, as it comes
 * @watch: the watch
 * @event: gets the kernel's message, or NULL when some were lost; see link_event_read(). May not
 *	   free the watch
 * @data: for @event
 */
void link_watch_tell(struct link_watch *watch, netlink_event_fn event, void *data);

/**
 * enum link_event_type - what an event is about
 * @LINK_EVENT_LOST: events were lost: anything may have changed
 * @LINK_EVENT_LINK: an interface
 * @LINK_EVENT_ADDRESS: an address
 * @LINK_EVENT_ROUTE: a route
 */
enum link_event_type {
	LINK_EVENT_LOST,
	LINK_EVENT_LINK,
	LINK_EVENT_ADDRESS,
	LINK_EVENT_ROUTE,
};

/**
 * struct link_event - an event of the kernel
 * @type: which of the members below count
 * @gone: it is not there any more; else it is new, or another one
 * @replaces: a route took the place of the one of its destination and metric
 * @ifindex: of the interface
 * @link: the interface
 * @address: the address, with the length of its network
 * @link_local: of IPv6, which the kernel gives by itself
 * @route: the route
 */
struct link_event {
	enum link_event_type type;
	bool gone;
	bool replaces;
	guint32 ifindex;
	struct link link;
	struct prefix address;
	bool link_local;
	struct link_fib_route route;
};

/**
 * link_event_read() - read an event
 * @message: of the kernel; NULL: some were lost
 * @event: the result goes here
 *
 * Return: false when it is about something else, or malformed.
 */
bool link_event_read(const struct nlmsghdr *message, struct link_event *event);

/**
 * link_watch_free() - end it
 * @watch: a watch, or NULL
 */
void link_watch_free(struct link_watch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(link_watch, link_watch_free)

#endif
