// SPDX-License-Identifier: GPL-2.0
/*
 * The settings of devices and peers, and what probes found out.
 */
#include <crypto/algapi.h>
#include <linux/ktime.h>

#include "device.h"
#include "netlink-message.h"
#include "netlink-settings.h"
#include "path.h"
#include "peer.h"
#include "selector.h"

static u32 given(struct genl_info *info, int attribute)
{
	return info->attrs[attribute] ? nla_get_u32(info->attrs[attribute]) : 0;
}

static int get_selector(struct genl_info *info, int attribute, struct wgmesh_settings *settings)
{
	struct nlattr *attr = info->attrs[attribute];

	if (!attr)
		return 0;
	settings->has_selector = true;
	if (!*(const char *)nla_data(attr))
		return 0;
	settings->selector = wgmesh_selector_get(nla_data(attr));
	if (settings->selector)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr,
			    "no selector has this name; there are failover, latency, duplicate and those of other modules");
	return -ENOENT;
}

/**
 * wgmesh_nl_get_device_settings() - read the settings in a request about a device
 * @info: the request
 * @settings: gets them, for wgmesh_nl_put_settings() when this succeeds
 *
 * Context: Process; may sleep.
 * Return: 0, or an error with its reason in the extack.
 */
int wgmesh_nl_get_device_settings(struct genl_info *info, struct wgmesh_settings *settings)
{
	*settings = (struct wgmesh_settings){
		.pace = {
			.active_ms = given(info, WGMESH_A_DEVICE_PROBE_ACTIVE_MS),
			.standby_ms = given(info, WGMESH_A_DEVICE_PROBE_STANDBY_MS),
			.idle_ms = given(info, WGMESH_A_DEVICE_PROBE_IDLE_MS),
			.attempts = given(info, WGMESH_A_DEVICE_PROBE_ATTEMPTS),
		},
	};
	return get_selector(info, WGMESH_A_DEVICE_SELECTOR, settings);
}

/**
 * wgmesh_nl_get_peer_settings() - read the settings in a request about a peer
 * @info: the request
 * @settings: gets them, for wgmesh_nl_put_settings() when this succeeds
 *
 * Context: Process; may sleep.
 * Return: 0, or an error with its reason in the extack.
 */
int wgmesh_nl_get_peer_settings(struct genl_info *info, struct wgmesh_settings *settings)
{
	struct nlattr *tx = info->attrs[WGMESH_A_PEER_PROBE_KEY_TX];
	struct nlattr *rx = info->attrs[WGMESH_A_PEER_PROBE_KEY_RX];

	*settings = (struct wgmesh_settings){
		.pace = {
			.active_ms = given(info, WGMESH_A_PEER_PROBE_ACTIVE_MS),
			.standby_ms = given(info, WGMESH_A_PEER_PROBE_STANDBY_MS),
			.idle_ms = given(info, WGMESH_A_PEER_PROBE_IDLE_MS),
			.attempts = given(info, WGMESH_A_PEER_PROBE_ATTEMPTS),
		},
		.key_tx = tx ? nla_data(tx) : NULL,
		.key_rx = rx ? nla_data(rx) : NULL,
	};
	if (!tx != !rx) {
		NL_SET_ERR_MSG_ATTR(info->extack, tx ?: rx,
				    "probes need two keys, one for each direction");
		return -EINVAL;
	}
	if (tx && !crypto_memneq(settings->key_tx, settings->key_rx, WGMESH_PROBE_KEY_LEN)) {
		NL_SET_ERR_MSG_ATTR(info->extack, tx,
				    "the two directions need different keys, or probes could be sent back");
		return -EINVAL;
	}
	return get_selector(info, WGMESH_A_PEER_SELECTOR, settings);
}

/**
 * wgmesh_nl_put_settings() - let go of what was not applied
 * @settings: what was read from a request
 *
 * Context: Process.
 */
void wgmesh_nl_put_settings(struct wgmesh_settings *settings)
{
	wgmesh_selector_put(settings->selector);
	settings->selector = NULL;
}

static bool merge_pace(struct wgmesh_pace *pace, const struct wgmesh_pace *given)
{
	const struct wgmesh_pace old = *pace;

	pace->active_ms = given->active_ms ?: old.active_ms;
	pace->standby_ms = given->standby_ms ?: old.standby_ms;
	pace->idle_ms = given->idle_ms ?: old.idle_ms;
	pace->attempts = given->attempts ?: old.attempts;
	return memcmp(pace, &old, sizeof(old));
}

