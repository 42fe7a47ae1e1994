/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_TURN_H
#define WGMESH_TURN_H

#include <glib.h>
#include <stdbool.h>

#include "lib/endpoint.h"
#include "lib/relayinfo.h"

/*
 * The client of a TURN server (RFC 8656): one allocation, and channels in it. It talks; data of the
 * channels is the kernel's.
 */

/* Channel numbers of RFC 8656 section 12: so many peers can be reached through one allocation. */
#define TURN_CHANNEL_FIRST 0x4000
#define TURN_CHANNEL_LAST 0x4fff

/**
 * struct turn_events - what an allocation tells its owner, who may free it in any of them but @bound
 *			and @refused
 * @allocated: there is one; channels that are wanted follow
 * @bound: data passes through a channel; called for each @user of it
 * @moved: the allocation is where this client's endpoint is now: data passes again
 * @refused: the server does not bind a channel; it is forgotten. Called for each @user of it
 * @gone: the server is there, but has no such allocation any more, or one of somebody else for this
 *	  client's endpoint: it restarted, the allocation expired, or a NAT on the way forgot its
 *	  binding and the server knows no mobility. To be asked for anew, from another socket
 * @leave: another server is better from now on, though this one may still work: it did not answer
 *	   turn_check() soon
 * @stopping: another server is better from now on: this one is about to stop
 * @lost: there is no allocation (any more): the server refuses, or does not answer
 */
struct turn_events {
	void (*allocated)(void *data);
	void (*bound)(guint16 channel, void *user, void *data);
	void (*moved)(void *data);
	void (*refused)(guint16 channel, void *user, const char *why, void *data);
	void (*gone)(void *data);
	void (*leave)(const char *why, void *data);
	void (*stopping)(void *data);
	void (*lost)(const char *why, void *data);
};

/**
 * struct turn - an allocation, or the attempt to get one
 */
typedef struct turn turn;

/**
 * turn_new() - ask for an allocation
 * @server: the TURN server
 * @transport: the one of RELAYINFO_* to talk to it by
 * @username: of the long-term credentials
 * @password: of the long-term credentials
 * @events: what to call, from the default main context; never before this returns
 * @data: for @events
 * @error: G_IO_ERROR: there is no way to the server
 *
 * Return: (owned by the caller) the client; NULL on error. turn_free() it.
 */
struct turn *turn_new(const struct endpoint *server, enum relayinfo_transport transport,
		      const char *username, const char *password, const struct turn_events *events,
		      void *data, GError **error);

/**
 * turn_free() - forget the allocation; by UDP it works until it expires
 * @turn: a client, or NULL
 */
void turn_free(struct turn *turn);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(turn, turn_free)

/**
 * turn_give_back() - end the allocation, and free the client
 * @turn: a client, or NULL
 *
 * The server is told once; if that is lost, the allocation ends there by itself.
 */
void turn_give_back(struct turn *turn);

/**
 * turn_set_credentials() - other credentials of the same account are valid for longer
 * @turn: the client
 * @username: of the credentials
 * @password: of the credentials
 *
 * An allocation stays with those that it was made with, for some servers know it by their whole user
 * name; the others are used as soon as the server does not accept these any more.
 */
void turn_set_credentials(struct turn *turn, const char *username, const char *password);

/**
 * turn_check() - look whether the allocation is still there: data does not come through any more
 * @turn: the client
 *
 * At most twice a second: what is asked for more often is done a little later. An allocation that a
 * NAT has cut off is moved to the endpoint that this client has now (RFC 8016), where the server
 * knows how; else @gone is called. When there is no answer soon, @leave is called once, and @lost
 * when there is none for long.
 */
void turn_check(struct turn *turn);

/**
 * turn_bind() - want a channel to a peer, which is kept until turn_unbind()
 * @turn: the client
 * @peer: of the same IP version as the relayed endpoint
 * @user: who wants it: for events
 *
 * Whoever wants one to the same peer gets the same, and it is kept until each has called
 * turn_unbind().
 *
 * Return: its number; 0 when there are no more.
 */
guint16 turn_bind(struct turn *turn, const struct endpoint *peer, void *user);

/**
 * turn_unbind() - give a channel back; it expires when nobody else wants it
 * @turn: the client
 * @channel: its number; one that was refused meanwhile is forgotten already
 * @user: who does not want it any more
 */
void turn_unbind(struct turn *turn, guint16 channel, void *user);

/**
 * turn_is_bound() - whether data passes through a channel
 * @turn: the client
 * @channel: its number
 */
bool turn_is_bound(const struct turn *turn, guint16 channel);

/**
 * turn_relayed() - the relayed endpoint
 * @turn: the client
 *
 * Return: (borrowed from @turn) the endpoint; not set before it is allocated.
 */
const struct endpoint *turn_relayed(const struct turn *turn);

/**
 * turn_local() - where the kernel sends data of channels from
 * @turn: the client; has an allocation
 */
const struct endpoint *turn_local(const struct turn *turn);

/**
 * turn_remote() - where the kernel sends data of channels to
 * @turn: the client; has an allocation
 */
const struct endpoint *turn_remote(const struct turn *turn);

/**
 * turn_ifindex() - the interface that the kernel sends data of channels by
 * @turn: the client; has an allocation
 *
 * Return: 0 when it is left to the routes.
 */
guint32 turn_ifindex(const struct turn *turn);

/**
 * turn_stands() - whether packets to the server leave as they did when this client began
 * @turn: the client
 *
 * Whatever else has changed on this machine, an allocation is as good as before then.
 */
bool turn_stands(const struct turn *turn);

/**
 * turn_rtt_us() - the round-trip time to the server, as last measured
 * @turn: the client
 *
 * Return: microseconds; -1 while it is not known.
 */
gint64 turn_rtt_us(const struct turn *turn);

#endif
