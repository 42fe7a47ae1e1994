// SPDX-License-Identifier: GPL-2.0
/*
 * Looking for a direct path to a peer: ICE sessions, one after the other, and what both ends say
 * about them.
 */
#include "negotiation.h"

#include <sodium.h>
#include <string.h>

#include "backoff.h"
#include "candidate.h"
#include "lib/log.h"
#include "lib/ratelimit.h"

/* An ICE session that has no pair after this time fails. */
#define NEGOTIATION_MS 15000

/* The controlling node makes an offer by itself when it learns that a peer has started. */
#define PATIENCE_MS 3000

/* A peer makes us begin at most this often. */
#define BEGIN_INTERVAL_US G_USEC_PER_SEC

/*
 * So long an ICE session goes on after both ends have its path and the kernel's probes are answered
 * there: the peer may still be looking for a better pair.
 */
#define LINGER_MS 5000

/*
 * The longest delay after a session that found nothing, while packets reach the peer all the same:
 * what made it fail rarely changes without somebody noticing, and then one is begun at once.
 */
#define UNHURRIED_MAX_MS (10 * 60 * 1000)

/* A wait is cut short only when it has grown so often: what happens may happen again and again. */
#define HURRY_FAILURES 4

/* A pair that works for so long is a sign that the next one will, too. */
#define HASTE_US (10 * G_USEC_PER_SEC)

/* Each offer costs us sockets. */
static const struct ratelimit_rule offer_rule = { .interval_us = G_USEC_PER_SEC, .burst = 5 };

/*
 * What this node does about the way to a peer. A path in use stays in use in every phase.
 *
 *	IDLE ──► QUEUED ──► NEGOTIATING ──► CONNECTED
 *	  ▲         ▲        │    ▲           │
 *	  └── peer  └─────── WAITING ◄────────┘ the pair does not work any more
 *	     offline
 *
 * That a direct path does not work any more is the kernel's to say, when it probes: it uses another
 * one within milliseconds, and a new session is begun. What ICE says counts for the others.
 *
 * The controlled node goes from IDLE or WAITING to NEGOTIATING when an offer comes; while it waits,
 * it asks for one from time to time.
 */
enum phase {
	PHASE_IDLE,
	PHASE_QUEUED,
	PHASE_WAITING,
	PHASE_NEGOTIATING,
	PHASE_CONNECTED,
};

/**
 * struct negotiation - the search for a direct path to a peer
 * @context: of the network
 * @name: of the peer
 * @controlling: our role in ICE
 * @owner: functions of the owner
 * @data: for @owner
 * @paths: of the peer; NULL while there is no interface
 * @phase: see enum phase
 * @in_slot: counted in context->negotiating
 * @again: begin when @timer expires, though an ICE session is running
 * @ice: the newest ICE session, NULL before the first; stopped when it is not needed any more
 * @id: of the newest ICE session
 * @has_answer: the peer's credentials are set
 * @told_left_out: it was logged that some of the peer's candidates are not tried
 * @replace: the path in use is to be replaced, even by one that is no better
 * @overruled: the peer replaces the path in use
 * @pair: what the ICE session found last; not set before
 * @programmed: whether the kernel has @pair, or keeps the path in use for it
 * @local: endpoint here of @pair, as the peer was told
 * @remote: endpoint there of @pair, as the peer was told
 * @ready_us: when the peer was told @local and @remote
 * @doubted: that may not have reached it
 * @begun_us: when the ICE session began
 * @timer: GLib source of the phase
 * @backoff: of failed sessions
 * @error: why the last session failed
 * @offers: limits the offers that are taken
 */
struct negotiation {
	struct peer_context *context;
	const char *name;
	bool controlling;
	const struct negotiation_owner *owner;
	void *data;
	struct paths *paths;
	enum phase phase;
	bool in_slot;
	bool again;
	struct ice *ice;
	struct peermessage_id id;
	bool has_answer;
	bool told_left_out;
	bool replace;
	bool overruled;
	struct ice_pair pair;
	bool programmed;
	struct endpoint local;
	struct endpoint remote;
	gint64 ready_us;
	bool doubted;
	gint64 begun_us;
	guint timer;
	struct backoff backoff;
	char *error;
	struct ratelimit offers;
};

static void begin(struct negotiation *talks);
static gboolean on_timer(void *data);

static bool is_online(const struct negotiation *talks)
{
	return talks->owner->is_online(talks->data);
}

