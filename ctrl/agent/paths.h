/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PATHS_H
#define WGMESH_PATHS_H

#include <glib.h>
#include <stdbool.h>

#include "dataplane.h"

/*
 * Which paths a peer has, and which of them is in use (docs/protocol.md section 5.4).
 *
 * A path is programmed behind those in use. It is put in front when both ends have it, so that no
 * packet goes where nobody receives it. The one before is removed when the peer was heard on the
 * new one; the last path is never removed.
 *
 * Of each kind, direct and through relays, one is in use, and the kernel takes the direct one. When
 * that works no more, the one through relays is there.
 *
 * When an operator forced a path, that goes over to the one of its kind that replaces it.
 */

/* Pairs about which the peer's word is remembered before we find them, too; of each kind. */
#define PATHS_MAX_READY 8

/* How many paths of each kind a peer is given: the module takes 8 in all. */
#define PATHS_MAX 4

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
 * paths_found() - program a path, and prefer it to what was found of its kind before
 * @paths: the paths
 * @pair: what ICE found, or the relays of both ends
 * @error: NETLINK_ERROR: the kernel refuses
 *
 * Return: whether the kernel has it now, so that the peer is to be told.
 */
bool paths_found(struct paths *paths, const struct paths_pair *pair, GError **error);

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
 * paths_lost() - the direct path does not work any more
 * @paths: the paths
 *
 * The one through relays is used then; without one nothing changes: it may come back.
 */
void paths_lost(struct paths *paths);

/**
 * paths_forget_relays() - the relay of the peer is gone
 * @paths: the paths
 *
 * Without a direct path the one through the relays stays until there is a better one.
 */
void paths_forget_relays(struct paths *paths);

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
 * paths_in_use() - the path that packets take
 * @paths: the paths
 *
 * Return: (borrowed) the path; NULL while there is none.
 */
const struct dataplane_path *paths_in_use(const struct paths *paths);

/**
 * paths_is_switched() - whether what this ICE session found is in use
 * @paths: the paths
 */
bool paths_is_switched(const struct paths *paths);

#endif
