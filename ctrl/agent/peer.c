// SPDX-License-Identifier: GPL-2.0
/* One peer: its session and its boxes, and which part of this node each message is for. */
#include "peer.h"

#include <string.h>

#include "backoff.h"
#include "lib/log.h"
#include "lib/pathnl-names.h"
#include "lib/ratelimit.h"
#include "negotiation.h"

/* At most one hello a second to each peer (docs/protocol.md section 5.2). */
static const struct ratelimit_rule hello_rule = { .interval_us = G_USEC_PER_SEC, .burst = 1 };

/* The longest delay before something is said again to a peer that does not keep up. */
#define SAY_AGAIN_MAX_MS 30000

/* A peer that was told everything for so long keeps up again. */
#define KEPT_UP_US (2 * 60 * G_USEC_PER_SEC)

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
 * @hello: limits our answers to boxes for another session
 * @busy: how often boxes did not reach it because it does not keep up
 * @busy_us: when a box last did not reach it
 * @say_again: GLib source that says again what a lost box may have said
 * @dataplane: the peer in the kernel; NULL while there is no interface
 * @paths: its paths there
 * @talks: the search for a direct path
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
	struct ratelimit hello;
	struct backoff busy;
	gint64 busy_us;
	guint say_again;
	struct dataplane_peer *dataplane;
	struct paths *paths;
	struct negotiation *talks;
	struct peer_relay *relay;
	guint32 logged;
};

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

/* What begins a way to each other tells whether WireGuard has begun anew, too. */
static bool tells_of_wireguard(enum peermessage_type type)
{
	return type == PEERMESSAGE_OFFER || type == PEERMESSAGE_ANSWER ||
	       type == PEERMESSAGE_RELAY_READY;
}

