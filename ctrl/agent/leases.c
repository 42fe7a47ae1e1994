// SPDX-License-Identifier: GPL-2.0
/*
 * The allocations of this node: which is in use, which in reserve, and what takes the place of one
 * that is lost.
 */
#include "leases.h"

#include <sodium.h>
#include <string.h>

#include "lib/hostname.h"
#include "lib/log.h"

/* Another process may have had an allocation from the endpoint that the kernel gave us, just now. */
#define TRIES_MAX 3

/* An allocation that lasted so long is not one that the relay gives and forgets all the time. */
#define STEADY_US (10 * G_USEC_PER_SEC)

/* How long the allocation before is kept for peers that still use it. */
#define RETIRE_S 60

/**
 * struct lease - an allocation, or the attempt to get one
 * @leases: to which it belongs
 * @info: what the map says of it
 * @endpoint: of the relay
 * @transport: to the relay
 * @turn: the client
 * @tries: how many attempts from other sockets were refused before this one
 * @allocated_us: since when there is one
 * @stale: another one is wanted in its place
 * @lost: there is nothing to give back
 * @retire: GLib source that ends it
 */
struct lease {
	struct leases *leases;
	struct relayinfo info;
	struct endpoint endpoint;
	enum relayinfo_transport transport;
	struct turn *turn;
	guint tries;
	gint64 allocated_us;
	bool stale;
	bool lost;
	guint retire;
};

/**
 * struct leases - see leases.h
 * @events: of the owner
 * @data: for @events
 * @kept: the allocations, by rank; NULL while there is none
 * @attempts: attempts to get another one, by rank; NULL when none is under way
 * @before: what was in use before; NULL when it has ended
 * @ended: array of struct lease *: to be freed as soon as everybody knows
 */
struct leases {
	const struct leases_events *events;
	void *data;
	struct lease *kept[LEASES_RANKS];
	struct lease *attempts[LEASES_RANKS];
	struct lease *before;
	GPtrArray *ended;
};

static void free_lease(struct lease *lease)
{
	if (!lease)
		return;
	g_clear_handle_id(&lease->retire, g_source_remove);
	turn_free(lease->turn);
	sodium_memzero(&lease->info, sizeof(lease->info));
	g_free(lease);
}

static void end_lease(void *data)
{
	struct lease *lease = data;

	if (!lease->lost)
		turn_give_back(g_steal_pointer(&lease->turn));
	free_lease(lease);
}

/* Empties a place; what was there ends with the next tell_changed(). */
static void end(struct leases *leases, struct lease **place)
{
	if (*place)
		g_ptr_array_add(leases->ended, g_steal_pointer(place));
}

static void tell_changed(struct leases *leases)
{
	leases->events->changed(leases->data);
	g_ptr_array_set_size(leases->ended, 0);
}

static gboolean on_retire(void *data)
{
	struct lease *lease = data;
	struct leases *leases = lease->leases;

	lease->retire = 0;
	end(leases, &leases->before);
	tell_changed(leases);
	return G_SOURCE_REMOVE;
}

/* Empties a place; what was there stays for a while. */
static void retire(struct leases *leases, struct lease **place)
{
	if (!*place)
		return;
	end(leases, &leases->before);
	leases->before = g_steal_pointer(place);
	leases->before->retire = g_timeout_add_seconds(RETIRE_S, on_retire, leases->before);
}

/* Where an allocation, or an attempt, is kept. */
static struct lease **place_of(struct leases *leases, const struct lease *lease)
{
	for (enum leases_rank rank = 0; rank < LEASES_RANKS; rank++) {
		if (leases->kept[rank] == lease)
			return &leases->kept[rank];
		if (leases->attempts[rank] == lease)
			return &leases->attempts[rank];
	}
	return leases->before == lease ? &leases->before : NULL;
}

/* All peers have their paths through the second one already. */
static void promote_second(struct leases *leases)
{
	struct lease **kept = leases->kept;

	if (kept[LEASES_FIRST] || !kept[LEASES_SECOND])
		return;
	kept[LEASES_FIRST] = g_steal_pointer(&kept[LEASES_SECOND]);
	log_info("relay %s: in use now", kept[LEASES_FIRST]->info.name);
}

/* What the clients tell */

