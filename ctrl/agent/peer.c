// SPDX-License-Identifier: GPL-2.0
#include "peer.h"

#include <sodium.h>
#include <string.h>

#include "../lib/log.h"
#include "../lib/pathnl-names.h"
#include "backoff.h"
#include "candidate.h"

/* An ICE session that has found nothing by then has lost its answer. */
#define NEGOTIATION_MS 15000

/* The controlling node makes an offer by itself when it learns that a peer has started. */
#define PATIENCE_MS 3000

/* A peer makes us begin at most this often. */
#define BEGIN_INTERVAL_US G_USEC_PER_SEC

/* A ready that was sent so short before the server was lost may be lost, too. */
#define READY_AGAIN_US (60 * G_USEC_PER_SEC)

/* A pair that works for so long is a sign that the next one will, too. */
#define HASTE_US (10 * G_USEC_PER_SEC)

/* At most one hello a second to each peer (docs/protocol.md section 5.2). */
static const struct ratelimit_rule hello_rule = { .interval_us = G_USEC_PER_SEC, .burst = 1 };

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
 * struct peer - another node, and how to get to it
 * @context: what it shares with others
 * @key: its public key
 * @hostname: its name in the network
 * @controlling: our role in ICE
 * @seal: opens and closes boxes; NULL until the first one
 * @online: whether the server reaches it
 * @has_session: whether @session was ever known
 * @session: its session
 * @phase: see above
 * @in_slot: counted in context->negotiating
 * @again: begin when @timer expires, though an ICE session is running
 * @ice: the newest ICE session, NULL before the first
 * @id: of that
 * @has_answer: the peer's credentials are set
 * @pair: what it found last; not set before
 * @programmed: whether the kernel has @pair
 * @ready_us: when the peer was told so
 * @begun_us: when it began
 * @timer: GLib source of the phase
 * @backoff: of failed sessions
 * @error: why the last one failed
 * @hello: limits our answers to boxes for another session
 * @offers: limits the offers that are taken
 * @dataplane: the peer in the kernel; NULL while there is no interface
 * @paths: its paths there
 * @relay: the way to it through relays
 * @logged: number of the path in use that was told of last
 */
struct peer {
	struct peer_context *context;
	struct key key;
	char hostname[PEER_HOSTNAME_SIZE];
	bool controlling;
	struct seal *seal;
	bool online;
	bool has_session;
	struct seal_session session;
	enum phase phase;
	bool in_slot;
	bool again;
	struct ice *ice;
	struct peermessage_id id;
	bool has_answer;
	struct ice_pair pair;
	bool programmed;
	gint64 ready_us;
	gint64 begun_us;
	guint timer;
	struct backoff backoff;
	char *error;
	struct ratelimit hello;
	struct ratelimit offers;
	struct dataplane_peer *dataplane;
	struct paths *paths;
	struct peer_relay *relay;
	guint32 logged;
};

static void begin(struct peer *peer);
static gboolean on_timer(void *data);

static void set_timer(struct peer *peer, guint delay_ms)
{
	g_clear_handle_id(&peer->timer, g_source_remove);
	peer->timer = g_timeout_add(delay_ms, on_timer, peer);
}

static bool has_seal(struct peer *peer)
{
	g_autoptr(GError) error = NULL;

	if (!peer->seal)
		peer->seal = seal_new(&peer->context->private_key, &peer->key,
				      &peer->context->session, &error);
	if (!peer->seal)
		log_limited(LOG_LEVEL_WARNING, "peer %s: %s", peer->hostname, error->message);
	return peer->seal;
}

static void tell_session(struct peer *peer, const struct peermessage *message,
			 const struct seal_session *session)
{
	g_autoptr(JsonObject) object = NULL;
	g_autofree guint8 *box = NULL;
	gsize size;

	if (!has_seal(peer))
		return;
	object = peermessage_build(message);
	box = seal_close(peer->seal, object, session, &size);
	if (box)
		peer->context->send(&peer->key, box, size, peer->context->data);
}

static void tell(struct peer *peer, const struct peermessage *message)
{
	tell_session(peer, message, &peer->session);
}

/* Turns: so that a node that meets thousands of peers at once does not ask for all of them. */

static bool take_slot(struct peer *peer)
{
	struct peer_context *context = peer->context;

	if (peer->in_slot)
		return true;
	if (context->negotiating >= PEER_MAX_NEGOTIATING)
		return false;
	context->negotiating++;
	peer->in_slot = true;
	return true;
}

