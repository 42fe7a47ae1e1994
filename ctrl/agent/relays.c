// SPDX-License-Identifier: GPL-2.0
/*
 * The relays of the network: how far away each is, and on which this node has its allocations.
 */
#include "relays.h"

#include <sodium.h>
#include <string.h>

#include "backoff.h"
#include "lib/log.h"
#include "lib/message.h"
#include "relay-probe.h"

/* A name may have many addresses; so many are measured. */
#define ADDRESSES_MAX 4

/* How often all relays are measured. */
#define ROUND_S 30

/* A name that takes longer to be looked up holds nothing up. */
#define LOOKUP_S 5

/* Another relay is clearly nearer when it takes less than 7/10 of the time, and 5 ms less. */
#define NEARER_TENTHS 7
#define NEARER_US 5000

/* It has to be in so many rounds in a row. */
#define NEARER_ROUNDS 2

/**
 * struct target - an address of a relay
 * @relay: whose
 * @endpoint: with the port for UDP
 * @probe: measures it; NULL when that is done
 * @rtt_us: -1 when it did not answer, or not yet
 */
struct target {
	struct relay *relay;
	struct endpoint endpoint;
	struct relay_probe *probe;
	gint64 rtt_us;
};

/**
 * struct relay - a relay of the map
 * @relays: to which it belongs
 * @info: what the map says
 * @resolving: cancels looking up the name; NULL when the name was looked up
 * @lookup: GLib source that loses patience with @resolving; 0 when it has, or @resolving is NULL
 * @targets: array of struct target *: the addresses of the relay
 * @known: @targets of the round before
 * @failed: the last allocation there was refused or lost
 * @streams: how often a stream was tried
 * @nearer: in how many rounds in a row it was clearly nearer than the one in use
 * @why: what is wrong with it, or NULL
 * @logged: what was wrong with an allocation there, as it was logged; NULL since it worked
 */
struct relay {
	struct relays *relays;
	struct relayinfo info;
	GCancellable *resolving;
	guint lookup;
	GPtrArray *targets;
	GPtrArray *known;
	bool failed;
	guint streams;
	guint nearer;
	char *why;
	char *logged;
};

/**
 * struct relays - see relays.h
 * @events: of the owner
 * @data: for @events
 * @list: array of struct relay *, in the order of the map
 * @leases: the allocations on them
 * @round: GLib source of the next round
 * @backoff: of attempts while there is no allocation
 * @error: why there is none
 */
struct relays {
	const struct relays_events *events;
	void *data;
	GPtrArray *list;
	struct leases *leases;
	guint round;
	struct backoff backoff;
	char *error;
};

static void choose(struct relays *relays, bool failed_too);
static void choose_second(struct relays *relays);
static void begin_round(struct relays *relays);

static void free_target(void *data)
{
	struct target *target = data;

	relay_probe_free(target->probe);
	g_free(target);
}

static GPtrArray *new_targets(void)
{
	return g_ptr_array_new_with_free_func(free_target);
}

static void cancel_resolving(struct relay *relay)
{
	g_clear_handle_id(&relay->lookup, g_source_remove);
	if (!relay->resolving)
		return;
	g_cancellable_cancel(relay->resolving);
	g_clear_object(&relay->resolving);
}

static void free_relay(void *data)
{
	struct relay *relay = data;

	cancel_resolving(relay);
	g_ptr_array_unref(relay->targets);
	g_ptr_array_unref(relay->known);
	g_free(relay->why);
	g_free(relay->logged);
	sodium_memzero(&relay->info, sizeof(relay->info));
	g_free(relay);
}

static struct relay *find_relay(const struct relays *relays, const char *name)
{
	for (guint i = 0; i < relays->list->len; i++) {
		struct relay *relay = relays->list->pdata[i];

		if (strcmp(relay->info.name, name) == 0)
			return relay;
	}
	return NULL;
}

static void set_why(struct relay *relay, const char *why)
{
	g_free(relay->why);
	relay->why = g_strdup(why);
}

static void schedule_round(struct relays *relays, guint delay_ms);

