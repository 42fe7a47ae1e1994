/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_LEASES_H
#define WGMESH_LEASES_H

#include "lib/relayinfo.h"
#include "turn.h"

/*
 * The allocations that this node has: the first is in use; the second, on another relay, is in
 * reserve, and takes the place of the first when that is lost. One that was in use before is kept
 * for a while, so that peers which still use it lose nothing.
 */

struct leases;

/**
 * enum leases_rank - which allocation
 * @LEASES_FIRST: the one to use
 * @LEASES_SECOND: the one to use when the first does not work
 * @LEASES_RANKS: how many there are
 */
enum leases_rank {
	LEASES_FIRST,
	LEASES_SECOND,
	LEASES_RANKS,
};

/**
 * struct leases_events - what is told about the allocations
 * @allocated: there is a new one on this relay
 * @changed: leases_turn() or leases_has() say something else. An allocation that has ended is freed
 *	     when this returns
 * @has_other: whether there is any relay but this one
 * @failed: an attempt on this relay failed, or an allocation there is lost, or will be soon. Told
 *	    after @changed
 * @bound: a channel is there; called for each @user of it, see turn_bind()
 * @moved: data of an allocation passes again, after a NAT had cut it off
 * @refused: a relay does not give a channel; likewise
 */
struct leases_events {
	void (*allocated)(const char *name, void *data);
	void (*changed)(void *data);
	bool (*has_other)(const char *name, void *data);
	void (*failed)(const char *name, const char *why, bool attempt, void *data);
	void (*bound)(const struct turn *turn, guint16 channel, void *user, void *data);
	void (*moved)(const struct turn *turn, void *data);
	void (*refused)(const struct turn *turn, guint16 channel, void *user, const char *why,
			void *data);
};

/**
 * leases_new() - there is no allocation yet
 * @events: what to call, from the default main context
 * @data: for @events
 *
 * Return: (owned by the caller) the allocations; leases_free() them.
 */
struct leases *leases_new(const struct leases_events *events, void *data);

/**
 * leases_free() - forget them; they work until they expire, as the kernel's paths do
 * @leases: the allocations, or NULL
 */
void leases_free(struct leases *leases);

/**
 * leases_attempt() - try to allocate
 * @leases: the allocations
 * @rank: which one it will be; none is being tried for that now
 * @info: of the relay
 * @endpoint: an address of it
 * @transport: the one of RELAYINFO_* to talk to it by
 * @error: G_IO_ERROR: there is no way to the relay
 */
bool leases_attempt(struct leases *leases, enum leases_rank rank, const struct relayinfo *info,
		    const struct endpoint *endpoint, enum relayinfo_transport transport,
		    GError **error);

/**
 * leases_wants() - whether there is a reason for leases_attempt()
 * @leases: the allocations
 * @rank: which one
 *
 * There is when the allocation is missing, or may not work any more, and none is being tried. A
 * second one is wanted only beside a first one that works, by UDP.
 */
bool leases_wants(const struct leases *leases, enum leases_rank rank);

/**
 * leases_is_trying() - whether a leases_attempt() is under way
 * @leases: the allocations
 * @rank: for which one
 */
bool leases_is_trying(const struct leases *leases, enum leases_rank rank);

/**
 * leases_works() - whether an allocation is there, as far as is known
 * @leases: the allocations
 * @rank: which one
 *
 * Return: false when there is none, or it has been lost and nothing has taken its place yet.
 */
bool leases_works(const struct leases *leases, enum leases_rank rank);

/**
 * leases_turn() - an allocation
 * @leases: the allocations
 * @rank: which one
 *
 * Return: (borrowed until the next change) the allocation; NULL while there is none.
 */
struct turn *leases_turn(const struct leases *leases, enum leases_rank rank);

/**
 * leases_name() - the name of the relay where an allocation is
 * @leases: the allocations
 * @rank: which one
 *
 * Return: (borrowed until the next change) the name; NULL while there is no allocation.
 */
const char *leases_name(const struct leases *leases, enum leases_rank rank);

/**
 * leases_endpoint() - where the relay of an allocation is talked to
 * @leases: the allocations
 * @rank: which one; there is one
 * @transport: the one of RELAYINFO_* that is used goes here; may be NULL
 *
 * Return: (borrowed until the next change) the endpoint.
 */
const struct endpoint *leases_endpoint(const struct leases *leases, enum leases_rank rank,
				       enum relayinfo_transport *transport);

/**
 * leases_name_of() - the name of the relay that an endpoint of the underlay is
 * @leases: the allocations
 * @remote: where data is sent to
 *
 * Return: (borrowed until the next change) the name; NULL when no allocation is there.
 */
const char *leases_name_of(const struct leases *leases, const struct endpoint *remote);

/**
 * leases_has() - whether an allocation is kept: the first, the second, or the one before
 * @leases: the allocations
 * @turn: the allocation
 */
bool leases_has(const struct leases *leases, const struct turn *turn);

/**
 * leases_swap() - use the second allocation; the first becomes the second
 * @leases: the allocations; there are both
 */
void leases_swap(struct leases *leases);

/**
 * leases_network_changed() - some may not work any more: others are wanted in their place
 * @leases: the allocations
 * @all: whether that goes for those, too, to whose relays packets leave as before
 */
void leases_network_changed(struct leases *leases, bool all);

/**
 * leases_relay_moved() - a relay is elsewhere now: what is there ends with leases_update()
 * @leases: the allocations
 * @name: of the relay
 */
void leases_relay_moved(struct leases *leases, const char *name);

/**
 * leases_update() - take new credentials, and leave the relays that are gone
 * @leases: the allocations
 * @find: returns a relay by its name, NULL when it is gone
 * @data: for @find
 */
void leases_update(struct leases *leases,
		   const struct relayinfo *(*find)(const char *name, void *data), void *data);

#endif