static gboolean serve_waiting(void *data)
{
	struct peer_context *context = data;

	context->serve = 0;
	while (context->negotiating < PEER_MAX_NEGOTIATING && context->connected) {
		struct peer *peer = g_queue_pop_head(&context->waiting);

		if (!peer)
			break;
		peer->phase = PHASE_IDLE;
		begin(peer);
	}
	return G_SOURCE_REMOVE;
}

/* Not served here: the next one may fail at once, and release its slot, and so on. */
static void release_slot(struct peer *peer)
{
	struct peer_context *context = peer->context;

	if (!peer->in_slot)
		return;
	context->negotiating--;
	peer->in_slot = false;
	if (!context->serve && !g_queue_is_empty(&context->waiting))
		context->serve = g_idle_add(serve_waiting, context);
}

static void set_phase(struct peer *peer, enum phase phase)
{
	if (peer->phase == PHASE_QUEUED && phase != PHASE_QUEUED)
		g_queue_remove(&peer->context->waiting, peer);
	g_clear_handle_id(&peer->timer, g_source_remove);
	peer->phase = phase;
	peer->again = false;
}

static void wait_and_retry(struct peer *peer)
{
	set_phase(peer, PHASE_WAITING);
	set_timer(peer, backoff_next_ms(&peer->backoff));
	release_slot(peer);
}

/* Until the peer, or the way to it, is there again. */
static void rest(struct peer *peer)
{
	set_phase(peer, PHASE_IDLE);
	release_slot(peer);
}

static void fail(struct peer *peer, const char *why)
{
	g_free(peer->error);
	peer->error = g_strdup(why);
	log_limited(LOG_LEVEL_INFO, "peer %s: %s", peer->hostname, why);
	if (peer->online)
		wait_and_retry(peer);
	else
		rest(peer);
}

/* What ICE tells */

static bool is_running(const struct peer *peer)
{
	return peer->phase == PHASE_NEGOTIATING || peer->phase == PHASE_CONNECTED;
}

/* Why another path is used is known only when it was the kernel's choice. */
static void log_switch(struct peer *peer, const char *reason)
{
	const struct dataplane_path *now = peer_path(peer);
	char local[ENDPOINT_STRLEN], remote[ENDPOINT_STRLEN];

	if (!now || now->id == peer->logged)
		return;
	peer->logged = now->id;
	if (now->kind == WGMESH_PATH_KIND_RELAY)
		log_info("peer %s: through the relay %s (%s)", peer->hostname,
			 endpoint_print(&now->remote, remote), reason);
	else
		log_info("peer %s: direct, %s to %s (%s)", peer->hostname,
			 endpoint_print(&now->local, local), endpoint_print(&now->remote, remote),
			 reason);
}

static void log_agreement(struct peer *peer)
{
	log_switch(peer, "agreed");
}

static void send_ready(struct peer *peer)
{
	struct peermessage ready = {
		.type = PEERMESSAGE_READY,
		.id = peer->id,
		.local = peer->pair.local,
		.remote = peer->pair.remote,
	};

	peer->ready_us = g_get_monotonic_time();
	tell(peer, &ready);
}

static void program(struct peer *peer)
{
	const struct paths_pair pair = {
		.path = {
			.local = peer->pair.base,
			.remote = peer->pair.remote,
			.kind = WGMESH_PATH_KIND_DIRECT,
		},
		.local = peer->pair.local,
		.remote = peer->pair.remote,
	};
	g_autoptr(GError) error = NULL;

	if (!paths_found(peer->paths, &pair, &error)) {
		fail(peer, error->message);
		return;
	}
	peer->programmed = true;
	send_ready(peer);
	log_agreement(peer);
}

static void on_candidate(const char *text, void *data)
{
	struct peer *peer = data;
	struct peermessage candidate = {
		.type = PEERMESSAGE_CANDIDATE,
		.id = peer->id,
		.candidate = text,
	};

	if (is_running(peer))
		tell(peer, &candidate);
}

static void on_candidates_done(void *data)
{
	struct peer *peer = data;
	struct peermessage done = { .type = PEERMESSAGE_CANDIDATES_DONE, .id = peer->id };

	if (is_running(peer))
		tell(peer, &done);
}

/*
 * The first pairs are programmed as they come, so that packets flow soon. Once one of them is in
 * use, only the last one is of interest.
 */
