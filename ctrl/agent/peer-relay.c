// SPDX-License-Identifier: GPL-2.0
/*
 * The ways to a peer through relays: which there are to be, their channels and paths, and what the
 * peer is told of them.
 */
#include "peer-relay.h"

#include "backoff.h"
#include "candidate.h"
#include "lib/ratelimit.h"
#include "peer-context.h"

/**
 * struct said - what a peer says of its relays
 * @endpoints: relayed ones, by rank; not set while it has none
 * @heard: it has heard from us
 */
struct said {
	struct endpoint endpoints[LEASES_RANKS];
	bool heard;
};

/* Each change costs us channels, whose numbers cannot be used again for long. */
static const struct ratelimit_rule endpoints_rule = {
	.interval_us = 5 * G_USEC_PER_SEC,
	.burst = 10,
};

/* How long a way is kept that one end has left: the other end may still send there. */
#define OLD_S 60

/*
 * A path that is not answered so long after it was programmed, or died, may be cut off at the
 * allocation; that is asked, again after twice the time, so often.
 */
#define UNANSWERED_MS 400
#define UNANSWERED_TIMES 6

/* Of those the one that was left last. */
#define OLD_MAX 1

/* The first, and two that avoid the relay of one end each. */
#define WANTED_MAX 3

/**
 * struct way - from an allocation of this node to one of the peer
 * @turn: our allocation
 * @theirs: the relayed endpoint of the peer's
 * @channel: number of the channel that leads there from our relay
 * @rank: how much it is to be preferred
 * @path: in the kernel; NULL while it has none
 */
struct way {
	struct turn *turn;
	struct endpoint theirs;
	guint16 channel;
	enum paths_rank rank;
	const struct dataplane_path *path;
};

/**
 * struct wanted - a way that there is to be
 * @turn: our allocation
 * @theirs: the relayed endpoint of the peer's
 * @rank: how much it is to be preferred
 */
struct wanted {
	struct turn *turn;
	struct endpoint theirs;
	enum paths_rank rank;
};

/**
 * struct peer_relay - the ways to a peer through relays
 * @relays: of this node
 * @tell: say something to the peer
 * @data: for @tell, and the user of the channels
 * @paths: where its paths are kept; NULL while there is no such place
 * @theirs: the peer's relayed endpoints, by rank; not set while it has none
 * @limit: of how often @theirs changes
 * @later: what is taken when @limit allows it
 * @take_later: GLib source that takes @later
 * @told: relayed endpoints of this node, as the peer was told last
 * @told_us: when the peer was told something last
 * @doubted: what the peer was told may not have reached it
 * @heard: the peer has said something of its relays
 * @ways: array of struct way *; at its end those that were left last
 * @expire: GLib source that ends the ways that were left
 * @retry: GLib source that tries again what failed
 * @backoff: of @retry
 * @unanswered: GLib source that looks for paths that are not answered
 * @asked: how often @unanswered has had allocations looked at
 * @error: why there is no way
 */
struct peer_relay {
	struct relays *relays;
	bool (*tell)(const struct peermessage *message, void *data);
	void *data;
	struct paths *paths;
	struct endpoint theirs[LEASES_RANKS];
	struct ratelimit limit;
	struct said later;
	guint take_later;
	struct endpoint told[LEASES_RANKS];
	gint64 told_us;
	bool doubted;
	bool heard;
	GPtrArray *ways;
	guint expire;
	guint retry;
	struct backoff backoff;
	guint unanswered;
	guint asked;
	char *error;
};

struct peer_relay *peer_relay_new(struct relays *relays,
				  bool (*tell)(const struct peermessage *message, void *data),
				  void *data)
{
	struct peer_relay *ways = g_new0(struct peer_relay, 1);

	ways->relays = relays;
	ways->tell = tell;
	ways->data = data;
	ways->ways = g_ptr_array_new_with_free_func(g_free);
	return ways;
}

static void unbind(struct peer_relay *ways, struct way *way)
{
	if (relays_has(ways->relays, way->turn))
		turn_unbind(way->turn, way->channel, ways->data);
}