static void tell(struct negotiation *talks, const struct peermessage *message)
{
	talks->owner->tell(message, talks->data);
}

static void set_timer(struct negotiation *talks, guint delay_ms)
{
	g_clear_handle_id(&talks->timer, g_source_remove);
	talks->timer = g_timeout_add(delay_ms, on_timer, talks);
}

/* Turns: so that a node that meets thousands of peers at once does not ask for all of them. */

static bool take_slot(struct negotiation *talks)
{
	struct peer_context *context = talks->context;

	if (talks->in_slot)
		return true;
	if (context->negotiating >= NEGOTIATION_MAX)
		return false;
	context->negotiating++;
	talks->in_slot = true;
	return true;
}

static gboolean on_serve(void *data)
{
	struct peer_context *context = data;

	context->serve = 0;
	while (context->negotiating < NEGOTIATION_MAX && context->connected) {
		struct negotiation *talks = g_queue_pop_head(&context->waiting);

		if (!talks)
			break;
		talks->phase = PHASE_IDLE;
		begin(talks);
	}
	return G_SOURCE_REMOVE;
}

/* Not served here: the next one may fail at once, and release its slot, and so on. */
static void release_slot(struct negotiation *talks)
{
	struct peer_context *context = talks->context;

	if (!talks->in_slot)
		return;
	context->negotiating--;
	talks->in_slot = false;
	if (!context->serve && !g_queue_is_empty(&context->waiting))
		context->serve = g_idle_add(on_serve, context);
}

static void set_phase(struct negotiation *talks, enum phase phase)
{
	if (talks->phase == PHASE_QUEUED && phase != PHASE_QUEUED)
		g_queue_remove(&talks->context->waiting, talks);
	g_clear_handle_id(&talks->timer, g_source_remove);
	talks->phase = phase;
	talks->again = false;
}

static void wait_and_retry(struct negotiation *talks)
{
	bool answered = talks->paths && paths_is_answered(talks->paths);

	set_phase(talks, PHASE_WAITING);
	set_timer(talks, backoff_next_up_to_ms(&talks->backoff,
					       answered ? UNHURRIED_MAX_MS : BACKOFF_MAX_MS));
	release_slot(talks);
}

/*
 * The session's sockets and checks cost something for as long as it runs. The ports that paths in
 * the kernel send from stay reserved: those are bindings that NATs know.
 */
static void stop_ice(struct negotiation *talks)
{
	g_autoptr(GPtrArray) ports = NULL;

	if (!talks->ice)
		return;
	ports = ice_stop(talks->ice);
	if (talks->paths)
		paths_take_ports(talks->paths, ports);
}

/* Until the peer, or the way to it, is there again. */
static void rest(struct negotiation *talks)
{
	stop_ice(talks);
	set_phase(talks, PHASE_IDLE);
	release_slot(talks);
}

static void fail(struct negotiation *talks, const char *why)
{
	stop_ice(talks);
	g_free(talks->error);
	talks->error = g_strdup(why);
	log_limited(LOG_LEVEL_INFO, "peer %s: %s", talks->name, why);
	if (is_online(talks))
		wait_and_retry(talks);
	else
		rest(talks);
}

/* What ICE tells */

static bool is_running(const struct negotiation *talks)
{
	return talks->phase == PHASE_NEGOTIATING || talks->phase == PHASE_CONNECTED;
}

static void send_ready(struct negotiation *talks)
{
	struct peermessage ready = {
		.type = PEERMESSAGE_READY,
		.id = talks->id,
		.local = talks->local,
		.remote = talks->remote,
	};

	talks->ready_us = g_get_monotonic_time();
	talks->doubted = !talks->context->connected || !is_online(talks);
	tell(talks, &ready);
}

static bool is_direct_alive(const struct negotiation *talks)
{
	const struct dataplane_path *direct = talks->paths ? paths_direct(talks->paths) : NULL;

	return direct && dataplane_path_is_answered(direct);
}

/*
 * ICE asks every few seconds whether its pair still works. So do the kernel's probes, which find out
 * sooner, and also keep open what NATs on the way know. They are no use to a peer without probes:
 * its paths never are alive.
 */
static bool is_held_by_kernel(const struct negotiation *talks)
{
	return talks->phase == PHASE_CONNECTED && talks->programmed && is_direct_alive(talks) &&
	       paths_is_switched(talks->paths);
}

