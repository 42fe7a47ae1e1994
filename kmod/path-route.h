/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the packets of a path leave.
 */
#ifndef WGMESH_PATH_ROUTE_H
#define WGMESH_PATH_ROUTE_H

#include <linux/types.h>

struct dst_entry;
struct rtable;
struct sock;
struct wgmesh_path;

struct rtable *wgmesh_path_route4(struct wgmesh_path *path, u32 mark, struct sock *sk);
struct dst_entry *wgmesh_path_route6(struct wgmesh_path *path, u32 mark, struct sock *sk);
struct dst_entry *wgmesh_path_dst(struct wgmesh_path *path);
u32 wgmesh_path_mark(const struct wgmesh_path *path);
unsigned int wgmesh_path_mtu(struct wgmesh_path *path);

#endif /* WGMESH_PATH_ROUTE_H */
