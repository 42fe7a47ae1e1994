/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_LINK_VIEW_H
#define WGMESH_LINK_VIEW_H

#include "link.h"

/*
 * By which interfaces packets leave this machine, whether they may, and whether an interface is
 * carried by a mesh: one look at what the kernel has, from which all of that follows. Names of
 * interfaces do not count.
 */

/**
 * enum link_worth - how likely it is that the way from an address leads somewhere
 * @LINK_WORTH_DEFAULT: a default route leaves by its interface
 * @LINK_WORTH_GLOBAL: it is a public one
 * @LINK_WORTH_PRIVATE: it is a private one
 * @LINK_WORTH_OTHER: it is at the end of a tunnel
 */
enum link_worth {
	LINK_WORTH_DEFAULT,
	LINK_WORTH_GLOBAL,
	LINK_WORTH_PRIVATE,
	LINK_WORTH_OTHER,
};

/**
 * struct link_underlay - an address of this node where a peer might reach it
 * @address: port 0
 * @ifindex: of the interface that has it
 * @ifname: name of the interface
 * @mtu_bytes: MTU of the interface
 * @worth: how much it is to be preferred
 * @fading: it is used no more for what is new, and will go (deprecated)
 */
struct link_underlay {
	struct endpoint address;
	guint32 ifindex;
	guint32 mtu_bytes;
	char ifname[IFNAMSIZ];
	enum link_worth worth;
	bool fading;
};

/**
 * struct link_view - the interfaces, addresses and routes of one moment, and what follows
 */
typedef struct link_view link_view;

/**
 * link_view_read() - look
 * @nl: the socket
 * @mesh: name of the interface of a mesh that may have no peer yet; NULL: there is none
 * @error: NETLINK_ERROR
 *
 * Return: (owned by the caller) the view; NULL on error. link_view_free() it.
 */
struct link_view *link_view_read(struct netlink *nl, const char *mesh, GError **error);

/**
 * link_view_free() - forget it
 * @view: a view, or NULL
 */
void link_view_free(struct link_view *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(link_view, link_view_free)

/**
 * link_view_is_carried() - whether what leaves by an interface comes back as a packet of a mesh
 * @view: the view
 * @ifindex: of the interface
 *
 * Carried are the WireGuard interfaces of meshes themselves, and what is on top of them: VLANs and
 * the like, tunnels that send from one of their addresses or whose other end is routed into them,
 * and bridges that have nothing else to send by.
 */
bool link_view_is_carried(const struct link_view *view, guint32 ifindex);

/**
 * link_view_underlay() - the addresses at which a peer might reach this node
 * @view: the view
 *
 * Left out are: what is not running; loopback; what is carried by a mesh, and other WireGuard
 * interfaces by which no default route leaves; bridges by which no route leaves and that have no
 * port but those of containers and virtual machines, unless there is nothing else; link-local,
 * multicast and 240.0.0.0/4 addresses; tentative and duplicate ones; and a temporary IPv6 address
 * (RFC 8981) when the interface has a lasting one of the same prefix beside it.
 *
 * Return: (borrowed from @view) an array of struct link_underlay, each address once, the worthiest
 * first; of those that are equally worthy the first of each interface.
 */
const GArray *link_view_underlay(const struct link_view *view);

/**
 * struct link_needed - an address that the network of this machine needs
 * @own: it is this machine's own
 * @what: it is, for people: "the router of this machine, by the interface eth0"
 */
struct link_needed {
	bool own;
	char what[64 + IFNAMSIZ];
};

/**
 * link_view_needed() - the addresses of this machine and of its routers
 * @view: the view
 *
 * What is carried by a mesh does not count: neither its addresses, nor a router behind it.
 *
 * Return: (owned by the caller) struct link_needed by struct prefix of full length.
 */
GHashTable *link_view_needed(const struct link_view *view);

/**
 * link_view_add_needed() - one more, unless it is there
 * @table: as link_view_needed() makes it
 * @address: of full length
 * @what: it is
 *
 * Return: false when it was there.
 */
bool link_view_add_needed(GHashTable *table, const struct prefix *address,
			  const struct link_needed *what);

/**
 * link_view_same_exits() - whether the same default routes lead outside
 * @a: a view
 * @b: another one
 *
 * Lifetimes do not count, nor do routes in tables that no rule names.
 */
bool link_view_same_exits(const struct link_view *a, const struct link_view *b);

#endif
