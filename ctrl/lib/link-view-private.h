/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_LINK_VIEW_PRIVATE_H
#define WGMESH_LINK_VIEW_PRIVATE_H

#include "link-private.h"
#include "link-view.h"

/*
 * link-view.c reads, link-carried.c follows meshes upwards, link-underlay.c lists addresses,
 * link-needed.c those that others may not have.
 */

/* Of a tunnel with many ends so many are looked at. */
#define LINK_MAX_ENDS 64

/**
 * struct link_node - an interface, and what the routes say of it
 * @link: the interface
 * @leads: a route other than those of its own addresses leaves by it
 * @wide: for IPv4 and for IPv6: a default route does
 * @ours: a route of a mesh leads into it
 * @carried: see link_view_is_carried()
 * @looked_at: guards against circles of interfaces
 * @ends: array of struct endpoint: where a tunnel sends to; LINK_MAX_ENDS at most
 * @mark: of what the tunnel sends
 */
struct link_node {
	struct link link;
	bool leads;
	bool wide[2];
	bool ours;
	bool carried;
	bool looked_at;
	GArray *ends;
	guint32 mark;
};

/**
 * struct link_exit - a default route
 * @family: AF_INET or AF_INET6
 * @length: prefix length of the destination: at most LINK_WIDE_LENGTH
 * @table: in which the route is
 * @metric: of the route
 * @ifindex: interface that packets leave by
 * @gateway: the address of the router, zeros when there is none
 */
struct link_exit {
	guint32 family;
	guint32 length;
	guint32 table;
	guint32 metric;
	guint32 ifindex;
	guint8 gateway[16];
};

/**
 * struct link_view - see link-view.h
 * @nodes: struct link_node by index; owns them
 * @addresses: array of struct link_address
 * @tables: routing tables that rules name, or that belong to a VRF
 * @exits: array of struct link_exit, sorted
 * @underlay: array of struct link_underlay
 */
struct link_view {
	GHashTable *nodes;
	GArray *addresses;
	GHashTable *tables;
	GArray *exits;
	GArray *underlay;
};

/**
 * link_view_node() - look an interface up
 * @view: the view
 * @ifindex: of the interface
 *
 * Return: (borrowed from @view) the interface; NULL when there is none.
 */
struct link_node *link_view_node(const struct link_view *view, guint32 ifindex);

/**
 * link_view_find_carried() - find out which interfaces are carried by a mesh
 * @view: the view, with interfaces, addresses and routes
 * @nl: the socket
 * @mesh: see link_view_read()
 */
void link_view_find_carried(struct link_view *view, struct netlink *nl, const char *mesh);

/**
 * link_view_find_underlay() - make the list of addresses
 * @view: the view, which knows what is carried
 */
void link_view_find_underlay(struct link_view *view);

#endif