static void on_selected(const struct ice_pair *pair, void *data)
{
	struct peer *peer = data;

	if (!is_running(peer) || !peer->paths)
		return;
	peer->pair = *pair;
	peer->programmed = false;
	if (peer->phase == PHASE_CONNECTED || !paths_is_switched(peer->paths))
		program(peer);
	release_slot(peer);
}

static void on_concluded(void *data)
{
	struct peer *peer = data;

	if (!is_running(peer) || !peer->paths || !endpoint_is_set(&peer->pair.remote))
		return;
	set_phase(peer, PHASE_CONNECTED);
	backoff_reset(&peer->backoff);
	g_clear_pointer(&peer->error, g_free);
	release_slot(peer);
	if (!peer->programmed)
		program(peer);
	paths_concluded(peer->paths);
	log_agreement(peer);
}

/* The kernel does not tell of a path that is suspect for a moment. */
static bool is_direct_alive(const struct peer *peer)
{
	const struct dataplane_path *direct = peer->paths ? paths_direct(peer->paths) : NULL;

	return direct && (direct->state == WGMESH_PATH_STATE_ALIVE ||
			  direct->state == WGMESH_PATH_STATE_SUSPECT);
}

/*
 * A session that the peer began may have ended the one that watched over the direct path: when the
 * new one finds no pair that works, the old one does not either.
 */
static void on_failed(void *data)
{
	struct peer *peer = data;

	/* the kernel follows where ICE does not, and tells us when it is over */
	if (peer->phase == PHASE_CONNECTED && is_direct_alive(peer))
		return;
	if (is_running(peer) && peer->paths)
		paths_lost(peer->paths);
	if (peer->phase == PHASE_CONNECTED)
		fail(peer, "the peer does not answer any more on the pair that ICE selected");
	else if (peer->phase == PHASE_NEGOTIATING)
		fail(peer, "no pair of candidates works");
}

static const struct ice_events ice_events = {
	.candidate = on_candidate,
	.candidates_done = on_candidates_done,
	.selected = on_selected,
	.concluded = on_concluded,
	.failed = on_failed,
};

/* ICE sessions */

static struct endpoint choose_stun(const struct peer *peer)
{
	const GArray *stun = peer->context->stun;
	struct endpoint none = {};

	if (!stun->len)
		return none;
	return g_array_index(stun, struct endpoint, peer->backoff.failures % stun->len);
}

static bool start_ice(struct peer *peer, const struct peermessage_id *id)
{
	struct endpoint stun = choose_stun(peer);

	g_clear_pointer(&peer->ice, ice_free);
	peer->pair = (struct ice_pair){};
	peer->programmed = false;
	peer->has_answer = false;
	peer->id = *id;
	peer->begun_us = g_get_monotonic_time();
	peer->ice = ice_new(peer->controlling, &stun, &ice_events, peer);
	if (!peer->ice) {
		fail(peer, "libnice makes no ICE session");
		return false;
	}
	set_phase(peer, PHASE_NEGOTIATING);
	set_timer(peer, NEGOTIATION_MS);
	paths_begin(peer->paths);
	return true;
}

static void gather(struct peer *peer)
{
	g_autoptr(GError) error = NULL;

	if (!ice_gather(peer->ice, peer->context->underlay, &error))
		fail(peer, error->message);
}

static void send_credentials(struct peer *peer, enum peermessage_type type)
{
	g_autofree char *ufrag = NULL, *pwd = NULL;
	struct peermessage message = { .type = type, .id = peer->id };

	ice_get_credentials(peer->ice, &ufrag, &pwd);
	message.ufrag = ufrag;
	message.pwd = pwd;
	tell(peer, &message);
}

static void offer(struct peer *peer)
{
	struct peermessage_id id;

	if (!take_slot(peer)) {
		if (peer->phase != PHASE_QUEUED) {
			set_phase(peer, PHASE_QUEUED);
			g_queue_push_tail(&peer->context->waiting, peer);
		}
		return;
	}
	randombytes_buf(&id, sizeof(id));
	if (!start_ice(peer, &id))
		return;
	send_credentials(peer, PEERMESSAGE_OFFER);
	gather(peer);
}

static void request(struct peer *peer, enum peermessage_reason reason)
{
	struct peermessage message = { .type = PEERMESSAGE_REQUEST, .reason = reason };

	tell(peer, &message);
	wait_and_retry(peer);
}

