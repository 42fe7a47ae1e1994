/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_NODE_H
#define WGMESH_NODE_H

#include <glib.h>

#include "dataplane.h"
#include "lib/joinstring.h"
#include "mesh.h"
#include "server-link.h"
#include "state.h"

/*
 * This node: what the admin wants, what the server says, and the parts that make it so.
 */

struct node;

/**
 * enum node_condition - how things stand
 * @NODE_DOWN: not wanted, or never joined
 * @NODE_JOINING: the server has not let this node in yet
 * @NODE_UP: in the network, whether the server is connected or not
 * @NODE_ERROR: the server refuses this node, or the interface cannot be made
 */
enum node_condition {
	NODE_DOWN,
	NODE_JOINING,
	NODE_UP,
	NODE_ERROR,
};

/**
 * struct node_settings - what a node is started with
 * @state_directory: see state.h
 * @ifname: name of the interface
 * @listen_port: of WireGuard's own socket, 0 lets the kernel choose
 * @at_rest: neither is the kernel changed nor the server asked before something is asked of the node
 */
struct node_settings {
	const char *state_directory;
	const char *ifname;
	guint16 listen_port;
	bool at_rest;
};

/**
 * struct node_events - what a node tells about a node_up() or node_leave()
 * @progress: what is being done
 * @settled: it is connected and configured; or @error says why it is not
 * @left: the network is left for good; or @error says what is left of it. All that the owner may do
 *	  now is to free the node, later, and to make another one
 */
struct node_events {
	void (*progress)(const char *text, void *data);
	void (*settled)(const char *error, void *data);
	void (*left)(const char *error, void *data);
};

/**
 * node_new() - take up what is on disk and in the kernel
 * @settings: copied
 * @events: what to call, from the default main context
 * @data: for @events
 * @error: what is missing and what to do
 *
 * A node that was up is up again when this returns, with the map it had; the server is asked then.
 *
 * Return: (owned by the caller) the node; NULL on error.
 */
struct node *node_new(const struct node_settings *settings, const struct node_events *events,
		      void *data, GError **error);

/**
 * node_free() - stop; the kernel keeps what it has, and carries packets
 * @node: a node, or NULL
 */
void node_free(struct node *node);

/**
 * node_up() - join a network, or go back into the one before
 * @node: the node
 * @join: which one; NULL for the one before
 * @hostname: wish; NULL for the one before, or this machine's
 * @error: what cannot be done, and why
 *
 * A node that is in another network stays there until @join has let it in.
 *
 * Return: whether it is on its way: node_events.settled tells the outcome.
 */
bool node_up(struct node *node, const struct joinstring *join, const char *hostname,
	     GError **error);

/**
 * node_down() - leave the server and remove the interface; it stays so over a restart
 * @node: the node
 * @error: what is left, and why
 */
bool node_down(struct node *node, GError **error);

/**
 * node_leave() - leave the network for good: the server forgets this node, and this node its key
 * @node: the node
 * @error: why that cannot be done
 *
 * A server that cannot be reached makes no difference here; node_events.progress tells.
 *
 * Return: whether it is on its way: node_events.left tells the outcome, perhaps before this returns.
 */
bool node_leave(struct node *node, GError **error);

/* What commands.c and status.c work on. Pointers are borrowed from the node. */
enum node_condition node_condition(const struct node *node);
const char *node_error(const struct node *node);
/* Another machine has the key of this node, or the disk does not have its state; NULL: all is well. */
const char *node_warning(const struct node *node);
const struct state *node_state(const struct node *node);
struct mesh *node_mesh(const struct node *node);
struct dataplane *node_dataplane(const struct node *node);
const struct underlay *node_underlay(const struct node *node);

/**
 * node_link() - the connection to the server
 * @node: the node
 *
 * Return: (borrowed from @node) the connection; NULL while the node is down.
 */
const struct server_link *node_link(const struct node *node);

#endif
