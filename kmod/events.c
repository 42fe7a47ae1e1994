// SPDX-License-Identifier: GPL-2.0
/*
 * Events: what happens to objects, told to whoever tells others.
 */
#include <linux/srcu.h>

#include "events.h"

/* Events come from softirqs and from who may sleep, and may sleep where the latter do. */
DEFINE_STATIC_SRCU(events_srcu);
static const struct wgmesh_events __rcu *registered;

/**
 * wgmesh_events_register() - events are told from now on
 * @events: how; lives until wgmesh_events_unregister()
 *
 * Context: Process.
 */
void wgmesh_events_register(const struct wgmesh_events *events)
{
	rcu_assign_pointer(registered, events);
}

/**
 * wgmesh_events_unregister() - no event is told any more when this returns
 *
 * What tells them may let go of the numbers by which it does then: until the module is gone,
 * its objects are still being removed.
 *
 * Context: Process; may sleep.
 */
void wgmesh_events_unregister(void)
{
	RCU_INIT_POINTER(registered, NULL);
	synchronize_srcu(&events_srcu);
}

/* notify(MEMBER, ARGUMENT...): calls a member of what is registered, if anything is. */
#define notify(member, ...)								\
	do {										\
		const struct wgmesh_events *events;					\
		int index = srcu_read_lock(&events_srcu);				\
											\
		events = srcu_dereference(registered, &events_srcu);			\
		if (events)								\
			events->member(__VA_ARGS__);					\
		srcu_read_unlock(&events_srcu, index);					\
	} while (0)

/**
 * wgmesh_notify_device() - a device came, changed or goes
 * @device: the device
 * @cmd: WGMESH_CMD_DEVICE_NTF or WGMESH_CMD_DEVICE_DEL_NTF
 *
 * Context: Process, under the lock of the namespace; may sleep.
 */
void wgmesh_notify_device(struct wgmesh_device *device, u8 cmd)
{
	notify(device, device, cmd);
}

/**
 * wgmesh_notify_peer() - a peer came, changed or goes
 * @peer: the peer
 * @cmd: WGMESH_CMD_PEER_NTF or WGMESH_CMD_PEER_DEL_NTF
 *
 * Context: Process, under the lock of the namespace; may sleep.
 */
void wgmesh_notify_peer(struct wgmesh_peer *peer, u8 cmd)
{
	notify(peer, peer, cmd);
}

/**
 * wgmesh_notify_path() - a path came, changed or goes
 * @path: the path
 * @cmd: WGMESH_CMD_PATH_NTF or WGMESH_CMD_PATH_DEL_NTF
 *
 * Context: Process, under the lock of the namespace; may sleep.
 */
void wgmesh_notify_path(struct wgmesh_path *path, u8 cmd)
{
	notify(path, path, cmd);
}

/**
 * wgmesh_notify_path_state() - probes found something out about a path
 * @path: the path
 *
 * Context: Any, under the lock of the peer.
 */
void wgmesh_notify_path_state(struct wgmesh_path *path)
{
	notify(path_state, path);
}

/**
 * wgmesh_notify_selection() - a peer uses another path
 * @peer: the peer
 * @from: the path in use before, or NULL
 * @to: the path in use now, or NULL
 * @reason: why
 *
 * Context: Any, under the lock of the peer.
 */
void wgmesh_notify_selection(struct wgmesh_peer *peer, const struct wgmesh_path *from,
			     const struct wgmesh_path *to, enum wgmesh_reason reason)
{
	notify(selection, peer, from, to, reason);
}

/**
 * wgmesh_notify_allocation() - an allocation came, changed or goes
 * @allocation: the allocation
 * @cmd: WGMESH_CMD_ALLOCATION_NTF or WGMESH_CMD_ALLOCATION_DEL_NTF
 *
 * Context: Process, under the lock of the namespace; may sleep.
 */
void wgmesh_notify_allocation(struct wgmesh_allocation *allocation, u8 cmd)
{
	notify(allocation, allocation, cmd);
}

/**
 * wgmesh_notify_channel() - a channel came, changed or goes
 * @channel: the channel
 * @cmd: WGMESH_CMD_CHANNEL_NTF or WGMESH_CMD_CHANNEL_DEL_NTF
 *
 * Context: Process, under the lock of the namespace; may sleep.
 */
void wgmesh_notify_channel(struct wgmesh_channel *channel, u8 cmd)
{
	notify(channel, channel, cmd);
}

/**
 * wgmesh_notify_bounce() - what an interface forwards changed, or it forwards no longer
 * @bounce: what it forwards by
 * @cmd: WGMESH_CMD_BOUNCE_NTF or WGMESH_CMD_BOUNCE_DEL_NTF
 *
 * Context: Process, under the lock of the namespace; may sleep.
 */
void wgmesh_notify_bounce(struct wgmesh_bounce *bounce, u8 cmd)
{
	notify(bounce, bounce, cmd);
}