/* Begin an ICE session, or have the peer begin one. */
static void begin(struct peer *peer)
{
	if (!peer->online || !peer->context->connected || !peer->paths)
		rest(peer);
	else if (peer->controlling)
		offer(peer);
	else
		request(peer, PEERMESSAGE_FAILED);
}

/* The same because of something that the peer did: it may do that as often as it likes. */
static void begin_limited(struct peer *peer)
{
	gint64 since_us = g_get_monotonic_time() - peer->begun_us;

	if (since_us >= BEGIN_INTERVAL_US) {
		begin(peer);
		return;
	}
	peer->again = true;
	set_timer(peer, (BEGIN_INTERVAL_US - since_us) / 1000 + 1);
}

static gboolean on_timer(void *data)
{
	struct peer *peer = data;
	bool again = peer->again;

	peer->timer = 0;
	if (peer->phase == PHASE_NEGOTIATING && !again && endpoint_is_set(&peer->pair.remote))
		on_concluded(peer);
	else if (peer->phase == PHASE_NEGOTIATING && !again && peer->has_answer)
		on_failed(peer);
	else if (peer->phase == PHASE_NEGOTIATING && !again)
		fail(peer, "the peer did not answer the offer");
	else if (peer->phase == PHASE_WAITING || again)
		begin(peer);
	return G_SOURCE_REMOVE;
}

/* What the peer says */

static void on_request(struct peer *peer, enum peermessage_reason reason)
{
	gint64 since_us = g_get_monotonic_time() - peer->begun_us;
	bool sent = reason == PEERMESSAGE_START || reason == PEERMESSAGE_FAILED;

	if (!peer->controlling)
		return;

	/* our offer and this request have crossed each other */
	if (sent && peer->phase == PHASE_NEGOTIATING && since_us < PATIENCE_MS * 1000)
		return;
	begin_limited(peer);
}

static void on_offer(struct peer *peer, const struct peermessage *message)
{
	if (peer->controlling || !peer->paths ||
	    !ratelimit_allow(&peer->offers, &offer_rule, g_get_monotonic_time()))
		return;

	/* a controlling node limits itself; a few sessions more than that are let in */
	if (!take_slot(peer)) {
		peer->context->negotiating++;
		peer->in_slot = true;
	}
	if (!start_ice(peer, &message->id))
		return;
	peer->has_answer = ice_set_remote_credentials(peer->ice, message->ufrag, message->pwd);
	if (!peer->has_answer) {
		fail(peer, "the offer of the peer has bad credentials");
		return;
	}
	send_credentials(peer, PEERMESSAGE_ANSWER);
	gather(peer);
}

static void on_answer(struct peer *peer, const struct peermessage *message)
{
	if (!peer->controlling || peer->has_answer)
		return;
	peer->has_answer = ice_set_remote_credentials(peer->ice, message->ufrag, message->pwd);
	if (!peer->has_answer)
		fail(peer, "the answer of the peer has bad credentials");
}

static void on_remote_candidate(struct peer *peer, const char *text)
{
	struct peer_context *context = peer->context;
	g_autoptr(GError) error = NULL;
	struct endpoint ep;

	if (!candidate_parse(text, &ep, &error))
		log_limited(LOG_LEVEL_WARNING, "peer %s: %s: %s", peer->hostname, error->message,
			    text);
	else if (context->is_overlay(&ep, context->data))
		log_limited(LOG_LEVEL_WARNING,
			    "peer %s: refused a candidate inside the overlay: %s", peer->hostname,
			    text);
	else if (!ice_add_candidate(peer->ice, text))
		log_limited(LOG_LEVEL_WARNING, "peer %s: a candidate too many, or unusable: %s",
			    peer->hostname, text);
}

static void on_ready(struct peer *peer, const struct peermessage *message)
{
	/* what is remote to the peer is local here */
	paths_ready(peer->paths, WGMESH_PATH_KIND_DIRECT, &message->remote, &message->local);
	log_agreement(peer);
}

/* What belongs to an ICE session counts only while it is the current one. */
static void on_ice_message(struct peer *peer, const struct peermessage *message)
{
	if (!peer->ice || !peer->paths || !is_running(peer) ||
	    memcmp(&message->id, &peer->id, sizeof(peer->id)) != 0)
		return;
	if (message->type == PEERMESSAGE_ANSWER)
		on_answer(peer, message);
	else if (message->type == PEERMESSAGE_CANDIDATE)
		on_remote_candidate(peer, message->candidate);
	else if (message->type == PEERMESSAGE_CANDIDATES_DONE)
		ice_candidates_done(peer->ice);
	else if (message->type == PEERMESSAGE_READY)
		on_ready(peer, message);
}