/* Begins anew with each pair. */
static void linger(struct negotiation *talks)
{
	if (!talks->again && ice_is_running(talks->ice) && is_held_by_kernel(talks))
		set_timer(talks, LINGER_MS);
}

/*
 * The direct path works, and nothing has happened here that might have cut it off. The peer may know
 * better.
 */
static bool may_keep(const struct negotiation *talks)
{
	return !talks->replace && !talks->overruled && paths_may_keep(talks->paths);
}

static void program(struct negotiation *talks)
{
	struct paths_pair pair = {
		.path = {
			.local = talks->pair.base,
			.remote = talks->pair.remote,
			.ifindex = talks->pair.ifindex,
			.kind = WGMESH_PATH_KIND_DIRECT,
		},
		.local = talks->pair.local,
		.remote = talks->pair.remote,
	};
	g_autoptr(GError) error = NULL;

	if (!(may_keep(talks) && paths_keep(talks->paths, &pair)) &&
	    !paths_found(talks->paths, &pair, &error)) {
		fail(talks, error->message);
		return;
	}
	talks->programmed = true;
	talks->local = pair.local;
	talks->remote = pair.remote;
	send_ready(talks);
	linger(talks);
	talks->owner->agreed(talks->data);
}

static void on_candidate(const char *text, void *data)
{
	struct negotiation *talks = data;
	struct peermessage candidate = {
		.type = PEERMESSAGE_CANDIDATE,
		.id = talks->id,
		.candidate = text,
	};

	if (is_running(talks))
		tell(talks, &candidate);
}

static void on_candidates_done(void *data)
{
	struct negotiation *talks = data;
	struct peermessage done = { .type = PEERMESSAGE_CANDIDATES_DONE, .id = talks->id };

	if (is_running(talks))
		tell(talks, &done);
}

/* What was on top of nothing when the candidates were gathered may be on top of a mesh by now. */
static bool is_through_mesh(const struct negotiation *talks, const struct ice_pair *pair)
{
	const struct peer_context *context = talks->context;

	return underlay_is_carried(context->underlay, pair->ifindex) ||
	       context->is_overlay(&pair->remote, context->data);
}

/*
 * The first pairs are programmed as they come, so that packets flow soon. Once one of them is in
 * use, or where a path works that may stay, only the last one is of interest.
 */
static void on_selected(const struct ice_pair *pair, void *data)
{
	struct negotiation *talks = data;

	if (!is_running(talks) || !talks->paths || is_through_mesh(talks, pair))
		return;
	talks->pair = *pair;
	talks->programmed = false;
	if (talks->phase == PHASE_CONNECTED ||
	    !(paths_is_switched(talks->paths) || may_keep(talks)))
		program(talks);
	release_slot(talks);
}

static void on_concluded(void *data)
{
	struct negotiation *talks = data;

	if (!is_running(talks) || !talks->paths || !endpoint_is_set(&talks->pair.remote))
		return;
	set_phase(talks, PHASE_CONNECTED);
	backoff_reset(&talks->backoff);
	g_clear_pointer(&talks->error, g_free);
	release_slot(talks);
	if (!talks->programmed)
		program(talks);
	talks->replace = false;
	paths_concluded(talks->paths);
	linger(talks);
	talks->owner->agreed(talks->data);
}

/*
 * A session that the peer began may have ended the one that watched over the direct path: when the
 * new one finds no pair that works, the old one does not either.
 */
static void on_failed(void *data)
{
	struct negotiation *talks = data;

	/* the kernel follows where ICE does not, and tells us when it is over */
	if (talks->phase == PHASE_CONNECTED && is_direct_alive(talks))
		return;

	/* the peer has stopped its session, for its kernel holds the path */
	if (talks->phase == PHASE_NEGOTIATING && is_direct_alive(talks) &&
	    paths_is_switched(talks->paths)) {
		on_concluded(talks);
		return;
	}
	if (is_running(talks) && talks->paths)
		paths_lost(talks->paths);
	if (talks->phase == PHASE_CONNECTED)
		fail(talks, "the peer does not answer any more on the pair that ICE selected");
	else if (talks->phase == PHASE_NEGOTIATING)
		fail(talks, "no pair of candidates works");
}

static const struct ice_events ice_events = {
	.candidate = on_candidate,
	.candidates_done = on_candidates_done,
	.selected = on_selected,
	.concluded = on_concluded,
	.failed = on_failed,
};

