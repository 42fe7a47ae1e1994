/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The settings of devices and peers, in requests and in messages.
 */
#ifndef WGMESH_NETLINK_SETTINGS_H
#define WGMESH_NETLINK_SETTINGS_H

#include <net/genetlink.h>
#include <uapi/linux/wgmesh.h>

#include "prober.h"

struct wgmesh_device;
struct wgmesh_path;
struct wgmesh_peer;
struct wgmesh_selector;

/**
 * struct wgmesh_settings - what a request wants to set
 * @has_selector: a selector was given
 * @selector: the selector, with a reference that belongs to this; NULL stands for that of the
 *	device
 * @pace: 0 is what was not given
 * @key_tx: key for probes to the peer, in the request; NULL when it was not given
 * @key_rx: key for probes from the peer, in the request; NULL when it was not given
 */
struct wgmesh_settings {
	bool has_selector;
	const struct wgmesh_selector *selector;
	struct wgmesh_pace pace;
	const u8 *key_tx;
	const u8 *key_rx;
};

int wgmesh_nl_get_device_settings(struct genl_info *info, struct wgmesh_settings *settings);
int wgmesh_nl_get_peer_settings(struct genl_info *info, struct wgmesh_settings *settings);
void wgmesh_nl_put_settings(struct wgmesh_settings *settings);
void wgmesh_nl_apply_device(struct wgmesh_device *device, struct wgmesh_settings *settings);
int wgmesh_nl_apply_peer(struct wgmesh_peer *peer, struct wgmesh_settings *settings);
int wgmesh_nl_fill_device_settings(struct sk_buff *msg, const struct wgmesh_device *device);
int wgmesh_nl_fill_peer_settings(struct sk_buff *msg, const struct wgmesh_peer *peer);
int wgmesh_nl_fill_liveness(struct sk_buff *msg, const struct wgmesh_path *path);
int wgmesh_nl_get_policy(struct genl_info *info, const struct wgmesh_peer *peer,
			 const struct wgmesh_path *path, enum wgmesh_path_policy *policy);

#endif /* WGMESH_NETLINK_SETTINGS_H */