static void on_message(struct peer *peer, JsonObject *object, GError **error)
{
	struct peermessage message;

	if (!peermessage_parse(object, &message, error))
		return;
	switch (message.type) {
	case PEERMESSAGE_HELLO:
		break;
	case PEERMESSAGE_RELAY:
	case PEERMESSAGE_RELAY_READY:
		peer_relay_receive(peer->relay, &message);
		log_agreement(peer);
		break;
	case PEERMESSAGE_REQUEST:
		on_request(peer, message.reason);
		break;
	case PEERMESSAGE_OFFER:
		on_offer(peer, &message);
		break;
	case PEERMESSAGE_ANSWER:
	case PEERMESSAGE_CANDIDATE:
	case PEERMESSAGE_CANDIDATES_DONE:
	case PEERMESSAGE_READY:
		on_ice_message(peer, &message);
		break;
	}
}

static void say_hello(struct peer *peer, const struct seal_session *session)
{
	struct peermessage hello = { .type = PEERMESSAGE_HELLO };

	if (ratelimit_allow(&peer->hello, &hello_rule, g_get_monotonic_time()))
		tell_session(peer, &hello, session);
}

void peer_receive(struct peer *peer, const guint8 *box, gsize size)
{
	g_autoptr(JsonObject) object = NULL;
	g_autoptr(GError) error = NULL;
	struct seal_session session;

	if (!has_seal(peer))
		return;
	switch (seal_open(peer->seal, box, size, &object, &session, &error)) {
	case SEAL_ACCEPTED:
		/* it proves more than the map does */
		if (!peer->has_session || !seal_session_equal(&session, &peer->session))
			peer_set_session(peer, &session);
		peer->online = true;
		on_message(peer, object, &error);
		break;
	case SEAL_HELLO:
		if (!peer->has_session || !seal_session_equal(&session, &peer->session))
			peer->context->ask_for_map(peer->context->data);
		break;
	case SEAL_OTHER_SESSION:
		say_hello(peer, &session);
		break;
	case SEAL_REFUSED:
		break;
	}
	if (error)
		log_limited(LOG_LEVEL_WARNING, "peer %s: dropped %s", peer->hostname,
			    error->message);
}

/* What the kernel says */

/*
 * One that was found just now and dies at once is no reason for haste: whatever ended it may end
 * the next one as well.
 */
static void look_for_another(struct peer *peer)
{
	gint64 since_us = g_get_monotonic_time() - peer->begun_us;

	if (peer->phase != PHASE_CONNECTED)
		return;
	if (since_us < HASTE_US)
		fail(peer, "the peer does not answer on the direct path");
	else
		begin(peer);
}

static void on_path_state(const struct dataplane_path *path,
			  G_GNUC_UNUSED enum wgmesh_path_state before, void *data)
{
	struct peer *peer = data;

	if (path->state != WGMESH_PATH_STATE_DEAD)
		return;
	if (path->kind == WGMESH_PATH_KIND_RELAY)
		peer_relay_dead(peer->relay, path);
	else if (path == paths_direct(peer->paths))
		look_for_another(peer);
}

static void on_path_selected(enum wgmesh_reason reason, void *data)
{
	struct peer *peer = data;

	paths_selected(peer->paths);
	log_switch(peer, pathnl_reason_name(reason));
}

static void on_path_claimed(const struct dataplane_path *path, void *data)
{
	struct peer *peer = data;

	peer_relay_claimed(peer->relay, path);
}

static const struct dataplane_peer_events dataplane_events = {
	.path = on_path_state,
	.selected = on_path_selected,
	.claimed = on_path_claimed,
};

/* What the mesh says */

static bool tell_about_relay(const struct peermessage *message, void *data)
{
	struct peer *peer = data;

	if (!peer->has_session || !peer->online || !peer->context->connected)
		return false;
	tell(peer, message);
	return true;
}

struct peer *peer_new(struct peer_context *context, const struct key *key)
{
	struct peer *peer = g_new0(struct peer, 1);

	peer->context = context;
	peer->key = *key;
	peer->controlling = key_compare(&context->public_key, key) < 0;
	peer->relay = peer_relay_new(context->relays, tell_about_relay, peer);
	return peer;
}