/* The allocation */

static void set_error(struct relays *relays, const char *name, const char *why)
{
	g_free(relays->error);
	relays->error = g_strdup_printf("relay %s: %s", name, why);
}

/* Once: attempts go on, and fail for the same reason until something changes. */
static void log_failure(struct relays *relays, struct relay *relay, const char *why)
{
	bool without = leases_wants(relays->leases, LEASES_FIRST);

	if (g_strcmp0(relay->logged, why) == 0)
		return;
	g_free(relay->logged);
	relay->logged = g_strdup(why);
	log_limited(without ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, "relay %s: %s", relay->info.name,
		    why);
}

static void on_allocated(const char *name, void *data)
{
	struct relays *relays = data;
	struct relay *relay = find_relay(relays, name);

	g_clear_pointer(&relays->error, g_free);
	backoff_reset(&relays->backoff);
	if (relay) {
		relay->failed = false;
		set_why(relay, NULL);
		g_clear_pointer(&relay->logged, g_free);
	}
	choose_second(relays);
}

/*
 * As long as there is an allocation, one that is lost is replaced at the end of a round, for which
 * all relays are asked whether they are there. An attempt at a second one waits for the next round.
 */
static void on_failed(const char *name, const char *why, bool attempt, void *data)
{
	struct relays *relays = data;
	struct relay *relay = find_relay(relays, name);

	if (relay) {
		relay->failed = true;
		set_why(relay, why);
		log_failure(relays, relay, why);
	}
	if (leases_wants(relays->leases, LEASES_FIRST)) {
		set_error(relays, name, why);
		schedule_round(relays, backoff_next_ms(&relays->backoff));
		choose(relays, false);
	} else if (!attempt) {
		begin_round(relays);
	}
}

static bool on_has_other(const char *name, void *data)
{
	const struct relays *relays = data;

	return relays->list->len > (find_relay(relays, name) ? 1 : 0);
}

static void on_changed(void *data)
{
	struct relays *relays = data;

	relays->events->changed(relays->data);
}

static void on_bound(const struct turn *turn, guint16 channel, void *user, void *data)
{
	struct relays *relays = data;

	relays->events->bound(turn, channel, user, relays->data);
}

static void on_moved(const struct turn *turn, void *data)
{
	struct relays *relays = data;

	relays->events->moved(turn, relays->data);
}

static void on_refused(const struct turn *turn, guint16 channel, void *user, const char *why,
		       void *data)
{
	struct relays *relays = data;

	relays->events->refused(turn, channel, user, why, relays->data);
}

static const struct leases_events leases_events = {
	.allocated = on_allocated,
	.changed = on_changed,
	.has_other = on_has_other,
	.failed = on_failed,
	.bound = on_bound,
	.moved = on_moved,
	.refused = on_refused,
};

static void attempt(struct relay *relay, const struct endpoint *endpoint,
		    enum relayinfo_transport transport, enum leases_rank rank)
{
	g_autofree char *name = g_strdup(relay->info.name);
	g_autoptr(GError) error = NULL;

	if (!leases_attempt(relay->relays->leases, rank, &relay->info, endpoint, transport, &error))
		on_failed(name, error->message, true, relay->relays);
}

/* Choosing */

static struct target *nearest_target(const struct relay *relay)
{
	struct target *best = NULL;

	for (guint i = 0; i < relay->targets->len; i++) {
		struct target *target = relay->targets->pdata[i];

		if (target->rtt_us >= 0 && (!best || target->rtt_us < best->rtt_us))
			best = target;
	}
	return best;
}

static bool is_pending(const struct relay *relay)
{
	for (guint i = 0; i < relay->targets->len; i++) {
		if (((struct target *)relay->targets->pdata[i])->probe)
			return true;
	}
	return relay->lookup;
}

/* One that failed is taken only when there is no other. The relay @but does not count. */
static struct target *nearest(const struct relays *relays, const char *but)
{
	struct target *best = NULL;

