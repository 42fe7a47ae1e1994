// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	genl-spec/wgmesh.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink-gen.h"

#include <uapi/linux/wgmesh.h>

/* Common nested types */
const struct nla_policy wgmesh_endpoint_nl_policy[WGMESH_A_ENDPOINT_PORT + 1] = {
	[WGMESH_A_ENDPOINT_ADDRESS4] = { .type = NLA_U32, },
	[WGMESH_A_ENDPOINT_ADDRESS6] = NLA_POLICY_EXACT_LEN(16),
	[WGMESH_A_ENDPOINT_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
};

const struct nla_policy wgmesh_pair_nl_policy[WGMESH_A_PAIR_OTHER + 1] = {
	[WGMESH_A_PAIR_ONE] = NLA_POLICY_NESTED(wgmesh_prefix_nl_policy),
	[WGMESH_A_PAIR_OTHER] = NLA_POLICY_NESTED(wgmesh_prefix_nl_policy),
};

const struct nla_policy wgmesh_prefix_nl_policy[WGMESH_A_PREFIX_LENGTH + 1] = {
	[WGMESH_A_PREFIX_ADDRESS4] = { .type = NLA_U32, },
	[WGMESH_A_PREFIX_ADDRESS6] = NLA_POLICY_EXACT_LEN(16),
	[WGMESH_A_PREFIX_LENGTH] = NLA_POLICY_MAX(NLA_U8, 128),
};

/* WGMESH_CMD_DEVICE_SET - do */
const struct nla_policy wgmesh_device_set_nl_policy[WGMESH_A_DEVICE_MARK + 1] = {
	[WGMESH_A_DEVICE_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[WGMESH_A_DEVICE_NETNS_FD] = { .type = NLA_U32, },
	[WGMESH_A_DEVICE_LISTEN_PORT] = { .type = NLA_U16, },
	[WGMESH_A_DEVICE_SELECTOR] = { .type = NLA_NUL_STRING, .len = 15, },
	[WGMESH_A_DEVICE_PROBE_ACTIVE_MS] = NLA_POLICY_RANGE(NLA_U32, WGMESH_PROBE_PACE_MIN, WGMESH_PROBE_PACE_MAX),
	[WGMESH_A_DEVICE_PROBE_STANDBY_MS] = NLA_POLICY_RANGE(NLA_U32, WGMESH_PROBE_PACE_MIN, WGMESH_PROBE_PACE_MAX),
	[WGMESH_A_DEVICE_PROBE_IDLE_MS] = NLA_POLICY_RANGE(NLA_U32, WGMESH_PROBE_IDLE_MIN, WGMESH_PROBE_PACE_MAX),
	[WGMESH_A_DEVICE_PROBE_ATTEMPTS] = NLA_POLICY_RANGE(NLA_U32, WGMESH_PROBE_ATTEMPTS_MIN, WGMESH_PROBE_ATTEMPTS_MAX),
	[WGMESH_A_DEVICE_MARK] = { .type = NLA_U32, },
};

/* WGMESH_CMD_DEVICE_DEL - do */
const struct nla_policy wgmesh_device_del_nl_policy[WGMESH_A_DEVICE_ID + 1] = {
	[WGMESH_A_DEVICE_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* WGMESH_CMD_DEVICE_GET - do */
const struct nla_policy wgmesh_device_get_nl_policy[WGMESH_A_DEVICE_ID + 1] = {
	[WGMESH_A_DEVICE_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* WGMESH_CMD_PEER_SET - do */
const struct nla_policy wgmesh_peer_set_nl_policy[WGMESH_A_PEER_PROBE_KEY_RX + 1] = {
	[WGMESH_A_PEER_DEVICE] = NLA_POLICY_MIN(NLA_U32, 1),
	[WGMESH_A_PEER_PUBLIC_KEY] = NLA_POLICY_EXACT_LEN(32),
	[WGMESH_A_PEER_SELECTOR] = { .type = NLA_NUL_STRING, .len = 15, },
	[WGMESH_A_PEER_PROBE_ACTIVE_MS] = NLA_POLICY_RANGE(NLA_U32, WGMESH_PROBE_PACE_MIN, WGMESH_PROBE_PACE_MAX),
	[WGMESH_A_PEER_PROBE_STANDBY_MS] = NLA_POLICY_RANGE(NLA_U32, WGMESH_PROBE_PACE_MIN, WGMESH_PROBE_PACE_MAX),
	[WGMESH_A_PEER_PROBE_IDLE_MS] = NLA_POLICY_RANGE(NLA_U32, WGMESH_PROBE_IDLE_MIN, WGMESH_PROBE_PACE_MAX),
	[WGMESH_A_PEER_PROBE_ATTEMPTS] = NLA_POLICY_RANGE(NLA_U32, WGMESH_PROBE_ATTEMPTS_MIN, WGMESH_PROBE_ATTEMPTS_MAX),
	[WGMESH_A_PEER_PROBE_KEY_TX] = NLA_POLICY_EXACT_LEN(32),
	[WGMESH_A_PEER_PROBE_KEY_RX] = NLA_POLICY_EXACT_LEN(32),
};

/* WGMESH_CMD_PEER_DEL - do */
const struct nla_policy wgmesh_peer_del_nl_policy[WGMESH_A_PEER_ID + 1] = {
	[WGMESH_A_PEER_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* WGMESH_CMD_PEER_GET - do */
const struct nla_policy wgmesh_peer_get_nl_policy[WGMESH_A_PEER_DEVICE + 1] = {
	[WGMESH_A_PEER_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[WGMESH_A_PEER_DEVICE] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* WGMESH_CMD_PATH_SET - do */
const struct nla_policy wgmesh_path_set_nl_policy[WGMESH_A_PATH_POLICY + 1] = {
	[WGMESH_A_PATH_PEER] = NLA_POLICY_MIN(NLA_U32, 1),
	[WGMESH_A_PATH_LOCAL] = NLA_POLICY_NESTED(wgmesh_endpoint_nl_policy),
	[WGMESH_A_PATH_REMOTE] = NLA_POLICY_NESTED(wgmesh_endpoint_nl_policy),
	[WGMESH_A_PATH_IFINDEX] = { .type = NLA_U32, },
	[WGMESH_A_PATH_KIND] = NLA_POLICY_MAX(NLA_U32, 1),
	[WGMESH_A_PATH_PRIORITY] = { .type = NLA_U32, },
	[WGMESH_A_PATH_CHANNEL] = NLA_POLICY_RANGE(NLA_U16, 16384, 32767),
	[WGMESH_A_PATH_POLICY] = NLA_POLICY_MAX(NLA_U32, 2),
};

/* WGMESH_CMD_PATH_DEL - do */
const struct nla_policy wgmesh_path_del_nl_policy[WGMESH_A_PATH_ID + 1] = {
	[WGMESH_A_PATH_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* WGMESH_CMD_PATH_GET - do */
const struct nla_policy wgmesh_path_get_nl_policy[WGMESH_A_PATH_PEER + 1] = {
	[WGMESH_A_PATH_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[WGMESH_A_PATH_PEER] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* WGMESH_CMD_ALLOCATION_SET - do */
const struct nla_policy wgmesh_allocation_set_nl_policy[WGMESH_A_ALLOCATION_NOTE + 1] = {
	[WGMESH_A_ALLOCATION_LOCAL] = NLA_POLICY_NESTED(wgmesh_endpoint_nl_policy),
	[WGMESH_A_ALLOCATION_CLIENT] = NLA_POLICY_NESTED(wgmesh_endpoint_nl_policy),
	[WGMESH_A_ALLOCATION_LIFETIME_MS] = { .type = NLA_U32, },
	[WGMESH_A_ALLOCATION_RATE] = { .type = NLA_U64, },
	[WGMESH_A_ALLOCATION_NOTE] = { .type = NLA_BINARY, },
};

/* WGMESH_CMD_ALLOCATION_DEL - do */
const struct nla_policy wgmesh_allocation_del_nl_policy[WGMESH_A_ALLOCATION_ID + 1] = {
	[WGMESH_A_ALLOCATION_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* WGMESH_CMD_ALLOCATION_GET - do */
const struct nla_policy wgmesh_allocation_get_nl_policy[WGMESH_A_ALLOCATION_ID + 1] = {
	[WGMESH_A_ALLOCATION_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* WGMESH_CMD_CHANNEL_SET - do */
const struct nla_policy wgmesh_channel_set_nl_policy[WGMESH_A_CHANNEL_PERMISSION_MS + 1] = {
	[WGMESH_A_CHANNEL_ALLOCATION] = NLA_POLICY_MIN(NLA_U32, 1),
	[WGMESH_A_CHANNEL_NUMBER] = NLA_POLICY_RANGE(NLA_U16, 16384, 32767),
	[WGMESH_A_CHANNEL_RELAYED] = NLA_POLICY_NESTED(wgmesh_endpoint_nl_policy),
	[WGMESH_A_CHANNEL_PEER] = NLA_POLICY_NESTED(wgmesh_endpoint_nl_policy),
	[WGMESH_A_CHANNEL_LIFETIME_MS] = { .type = NLA_U32, },
	[WGMESH_A_CHANNEL_PERMISSION_MS] = { .type = NLA_U32, },
};

/* WGMESH_CMD_CHANNEL_DEL - do */
const struct nla_policy wgmesh_channel_del_nl_policy[WGMESH_A_CHANNEL_ID + 1] = {
	[WGMESH_A_CHANNEL_ID] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* WGMESH_CMD_CHANNEL_GET - do */
const struct nla_policy wgmesh_channel_get_nl_policy[WGMESH_A_CHANNEL_ALLOCATION + 1] = {
	[WGMESH_A_CHANNEL_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[WGMESH_A_CHANNEL_ALLOCATION] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* WGMESH_CMD_BOUNCE_SET - do */
const struct nla_policy wgmesh_bounce_set_nl_policy[WGMESH_A_BOUNCE_DENY + 1] = {
	[WGMESH_A_BOUNCE_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[WGMESH_A_BOUNCE_GROUP] = { .type = NLA_U32, },
	[WGMESH_A_BOUNCE_ALLOW] = NLA_POLICY_NESTED(wgmesh_pair_nl_policy),
	[WGMESH_A_BOUNCE_DENY] = NLA_POLICY_NESTED(wgmesh_pair_nl_policy),
};

/* WGMESH_CMD_BOUNCE_DEL - do */
const struct nla_policy wgmesh_bounce_del_nl_policy[WGMESH_A_BOUNCE_IFINDEX + 1] = {
	[WGMESH_A_BOUNCE_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* WGMESH_CMD_BOUNCE_GET - do */
const struct nla_policy wgmesh_bounce_get_nl_policy[WGMESH_A_BOUNCE_IFINDEX + 1] = {
	[WGMESH_A_BOUNCE_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* Ops table for wgmesh */
const struct genl_ops wgmesh_nl_ops[18] = {
	{
		.cmd		= WGMESH_CMD_DEVICE_SET,
		.doit		= wgmesh_nl_device_set_doit,
		.policy		= wgmesh_device_set_nl_policy,
		.maxattr	= WGMESH_A_DEVICE_MARK,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= WGMESH_CMD_DEVICE_DEL,
		.doit		= wgmesh_nl_device_del_doit,
		.policy		= wgmesh_device_del_nl_policy,
		.maxattr	= WGMESH_A_DEVICE_ID,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= WGMESH_CMD_DEVICE_GET,
		.doit		= wgmesh_nl_device_get_doit,
		.dumpit		= wgmesh_nl_device_get_dumpit,
		.policy		= wgmesh_device_get_nl_policy,
		.maxattr	= WGMESH_A_DEVICE_ID,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= WGMESH_CMD_PEER_SET,
		.doit		= wgmesh_nl_peer_set_doit,
		.policy		= wgmesh_peer_set_nl_policy,
		.maxattr	= WGMESH_A_PEER_PROBE_KEY_RX,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= WGMESH_CMD_PEER_DEL,
		.doit		= wgmesh_nl_peer_del_doit,
		.policy		= wgmesh_peer_del_nl_policy,
		.maxattr	= WGMESH_A_PEER_ID,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= WGMESH_CMD_PEER_GET,
		.doit		= wgmesh_nl_peer_get_doit,
		.dumpit		= wgmesh_nl_peer_get_dumpit,
		.policy		= wgmesh_peer_get_nl_policy,
		.maxattr	= WGMESH_A_PEER_DEVICE,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= WGMESH_CMD_PATH_SET,
		.doit		= wgmesh_nl_path_set_doit,
		.policy		= wgmesh_path_set_nl_policy,
		.maxattr	= WGMESH_A_PATH_POLICY,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= WGMESH_CMD_PATH_DEL,
		.doit		= wgmesh_nl_path_del_doit,
		.policy		= wgmesh_path_del_nl_policy,
		.maxattr	= WGMESH_A_PATH_ID,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= WGMESH_CMD_PATH_GET,
		.doit		= wgmesh_nl_path_get_doit,
		.dumpit		= wgmesh_nl_path_get_dumpit,
		.policy		= wgmesh_path_get_nl_policy,
		.maxattr	= WGMESH_A_PATH_PEER,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= WGMESH_CMD_ALLOCATION_SET,
		.doit		= wgmesh_nl_allocation_set_doit,
		.policy		= wgmesh_allocation_set_nl_policy,
		.maxattr	= WGMESH_A_ALLOCATION_NOTE,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= WGMESH_CMD_ALLOCATION_DEL,
		.doit		= wgmesh_nl_allocation_del_doit,
		.policy		= wgmesh_allocation_del_nl_policy,
		.maxattr	= WGMESH_A_ALLOCATION_ID,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= WGMESH_CMD_ALLOCATION_GET,
		.doit		= wgmesh_nl_allocation_get_doit,
		.dumpit		= wgmesh_nl_allocation_get_dumpit,
		.policy		= wgmesh_allocation_get_nl_policy,
		.maxattr	= WGMESH_A_ALLOCATION_ID,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= WGMESH_CMD_CHANNEL_SET,
		.doit		= wgmesh_nl_channel_set_doit,
		.policy		= wgmesh_channel_set_nl_policy,
		.maxattr	= WGMESH_A_CHANNEL_PERMISSION_MS,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= WGMESH_CMD_CHANNEL_DEL,
		.doit		= wgmesh_nl_channel_del_doit,
		.policy		= wgmesh_channel_del_nl_policy,
		.maxattr	= WGMESH_A_CHANNEL_ID,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= WGMESH_CMD_CHANNEL_GET,
		.doit		= wgmesh_nl_channel_get_doit,
		.dumpit		= wgmesh_nl_channel_get_dumpit,
		.policy		= wgmesh_channel_get_nl_policy,
		.maxattr	= WGMESH_A_CHANNEL_ALLOCATION,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= WGMESH_CMD_BOUNCE_SET,
		.doit		= wgmesh_nl_bounce_set_doit,
		.policy		= wgmesh_bounce_set_nl_policy,
		.maxattr	= WGMESH_A_BOUNCE_DENY,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= WGMESH_CMD_BOUNCE_DEL,
		.doit		= wgmesh_nl_bounce_del_doit,
		.policy		= wgmesh_bounce_del_nl_policy,
		.maxattr	= WGMESH_A_BOUNCE_IFINDEX,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= WGMESH_CMD_BOUNCE_GET,
		.doit		= wgmesh_nl_bounce_get_doit,
		.dumpit		= wgmesh_nl_bounce_get_dumpit,
		.policy		= wgmesh_bounce_get_nl_policy,
		.maxattr	= WGMESH_A_BOUNCE_IFINDEX,
		.flags		= GENL_ADMIN_PERM,
	},
};

static const struct genl_multicast_group wgmesh_nl_mcgrps[] = {
	[WGMESH_NLGRP_EVENTS] = { "events", },
};