void peer_relay_free(struct peer_relay *ways)
{
	if (!ways)
		return;
	g_clear_handle_id(&ways->expire, g_source_remove);
	g_clear_handle_id(&ways->retry, g_source_remove);
	g_clear_handle_id(&ways->take_later, g_source_remove);
	g_clear_handle_id(&ways->unanswered, g_source_remove);
	for (guint i = 0; i < ways->ways->len; i++)
		unbind(ways, ways->ways->pdata[i]);
	g_ptr_array_unref(ways->ways);
	g_free(ways->error);
	g_free(ways);
}

static void set_error(struct peer_relay *ways, const char *error)
{
	g_free(ways->error);
	ways->error = g_strdup(error);
}

/* What the peer is told */

static void say(struct peer_relay *ways, const struct peermessage *message)
{
	if (ways->tell(message, ways->data))
		ways->told_us = g_get_monotonic_time();
	else
		ways->doubted = true;
}

static struct endpoint own_endpoint(const struct peer_relay *ways, enum leases_rank rank)
{
	const struct turn *turn = relays_turn(ways->relays, rank);

	return turn ? *turn_relayed(turn) : (struct endpoint){};
}

static void tell_endpoints(struct peer_relay *ways)
{
	struct peermessage message = {
		.type = PEERMESSAGE_RELAY,
		.relayed = own_endpoint(ways, LEASES_FIRST),
		.second = own_endpoint(ways, LEASES_SECOND),
		.heard = ways->heard,
	};

	ways->told[LEASES_FIRST] = message.relayed;
	ways->told[LEASES_SECOND] = message.second;
	say(ways, &message);
}

static void tell_ready(struct peer_relay *ways, const struct way *way)
{
	struct peermessage message = {
		.type = PEERMESSAGE_RELAY_READY,
		.local = *turn_relayed(way->turn),
		.remote = way->theirs,
	};

	say(ways, &message);
}

static void tell_all_ready(struct peer_relay *ways)
{
	for (guint i = 0; i < ways->ways->len; i++) {
		const struct way *way = ways->ways->pdata[i];

		if (way->path)
			tell_ready(ways, way);
	}
}

static void tell_all(struct peer_relay *ways)
{
	ways->doubted = false;
	tell_endpoints(ways);
	tell_all_ready(ways);
}

static bool is_told(const struct peer_relay *ways)
{
	for (enum leases_rank rank = 0; rank < LEASES_RANKS; rank++) {
		struct endpoint own = own_endpoint(ways, rank);

		if (!endpoint_equal(&ways->told[rank], &own))
			return false;
	}
	return true;
}

/* Which ways there are to be */

static void want(const struct peer_relay *ways, enum leases_rank ours, enum leases_rank theirs,
		 enum paths_rank rank, struct wanted *list, guint *count)
{
	struct turn *turn = relays_turn(ways->relays, ours);
	const struct endpoint *endpoint = &ways->theirs[theirs];

	if (turn && endpoint_is_set(endpoint) &&
	    endpoint->sa.sa_family == turn_relayed(turn)->sa.sa_family)
		list[(*count)++] = (struct wanted){ turn, *endpoint, rank };
}

/*
 * Both ends come to the same ways: when the first allocations of both are on one relay, the second
 * ones of both are to avoid it; otherwise there is one way for when the relay of the one end dies,
 * and one for that of the other.
 */
static guint list_wanted(const struct peer_relay *ways, struct wanted list[static WANTED_MAX])
{
	const struct turn *turn = relays_turn(ways->relays, LEASES_FIRST);
	guint count = 0;

	if (!turn || !ways->paths)
		return 0;
	want(ways, LEASES_FIRST, LEASES_FIRST, PATHS_FIRST, list, &count);
	if (endpoint_equal_address(turn_relayed(turn), &ways->theirs[LEASES_FIRST])) {
		want(ways, LEASES_SECOND, LEASES_SECOND, PATHS_SECOND, list, &count);
	} else {
		want(ways, LEASES_SECOND, LEASES_FIRST, PATHS_SECOND, list, &count);
		want(ways, LEASES_FIRST, LEASES_SECOND, PATHS_SECOND, list, &count);
	}
	return count;
}

