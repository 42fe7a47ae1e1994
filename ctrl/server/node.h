/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_NODE_H
#define WGMESH_NODE_H

#include <glib.h>
#include <stdbool.h>

#include "lib/admission.h"
#include "refusal.h"
#include "server.h"

/*
 * The connection of a node, from the moment at which it was accepted: it has to open a WebSocket
 * and prove its key (docs/protocol.md section 2.2) in time, then it gets the map and passes on
 * signals. It frees itself when it has ended.
 */
struct node;

/**
 * node_new() - begin with a connection that was accepted
 * @server: whose node it will be
 * @fd: non-blocking; owned by the callee
 * @from: where it comes from
 * @admission: owned by the callee
 */
void node_new(struct server *server, int fd, const struct endpoint *from,
	      struct admission *admission);

/**
 * node_send_delta() - tell a node what has changed
 * @node: the connection, of a member
 * @delta: of websocket_frame(); a reference is taken
 *
 * Return: false when too much waits for a node that reads slowly: then it gets no delta any more,
 * but the map as it is when it has read what waits.
 */
bool node_send_delta(struct node *node, GPtrArray *delta);

/**
 * node_is_owed_map() - whether a map waits until the node has read what was sent before
 * @node: the connection
 */
bool node_is_owed_map(const struct node *node);

/**
 * node_refuse() - tell a node why it is disconnected, and do that
 * @node: the connection
 * @refusal: why
 * @text: for people: what is wrong and what to do
 *
 * Its member, if any, is not connected any more when this returns.
 */
void node_refuse(struct node *node, enum refusal refusal, const char *text);

/**
 * node_forget_member() - the node was removed from the network, its member is gone
 * @node: the connection
 */
void node_forget_member(struct node *node);

/**
 * node_free() - close the connection at once
 * @node: the connection
 */
void node_free(struct node *node);

#endif
