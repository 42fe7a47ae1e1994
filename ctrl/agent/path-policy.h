/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHD_PATH_POLICY_H
#define MESHD_PATH_POLICY_H

#include "dataplane.h"

/**
 * path_policy_set() - do what an operator wants of a path of a peer
 * @peer: the peer
 * @id: number of the path in the kernel
 * @policy: what is wanted
 * @error: what is wrong and what to do, or the kernel's reason
 */
bool path_policy_set(struct dataplane_peer *peer, guint32 id, enum wgmesh_path_policy policy,
		     GError **error);

/**
 * path_policy_clear() - leave all paths of a peer to the selector
 * @peer: the peer
 * @error: the kernel's reason
 */
bool path_policy_clear(struct dataplane_peer *peer, GError **error);

#endif
