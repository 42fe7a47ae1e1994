/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PATHS_H
#define WGMESH_PATHS_H

#include <glib.h>
#include <stdbool.h>

#include "dataplane.h"
#include "underlay.h"

/*
 * Which paths a peer has, and in what order the kernel is to prefer them (docs/protocol.md section
 * 5.4). Which of them packets take is the kernel's to say, for its probes know which ones work.
 *
 * A path is programmed behind all others. It gets its place when both ends have it, so that no
 * packet goes where nobody receives it: direct paths before those through relays, what was found
 * later before what was found earlier, the first relays of both ends before others. A direct path
 * is removed when the peer was heard on a newer one, one through relays that are not used any more
 * when there is another; the last path is never removed.
 *
 * The port that a direct path sends from is kept for as long as the path is there, by whoever has a
 * socket on it: ICE, and afterwards this.
 *
 * When an operator forced a path, that goes over to the one of its kind that replaces it.
 */

/* Pairs about which the peer's word is remembered before we find them, too; of each kind. */
#define PATHS_MAX_READY 8

/* How many paths of each kind a peer is given: the module takes 8 in all. */
#define PATHS_MAX 4

/**
 * enum paths_rank - which path through relays is to be preferred
 * @PATHS_OLD: one whose relays are not used any more, for as long as nothing else works
 * @PATHS_SECOND: one that avoids a relay of the first
 * @PATHS_FIRST: the one through the relays that both ends use
 */
enum paths_rank {
	PATHS_OLD,
	PATHS_SECOND,
	PATHS_FIRST,
};

/**
 * struct paths_pair - a way to the peer, and what both ends call it
 * @path: for the kernel; the priority does not count
 * @local: where this node is reached: behind all NATs, or at its relay
 * @remote: where the peer is reached
 *
 * The peer found the same pair when its @local is our @remote and the other way round.
 */
struct paths_pair {
	struct dataplane_path path;
	struct endpoint local;
	struct endpoint remote;
};

struct paths;

/**
 * paths_new() - take over the paths that a peer has in the kernel
 * @peer: the peer; borrowed
 * @controlling: whether this node is the controlling one of the pair
 *
 * Return: (owned by the caller) the paths. paths_free() them.
 */
struct paths *paths_new(struct dataplane_peer *peer, bool controlling);

/**
 * paths_free() - forget them; the kernel keeps what it has
 * @paths: the paths, or NULL
 */
void paths_free(struct paths *paths);

/**
 * paths_begin() - a new ICE session begins: what it finds is to replace all direct paths
 * @paths: the paths
 */
void paths_begin(struct paths *paths);

/**
 * paths_found() - program a direct path, and prefer it to those that were found before
 * @paths: the paths
 * @pair: what ICE found
 * @error: NETLINK_ERROR: the kernel refuses
 *
 * Return: whether the kernel has it now, so that the peer is to be told.
 */
bool paths_found(struct paths *paths, const struct paths_pair *pair, GError **error);

/**
 * paths_may_keep() - whether a path of an ICE session before may stay in use
 * @paths: the paths
 *
 * It does when the kernel's probes are answered on it, until this session has found a better one.
 */
bool paths_may_keep(const struct paths *paths);

/**
 * paths_keep() - keep the direct path in use, if what ICE found is between the same addresses
 * @paths: the paths; paths_may_keep()
 * @pair: what ICE found; what both ends call the path in use goes to its @local and @remote
 *
 * Other ports make no path better.
 *
 * Return: whether it is kept, so that the peer is to be told.
 */
bool paths_keep(struct paths *paths, struct paths_pair *pair);

/**
 * paths_is_called() - whether the direct path in use has these endpoints
 * @paths: the paths
 * @local: of this node as the peer sees it
 * @remote: of the peer
 */
bool paths_is_called(const struct paths *paths, const struct endpoint *local,
		     const struct endpoint *remote);

/**
 * paths_add_relay() - program a path through relays
 * @paths: the paths
 * @pair: the relays of both ends
 * @rank: of it
 * @error: NETLINK_ERROR: the kernel refuses
 *
 * Return: (borrowed until paths_drop_relay()) the path, of which the peer is to be told; NULL on
 * error.
 */
