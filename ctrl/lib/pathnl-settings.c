// SPDX-License-Identifier: GPL-2.0
/* How often paths are probed, and what chooses among them, as attributes of the module. */
#include <netlink/attr.h>
#include <string.h>

#include "pathnl-message.h"

/**
 * struct attributes - types of the attributes of struct pathnl_settings
 */
struct attributes {
	int selector;
	int active_ms;
	int standby_ms;
	int idle_ms;
	int attempts;
};

static const struct attributes of_device = {
	.selector = WGMESH_A_DEVICE_SELECTOR,
	.active_ms = WGMESH_A_DEVICE_PROBE_ACTIVE_MS,
	.standby_ms = WGMESH_A_DEVICE_PROBE_STANDBY_MS,
	.idle_ms = WGMESH_A_DEVICE_PROBE_IDLE_MS,
	.attempts = WGMESH_A_DEVICE_PROBE_ATTEMPTS,
};

static const struct attributes of_peer = {
	.selector = WGMESH_A_PEER_SELECTOR,
	.active_ms = WGMESH_A_PEER_PROBE_ACTIVE_MS,
	.standby_ms = WGMESH_A_PEER_PROBE_STANDBY_MS,
	.idle_ms = WGMESH_A_PEER_PROBE_IDLE_MS,
	.attempts = WGMESH_A_PEER_PROBE_ATTEMPTS,
};

static void put_number(struct nl_msg *msg, int type, guint32 number)
{
	if (number)
		netlink_put_u32(msg, type, number);
}

static void put(struct nl_msg *msg, const struct attributes *types,
		const struct pathnl_settings *settings)
{
	/* an empty name stands for the default */
	if (*settings->selector || settings->default_selector)
		netlink_put(msg, types->selector, settings->selector,
			    strlen(settings->selector) + 1);
	put_number(msg, types->active_ms, settings->probe_active_ms);
	put_number(msg, types->standby_ms, settings->probe_standby_ms);
	put_number(msg, types->idle_ms, settings->probe_idle_ms);
	put_number(msg, types->attempts, settings->probe_attempts);
}

void pathnl_put_device_settings(struct nl_msg *msg, const struct pathnl_settings *settings)
{
	put(msg, &of_device, settings);
}

void pathnl_put_peer_settings(struct nl_msg *msg, const struct pathnl_settings *settings)
{
	put(msg, &of_peer, settings);
}

void pathnl_put_probe_keys(struct nl_msg *msg, const struct pathnl_probe_keys *keys)
{
	netlink_put(msg, WGMESH_A_PEER_PROBE_KEY_TX, keys->tx.bytes, KEY_SIZE);
	netlink_put(msg, WGMESH_A_PEER_PROBE_KEY_RX, keys->rx.bytes, KEY_SIZE);
}

static guint32 get_number(struct nlattr *attribute)
{
	return attribute ? nla_get_u32(attribute) : 0;
}

static void get(struct nlattr *const *attributes, const struct attributes *types,
		struct pathnl_settings *settings)
{
	*settings = (struct pathnl_settings){
		.probe_active_ms = get_number(attributes[types->active_ms]),
		.probe_standby_ms = get_number(attributes[types->standby_ms]),
		.probe_idle_ms = get_number(attributes[types->idle_ms]),
		.probe_attempts = get_number(attributes[types->attempts]),
	};
	if (attributes[types->selector])
		nla_strlcpy(settings->selector, attributes[types->selector], PATHNL_SELECTOR_SIZE);
}

void pathnl_get_device_settings(struct nlattr *const *attributes, struct pathnl_settings *settings)
{
	get(attributes, &of_device, settings);
}

void pathnl_get_peer_settings(struct nlattr *const *attributes, struct pathnl_settings *settings)
{
	get(attributes, &of_peer, settings);
}