static void on_allocated(void *data)
{
	struct lease *lease = data;
	struct leases *leases = lease->leases;
	bool first = lease == leases->attempts[LEASES_FIRST];
	enum leases_rank rank = first ? LEASES_FIRST : LEASES_SECOND;
	char text[ENDPOINT_STRLEN];

	if (lease != leases->attempts[rank])
		return;
	leases->attempts[rank] = NULL;
	lease->allocated_us = g_get_monotonic_time();
	if (first)
		retire(leases, &leases->kept[rank]);
	else
		end(leases, &leases->kept[rank]);
	leases->kept[rank] = lease;
	log_info("relay %s: allocated %s%s", lease->info.name,
		 endpoint_print(turn_relayed(lease->turn), text), first ? "" : ", in reserve");
	tell_changed(leases);
	leases->events->allocated(lease->info.name, leases->data);
}

static void on_bound(guint16 channel, void *user, void *data)
{
	struct lease *lease = data;

	lease->leases->events->bound(lease->turn, channel, user, lease->leases->data);
}

static void on_moved(void *data)
{
	struct lease *lease = data;

	lease->leases->events->moved(lease->turn, lease->leases->data);
}

static void on_refused(guint16 channel, void *user, const char *why, void *data)
{
	struct lease *lease = data;

	lease->leases->events->refused(lease->turn, channel, user, why, lease->leases->data);
}

static bool is_good(const struct lease *lease)
{
	return lease && !lease->stale;
}

/* Takes the second one into use, if it is worth more than a first one that is stale. */
static bool leave_first(struct leases *leases, const struct lease *lease)
{
	if (lease != leases->kept[LEASES_FIRST] || !is_good(leases->kept[LEASES_SECOND]))
		return false;
	retire(leases, &leases->kept[LEASES_FIRST]);
	promote_second(leases);
	tell_changed(leases);
	return true;
}

/* The relay still has the allocation, perhaps; but another one is needed, and soon. */
static void on_leave(const char *why, void *data)
{
	struct lease *lease = data;
	struct leases *leases = lease->leases;

	if (lease == leases->before || lease->stale)
		return;
	lease->stale = true;
	leave_first(leases, lease);
	leases->events->failed(lease->info.name, why, false, leases->data);
}

/* Where all would have to wait for its end, what is there is given back: it need not wait for us. */
static void on_stopping(void *data)
{
	const char *why = "it is about to stop";
	struct lease *lease = data;
	struct leases *leases = lease->leases;
	g_autofree char *name = g_strdup(lease->info.name);

	if (leases->events->has_other(name, leases->data)) {
		on_leave(why, lease);
		return;
	}
	end(leases, place_of(leases, lease));
	tell_changed(leases);
	leases->events->failed(name, why, false, leases->data);
}

static void on_lost(const char *why, void *data)
{
	struct lease *lease = data;
	struct leases *leases = lease->leases;
	struct lease **place = place_of(leases, lease);
	bool attempt = place == &leases->attempts[LEASES_FIRST] ||
		       place == &leases->attempts[LEASES_SECOND];
	bool before = place == &leases->before;
	g_autofree char *name = g_strdup(lease->info.name);

	lease->lost = true;
	end(leases, place);
	promote_second(leases);
	if (attempt)
		g_ptr_array_set_size(leases->ended, 0);
	else
		tell_changed(leases);
	if (!before)
		leases->events->failed(name, why, attempt, leases->data);
}

static bool attempt(struct leases *leases, enum leases_rank rank, const struct relayinfo *info,
		    const struct endpoint *endpoint, enum relayinfo_transport transport,
		    GError **error);

/* The same once more, from another socket: the relay is there. */
static bool attempt_again(struct lease *lease, enum leases_rank rank)
{
	struct leases *leases = lease->leases;
	g_autoptr(GError) error = NULL;

	if (lease->tries >= TRIES_MAX || leases->attempts[rank] ||
	    !attempt(leases, rank, &lease->info, &lease->endpoint, lease->transport, &error))
		return false;
	leases->attempts[rank]->tries = lease->tries + 1;
	return true;
}

