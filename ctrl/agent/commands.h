/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHD_COMMANDS_H
#define MESHD_COMMANDS_H

#include "node.h"

/*
 * What meshctl can ask of this node (docs/protocol.md section 6.1).
 */

struct commands;

/**
 * commands_new() - listen for requests
 * @path: of the socket
 * @group: whose members may send any request; NULL for the group of this process
 * @viewers: whose members may look; NULL for the usual group
 * @error: what is wrong; another meshd may be listening there
 *
 * None is taken before the main loop runs; commands_set_node() and commands_on_left() have to be
 * called by then.
 *
 * Return: (owned by the caller) the commands; NULL on error. commands_free() them.
 */
struct commands *commands_new(const char *path, const char *group, const char *viewers,
			      GError **error);

/**
 * commands_set_node() - which node the requests are about
 * @commands: the commands
 * @node: borrowed
 */
void commands_set_node(struct commands *commands, struct node *node);

/**
 * commands_on_left() - who makes another node when this one has left its network for good
 * @commands: the commands
 * @left: called from the main loop; it is not to free the node there, but after the main loop
 * @data: for @left
 */
void commands_on_left(struct commands *commands, void (*left)(void *data), void *data);

/**
 * commands_free() - stop listening; who waits is told
 * @commands: the commands, or NULL
 */
void commands_free(struct commands *commands);

/* What node_new() is to call, with the commands as its data. */
extern const struct node_events commands_node_events;

#endif