	for (guint i = 0; i < relays->list->len; i++) {
		const struct relay *relay = relays->list->pdata[i];
		struct target *target = nearest_target(relay);

		if (!target || g_strcmp0(relay->info.name, but) == 0)
			continue;
		if (!best || relay->failed < best->relay->failed ||
		    (relay->failed == best->relay->failed && target->rtt_us < best->rtt_us))
			best = target;
	}
	return best;
}

/* TLS and TCP take turns at an address, and then the next address has its own. */
static const struct target *next_for_stream(const struct relay *relay)
{
	bool both = (relay->info.transports & RELAYINFO_TLS) &&
		    (relay->info.transports & RELAYINFO_TCP);

	return relay->targets->pdata[relay->streams / (both ? 2 : 1) % relay->targets->len];
}

/* Nothing answers by UDP: somebody lets none through. */
static void attempt_stream(struct relays *relays)
{
	struct relay *relay = NULL;
	const struct target *target;
	enum relayinfo_transport transport = RELAYINFO_TCP;

	for (guint i = 0; i < relays->list->len; i++) {
		struct relay *other = relays->list->pdata[i];

		if (other->targets->len && other->info.transports & (RELAYINFO_TLS | RELAYINFO_TCP) &&
		    (!relay || other->streams < relay->streams))
			relay = other;
	}
	if (!relay)
		return;
	if (relay->info.transports & RELAYINFO_TLS &&
	    (relay->streams % 2 == 0 || !(relay->info.transports & RELAYINFO_TCP)))
		transport = RELAYINFO_TLS;
	target = next_for_stream(relay);
	relay->streams++;
	attempt(relay, &target->endpoint, transport, LEASES_FIRST);
}

static bool is_nearer(const struct relays *relays, const struct target *target)
{
	const struct relay *relay = find_relay(relays, leases_name(relays->leases, LEASES_FIRST));
	const struct target *used = relay ? nearest_target(relay) : NULL;

	return used && target->relay != relay &&
	       target->rtt_us * 10 < used->rtt_us * NEARER_TENTHS &&
	       target->rtt_us + NEARER_US < used->rtt_us;
}

/* At the end of a round: is there a reason to leave the relay in use? */
static bool wants_to_move(struct relays *relays, struct target *target)
{
	bool nearer = is_nearer(relays, target);
	enum relayinfo_transport transport;

	for (guint i = 0; i < relays->list->len; i++) {
		struct relay *relay = relays->list->pdata[i];

		if (relay != target->relay || !nearer)
			relay->nearer = 0;
	}
	leases_endpoint(relays->leases, LEASES_FIRST, &transport);
	if (transport != RELAYINFO_UDP)
		return true;
	return nearer && ++target->relay->nearer >= NEARER_ROUNDS;
}

/* The first answer decides when there is no allocation: it came from about the nearest. What failed
 * is tried again at the end of a round only.
 */
static void choose(struct relays *relays, bool failed_too)
{
	struct target *target = nearest(relays, NULL);

	if (!leases_wants(relays->leases, LEASES_FIRST))
		return;
	if (target && (!target->relay->failed || failed_too))
		attempt(target->relay, &target->endpoint, RELAYINFO_UDP, LEASES_FIRST);
	else if (!target && failed_too)
		attempt_stream(relays);
}

static bool is_measuring(const struct relays *relays)
{
	for (guint i = 0; i < relays->list->len; i++) {
		if (is_pending(relays->list->pdata[i]))
			return true;
	}
	return false;
}

/* There is no hurry: the nearest of all but the first is chosen when all were measured. */
static void choose_second(struct relays *relays)
{
	struct target *target = nearest(relays, leases_name(relays->leases, LEASES_FIRST));

	if (target && !target->relay->failed && !is_measuring(relays) &&
	    leases_wants(relays->leases, LEASES_SECOND))
		attempt(target->relay, &target->endpoint, RELAYINFO_UDP, LEASES_SECOND);
}

