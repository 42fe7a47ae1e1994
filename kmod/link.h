/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Watching interfaces and addresses: a path that lost its link is dead at once.
 */
#ifndef WGMESH_LINK_H
#define WGMESH_LINK_H

struct wgmesh_net;

int wgmesh_link_register(void);
void wgmesh_link_unregister(void);
void wgmesh_link_init(struct wgmesh_net *wn);
void wgmesh_link_exit(struct wgmesh_net *wn);

#endif /* WGMESH_LINK_H */