static void on_attempt_gone(struct lease *lease, enum leases_rank rank)
{
	struct leases *leases = lease->leases;

	leases->attempts[rank] = NULL;
	if (!attempt_again(lease, rank)) {
		leases->attempts[rank] = lease;
		on_lost("it has an allocation of somebody else for this node", lease);
		return;
	}
	lease->lost = true;
	end(leases, &lease);
	g_ptr_array_set_size(leases->ended, 0);
}

/*
 * Nobody has done anything wrong, and the relay answers: there is no reason to look for another one,
 * or to wait.
 */
static void on_gone(void *data)
{
	struct lease *lease = data;
	struct leases *leases = lease->leases;
	const char *why = "it has lost the allocation of this node";
	enum leases_rank rank;

	for (rank = 0; rank < LEASES_RANKS; rank++) {
		if (lease == leases->attempts[rank]) {
			on_attempt_gone(lease, rank);
			return;
		}
	}
	lease->lost = true;
	if (lease == leases->before) {
		end(leases, &leases->before);
		tell_changed(leases);
		return;
	}
	lease->stale = true;
	if (g_get_monotonic_time() - lease->allocated_us >= STEADY_US)
		lease->tries = 0;
	rank = lease == leases->kept[LEASES_FIRST] ? LEASES_FIRST : LEASES_SECOND;
	if (leave_first(leases, lease) || !attempt_again(lease, rank))
		leases->events->failed(lease->info.name, why, false, leases->data);
	else
		log_info("relay %s: %s", lease->info.name, why);
}

static const struct turn_events turn_events = {
	.allocated = on_allocated,
	.bound = on_bound,
	.moved = on_moved,
	.refused = on_refused,
	.gone = on_gone,
	.leave = on_leave,
	.stopping = on_stopping,
	.lost = on_lost,
};

static bool attempt(struct leases *leases, enum leases_rank rank, const struct relayinfo *info,
		    const struct endpoint *endpoint, enum relayinfo_transport transport,
		    GError **error)
{
	struct lease *lease = g_new0(struct lease, 1);

	lease->leases = leases;
	lease->info = *info;
	lease->endpoint = *endpoint;
	lease->transport = transport;
	lease->turn = turn_new(endpoint, transport, info->username, info->password, &turn_events,
			       lease, error);
	if (!lease->turn) {
		free_lease(lease);
		return false;
	}
	leases->attempts[rank] = lease;
	return true;
}

/* What the owner says */

struct leases *leases_new(const struct leases_events *events, void *data)
{
	struct leases *leases = g_new0(struct leases, 1);

	leases->events = events;
	leases->data = data;
	leases->ended = g_ptr_array_new_with_free_func(end_lease);
	return leases;
}

void leases_free(struct leases *leases)
{
	if (!leases)
		return;
	for (enum leases_rank rank = 0; rank < LEASES_RANKS; rank++) {
		free_lease(leases->attempts[rank]);
		free_lease(leases->kept[rank]);
	}
	free_lease(leases->before);
	g_ptr_array_unref(leases->ended);
	g_free(leases);
}

bool leases_attempt(struct leases *leases, enum leases_rank rank, const struct relayinfo *info,
		    const struct endpoint *endpoint, enum relayinfo_transport transport,
		    GError **error)
{
	struct endpoint there = *endpoint;

	endpoint_set_port(&there, transport == RELAYINFO_TLS ? info->tls_port : info->port);
	return attempt(leases, rank, info, &there, transport, error);
}

bool leases_works(const struct leases *leases, enum leases_rank rank)
{
	return is_good(leases->kept[rank]);
}

bool leases_wants(const struct leases *leases, enum leases_rank rank)
{
	const struct lease *first = leases->kept[LEASES_FIRST];
	const struct lease *second = leases->kept[LEASES_SECOND];

	if (leases->attempts[LEASES_FIRST] || leases->attempts[rank])
		return false;
	if (rank == LEASES_FIRST)
		return !is_good(first);
	return is_good(first) && first->transport == RELAYINFO_UDP &&
	       (!is_good(second) || strcmp(first->info.name, second->info.name) == 0);
}

bool leases_is_trying(const struct leases *leases, enum leases_rank rank)
{
	return leases->attempts[rank];
}

struct turn *leases_turn(const struct leases *leases, enum leases_rank rank)
{
	return leases->kept[rank] ? leases->kept[rank]->turn : NULL;
}

const char *leases_name(const struct leases *leases, enum leases_rank rank)
{
	return leases->kept[rank] ? leases->kept[rank]->info.name : NULL;
}