void peer_free(struct peer *peer)
{
	if (!peer)
		return;
	rest(peer);
	ice_free(peer->ice);
	peer_relay_free(peer->relay);
	paths_free(peer->paths);
	seal_free(peer->seal);
	g_free(peer->error);
	g_free(peer);
}

void peer_attach(struct peer *peer, struct dataplane_peer *dataplane)
{
	if (peer->dataplane == dataplane)
		return;
	if (peer->dataplane)
		dataplane_watch_peer(peer->dataplane, NULL, NULL);
	peer_relay_set_paths(peer->relay, NULL);
	g_clear_pointer(&peer->paths, paths_free);
	peer->dataplane = dataplane;
	if (!dataplane)
		return;
	peer->paths = paths_new(dataplane, peer->controlling);
	dataplane_watch_peer(dataplane, &dataplane_events, peer);
	peer_relay_set_paths(peer->relay, peer->paths);
}

/* An ICE session that works is not disturbed when the server or the peer's way to it was away. */
void peer_set_session(struct peer *peer, const struct seal_session *session)
{
	bool same = session && peer->has_session && seal_session_equal(session, &peer->session);
	bool was_online = peer->online;

	peer->online = session;
	if (!session)
		return;
	peer->session = *session;
	peer->has_session = true;
	if (!same || !was_online)
		peer_relay_tell(peer->relay);
	if (same && is_running(peer))
		return;
	if (!peer->context->connected || !peer->paths)
		return;
	backoff_reset(&peer->backoff);
	if (peer->controlling) {
		begin_limited(peer);
	} else {
		set_phase(peer, PHASE_WAITING);
		set_timer(peer, PATIENCE_MS);
	}
}

void peer_set_hostname(struct peer *peer, const char *hostname)
{
	g_strlcpy(peer->hostname, hostname, sizeof(peer->hostname));
}

void peer_unreachable(struct peer *peer)
{
	peer->online = false;
	if (peer->phase == PHASE_NEGOTIATING && !endpoint_is_set(&peer->pair.remote))
		fail(peer, "the peer is not connected to the server");
	else if (peer->phase == PHASE_WAITING)
		rest(peer);
}

void peer_renew(struct peer *peer, enum peermessage_reason reason)
{
	if (!peer->online || !peer->context->connected || !peer->paths)
		return;
	backoff_reset(&peer->backoff);
	if (peer->controlling)
		begin(peer);
	else
		request(peer, reason);
}

void peer_server_connected(struct peer *peer)
{
	bool recent = peer->programmed &&
		      g_get_monotonic_time() - peer->ready_us < READY_AGAIN_US;

	if (is_running(peer) && recent)
		send_ready(peer);
	if (peer->has_session)
		peer_relay_tell_again(peer->relay);
}

bool peer_is_called(const struct peer *peer, const char *name)
{
	char key[KEY_STRLEN];

	return strcmp(peer->hostname, name) == 0 || strcmp(key_print(&peer->key, key), name) == 0;
}

void peer_allocation_changed(struct peer *peer)
{
	peer_relay_allocation_changed(peer->relay);
}

void peer_channel_bound(struct peer *peer, const struct turn *turn, guint16 channel)
{
	peer_relay_bound(peer->relay, turn, channel);
	log_agreement(peer);
}

void peer_channel_refused(struct peer *peer, const struct turn *turn, guint16 channel,
			  const char *why)
{
	peer_relay_refused(peer->relay, turn, channel, why);
}

const struct key *peer_key(const struct peer *peer)
{
	return &peer->key;
}

const char *peer_hostname(const struct peer *peer)
{
	return peer->hostname;
}

bool peer_is_online(const struct peer *peer)
{
	return peer->online;
}

const struct ice *peer_ice(const struct peer *peer)
{
	return peer->ice;
}

const char *peer_error(const struct peer *peer)
{
	return peer->error;
}

const char *peer_relay_why(const struct peer *peer)
{
	return peer_relay_error(peer->relay);
}

struct dataplane_peer *peer_dataplane(const struct peer *peer)
{
	return peer->dataplane;
}

const struct dataplane_path *peer_path(const struct peer *peer)
{
	return peer->paths ? paths_in_use(peer->paths) : NULL;
}

bool peer_is_waiting(const struct peer *peer)
{
	return peer->phase == PHASE_WAITING;
}