/**
 * wgmesh_nl_apply_device() - set what a request wants
 * @device: the device
 * @settings: the selector goes over to the device
 *
 * Context: Process, under the lock of the namespace.
 */
void wgmesh_nl_apply_device(struct wgmesh_device *device, struct wgmesh_settings *settings)
{
	struct wgmesh_pace pace = device->pace;

	if (merge_pace(&pace, &settings->pace))
		wgmesh_device_set_pace(device, &pace);
	if (settings->has_selector)
		wgmesh_device_set_selector(device, settings->selector ?:
					   &wgmesh_selector_failover);
	settings->selector = NULL;
}

/**
 * wgmesh_nl_apply_peer() - set what a request wants
 * @peer: the peer
 * @settings: the selector goes over to the peer
 *
 * Context: Process, under the lock of the namespace; may sleep.
 * Return: 0 or -ENOMEM.
 */
int wgmesh_nl_apply_peer(struct wgmesh_peer *peer, struct wgmesh_settings *settings)
{
	struct wgmesh_pace pace = peer->prober.pace;

	if (merge_pace(&pace, &settings->pace))
		wgmesh_peer_set_pace(peer, &pace);
	if (settings->has_selector)
		wgmesh_peer_set_selector(peer, settings->selector);
	settings->selector = NULL;
	return settings->key_tx ?
		wgmesh_prober_set_keys(peer, settings->key_tx, settings->key_rx) : 0;
}

/**
 * wgmesh_nl_get_policy() - read what an operator wants of a path
 * @info: the request
 * @peer: the peer
 * @path: the path, or NULL for a new one
 * @policy: gets it; what the path has when the request says nothing
 *
 * Context: Process, under the lock of the namespace.
 * Return: 0, or -EBUSY when another path of the peer is forced.
 */
int wgmesh_nl_get_policy(struct genl_info *info, const struct wgmesh_peer *peer,
			 const struct wgmesh_path *path, enum wgmesh_path_policy *policy)
{
	struct nlattr *attr = info->attrs[WGMESH_A_PATH_POLICY];
	const struct wgmesh_path *other;

	*policy = path ? path->policy : WGMESH_PATH_POLICY_AUTO;
	if (!attr)
		return 0;
	*policy = nla_get_u32(attr);
	if (*policy != WGMESH_PATH_POLICY_FORCE)
		return 0;
	list_for_each_entry(other, &peer->paths, peer_node) {
		if (other != path && other->policy == WGMESH_PATH_POLICY_FORCE) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "another path of the peer is forced; leave that one to the selector first");
			return -EBUSY;
		}
	}
	return 0;
}

/**
 * wgmesh_nl_fill_device_settings() - write the settings of a device
 * @msg: the message
 * @device: the device
 *
 * Return: 0 or -EMSGSIZE.
 */
int wgmesh_nl_fill_device_settings(struct sk_buff *msg, const struct wgmesh_device *device)
{
	const struct wgmesh_pace *pace = &device->pace;

	if (nla_put_string(msg, WGMESH_A_DEVICE_SELECTOR, device->selector->name) ||
	    nla_put_u32(msg, WGMESH_A_DEVICE_PROBE_ACTIVE_MS, pace->active_ms) ||
	    nla_put_u32(msg, WGMESH_A_DEVICE_PROBE_STANDBY_MS, pace->standby_ms) ||
	    nla_put_u32(msg, WGMESH_A_DEVICE_PROBE_IDLE_MS, pace->idle_ms) ||
	    nla_put_u32(msg, WGMESH_A_DEVICE_PROBE_ATTEMPTS, pace->attempts) ||
	    wgmesh_nl_put_u64(msg, WGMESH_A_DEVICE_DROP_PROBE,
			      atomic64_read(&device->drop_probe)))
		return -EMSGSIZE;
	return 0;
}

static u64 age_ms(u64 then_ns)
{
	return div_u64(ktime_get_ns() - then_ns, NSEC_PER_MSEC);
}