/* ICE sessions */

static struct endpoint choose_stun(const struct negotiation *talks)
{
	const GArray *stun = talks->context->stun;
	struct endpoint none = {};

	if (!stun->len)
		return none;
	return g_array_index(stun, struct endpoint, talks->backoff.failures % stun->len);
}

static bool start_ice(struct negotiation *talks, const struct peermessage_id *id)
{
	struct endpoint stun = choose_stun(talks);

	stop_ice(talks);
	g_clear_pointer(&talks->ice, ice_free);
	talks->pair = (struct ice_pair){};
	talks->programmed = false;
	talks->doubted = false;
	talks->overruled = false;
	talks->has_answer = false;
	talks->id = *id;
	talks->begun_us = g_get_monotonic_time();
	talks->ice = ice_new(talks->controlling, &stun, &ice_events, talks);
	if (!talks->ice) {
		fail(talks, "libnice makes no ICE session");
		return false;
	}
	set_phase(talks, PHASE_NEGOTIATING);
	set_timer(talks, NEGOTIATION_MS);
	paths_begin(talks->paths);
	return true;
}

static void gather(struct negotiation *talks)
{
	g_autoptr(GError) error = NULL;

	if (!ice_gather(talks->ice, underlay_addresses(talks->context->underlay), &error))
		fail(talks, error->message);
}

static void send_credentials(struct negotiation *talks, enum peermessage_type type)
{
	g_autofree char *ufrag = NULL, *pwd = NULL;
	struct peermessage message = { .type = type, .id = talks->id };

	ice_get_credentials(talks->ice, &ufrag, &pwd);
	message.ufrag = ufrag;
	message.pwd = pwd;
	tell(talks, &message);
}

static void offer(struct negotiation *talks)
{
	struct peermessage_id id;

	if (!take_slot(talks)) {
		if (talks->phase != PHASE_QUEUED) {
			set_phase(talks, PHASE_QUEUED);
			g_queue_push_tail(&talks->context->waiting, talks);
		}
		return;
	}
	randombytes_buf(&id, sizeof(id));
	if (!start_ice(talks, &id))
		return;
	send_credentials(talks, PEERMESSAGE_OFFER);
	gather(talks);
}

static void request(struct negotiation *talks, enum peermessage_reason reason)
{
	struct peermessage message = { .type = PEERMESSAGE_REQUEST, .reason = reason };

	tell(talks, &message);
	wait_and_retry(talks);
}

/* Begin an ICE session, or have the peer begin one. */
static void begin(struct negotiation *talks)
{
	if (!is_online(talks) || !talks->context->connected || !talks->paths)
		rest(talks);
	else if (talks->controlling)
		offer(talks);
	else
		request(talks, PEERMESSAGE_FAILED);
}

/* The same because of something that the peer did: it may do that as often as it likes. */
static void begin_limited(struct negotiation *talks)
{
	gint64 since_us = g_get_monotonic_time() - talks->begun_us;

	if (since_us >= BEGIN_INTERVAL_US) {
		begin(talks);
		return;
	}
	talks->again = true;
	set_timer(talks, (BEGIN_INTERVAL_US - since_us) / 1000 + 1);
}

static gboolean on_timer(void *data)
{
	struct negotiation *talks = data;
	bool again = talks->again;

	talks->timer = 0;
	if (talks->phase == PHASE_NEGOTIATING && !again && endpoint_is_set(&talks->pair.remote))
		on_concluded(talks);
	else if (talks->phase == PHASE_NEGOTIATING && !again && talks->has_answer)
		on_failed(talks);
	else if (talks->phase == PHASE_NEGOTIATING && !again)
		fail(talks, "the peer did not answer the offer");
	else if (talks->phase == PHASE_WAITING || again)
		begin(talks);
	else if (is_held_by_kernel(talks))
		stop_ice(talks);
	return G_SOURCE_REMOVE;
}

/* What the peer says */

static void on_request(struct negotiation *talks, enum peermessage_reason reason)
{
	gint64 since_us = g_get_monotonic_time() - talks->begun_us;
	bool sent = reason == PEERMESSAGE_START || reason == PEERMESSAGE_FAILED;

	if (!talks->controlling)
		return;

	/* our offer and this request have crossed each other */
	if (sent && talks->phase == PHASE_NEGOTIATING && since_us < PATIENCE_MS * 1000)
		return;
	begin_limited(talks);
}

