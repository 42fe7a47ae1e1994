/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events: what happens to objects, told to whoever tells others. Code that changes an object
 * needs nothing but this; netlink.c registers what it does with an event.
 */
#ifndef WGMESH_EVENTS_H
#define WGMESH_EVENTS_H

#include <linux/types.h>
#include <uapi/linux/wgmesh.h>

struct wgmesh_allocation;
struct wgmesh_bounce;
struct wgmesh_channel;
struct wgmesh_device;
struct wgmesh_path;
struct wgmesh_peer;

/**
 * struct wgmesh_events - what is done with an event; see the functions below
 * @device: for wgmesh_notify_device()
 * @peer: for wgmesh_notify_peer()
 * @path: for wgmesh_notify_path()
 * @path_state: for wgmesh_notify_path_state()
 * @selection: for wgmesh_notify_selection()
 * @allocation: for wgmesh_notify_allocation()
 * @channel: for wgmesh_notify_channel()
 * @bounce: for wgmesh_notify_bounce()
 */
struct wgmesh_events {
	void (*device)(struct wgmesh_device *device, u8 cmd);
	void (*peer)(struct wgmesh_peer *peer, u8 cmd);
	void (*path)(struct wgmesh_path *path, u8 cmd);
	void (*path_state)(struct wgmesh_path *path);
	void (*selection)(struct wgmesh_peer *peer, const struct wgmesh_path *from,
			  const struct wgmesh_path *to, enum wgmesh_reason reason);
	void (*allocation)(struct wgmesh_allocation *allocation, u8 cmd);
	void (*channel)(struct wgmesh_channel *channel, u8 cmd);
	void (*bounce)(struct wgmesh_bounce *bounce, u8 cmd);
};

void wgmesh_events_register(const struct wgmesh_events *events);
void wgmesh_events_unregister(void);

void wgmesh_notify_device(struct wgmesh_device *device, u8 cmd);
void wgmesh_notify_peer(struct wgmesh_peer *peer, u8 cmd);
void wgmesh_notify_path(struct wgmesh_path *path, u8 cmd);
void wgmesh_notify_path_state(struct wgmesh_path *path);
void wgmesh_notify_selection(struct wgmesh_peer *peer, const struct wgmesh_path *from,
			     const struct wgmesh_path *to, enum wgmesh_reason reason);
void wgmesh_notify_allocation(struct wgmesh_allocation *allocation, u8 cmd);
void wgmesh_notify_channel(struct wgmesh_channel *channel, u8 cmd);
void wgmesh_notify_bounce(struct wgmesh_bounce *bounce, u8 cmd);

#endif /* WGMESH_EVENTS_H */
