/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The indices under which peers send to this node, which WireGuard gives out with each
 * handshake. By them a message is known whose endpoints are not.
 */
#ifndef WGMESH_INDEX_H
#define WGMESH_INDEX_H

#include <linux/types.h>

struct wgmesh_net;
struct wgmesh_peer;

int wgmesh_index_table_init(struct wgmesh_net *wn);
void wgmesh_index_table_destroy(struct wgmesh_net *wn);
void wgmesh_index_learn(struct wgmesh_peer *peer, u32 index);
void wgmesh_index_forget(struct wgmesh_peer *peer);
struct wgmesh_peer *wgmesh_index_lookup(struct wgmesh_net *wn, u32 index);

#endif /* WGMESH_INDEX_H */
