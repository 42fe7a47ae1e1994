/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PATHS_H
#define WGMESH_PATHS_H

#include <glib.h>
#include <stdbool.h>

#include "dataplane.h"
#include "ice.h"

/*
 * Which paths a peer has, and which of them is in use (docs/protocol.md section 5.4).
 *
 * A path is programmed behind the one in use. It is put in front when both ends have it, so that no
 * packet goes where nobody receives it. The one before is removed when the peer was heard on the
 * new one; the last path is never removed.
 */

/* Pairs of an ICE session about which the peer's word is remembered before we find them, too. */
#define PATHS_MAX_READY 8

/* How many paths a peer is given: the module takes 8. */
#define PATHS_MAX 6

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
 * paths_begin() - a new ICE session begins: what it finds is to replace all there is
 * @paths: the paths
 */
void paths_begin(struct paths *paths);

/**
 * paths_found() - program a path that ICE found, and prefer it to what it found before
 * @paths: the paths
 * @pair: what ICE found
 * @error: NETLINK_ERROR: the kernel refuses
 *
 * Return: whether the kernel has it now, so that the peer is to be told.
 */
bool paths_found(struct paths *paths, const struct ice_pair *pair, GError **error);

/**
 * paths_ready() - the peer's kernel has the path of a pair
 * @paths: the paths
 * @local: endpoint of this node as the peer sees it
 * @remote: endpoint of the peer
 */
void paths_ready(struct paths *paths, const struct endpoint *local, const struct endpoint *remote);

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
