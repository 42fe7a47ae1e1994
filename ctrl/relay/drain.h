/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_DRAIN_H
#define WGMESH_RELAY_DRAIN_H

#include "turn.h"

/*
 * The time that clients get to find another server before this one stops. Each is told to ask, and
 * reads in the signed answer that it has to leave (docs/protocol.md section 5.7).
 */

struct drain;

/**
 * drain_new() - let clients go
 * @turn: (borrowed) the server, with allocations; makes no more of them from now on
 * @time_s: how long at most, in seconds
 * @over: called from the main loop: all allocations have ended, or all clients know and have had time
 *	  to leave, or @time_s is over
 * @data: for @over
 *
 * Return: (owned by the caller) the drain; free with drain_free().
 */
struct drain *drain_new(struct turn *turn, guint time_s, void (*over)(void *data), void *data);

/**
 * drain_free() - wait no more
 * @drain: the drain, or NULL
 */
void drain_free(struct drain *drain);

#endif