const struct endpoint *leases_endpoint(const struct leases *leases, enum leases_rank rank,
				       enum relayinfo_transport *transport)
{
	const struct lease *lease = leases->kept[rank];

	if (transport)
		*transport = lease->transport;
	return &lease->endpoint;
}

static bool leads_to(const struct lease *lease, const struct endpoint *remote)
{
	return lease && endpoint_equal(turn_remote(lease->turn), remote);
}

const char *leases_name_of(const struct leases *leases, const struct endpoint *remote)
{
	for (enum leases_rank rank = 0; rank < LEASES_RANKS; rank++) {
		if (leads_to(leases->kept[rank], remote))
			return leases->kept[rank]->info.name;
	}
	return leads_to(leases->before, remote) ? leases->before->info.name : NULL;
}

bool leases_has(const struct leases *leases, const struct turn *turn)
{
	for (enum leases_rank rank = 0; rank < LEASES_RANKS; rank++) {
		if (leases->kept[rank] && leases->kept[rank]->turn == turn)
			return true;
	}
	return leases->before && leases->before->turn == turn;
}

void leases_swap(struct leases *leases)
{
	struct lease **kept = leases->kept;
	struct lease *first = kept[LEASES_FIRST];

	kept[LEASES_FIRST] = kept[LEASES_SECOND];
	kept[LEASES_SECOND] = first;
	log_info("relay %s: in use now, and %s in reserve", kept[LEASES_FIRST]->info.name,
		 first->info.name);
	tell_changed(leases);
}

/* What stays is asked for all the same: that is cheap, and something did happen. */
void leases_network_changed(struct leases *leases, bool all)
{
	for (enum leases_rank rank = 0; rank < LEASES_RANKS; rank++) {
		const struct lease *attempt = leases->attempts[rank];
		struct lease *kept = leases->kept[rank];

		if (attempt && (all || !turn_stands(attempt->turn)))
			end(leases, &leases->attempts[rank]);
		if (kept && (all || !turn_stands(kept->turn)))
			kept->stale = true;
		else if (kept)
			turn_check(kept->turn);
	}
	g_ptr_array_set_size(leases->ended, 0);
}

static void forget_name(struct lease *lease, const char *name)
{
	if (lease && strcmp(lease->info.name, name) == 0)
		lease->info.name[0] = '\0';
}

void leases_relay_moved(struct leases *leases, const char *name)
{
	for (enum leases_rank rank = 0; rank < LEASES_RANKS; rank++) {
		forget_name(leases->kept[rank], name);
		forget_name(leases->attempts[rank], name);
	}
	forget_name(leases->before, name);
}

/* Whether a lease may stay where it is, with the credentials of now. */
static bool renew(struct lease *lease,
		  const struct relayinfo *(*find)(const char *name, void *data), void *data)
{
	const struct relayinfo *info;

	if (!lease)
		return true;
	info = find(lease->info.name, data);
	if (!info)
		return false;
	if (strcmp(lease->info.username, info->username) != 0 ||
	    strcmp(lease->info.password, info->password) != 0)
		turn_set_credentials(lease->turn, info->username, info->password);
	lease->info = *info;
	return true;
}

void leases_update(struct leases *leases,
		   const struct relayinfo *(*find)(const char *name, void *data), void *data)
{
	bool changed = false;

	for (enum leases_rank rank = 0; rank < LEASES_RANKS; rank++) {
		if (!renew(leases->attempts[rank], find, data))
			end(leases, &leases->attempts[rank]);
	}
	if (!renew(leases->before, find, data)) {
		end(leases, &leases->before);
		changed = true;
	}
	if (!renew(leases->kept[LEASES_SECOND], find, data)) {
		end(leases, &leases->kept[LEASES_SECOND]);
		changed = true;
	}
	if (!renew(leases->kept[LEASES_FIRST], find, data)) {
		if (leases->kept[LEASES_SECOND])
			retire(leases, &leases->kept[LEASES_FIRST]);
		else
			end(leases, &leases->kept[LEASES_FIRST]);
		changed = true;
	}
	promote_second(leases);
	if (changed)
		tell_changed(leases);
	else
		g_ptr_array_set_size(leases->ended, 0);
}
