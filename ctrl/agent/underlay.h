/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_UNDERLAY_H
#define WGMESH_UNDERLAY_H

#include <glib.h>
#include <stdbool.h>

#include "lib/link.h"

/* So many addresses are offered to peers, the worthiest; ICE pairs each with all of the peer's. */
#define UNDERLAY_MAX 16

/**
 * struct underlay_events - what is told about the networks that this node is on
 * @changed: an address to be offered came, one that was offered went (@gone), or other default
 *	     routes lead outside (@rerouted); told once for what came together
 * @read: all was read anew, and underlay_leads_back() and underlay_mtu() may answer otherwise; told
 *	  before @changed
 */
struct underlay_events {
	void (*changed)(bool gone, bool rerouted, void *data);
	void (*read)(void *data);
};

/**
 * struct underlay - the addresses at which this node might be reached, kept up to date
 */
typedef struct underlay underlay;

/**
 * underlay_new() - read the addresses and watch for changes
 * @mesh: name of the interface of our own mesh, which may have no peer yet
 * @events: what to call, from the default main context
 * @data: for @events
 * @error: NETLINK_ERROR
 *
 * Return: (owned by the caller) the underlay; NULL on error. underlay_free() it.
 */
struct underlay *underlay_new(const char *mesh, const struct underlay_events *events, void *data,
			      GError **error);

/**
 * underlay_free() - stop watching
 * @underlay: an underlay, or NULL
 */
void underlay_free(struct underlay *underlay);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(underlay, underlay_free)

/**
 * underlay_addresses() - the addresses now
 * @underlay: the underlay
 *
 * Return: (borrowed, until the next change) an array of struct endpoint, without ports, the
 * worthiest first: those that are offered to peers, UNDERLAY_MAX at most.
 */
const GArray *underlay_addresses(const struct underlay *underlay);

/**
 * underlay_watch() - what tells of changes; there is one of it in the program
 * @underlay: the underlay
 *
 * Return: (borrowed from @underlay) the watch.
 */
struct link_watch *underlay_watch(struct underlay *underlay);

/**
 * underlay_left_out() - addresses that are too many to be offered
 * @underlay: the underlay
 *
 * Return: (borrowed, until the next change) an array of struct endpoint, without ports.
 */
const GArray *underlay_left_out(const struct underlay *underlay);

/**
 * underlay_mtu() - the smallest MTU of the interfaces that have the addresses that are offered
 * @underlay: the underlay
 *
 * Return: bytes; 0 while there is no address.
 */
guint32 underlay_mtu(const struct underlay *underlay);

/**
 * underlay_needed() - the addresses that no peer may have: of this machine, its routers, resolvers
 * @underlay: the underlay
 *
 * Nobody tells of other resolvers: they are read each time.
 *
 * Return: (borrowed, until the next change) as link_view_needed() makes it. It is another table when
 * anything is not as before.
 */
GHashTable *underlay_needed(struct underlay *underlay);

/**
 * underlay_is_carried() - whether packets that leave by an interface come back as those of a mesh
 * @underlay: the underlay
 * @ifindex: of the interface
 */
bool underlay_is_carried(const struct underlay *underlay, guint32 ifindex);

/**
 * underlay_leads_back() - whether the way to an endpoint is a mesh, or something on top of one
 * @underlay: the underlay
 * @to: the endpoint
 *
 * A mesh that everything is routed into does not count: the sockets of ICE leave by the interface
 * that they are tied to.
 */
bool underlay_leads_back(const struct underlay *underlay, const struct endpoint *to);

/**
 * underlay_is_near() - whether an endpoint is in a network that there is a route to of its own
 * @underlay: the underlay
 * @to: the endpoint
 */
bool underlay_is_near(const struct underlay *underlay, const struct endpoint *to);

/**
 * underlay_line() - how packets leave for an endpoint now
 * @underlay: the underlay
 * @to: the endpoint
 *
 * Return: the way; without interface when there is none, or the endpoint is this machine.
 */
struct link_way underlay_line(const struct underlay *underlay, const struct endpoint *to);

/**
 * underlay_has_left_line() - whether a connection leaves by another interface than it began with
 * @underlay: the underlay
 * @to: the other end
 * @line: what underlay_line() said when it began
 *
 * Then its packets carry an address that the other line may not let out.
 */
bool underlay_has_left_line(const struct underlay *underlay, const struct endpoint *to,
			    const struct link_way *line);

#endif
