/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAYS_H
#define WGMESH_RELAYS_H

#include <json-glib/json-glib.h>

#include "leases.h"

/*
 * The relays of the network, and the allocations that this node keeps on two of them: the first on
 * the nearest, the second on another one, for when that of the first dies.
 *
 * All relays are measured from time to time. The node moves to another one when that is clearly
 * nearer each time, or its own is gone or about to stop; the allocation before is kept for a while,
 * so that peers which still use it lose nothing. Where no relay answers by UDP, TLS and TCP are
 * tried; there is no second one then.
 */

struct relays;

/**
 * struct relays_events - what is told about the allocations
 * @changed: relays_turn() or relays_has() say something else. An allocation that has ended is freed
 *	     when this returns
 * @bound: a channel is there; called for each @user of it, see turn_bind()
 * @moved: data of an allocation passes again, after a NAT had cut it off
 * @refused: a relay does not give a channel; likewise
 */
struct relays_events {
	void (*changed)(void *data);
	void (*bound)(const struct turn *turn, guint16 channel, void *user, void *data);
	void (*moved)(const struct turn *turn, void *data);
	void (*refused)(const struct turn *turn, guint16 channel, void *user, const char *why,
			void *data);
};

/**
 * relays_new() - no relay is known yet
 * @events: what to call, from the default main context
 * @data: for @events
 *
 * Return: (owned by the caller) the relays; relays_free() them.
 */
struct relays *relays_new(const struct relays_events *events, void *data);

/**
 * relays_free() - forget the relays; the allocation works until it expires, as the kernel's paths do
 * @relays: the relays, or NULL
 */
void relays_free(struct relays *relays);

/**
 * relays_set() - take over what the map says
 * @relays: the relays
 * @infos: array of struct relayinfo with credentials; without any the allocation is given back
 */
void relays_set(struct relays *relays, const GArray *infos);

/**
 * relays_network_changed() - measure anew, and allocate anew what may have got lost by that
 * @relays: the relays
 * @all: whether all may have got lost. Otherwise an allocation stays when packets to its relay leave
 *	 with the same address, by the same interface and to the same router as before
 */
void relays_network_changed(struct relays *relays, bool all);

/**
 * relays_turn() - an allocation
 * @relays: the relays
 * @rank: which one
 *
 * Return: (borrowed until the next change) the allocation; NULL while there is none. Without a first
 * one there is no second one.
 */
struct turn *relays_turn(const struct relays *relays, enum leases_rank rank);

/**
 * relays_has() - whether an allocation is kept: the first, the second, or the one before
 * @relays: the relays
 * @turn: the allocation
 */
bool relays_has(const struct relays *relays, const struct turn *turn);

/**
 * relays_name() - the name of the relay that an endpoint of the underlay is
 * @relays: the relays
 * @remote: where data is sent to
 *
 * Return: (borrowed until the next change) the name; NULL when it is none that this node uses.
 */
const char *relays_name(const struct relays *relays, const struct endpoint *remote);

/**
 * relays_list() - what this node thinks of each relay
 * @relays: the relays
 *
 * Return: (owned by the caller) array of RELAYSTATUS (docs/protocol.md section 6.1).
 */
JsonArray *relays_list(const struct relays *relays);

/**
 * relays_error() - why there is no allocation
 * @relays: the relays
 *
 * Return: (borrowed until the next change) why, for people; NULL when there is one, or no relay.
 */
const char *relays_error(const struct relays *relays);

#endif