/* Where the second allocation is, nothing needs to be asked for. */
static void move(struct relays *relays, struct target *target)
{
	const char *second = leases_name(relays->leases, LEASES_SECOND);

	target->relay->nearer = 0;
	if (g_strcmp0(second, target->relay->info.name) == 0)
		leases_swap(relays->leases);
	else
		attempt(target->relay, &target->endpoint, RELAYINFO_UDP, LEASES_FIRST);
}

static void end_round(struct relays *relays)
{
	struct target *target;

	if (is_measuring(relays))
		return;
	target = nearest(relays, NULL);
	if (target && leases_turn(relays->leases, LEASES_FIRST) &&
	    !leases_wants(relays->leases, LEASES_FIRST) &&
	    !leases_is_trying(relays->leases, LEASES_FIRST) && wants_to_move(relays, target))
		move(relays, target);
	else
		choose(relays, true);
	choose_second(relays);
}

/* Measuring */

/* What is signed is answered there: a relay need not answer anybody who asks how far away it is. */
static bool is_working(const struct relay *relay)
{
	const struct leases *leases = relay->relays->leases;

	for (enum leases_rank rank = 0; rank < LEASES_RANKS; rank++) {
		if (leases_works(leases, rank) &&
		    strcmp(leases_name(leases, rank), relay->info.name) == 0)
			return true;
	}
	return false;
}

static void on_measured(gint64 rtt_us, void *data)
{
	struct target *target = data;
	struct relay *relay = target->relay;

	target->rtt_us = rtt_us;
	g_clear_pointer(&target->probe, relay_probe_free);
	if (rtt_us < 0 && !is_pending(relay) && !nearest_target(relay) && !is_working(relay))
		set_why(relay, "it does not answer by UDP, or is about to stop");
	else if (rtt_us >= 0 && !relay->failed)
		set_why(relay, NULL);
	choose(relay->relays, false);
	end_round(relay->relays);
}

/* What the round before measured counts until there is something better. */
static gint64 last_rtt_us(const struct relay *relay, const struct endpoint *endpoint)
{
	for (guint i = 0; i < relay->known->len; i++) {
		const struct target *target = relay->known->pdata[i];

		if (endpoint_equal(&target->endpoint, endpoint))
			return target->rtt_us;
	}
	return -1;
}

static void add_target(struct relay *relay, const struct endpoint *endpoint)
{
	struct target *target = g_new0(struct target, 1);

	target->relay = relay;
	target->endpoint = *endpoint;
	target->rtt_us = last_rtt_us(relay, endpoint);
	g_ptr_array_add(relay->targets, target);
	if (relay->info.transports & RELAYINFO_UDP)
		target->probe = relay_probe_new(endpoint, on_measured, target);
}

/* Those that were there are those of the round before. */
static void renew_targets(struct relay *relay)
{
	g_ptr_array_unref(relay->known);
	relay->known = relay->targets;
	relay->targets = new_targets();
}

static void measure_known(struct relay *relay)
{
	renew_targets(relay);
	for (guint i = 0; i < relay->known->len; i++)
		add_target(relay, &((struct target *)relay->known->pdata[i])->endpoint);
}

static gboolean on_slow_lookup(void *data)
{
	struct relay *relay = data;

	relay->lookup = 0;
	measure_known(relay);
	end_round(relay->relays);
	return G_SOURCE_REMOVE;
}

static void on_resolved(GObject *source, GAsyncResult *result, void *data)
{
	g_autoptr(GError) error = NULL;
	GList *found = g_resolver_lookup_by_name_finish(G_RESOLVER(source), result, &error);
	struct relay *relay = data;
	struct endpoint endpoint;

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	g_clear_handle_id(&relay->lookup, g_source_remove);
	g_clear_object(&relay->resolving);
	renew_targets(relay);
	if (error)
		set_why(relay, error->message);
	for (GList *at = found; at && relay->targets->len < ADDRESSES_MAX; at = at->next) {
		g_autoptr(GSocketAddress) address =
			g_inet_socket_address_new(at->data, relay->info.port);

		if (endpoint_from_gsocket_address(&endpoint, address, NULL))
			add_target(relay, &endpoint);
	}
	g_resolver_free_addresses(found);
	end_round(relay->relays);
}