const struct dataplane_path *paths_add_relay(struct paths *paths, const struct paths_pair *pair,
					     enum paths_rank rank, GError **error);

/**
 * paths_set_rank() - prefer a path through relays more, or less
 * @paths: the paths
 * @path: of paths_add_relay()
 * @rank: from now on
 */
void paths_set_rank(struct paths *paths, const struct dataplane_path *path, enum paths_rank rank);

/**
 * paths_drop_relay() - a path through relays is not wanted any more
 * @paths: the paths
 * @path: of paths_add_relay()
 * @gone: it does not work any more. Otherwise it is kept until there is another one through relays
 *
 * It is never removed while packets take it.
 */
void paths_drop_relay(struct paths *paths, const struct dataplane_path *path, bool gone);

/**
 * paths_ready() - the peer's kernel has the path of a pair
 * @paths: the paths
 * @kind: of the path
 * @local: endpoint of this node as the peer sees it
 * @remote: endpoint of the peer
 */
void paths_ready(struct paths *paths, enum wgmesh_path_kind kind, const struct endpoint *local,
		 const struct endpoint *remote);

/**
 * paths_answered() - packets reach the peer, for the first time or again
 * @paths: the paths
 *
 * WireGuard shakes hands at once when it has no session: what it sent into the void it would repeat
 * after 5 s. One end begins, and the other does when nothing has come of that: two handshakes that
 * cross each other both fail.
 */
void paths_answered(struct paths *paths);

/**
 * paths_session_lost() - the peer says that its WireGuard knows of no handshake with this node
 * @paths: the paths
 *
 * WireGuard shakes hands anew, where packets reach the peer at once.
 */
void paths_session_lost(struct paths *paths);

/**
 * paths_lost() - ICE says that the direct path does not work any more
 * @paths: the paths
 *
 * The kernel knows better when it probes that path. When not, the one through relays is used then;
 * without one nothing changes: it may come back.
 */
void paths_lost(struct paths *paths);

/**
 * paths_drop_carried() - end the direct paths that lead through a mesh
 * @paths: the paths
 * @underlay: which knows
 *
 * Return: whether there were any.
 */
bool paths_drop_carried(struct paths *paths, const struct underlay *underlay);

/**
 * paths_direct() - the direct path that both ends have agreed on last
 * @paths: the paths
 *
 * Return: (borrowed) the path, whether packets take it or not; NULL while there is none.
 */
const struct dataplane_path *paths_direct(const struct paths *paths);

/**
 * paths_take_ports() - the sockets of an ICE session are about to be closed
 * @paths: the paths
 * @ports: array of struct port *: ports of the session; those that direct paths send from are taken
 *	   out
 */
void paths_take_ports(struct paths *paths, GPtrArray *ports);

/**
 * paths_moved() - the kernel may have moved paths to other endpoints
 * @paths: the paths
 */
void paths_moved(struct paths *paths);

/**
 * paths_remove_relay() - a path through a relay has to end at once
 * @paths: the paths
 * @path: one of them; it is freed
 */
void paths_remove_relay(struct paths *paths, const struct dataplane_path *path);

/**
 * paths_selected() - packets take another path than before
 * @paths: the paths
 */
void paths_selected(struct paths *paths);

/**
 * paths_in_use() - the path that packets take, once both ends have agreed on it
 * @paths: the paths
 *
 * Return: (borrowed) the path; NULL while there is none.
 */
const struct dataplane_path *paths_in_use(const struct paths *paths);

/**
 * paths_concluded() - ICE finds nothing better in this session
 * @paths: the paths
 *
 * Some NATs make the ends see different endpoints of the same pair. A peer without any path in use
 * is connected with the last pair found all the same, as soon as it said ready for one: there is
 * nothing to lose.
 */
void paths_concluded(struct paths *paths);

/**
 * paths_is_answered() - whether the peer answers the kernel's probes on the path that packets take
 * @paths: the paths
 */
bool paths_is_answered(const struct paths *paths);

/**
 * paths_is_switched() - whether both ends have agreed on what this ICE session found
 * @paths: the paths
 */
bool paths_is_switched(const struct paths *paths);

#endif