static gboolean on_retry(void *data);

/* What a relay, or the kernel, does not give now it may give later. */
static void retry_later(struct peer_relay *ways)
{
	if (!ways->retry)
		ways->retry = g_timeout_add(backoff_next_ms(&ways->backoff), on_retry, ways);
}

/* The kernel tells when a path that was answered is answered no more, but not of one that never was. */
static gboolean on_unanswered(void *data)
{
	struct peer_relay *ways = data;
	bool any = false;

	ways->unanswered = 0;
	for (guint i = 0; i < ways->ways->len; i++) {
		const struct way *way = ways->ways->pdata[i];

		if (!way->path || way->rank == PATHS_OLD || dataplane_path_is_answered(way->path))
			continue;
		turn_check(way->turn);
		any = true;
	}
	if (any && ++ways->asked < UNANSWERED_TIMES)
		ways->unanswered = g_timeout_add(UNANSWERED_MS << ways->asked, on_unanswered,
						 ways);
	return G_SOURCE_REMOVE;
}

static void await_answers(struct peer_relay *ways)
{
	g_clear_handle_id(&ways->unanswered, g_source_remove);
	ways->asked = 0;
	ways->unanswered = g_timeout_add(UNANSWERED_MS, on_unanswered, ways);
}

static void program(struct peer_relay *ways, struct way *way)
{
	struct paths_pair pair = {
		.path = {
			.local = *turn_local(way->turn),
			.remote = *turn_remote(way->turn),
			.channel = way->channel,
			.ifindex = turn_ifindex(way->turn),
			.kind = WGMESH_PATH_KIND_RELAY,
		},
		.local = *turn_relayed(way->turn),
		.remote = way->theirs,
	};
	g_autoptr(GError) error = NULL;

	way->path = paths_add_relay(ways->paths, &pair, way->rank, &error);
	if (!way->path) {
		set_error(ways, error->message);
		retry_later(ways);
		return;
	}
	if (way->rank == PATHS_FIRST)
		set_error(ways, NULL);
	await_answers(ways);
	tell_ready(ways, way);
}

/* The path follows when the channel is bound. */
static void add_way(struct peer_relay *ways, const struct wanted *wanted)
{
	guint16 channel = turn_bind(wanted->turn, &wanted->theirs, ways->data);
	struct way *way;

	if (!channel) {
		set_error(ways, "the relay has no more channels for this node");
		retry_later(ways);
		return;
	}
	way = g_new0(struct way, 1);
	way->turn = wanted->turn;
	way->theirs = wanted->theirs;
	way->channel = channel;
	way->rank = wanted->rank;
	g_ptr_array_add(ways->ways, way);
	if (turn_is_bound(way->turn, channel))
		program(ways, way);
}

static void remove_way(struct peer_relay *ways, guint index, bool gone)
{
	struct way *way = ways->ways->pdata[index];

	if (way->path)
		paths_drop_relay(ways->paths, way->path, gone);
	unbind(ways, way);
	g_ptr_array_remove_index(ways->ways, index);
}

static void remove_old(struct peer_relay *ways, guint keep)
{
	for (guint i = ways->ways->len; i-- > 0;) {
		const struct way *way = ways->ways->pdata[i];

		if (way->rank != PATHS_OLD)
			continue;
		if (keep)
			keep--;
		else
			remove_way(ways, i, false);
	}
}

static gboolean on_expire(void *data)
{
	struct peer_relay *ways = data;

	ways->expire = 0;
	remove_old(ways, 0);
	return G_SOURCE_REMOVE;
}

static bool is_way(const struct way *way, const struct wanted *wanted)
{
	return way->turn == wanted->turn && endpoint_equal(&way->theirs, &wanted->theirs);
}

static void set_rank(struct peer_relay *ways, struct way *way, enum paths_rank rank)
{
	way->rank = rank;
	if (way->path)
		paths_set_rank(ways->paths, way->path, rank);
}