static void on_offer(struct negotiation *talks, const struct peermessage *message)
{
	if (talks->controlling || !talks->paths ||
	    !ratelimit_allow(&talks->offers, &offer_rule, g_get_monotonic_time()))
		return;

	/* a controlling node limits itself; a few sessions more than that are let in */
	if (!take_slot(talks)) {
		talks->context->negotiating++;
		talks->in_slot = true;
	}
	if (!start_ice(talks, &message->id))
		return;
	talks->has_answer = ice_set_remote_credentials(talks->ice, message->ufrag, message->pwd);
	if (!talks->has_answer) {
		fail(talks, "the offer of the peer has bad credentials");
		return;
	}
	send_credentials(talks, PEERMESSAGE_ANSWER);
	gather(talks);
}

static void on_answer(struct negotiation *talks, const struct peermessage *message)
{
	if (!talks->controlling || talks->has_answer)
		return;
	talks->has_answer = ice_set_remote_credentials(talks->ice, message->ufrag, message->pwd);
	if (!talks->has_answer)
		fail(talks, "the answer of the peer has bad credentials");
}

static enum candidate_worth worth_of(const struct negotiation *talks,
				     const struct candidate *candidate)
{
	struct prefix address;

	if (candidate->reflexive)
		return CANDIDATE_REFLEXIVE;
	if (underlay_is_near(talks->context->underlay, &candidate->at))
		return CANDIDATE_NEAR;
	return prefix_from_endpoint(&address, &candidate->at) && prefix_private_block(&address) ?
		       CANDIDATE_FAR :
		       CANDIDATE_PUBLIC;
}

static void on_remote_candidate(struct negotiation *talks, const char *text)
{
	struct peer_context *context = talks->context;
	g_autoptr(GError) error = NULL;
	struct candidate candidate;

	if (!candidate_parse(text, &candidate, &error))
		log_limited(LOG_LEVEL_WARNING, "peer %s: %s: %s", talks->name, error->message,
			    text);
	else if (context->is_overlay(&candidate.at, context->data))
		log_limited(LOG_LEVEL_WARNING,
			    "peer %s: refused a candidate inside the overlay: %s", talks->name,
			    text);
	else if (!ice_add_candidate(talks->ice, text, worth_of(talks, &candidate)))
		log_limited(LOG_LEVEL_WARNING, "peer %s: a candidate too many, or unusable: %s",
			    talks->name, text);
}

/* The next session leaves out the same ones: once is enough. */
static void tell_left_out(struct negotiation *talks)
{
	const GPtrArray *left_out = ice_left_out(talks->ice);

	if (left_out->len && !talks->told_left_out)
		log_info("peer %s: both ends have many addresses: its %u worthiest candidates are "
			 "tried, %u others are not", talks->name,
			 ice_remote_candidates(talks->ice)->len, left_out->len);
	talks->told_left_out = left_out->len;
}

static void on_remote_candidates_done(struct negotiation *talks)
{
	ice_try_waiting(talks->ice);
	tell_left_out(talks);
	ice_candidates_done(talks->ice);
}

/* A path is kept by both ends, or replaced by both. */
static void follow_peer(struct negotiation *talks)
{
	talks->overruled = true;
	if (endpoint_is_set(&talks->pair.remote))
		program(talks);
}

static void on_ready(struct negotiation *talks, const struct peermessage *message)
{
	/* what is remote to the peer is local here */
	paths_ready(talks->paths, WGMESH_PATH_KIND_DIRECT, &message->remote, &message->local);
	if (may_keep(talks) && !paths_is_called(talks->paths, &message->remote, &message->local))
		follow_peer(talks);
	linger(talks);
	talks->owner->agreed(talks->data);
}

/* What belongs to an ICE session counts only while it is the current one. */
static void on_ice_message(struct negotiation *talks, const struct peermessage *message)
{
	if (!talks->ice || !talks->paths || !is_running(talks) ||
	    memcmp(&message->id, &talks->id, sizeof(talks->id)) != 0)
		return;
	if (message->type == PEERMESSAGE_READY)
		on_ready(talks, message);
	else if (!ice_is_running(talks->ice))
		return;
	else if (message->type == PEERMESSAGE_ANSWER)
		on_answer(talks, message);
	else if (message->type == PEERMESSAGE_CANDIDATE)
		on_remote_candidate(talks, message->candidate);
	else if (message->type == PEERMESSAGE_CANDIDATES_DONE)
		on_remote_candidates_done(talks);
}

