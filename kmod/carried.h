/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is carried by the paths must carry none of them.
 */
#ifndef WGMESH_CARRIED_H
#define WGMESH_CARRIED_H

#include <linux/skbuff.h>
#include <linux/types.h>

struct net;
struct net_device;
struct wgmesh_net;
struct wgmesh_path;

/* What the hash of a probe begins with, and how many bits that are: of what else WireGuard sends
 * one packet in 256 has to be looked at closer.
 */
#define WGMESH_CARRIED_TAG_BITS	8
#define WGMESH_CARRIED_TAG	(0xa7u << (32 - WGMESH_CARRIED_TAG_BITS))

bool wgmesh_is_carried(struct net_device *dev);
void wgmesh_carried_changed(struct net *net);
void wgmesh_carried_tag(struct wgmesh_path *path, struct sk_buff *skb);
void wgmesh_carried_seen(struct wgmesh_net *wn, u32 hash);
int wgmesh_carried_init(void);
void wgmesh_carried_exit(void);

/* Might it be the hash of a probe? */
static inline bool wgmesh_carried_has_tag(u32 hash)
{
	return hash >> (32 - WGMESH_CARRIED_TAG_BITS) ==
	       WGMESH_CARRIED_TAG >> (32 - WGMESH_CARRIED_TAG_BITS);
}

#endif /* WGMESH_CARRIED_H */