/* A way that nobody wants any more goes to the end of the array, and ends later. */
static void leave(struct peer_relay *ways, guint index)
{
	struct way *way = g_ptr_array_steal_index(ways->ways, index);

	g_ptr_array_add(ways->ways, way);
	set_rank(ways, way, PATHS_OLD);
	g_clear_handle_id(&ways->expire, g_source_remove);
	ways->expire = g_timeout_add_seconds(OLD_S, on_expire, ways);
}

static const struct wanted *find_wanted(const struct way *way, const struct wanted *list,
					guint count)
{
	for (guint i = 0; i < count; i++) {
		if (is_way(way, &list[i]))
			return &list[i];
	}
	return NULL;
}

static bool has_way(const struct peer_relay *ways, const struct wanted *wanted)
{
	for (guint i = 0; i < ways->ways->len; i++) {
		if (is_way(ways->ways->pdata[i], wanted))
			return true;
	}
	return false;
}

static void update(struct peer_relay *ways)
{
	struct wanted list[WANTED_MAX];
	guint count = list_wanted(ways, list);
	const struct turn *first = relays_turn(ways->relays, LEASES_FIRST);

	for (guint i = ways->ways->len; i-- > 0;) {
		struct way *way = ways->ways->pdata[i];
		const struct wanted *wanted = find_wanted(way, list, count);

		if (wanted)
			set_rank(ways, way, wanted->rank);
		else if (!relays_has(ways->relays, way->turn) || !way->path)
			remove_way(ways, i, false);
		else if (way->rank != PATHS_OLD)
			leave(ways, i);
	}
	remove_old(ways, OLD_MAX);
	for (guint i = 0; i < count; i++) {
		if (!has_way(ways, &list[i]))
			add_way(ways, &list[i]);
	}
	if (first && !count && ways->paths && endpoint_is_set(&ways->theirs[LEASES_FIRST]))
		set_error(ways, "the relays of both ends have no IP version in common");
}

static gboolean on_retry(void *data)
{
	struct peer_relay *ways = data;

	ways->retry = 0;
	for (guint i = 0; ways->paths && i < ways->ways->len; i++) {
		struct way *way = ways->ways->pdata[i];

		if (!way->path && way->rank != PATHS_OLD &&
		    turn_is_bound(way->turn, way->channel))
			program(ways, way);
	}
	update(ways);
	return G_SOURCE_REMOVE;
}

void peer_relay_set_paths(struct peer_relay *ways, struct paths *paths)
{
	ways->paths = paths;
	for (guint i = 0; i < ways->ways->len; i++)
		((struct way *)ways->ways->pdata[i])->path = NULL;
	update(ways);
}

void peer_relay_tell(struct peer_relay *ways)
{
	ways->doubted = false;
	if (relays_turn(ways->relays, LEASES_FIRST))
		tell_endpoints(ways);
}

void peer_relay_doubt(struct peer_relay *ways)
{
	ways->doubted = true;
}

void peer_relay_doubt_lately(struct peer_relay *ways)
{
	if (ways->told_us && g_get_monotonic_time() - ways->told_us < PEER_CONTEXT_LATELY_US)
		ways->doubted = true;
}

void peer_relay_tell_untold(struct peer_relay *ways)
{
	if (ways->doubted || !is_told(ways))
		tell_all(ways);
}

void peer_relay_allocation_changed(struct peer_relay *ways)
{
	if (!is_told(ways))
		tell_endpoints(ways);
	backoff_reset(&ways->backoff);
	update(ways);
}

static struct way *find_channel(const struct peer_relay *ways, const struct turn *turn,
				guint16 channel, guint *index)
{
	for (*index = 0; *index < ways->ways->len; (*index)++) {
		struct way *way = ways->ways->pdata[*index];

		if (way->turn == turn && way->channel == channel)
			return way;
	}
	return NULL;
}

void peer_relay_bound(struct peer_relay *ways, const struct turn *turn, guint16 channel)
{
	guint index;
	struct way *way = find_channel(ways, turn, channel, &index);

	if (way && ways->paths && !way->path)
		program(ways, way);
}