void negotiation_receive(struct negotiation *talks, const struct peermessage *message)
{
	if (message->type == PEERMESSAGE_REQUEST)
		on_request(talks, message->reason);
	else if (message->type == PEERMESSAGE_OFFER)
		on_offer(talks, message);
	else
		on_ice_message(talks, message);
}

struct negotiation *negotiation_new(struct peer_context *context, const char *name,
				    bool controlling, const struct negotiation_owner *owner,
				    void *data)
{
	struct negotiation *talks = g_new0(struct negotiation, 1);

	talks->context = context;
	talks->name = name;
	talks->controlling = controlling;
	talks->owner = owner;
	talks->data = data;
	return talks;
}

void negotiation_free(struct negotiation *talks)
{
	if (!talks)
		return;
	rest(talks);
	ice_free(talks->ice);
	g_free(talks->error);
	g_free(talks);
}

void negotiation_set_paths(struct negotiation *talks, struct paths *paths)
{
	talks->paths = paths;
}

/* The controlled node waits for an offer first. */
static void begin_or_wait(struct negotiation *talks)
{
	if (talks->controlling) {
		begin_limited(talks);
	} else {
		set_phase(talks, PHASE_WAITING);
		set_timer(talks, PATIENCE_MS);
	}
}

void negotiation_peer_came(struct negotiation *talks)
{
	if (!talks->context->connected || !talks->paths)
		return;
	backoff_reset(&talks->backoff);
	talks->replace = true;
	begin_or_wait(talks);
}

/* Where packets reach the peer there is no haste, however often it comes and goes. */
void negotiation_peer_returned(struct negotiation *talks)
{
	bool answered = talks->paths && paths_is_answered(talks->paths);

	if (!talks->context->connected || !talks->paths || is_running(talks) ||
	    (answered && talks->phase == PHASE_WAITING))
		return;
	if (!answered)
		backoff_reset(&talks->backoff);
	if (talks->phase == PHASE_IDLE && talks->backoff.failures)
		wait_and_retry(talks);
	else
		begin_or_wait(talks);
}

void negotiation_peer_left(struct negotiation *talks)
{
	if (talks->phase == PHASE_NEGOTIATING && !endpoint_is_set(&talks->pair.remote))
		fail(talks, "the peer is not connected to the server");
	else if (talks->phase == PHASE_WAITING)
		rest(talks);
}

void negotiation_renew(struct negotiation *talks, enum peermessage_reason reason, bool keep)
{
	talks->replace |= !keep;
	if (!is_online(talks) || !talks->context->connected || !talks->paths)
		return;
	backoff_reset(&talks->backoff);
	if (talks->controlling)
		begin(talks);
	else
		request(talks, reason);
}

void negotiation_path_answered(struct negotiation *talks)
{
	if (talks->ice && talks->paths)
		linger(talks);
}

void negotiation_hurry(struct negotiation *talks)
{
	if (talks->phase != PHASE_WAITING || talks->backoff.failures < HURRY_FAILURES)
		return;
	backoff_reset(&talks->backoff);
	wait_and_retry(talks);
}

/*
 * One that was found just now and dies at once is no reason for haste: whatever ended it may end
 * the next one as well.
 */
void negotiation_path_dead(struct negotiation *talks)
{
	gint64 since_us = g_get_monotonic_time() - talks->begun_us;

	if (talks->phase != PHASE_CONNECTED)
		return;
	if (since_us < HASTE_US)
		fail(talks, "the peer does not answer on the direct path");
	else
		begin(talks);
}


void negotiation_path_dropped(struct negotiation *talks)
{
	if (talks->phase == PHASE_CONNECTED)
		begin(talks);
}

void negotiation_doubt(struct negotiation *talks)
{
	if (talks->programmed && g_get_monotonic_time() - talks->ready_us < PEER_CONTEXT_LATELY_US)
		talks->doubted = true;
}

void negotiation_tell_untold(struct negotiation *talks)
{
	if (is_running(talks) && talks->programmed && talks->doubted)
		send_ready(talks);
}

bool negotiation_is_waiting(const struct negotiation *talks)
{
	return talks->phase == PHASE_WAITING;
}

const struct ice *negotiation_ice(const struct negotiation *talks)
{
	return talks->ice;
}

const char *negotiation_error(const struct negotiation *talks)
{
	return talks->error;
}
