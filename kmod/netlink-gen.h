/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	genl-spec/wgmesh.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_WGMESH_GEN_H
#define _LINUX_WGMESH_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/wgmesh.h>

/* Common nested types */
extern const struct nla_policy wgmesh_endpoint_nl_policy[WGMESH_A_ENDPOINT_PORT + 1];
extern const struct nla_policy wgmesh_pair_nl_policy[WGMESH_A_PAIR_OTHER + 1];
extern const struct nla_policy wgmesh_prefix_nl_policy[WGMESH_A_PREFIX_LENGTH + 1];

extern const struct nla_policy wgmesh_device_set_nl_policy[WGMESH_A_DEVICE_MARK + 1];

extern const struct nla_policy wgmesh_device_del_nl_policy[WGMESH_A_DEVICE_ID + 1];

extern const struct nla_policy wgmesh_device_get_nl_policy[WGMESH_A_DEVICE_ID + 1];

extern const struct nla_policy wgmesh_peer_set_nl_policy[WGMESH_A_PEER_PROBE_KEY_RX + 1];

extern const struct nla_policy wgmesh_peer_del_nl_policy[WGMESH_A_PEER_ID + 1];

extern const struct nla_policy wgmesh_peer_get_nl_policy[WGMESH_A_PEER_DEVICE + 1];

extern const struct nla_policy wgmesh_path_set_nl_policy[WGMESH_A_PATH_POLICY + 1];

extern const struct nla_policy wgmesh_path_del_nl_policy[WGMESH_A_PATH_ID + 1];

extern const struct nla_policy wgmesh_path_get_nl_policy[WGMESH_A_PATH_PEER + 1];

extern const struct nla_policy wgmesh_allocation_set_nl_policy[WGMESH_A_ALLOCATION_NOTE + 1];

extern const struct nla_policy wgmesh_allocation_del_nl_policy[WGMESH_A_ALLOCATION_ID + 1];

extern const struct nla_policy wgmesh_allocation_get_nl_policy[WGMESH_A_ALLOCATION_ID + 1];

extern const struct nla_policy wgmesh_channel_set_nl_policy[WGMESH_A_CHANNEL_PERMISSION_MS + 1];

extern const struct nla_policy wgmesh_channel_del_nl_policy[WGMESH_A_CHANNEL_ID + 1];

extern const struct nla_policy wgmesh_channel_get_nl_policy[WGMESH_A_CHANNEL_ALLOCATION + 1];

extern const struct nla_policy wgmesh_bounce_set_nl_policy[WGMESH_A_BOUNCE_DENY + 1];

extern const struct nla_policy wgmesh_bounce_del_nl_policy[WGMESH_A_BOUNCE_IFINDEX + 1];

extern const struct nla_policy wgmesh_bounce_get_nl_policy[WGMESH_A_BOUNCE_IFINDEX + 1];

/* Ops table for wgmesh */
extern const struct genl_ops wgmesh_nl_ops[18];

int wgmesh_nl_device_set_doit(struct sk_buff *skb, struct genl_info *info);
int wgmesh_nl_device_del_doit(struct sk_buff *skb, struct genl_info *info);
int wgmesh_nl_device_get_doit(struct sk_buff *skb, struct genl_info *info);
int wgmesh_nl_device_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb);
int wgmesh_nl_peer_set_doit(struct sk_buff *skb, struct genl_info *info);
int wgmesh_nl_peer_del_doit(struct sk_buff *skb, struct genl_info *info);
int wgmesh_nl_peer_get_doit(struct sk_buff *skb, struct genl_info *info);
int wgmesh_nl_peer_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int wgmesh_nl_path_set_doit(struct sk_buff *skb, struct genl_info *info);
int wgmesh_nl_path_del_doit(struct sk_buff *skb, struct genl_info *info);
int wgmesh_nl_path_get_doit(struct sk_buff *skb, struct genl_info *info);
int wgmesh_nl_path_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int wgmesh_nl_allocation_set_doit(struct sk_buff *skb, struct genl_info *info);
int wgmesh_nl_allocation_del_doit(struct sk_buff *skb, struct genl_info *info);
int wgmesh_nl_allocation_get_doit(struct sk_buff *skb, struct genl_info *info);
int wgmesh_nl_allocation_get_dumpit(struct sk_buff *skb,
				    struct netlink_callback *cb);
int wgmesh_nl_channel_set_doit(struct sk_buff *skb, struct genl_info *info);
int wgmesh_nl_channel_del_doit(struct sk_buff *skb, struct genl_info *info);
int wgmesh_nl_channel_get_doit(struct sk_buff *skb, struct genl_info *info);
int wgmesh_nl_channel_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int wgmesh_nl_bounce_set_doit(struct sk_buff *skb, struct genl_info *info);
int wgmesh_nl_bounce_del_doit(struct sk_buff *skb, struct genl_info *info);
int wgmesh_nl_bounce_get_doit(struct sk_buff *skb, struct genl_info *info);
int wgmesh_nl_bounce_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb);

enum {
	WGMESH_NLGRP_EVENTS,
};

#endif /* _LINUX_WGMESH_GEN_H */