void peer_relay_refused(struct peer_relay *ways, const struct turn *turn, guint16 channel,
			const char *why)
{
	guint index;

	if (!find_channel(ways, turn, channel, &index))
		return;
	remove_way(ways, index, false);
	set_error(ways, why);
	retry_later(ways);
}

void peer_relay_dead(struct peer_relay *ways, const struct dataplane_path *path)
{
	for (guint i = 0; i < ways->ways->len; i++) {
		const struct way *way = ways->ways->pdata[i];

		if (way->path != path)
			continue;
		turn_check(way->turn);
		await_answers(ways);
		return;
	}
}

bool peer_relay_uses(const struct peer_relay *ways, const struct turn *turn)
{
	for (guint i = 0; i < ways->ways->len; i++) {
		const struct way *way = ways->ways->pdata[i];

		if (way->turn == turn && way->path)
			return true;
	}
	return false;
}

void peer_relay_claimed(struct peer_relay *ways, const struct dataplane_path *path)
{
	for (guint i = 0; i < ways->ways->len; i++) {
		struct way *way = ways->ways->pdata[i];

		if (way->path == path)
			way->path = NULL;
	}
	paths_remove_relay(ways->paths, path);
	retry_later(ways);
}

static void remove_all(struct peer_relay *ways)
{
	for (guint i = ways->ways->len; i-- > 0;)
		remove_way(ways, i, true);
}

/*
 * A peer that has not heard from us has forgotten us, if it was ever told. One that says the same
 * again may lack what we said of the paths.
 */
static void answer(struct peer_relay *ways, const struct said *said, bool same)
{
	if (!said->heard && relays_turn(ways->relays, LEASES_FIRST))
		tell_all(ways);
	else if (same)
		tell_all_ready(ways);
}

static bool is_nonsense(const struct endpoint *relayed)
{
	return endpoint_is_set(relayed) && !candidate_address_allowed(relayed);
}

static void take(struct peer_relay *ways, const struct said *said)
{
	const struct endpoint *first = &said->endpoints[LEASES_FIRST];
	const struct endpoint *second = &said->endpoints[LEASES_SECOND];
	bool same = endpoint_equal(&ways->theirs[LEASES_FIRST], first) &&
		    endpoint_equal(&ways->theirs[LEASES_SECOND], second);

	if (is_nonsense(first) || is_nonsense(second)) {
		set_error(ways, "the peer names a relayed endpoint that cannot be one");
		return;
	}
	ways->theirs[LEASES_FIRST] = *first;
	ways->theirs[LEASES_SECOND] = *second;
	answer(ways, said, same);
	if (!endpoint_is_set(first)) {
		remove_all(ways);
		return;
	}
	if (!same)
		backoff_reset(&ways->backoff);
	update(ways);
}

static gboolean on_take_later(void *data)
{
	struct peer_relay *ways = data;

	ways->take_later = 0;
	ratelimit_allow(&ways->limit, &endpoints_rule, g_get_monotonic_time());
	take(ways, &ways->later);
	return G_SOURCE_REMOVE;
}

/* Of what a peer says too fast the last counts, when there is time for it. */
static void hear_endpoints(struct peer_relay *ways, const struct peermessage *message)
{
	struct said said = {
		.endpoints = { [LEASES_FIRST] = message->relayed, [LEASES_SECOND] = message->second },
		.heard = message->heard,
	};

	ways->heard = true;
	if (!ways->take_later &&
	    ratelimit_allow(&ways->limit, &endpoints_rule, g_get_monotonic_time())) {
		take(ways, &said);
		return;
	}
	ways->later = said;
	if (!ways->take_later)
		ways->take_later = g_timeout_add(endpoints_rule.interval_us / 1000, on_take_later,
						 ways);
}

void peer_relay_receive(struct peer_relay *ways, const struct peermessage *message)
{
	if (message->type == PEERMESSAGE_RELAY)
		hear_endpoints(ways, message);
	else if (ways->paths)
		/* what is remote to the peer is local here */
		paths_ready(ways->paths, WGMESH_PATH_KIND_RELAY, &message->remote, &message->local);
}

const char *peer_relay_error(const struct peer_relay *ways)
{
	return ways->error;
}
