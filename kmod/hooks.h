/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The netfilter hooks of a namespace, which are there only while something needs them.
 */
#ifndef WGMESH_HOOKS_H
#define WGMESH_HOOKS_H

struct netlink_ext_ack;
struct wgmesh_net;

int wgmesh_hooks_get(struct wgmesh_net *wn, struct netlink_ext_ack *extack);
void wgmesh_hooks_put(struct wgmesh_net *wn);
int wgmesh_hooks_init(void);
void wgmesh_hooks_exit(void);

#endif /* WGMESH_HOOKS_H */
