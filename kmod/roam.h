/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Roaming: the peer, or this node, has another endpoint than a path says.
 */
#ifndef WGMESH_ROAM_H
#define WGMESH_ROAM_H

#include <linux/types.h>

struct wgmesh_flow;
struct wgmesh_net;
struct wgmesh_path;
struct wgmesh_peer;

void wgmesh_roam_init(struct wgmesh_net *wn);
void wgmesh_roam_exit(struct wgmesh_net *wn);
void wgmesh_roam_schedule(struct wgmesh_peer *peer);
void wgmesh_roam_heard(struct wgmesh_peer *peer, const struct wgmesh_flow *flow);
void wgmesh_roam_forget(struct wgmesh_peer *peer);
bool wgmesh_roam_is_vain(const struct wgmesh_path *follower);
bool wgmesh_roam_is_hearsay(const struct wgmesh_path *path);
struct wgmesh_path *wgmesh_roam_path(struct wgmesh_peer *peer, const struct wgmesh_flow *flow);

#endif /* WGMESH_ROAM_H */
