/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic-netlink family, specified by genl-spec/wgmesh.yaml.
 */
#ifndef WGMESH_NETLINK_H
#define WGMESH_NETLINK_H

#include <linux/netlink.h>
#include <linux/types.h>
#include <uapi/linux/wgmesh.h>

struct wgmesh_allocation;
struct wgmesh_bounce;
struct wgmesh_channel;
struct wgmesh_device;
struct wgmesh_path;
struct wgmesh_peer;

int wgmesh_netlink_init(void);
void wgmesh_netlink_exit(void);

void wgmesh_notify_device(struct wgmesh_device *device, u8 cmd);
void wgmesh_notify_peer(struct wgmesh_peer *peer, u8 cmd);
void wgmesh_notify_path(struct wgmesh_path *path, u8 cmd);
void wgmesh_notify_path_state(struct wgmesh_path *path);
void wgmesh_notify_allocation(struct wgmesh_allocation *allocation, u8 cmd);
void wgmesh_notify_channel(struct wgmesh_channel *channel, u8 cmd);
void wgmesh_notify_bounce(struct wgmesh_bounce *bounce, u8 cmd);
void wgmesh_notify_selection(struct wgmesh_peer *peer, const struct wgmesh_path *from,
			     const struct wgmesh_path *to, enum wgmesh_reason reason);

#endif /* WGMESH_NETLINK_H */
