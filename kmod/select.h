/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Selection: which of its paths a peer uses.
 */
#ifndef WGMESH_SELECT_H
#define WGMESH_SELECT_H

#include <uapi/linux/wgmesh.h>

struct wgmesh_peer;

void wgmesh_select(struct wgmesh_peer *peer, enum wgmesh_reason reason);

#endif /* WGMESH_SELECT_H */