static void tell(struct peer *peer, const struct peermessage *message)
{
	struct peermessage told = *message;

	told.never_shaken = tells_of_wireguard(told.type) && peer->dataplane &&
			    dataplane_has_never_shaken(peer->dataplane);
	tell_session(peer, &told, &peer->session);
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

static void on_message(struct peer *peer, JsonObject *object, GError **error)
{
	struct peermessage message;

	if (!peermessage_parse(object, &message, error))
		return;
	if (message.never_shaken && peer->paths)
		paths_session_lost(peer->paths);
	switch (message.type) {
	case PEERMESSAGE_HELLO:
		break;
	case PEERMESSAGE_RELAY:
	case PEERMESSAGE_RELAY_READY:
		peer_relay_receive(peer->relay, &message);
		log_agreement(peer);
		break;
	case PEERMESSAGE_REQUEST:
	case PEERMESSAGE_OFFER:
	case PEERMESSAGE_ANSWER:
	case PEERMESSAGE_CANDIDATE:
	case PEERMESSAGE_CANDIDATES_DONE:
	case PEERMESSAGE_READY:
		negotiation_receive(peer->talks, &message);
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
		if (!peer->online || !seal_session_equal(&session, &peer->session))
			peer_set_session(peer, &session);
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

static void on_path_state(const struct dataplane_path *path,
			  G_GNUC_UNUSED enum wgmesh_path_state before, void *data)
{
	struct peer *peer = data;

	if (path->state == WGMESH_PATH_STATE_ALIVE) {
		paths_moved(peer->paths);
		paths_answered(peer->paths);
		negotiation_path_answered(peer->talks);
	}
	if (path->state != WGMESH_PATH_STATE_DEAD)
		return;
	negotiation_hurry(peer->talks);
	if (path->kind == WGMESH_PATH_KIND_RELAY)
		peer_relay_dead(peer->relay, path);
	else if (path == paths_direct(peer->paths))
		negotiation_path_dead(peer->talks);
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

static bool is_online(void *data)
{
	const struct peer *peer = data;

	return peer->online;
}

static void tell_about_ice(const struct peermessage *message, void *data)
{
	tell(data, message);
}

static void on_agreed(void *data)
{
	log_agreement(data);
}

static const struct negotiation_owner negotiation_owner = {
	.is_online = is_online,
	.tell = tell_about_ice,
	.agreed = on_agreed,
};

struct peer *peer_new(struct peer_context *context, const struct key *key)
{
	struct peer *peer = g_new0(struct peer, 1);

	peer->context = context;
	peer->key = *key;
	peer->controlling = key_compare(&context->public_key, key) < 0;
	peer->talks = negotiation_new(context, peer->hostname, peer->controlling,
				      &negotiation_owner, peer);
	peer->relay = peer_relay_new(context->relays, tell_about_relay, peer);
	return peer;
}

void peer_free(struct peer *peer)
{
	if (!peer)
		return;
	g_clear_handle_id(&peer->say_again, g_source_remove);
	negotiation_free(peer->talks);
	peer_relay_free(peer->relay);
	paths_free(peer->paths);
	seal_free(peer->seal);
	g_free(peer);
}

void peer_attach(struct peer *peer, struct dataplane_peer *dataplane)
{
	if (peer->dataplane == dataplane)
		return;
	if (peer->dataplane)
		dataplane_watch_peer(peer->dataplane, NULL, NULL);
	negotiation_set_paths(peer->talks, NULL);
	peer_relay_set_paths(peer->relay, NULL);
	g_clear_pointer(&peer->paths, paths_free);
	peer->dataplane = dataplane;
	if (!dataplane)
		return;
	peer->paths = paths_new(dataplane, peer->controlling);
	dataplane_watch_peer(dataplane, &dataplane_events, peer);
	negotiation_set_paths(peer->talks, peer->paths);
	peer_relay_set_paths(peer->relay, peer->paths);
}

static void begin_anew(struct peer *peer)
{
	if (peer->dataplane)
		dataplane_doubt_session(peer->dataplane);
	peer_relay_tell(peer->relay);
	negotiation_peer_came(peer->talks);
}

void peer_lost(struct peer *peer)
{
	peer_relay_doubt_lately(peer->relay);
	negotiation_doubt(peer->talks);
}

static void tell_untold(struct peer *peer)
{
	peer_relay_tell_untold(peer->relay);
	negotiation_tell_untold(peer->talks);
}

/*
 * When the server was away, or the peer's way to it, both know what they knew. All others come back
 * then, too: nothing is said that they were told.
 */
void peer_set_session(struct peer *peer, const struct seal_session *session)
{
	bool same = session && peer->has_session && seal_session_equal(session, &peer->session);

	if (!session && peer->online)
		peer_lost(peer);
	peer->online = session;
	if (!session)
		return;
	peer->session = *session;
	peer->has_session = true;
	if (!same) {
		begin_anew(peer);
		return;
	}
	tell_untold(peer);
	negotiation_peer_returned(peer->talks);
}

void peer_set_hostname(struct peer *peer, const char *hostname)
{
	g_strlcpy(peer->hostname, hostname, sizeof(peer->hostname));
}

static gboolean on_say_again(void *data)
{
	struct peer *peer = data;

	peer->say_again = 0;
	if (peer->online && peer->context->connected)
		tell_untold(peer);
	return G_SOURCE_REMOVE;
}

static void say_again_later(struct peer *peer)
{
	gint64 now_us = g_get_monotonic_time();

	if (now_us - peer->busy_us > KEPT_UP_US)
		backoff_reset(&peer->busy);
	peer->busy_us = now_us;
	if (!peer->say_again)
		peer->say_again = g_timeout_add(backoff_next_up_to_ms(&peer->busy, SAY_AGAIN_MAX_MS),
						on_say_again, peer);
}

void peer_signal_failed(struct peer *peer, const char *reason)
{
	peer_relay_doubt(peer->relay);
	negotiation_doubt(peer->talks);
	if (strcmp(reason, "busy") == 0) {
		say_again_later(peer);
	} else {
		peer->online = false;
		negotiation_peer_left(peer->talks);
	}
}

void peer_renew(struct peer *peer, enum peermessage_reason reason, bool keep)
{
	negotiation_renew(peer->talks, reason, keep);
}

void peer_underlay_read(struct peer *peer)
{
	if (!peer->paths || !paths_drop_carried(peer->paths, peer->context->underlay))
		return;
	log_warning("peer %s: a path that leads through a mesh itself is given up",
		    peer->hostname);
	negotiation_path_dropped(peer->talks);
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

void peer_allocation_moved(struct peer *peer, const struct turn *turn)
{
	/* a NAT of this node gives it other endpoints */
	negotiation_hurry(peer->talks);
	if (peer->paths && peer_relay_uses(peer->relay, turn))
		paths_answered(peer->paths);
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
	return negotiation_ice(peer->talks);
}

const char *peer_error(const struct peer *peer)
{
	return negotiation_error(peer->talks);
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
	return negotiation_is_waiting(peer->talks);
}
