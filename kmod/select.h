/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Selection: which of its paths a peer uses.
 */
#ifndef WGMESH_SELECT_H
#define WGMESH_SELECT_H

#include <uapi/linux/wgmesh.h>
#include <wgmesh/selector.h>

struct wgmesh_path;
struct wgmesh_peer;

void wgmesh_select(struct wgmesh_peer *peer, enum wgmesh_reason reason);
enum wgmesh_standing wgmesh_path_standing(const struct wgmesh_path *path, u64 now_ns);

#endif /* WGMESH_SELECT_H */
