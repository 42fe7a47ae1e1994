/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_ICE_H
#define WGMESH_ICE_H

#include <glib.h>
#include <stdbool.h>

#include "candidate-choice.h"
#include "lib/endpoint.h"

/* Bounds of RFC 8839 section 5.4 for what a peer sends. */
#define ICE_MIN_UFRAG 4
#define ICE_MAX_UFRAG 32
#define ICE_MIN_PWD 22
#define ICE_MAX_PWD 64

/**
 * struct ice_pair - a way through that ICE found
 * @base: endpoint of this node that packets leave from
 * @local: endpoint of this node as the peer sees it, behind all NATs
 * @remote: endpoint of the peer as this node sees it
 * @ifindex: interface that the checks left by, whatever the routes say; 0 when these decided
 *
 * The peer found the same pair when its @local is our @remote and the other way round.
 */
struct ice_pair {
	struct endpoint base;
	struct endpoint local;
	struct endpoint remote;
	guint32 ifindex;
};

/**
 * struct ice_events - what an ICE session tells its owner, who may free it in any of them
 * @candidate: one more local candidate, as in RFC 8839 section 5.1
 * @candidates_done: there are no more
 * @selected: a pair works both ways, and is nominated; a better one may follow
 * @concluded: all pairs better than the one selected last were found not to work
 * @failed: no pair works, or the selected one does not any more (RFC 7675)
 */
struct ice_events {
	void (*candidate)(const char *candidate, void *data);
	void (*candidates_done)(void *data);
	void (*selected)(const struct ice_pair *pair, void *data);
	void (*concluded)(void *data);
	void (*failed)(void *data);
};

/**
 * struct ice - one ICE session with one peer (RFC 8445): its own sockets, one stream, one component
 *
 * While it runs it checks every few seconds whether its pair still works (RFC 7675), which costs
 * the more the more of them there are: libnice has all their sockets in one main context.
 */
typedef struct ice ice;

/**
 * ice_new() - begin a session
 * @controlling: the role of this node (RFC 8445 section 6.1.1)
 * @stun: a server that tells server-reflexive endpoints; not set: none is asked
 * @events: what to call, from the default main context
 * @data: for @events
 *
 * Return: (owned by the caller) the session; NULL when libnice refuses. ice_free() it.
 */
struct ice *ice_new(bool controlling, const struct endpoint *stun, const struct ice_events *events,
		    void *data);

/**
 * ice_free() - stop the session, close its sockets, and forget it
 * @ice: a session, or NULL
 */
void ice_free(struct ice *ice);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ice, ice_free)

/**
 * ice_stop() - the session is over; what ice_state() and the candidates say stays
 * @ice: the session, whether it was stopped before or not
 *
 * Nothing is called any more, and what is asked of it is refused.
 *
 * Return: (owned by the caller) an array of struct port *: those that its sockets had, to be kept
 * or let go.
 */
GPtrArray *ice_stop(struct ice *ice);

/**
 * ice_is_running() - whether the session has its sockets, or is about to open them
 * @ice: the session
 */
bool ice_is_running(const struct ice *ice);

/**
 * ice_get_credentials() - what the peer has to know
 * @ice: the session
 * @ufrag: (owned by the caller) the user name fragment goes here
 * @pwd: (owned by the caller) the password goes here
 */
void ice_get_credentials(struct ice *ice, char **ufrag, char **pwd);

/**
 * ice_set_remote_credentials() - what the peer sent
 * @ice: the session
 * @ufrag: of the peer
 * @pwd: of the peer
 *
 * Return: false when they are not what RFC 8839 section 5.4 allows.
 */
bool ice_set_remote_credentials(struct ice *ice, const char *ufrag, const char *pwd);

/**
 * ice_gather() - open sockets and look for local candidates
 * @ice: the session
 * @addresses: array of struct endpoint: the addresses of this node, best first; ports do not count
 * @error: G_IO_ERROR_FAILED when there is no address, or no socket can be opened on any of them
 */
bool ice_gather(struct ice *ice, const GArray *addresses, GError **error);

/**
 * ice_add_candidate() - a candidate of the peer
 * @ice: the session
 * @candidate: the text, checked by candidate_parse()
 * @worth: of it; whether and when it is tried is decided by candidate_choice_offer()
 *
 * Return: false when the peer has told more than it may, or libnice cannot read it.
 */
bool ice_add_candidate(struct ice *ice, const char *candidate, enum candidate_worth worth);

/**
 * ice_try_waiting() - the peer has told all its candidates: those that were to wait are tried, as
 * many as there is room for
 * @ice: the session
 */
void ice_try_waiting(struct ice *ice);

/**
 * ice_candidates_done() - the peer has no more candidates
 * @ice: the session; call ice_try_waiting() before
 */
void ice_candidates_done(struct ice *ice);

/**
 * ice_state() - what the session is doing, for people
 * @ice: the session
 *
 * Return: (static) e.g. "gathering", "connecting", "ready", "failed".
 */
const char *ice_state(const struct ice *ice);

/**
 * ice_local_candidates() - the local candidates so far
 * @ice: the session
 *
 * Return: (borrowed) an array of strings.
 */
const GPtrArray *ice_local_candidates(const struct ice *ice);

/**
 * ice_remote_candidates() - the peer's candidates so far that are tried
 * @ice: the session
 *
 * Return: (borrowed) an array of strings.
 */
const GPtrArray *ice_remote_candidates(const struct ice *ice);

/**
 * ice_left_out() - the peer's candidates that are not tried, because there are worthier ones
 * @ice: the session
 *
 * Return: (borrowed) an array of strings.
 */
const GPtrArray *ice_left_out(const struct ice *ice);

#endif