/*
 * Addresses are looked up in each round: those of a name change. A lookup that takes longer than a
 * round goes on, and meanwhile the addresses that are known count.
 */
static void measure(struct relay *relay)
{
	g_autoptr(GResolver) resolver = g_resolver_get_default();
	g_autofree char *text = g_strdup_printf(strchr(relay->info.host, ':') ? "[%s]:%u" : "%s:%u",
						relay->info.host, relay->info.port);
	struct endpoint endpoint;

	if (endpoint_parse(text, &endpoint, NULL)) {
		renew_targets(relay);
		add_target(relay, &endpoint);
		return;
	}
	if (relay->resolving) {
		measure_known(relay);
		return;
	}
	relay->resolving = g_cancellable_new();
	relay->lookup = g_timeout_add_seconds(LOOKUP_S, on_slow_lookup, relay);
	g_resolver_lookup_by_name_async(resolver, relay->info.host, relay->resolving, on_resolved,
					relay);
}

static void begin_round(struct relays *relays)
{
	for (guint i = 0; i < relays->list->len; i++) {
		struct relay *relay = relays->list->pdata[i];

		/* another one works meanwhile: this one gets its chance again */
		relay->failed &= leases_wants(relays->leases, LEASES_FIRST);
		measure(relay);
	}
	schedule_round(relays, ROUND_S * 1000);
	end_round(relays);
}

static gboolean on_round(void *data)
{
	struct relays *relays = data;

	relays->round = 0;
	begin_round(relays);
	return G_SOURCE_REMOVE;
}

static void schedule_round(struct relays *relays, guint delay_ms)
{
	g_clear_handle_id(&relays->round, g_source_remove);
	if (relays->list->len)
		relays->round = g_timeout_add(delay_ms, on_round, relays);
}

/* What the owner says */

struct relays *relays_new(const struct relays_events *events, void *data)
{
	struct relays *relays = g_new0(struct relays, 1);

	relays->events = events;
	relays->data = data;
	relays->list = g_ptr_array_new_with_free_func(free_relay);
	relays->leases = leases_new(&leases_events, relays);
	return relays;
}

void relays_free(struct relays *relays)
{
	if (!relays)
		return;
	g_clear_handle_id(&relays->round, g_source_remove);
	leases_free(relays->leases);
	g_ptr_array_unref(relays->list);
	g_free(relays->error);
	g_free(relays);
}

static bool is_same_place(const struct relayinfo *a, const struct relayinfo *b)
{
	return strcmp(a->host, b->host) == 0 && a->port == b->port &&
	       a->transports == b->transports && a->tls_port == b->tls_port;
}

static struct relay *new_relay(struct relays *relays, const struct relayinfo *info)
{
	struct relay *relay = g_new0(struct relay, 1);

	relay->relays = relays;
	relay->info = *info;
	relay->targets = new_targets();
	relay->known = new_targets();
	return relay;
}

/* What is at a place where the relay is no more is not at a relay that is there. */
static const struct relayinfo *find_info(const char *name, void *data)
{
	const struct relay *relay = find_relay(data, name);

	return relay ? &relay->info : NULL;
}

/* Which of the relays that we have stay; with their new credentials. */
static bool take_over(struct relays *relays, const struct relayinfo *info, GPtrArray *list)
{
	for (guint i = 0; i < relays->list->len; i++) {
		struct relay *relay = relays->list->pdata[i];

		if (strcmp(relay->info.name, info->name) != 0)
			continue;
		if (is_same_place(&relay->info, info)) {
			relay->info = *info;
			g_ptr_array_add(list, g_ptr_array_steal_index(relays->list, i));
			return true;
		}
		leases_relay_moved(relays->leases, info->name);
	}
	return false;
}

