// SPDX-License-Identifier: GPL-2.0
#include "peer-relay.h"

#include "../lib/log.h"
#include "candidate.h"

/* What was said so short before the server was lost may be lost, too. */
#define AGAIN_US (60 * G_USEC_PER_SEC)

/**
 * struct peer_relay - the way to a peer through relays
 * @relays: of this node
 * @tell: say something to the peer
 * @data: for @tell
 * @paths: where its path is kept; NULL while there is no such place
 * @theirs: the peer's relayed endpoint; not set while it has none
 * @channel: that leads there from our allocation; 0 while there is none
 * @programmed: the kernel has the path
 * @told_us: when the peer was told something; 0 when it did not get through
 * @error: why there is no path
 */
struct peer_relay {
	struct relays *relays;
	bool (*tell)(const struct peermessage *message, void *data);
	void *data;
	struct paths *paths;
	struct endpoint theirs;
	guint16 channel;
	bool programmed;
	gint64 told_us;
	char *error;
};

struct peer_relay *peer_relay_new(struct relays *relays,
				  bool (*tell)(const struct peermessage *message, void *data),
				  void *data)
{
	struct peer_relay *way = g_new0(struct peer_relay, 1);

	way->relays = relays;
	way->tell = tell;
	way->data = data;
	return way;
}

static void unbind(struct peer_relay *way)
{
	struct turn *turn = relays_turn(way->relays);

	if (turn && way->channel)
		turn_unbind(turn, way->channel);
	way->channel = 0;
	way->programmed = false;
}

void peer_relay_free(struct peer_relay *way)
{
	if (!way)
		return;
	unbind(way);
	g_free(way->error);
	g_free(way);
}

static void set_error(struct peer_relay *way, const char *error)
{
	g_free(way->error);
	way->error = g_strdup(error);
}

static void say(struct peer_relay *way, const struct peermessage *message)
{
	way->told_us = way->tell(message, way->data) ? g_get_monotonic_time() : 0;
}

static void tell_endpoint(struct peer_relay *way)
{
	const struct turn *turn = relays_turn(way->relays);
	struct peermessage message = { .type = PEERMESSAGE_RELAY };

	if (turn)
		message.relayed = *turn_relayed(turn);
	say(way, &message);
}

static void tell_ready(struct peer_relay *way)
{
	struct peermessage message = {
		.type = PEERMESSAGE_RELAY_READY,
		.local = *turn_relayed(relays_turn(way->relays)),
		.remote = way->theirs,
	};

	say(way, &message);
}

static void program(struct peer_relay *way)
{
	const struct turn *turn = relays_turn(way->relays);
	struct paths_pair pair = {
		.path = {
			.local = *turn_local(turn),
			.remote = *turn_remote(turn),
			.channel = way->channel,
			.kind = WGMESH_PATH_KIND_RELAY,
		},
		.local = *turn_relayed(turn),
		.remote = way->theirs,
	};
	g_autoptr(GError) error = NULL;

	if (!paths_found(way->paths, &pair, &error)) {
		set_error(way, error->message);
		return;
	}
	set_error(way, NULL);
	way->programmed = true;
	tell_ready(way);
}

/* The path follows when the channel is bound. */
static void connect_relays(struct peer_relay *way)
{
	struct turn *turn = relays_turn(way->relays);

	if (!turn || !way->paths || !endpoint_is_set(&way->theirs))
		return;
	if (way->theirs.sa.sa_family != turn_relayed(turn)->sa.sa_family) {
		set_error(way, "the relays of both ends have no IP version in common");
		return;
	}
	way->channel = turn_bind(turn, &way->theirs);
	if (!way->channel)
		set_error(way, "the relay has no more channels for this node");
	else if (turn_is_bound(turn, way->channel))
		program(way);
}

void peer_relay_set_paths(struct peer_relay *way, struct paths *paths)
{
	way->paths = paths;
	way->programmed = false;
	connect_relays(way);
}

void peer_relay_tell(struct peer_relay *way)
{
	if (relays_turn(way->relays))
		tell_endpoint(way);
}

void peer_relay_tell_again(struct peer_relay *way)
{
	if (way->told_us && g_get_monotonic_time() - way->told_us >= AGAIN_US)
		return;
	tell_endpoint(way);
	if (way->programmed)
		tell_ready(way);
}

void peer_relay_allocation_changed(struct peer_relay *way)
{
	way->channel = 0;
	way->programmed = false;
	tell_endpoint(way);
	connect_relays(way);
}

void peer_relay_bound(struct peer_relay *way, guint16 channel)
{
	if (way->channel == channel && way->paths && !way->programmed)
		program(way);
}

void peer_relay_refused(struct peer_relay *way, guint16 channel, const char *why)
{
	if (way->channel != channel)
		return;
	way->channel = 0;
	way->programmed = false;
	set_error(way, why);
}

/* A peer that says the same again has forgotten what we said. */
static void on_endpoint(struct peer_relay *way, const struct endpoint *theirs)
{
	if (endpoint_is_set(theirs) && !candidate_address_allowed(theirs)) {
		set_error(way, "the peer names a relayed endpoint that cannot be one");
		return;
	}
	if (!endpoint_equal(&way->theirs, theirs))
		unbind(way);
	way->theirs = *theirs;
	if (way->programmed)
		tell_ready(way);
	else if (endpoint_is_set(theirs))
		connect_relays(way);
	else if (way->paths)
		paths_forget_relays(way->paths);
}

void peer_relay_receive(struct peer_relay *way, const struct peermessage *message)
{
	if (message->type == PEERMESSAGE_RELAY)
		on_endpoint(way, &message->relayed);
	else if (way->paths)
		/* what is remote to the peer is local here */
		paths_ready(way->paths, WGMESH_PATH_KIND_RELAY, &message->remote, &message->local);
}

const char *peer_relay_error(const struct peer_relay *way)
{
	return way->error;
}