static int fill_switches(struct sk_buff *msg, const struct wgmesh_peer *peer)
{
	if (wgmesh_nl_put_u64(msg, WGMESH_A_PEER_SWITCHES, peer->switches))
		return -EMSGSIZE;
	if (!peer->switches)
		return 0;
	if (wgmesh_nl_put_u64(msg, WGMESH_A_PEER_SWITCH_AGE_MS, age_ms(peer->switched_ns)) ||
	    nla_put_u32(msg, WGMESH_A_PEER_SWITCH_REASON, peer->switch_reason))
		return -EMSGSIZE;
	return 0;
}

/**
 * wgmesh_nl_fill_peer_settings() - write the settings of a peer, and what became of them
 * @msg: the message
 * @peer: the peer
 *
 * Return: 0 or -EMSGSIZE.
 */
int wgmesh_nl_fill_peer_settings(struct sk_buff *msg, const struct wgmesh_peer *peer)
{
	const struct wgmesh_selector *selector = peer->selector ?: peer->device->selector;
	const struct wgmesh_pace pace = wgmesh_prober_pace(peer);
	struct wgmesh_path *copy;
	u32 copy_id;

	rcu_read_lock();
	copy = rcu_dereference(peer->copy);
	copy_id = copy ? copy->id : 0;
	rcu_read_unlock();
	if (nla_put_string(msg, WGMESH_A_PEER_SELECTOR, selector->name) ||
	    nla_put_u32(msg, WGMESH_A_PEER_PROBE_ACTIVE_MS, pace.active_ms) ||
	    nla_put_u32(msg, WGMESH_A_PEER_PROBE_STANDBY_MS, pace.standby_ms) ||
	    nla_put_u32(msg, WGMESH_A_PEER_PROBE_IDLE_MS, pace.idle_ms) ||
	    nla_put_u32(msg, WGMESH_A_PEER_PROBE_ATTEMPTS, pace.attempts) ||
	    (copy_id && nla_put_u32(msg, WGMESH_A_PEER_SECOND_PATH, copy_id)))
		return -EMSGSIZE;
	if (rcu_access_pointer(peer->prober.keys) &&
	    (nla_put_flag(msg, WGMESH_A_PEER_PROBING) ||
	     (READ_ONCE(peer->active) && nla_put_flag(msg, WGMESH_A_PEER_ACTIVE))))
		return -EMSGSIZE;
	return fill_switches(msg, peer);
}

/**
 * wgmesh_nl_fill_liveness() - write what probes found out about a path
 * @msg: the message
 * @path: the path; read without its lock, so numbers may be those of two moments
 *
 * Return: 0 or -EMSGSIZE.
 */
int wgmesh_nl_fill_liveness(struct sk_buff *msg, const struct wgmesh_path *path)
{
	const struct wgmesh_liveness *liveness = &path->liveness;

	if (nla_put_u32(msg, WGMESH_A_PATH_POLICY, path->policy) ||
	    nla_put_u32(msg, WGMESH_A_PATH_STATE, liveness->state) ||
	    wgmesh_nl_put_u64(msg, WGMESH_A_PATH_STATE_AGE_MS, age_ms(liveness->since_ns)) ||
	    wgmesh_nl_put_u64(msg, WGMESH_A_PATH_PROBES_SENT, liveness->sent) ||
	    wgmesh_nl_put_u64(msg, WGMESH_A_PATH_PROBES_ANSWERED, liveness->answered))
		return -EMSGSIZE;
	if (liveness->state == WGMESH_PATH_STATE_DEAD &&
	    nla_put_u32(msg, WGMESH_A_PATH_DEAD_REASON, path->dead_reason))
		return -EMSGSIZE;
	if (liveness->rtt_us && nla_put_u32(msg, WGMESH_A_PATH_JITTER_US, liveness->jitter_us))
		return -EMSGSIZE;
	if (liveness->sent && nla_put_u32(msg, WGMESH_A_PATH_LOSS_PERMILLE,
					  wgmesh_liveness_loss_permille(liveness)))
		return -EMSGSIZE;
	if (liveness->record.lossy && nla_put_flag(msg, WGMESH_A_PATH_LOSSY))
		return -EMSGSIZE;
	if (wgmesh_liveness_held(liveness, ktime_get_ns()) &&
	    nla_put_flag(msg, WGMESH_A_PATH_HELD))
		return -EMSGSIZE;
	return 0;
}