void relays_set(struct relays *relays, const GArray *infos)
{
	g_autoptr(GPtrArray) before = relays->list;
	GPtrArray *list = g_ptr_array_new_with_free_func(free_relay);
	bool changed = false;

	for (guint i = 0; i < infos->len; i++) {
		const struct relayinfo *info = &g_array_index(infos, struct relayinfo, i);

		if (take_over(relays, info, list))
			continue;
		g_ptr_array_add(list, new_relay(relays, info));
		changed = true;
	}
	changed |= before->len > 0;
	relays->list = list;
	if (!list->len) {
		g_clear_handle_id(&relays->round, g_source_remove);
		g_clear_pointer(&relays->error, g_free);
	}
	leases_update(relays->leases, find_info, relays);
	if (changed)
		begin_round(relays);
}

void relays_network_changed(struct relays *relays, bool all)
{
	leases_network_changed(relays->leases, all);
	backoff_reset(&relays->backoff);
	for (guint i = 0; i < relays->list->len; i++) {
		struct relay *relay = relays->list->pdata[i];

		relay->failed = false;
		cancel_resolving(relay);
		g_ptr_array_set_size(relay->targets, 0);
	}
	begin_round(relays);
}

struct turn *relays_turn(const struct relays *relays, enum leases_rank rank)
{
	return leases_turn(relays->leases, rank);
}

bool relays_has(const struct relays *relays, const struct turn *turn)
{
	return leases_has(relays->leases, turn);
}

/* After a restart the kernel may still have paths of the run before. */
const char *relays_name(const struct relays *relays, const struct endpoint *remote)
{
	const char *name = leases_name_of(relays->leases, remote);

	if (name)
		return name;
	for (guint i = 0; i < relays->list->len; i++) {
		const struct relay *relay = relays->list->pdata[i];

		for (guint j = 0; j < relay->targets->len; j++) {
			const struct target *target = relay->targets->pdata[j];

			if (endpoint_equal(&target->endpoint, remote))
				return relay->info.name;
		}
	}
	return NULL;
}

static void describe_lease(JsonObject *object, const struct leases *leases, enum leases_rank rank)
{
	const struct turn *turn = leases_turn(leases, rank);
	enum relayinfo_transport used;
	const struct endpoint *endpoint = leases_endpoint(leases, rank, &used);
	g_autofree char *transport = relayinfo_print_transports(used);

	message_set_endpoint(object, "endpoint", endpoint);
	message_set_endpoint(object, "relayed", turn_relayed(turn));
	json_object_set_string_member(object, "transport", transport);
	if (turn_rtt_us(turn) >= 0)
		json_object_set_int_member(object, "rtt_us", turn_rtt_us(turn));
}

static void describe_target(JsonObject *object, const struct target *target)
{
	message_set_endpoint(object, "endpoint", &target->endpoint);
	json_object_set_string_member(object, "transport", "udp");
	json_object_set_int_member(object, "rtt_us", target->rtt_us);
}

static JsonObject *describe(const struct relay *relay)
{
	const struct leases *leases = relay->relays->leases;
	const struct target *target = nearest_target(relay);
	const char *name = relay->info.name;
	JsonObject *object = json_object_new();
	const char *state = "unreachable";

	json_object_set_string_member(object, "name", relay->info.name);
	if (g_strcmp0(leases_name(leases, LEASES_FIRST), name) == 0) {
		state = leases_works(leases, LEASES_FIRST) ? "selected" : "unreachable";
		describe_lease(object, leases, LEASES_FIRST);
	} else if (g_strcmp0(leases_name(leases, LEASES_SECOND), name) == 0) {
		state = leases_works(leases, LEASES_SECOND) ? "standby" : "unreachable";
		describe_lease(object, leases, LEASES_SECOND);
	} else if (target) {
		state = "standby";
		describe_target(object, target);
	}
	json_object_set_string_member(object, "state", state);
	if (relay->why)
		json_object_set_string_member(object, "why", relay->why);
	return object;
}

JsonArray *relays_list(const struct relays *relays)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < relays->list->len; i++)
		json_array_add_object_element(array, describe(relays->list->pdata[i]));
	return array;
}

const char *relays_error(const struct relays *relays)
{
	return leases_turn(relays->leases, LEASES_FIRST) ? NULL : relays->error;
}
