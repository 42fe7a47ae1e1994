// SPDX-License-Identifier: GPL-2.0
/*
 * The requests about the relay's allocations and channels.
 */
#include <linux/jiffies.h>

#include "events.h"
#include "netlink-gen.h"
#include "netlink-message.h"
#include "netns.h"
#include "relay.h"

static u32 remaining_ms(unsigned long expires)
{
	long left = (long)(expires - jiffies);

	return left > 0 ? jiffies_to_msecs(left) : 0;
}

static int fill_allocation(struct sk_buff *msg, void *object)
{
	struct wgmesh_allocation *allocation = object;
	const struct wgmesh_flow *flow = &allocation->node.flow;

	if (nla_put_u32(msg, WGMESH_A_ALLOCATION_ID, allocation->id) ||
	    !wgmesh_nl_put_endpoint(msg, WGMESH_A_ALLOCATION_LOCAL, flow->family, &flow->local,
				    flow->local_port) ||
	    !wgmesh_nl_put_endpoint(msg, WGMESH_A_ALLOCATION_CLIENT, flow->family, &flow->remote,
				    flow->remote_port) ||
	    nla_put_u32(msg, WGMESH_A_ALLOCATION_LIFETIME_MS, remaining_ms(allocation->expires)) ||
	    wgmesh_nl_put_u64(msg, WGMESH_A_ALLOCATION_RATE, allocation->rate.bytes_per_s) ||
	    nla_put_u32(msg, WGMESH_A_ALLOCATION_CHANNELS, allocation->n_channels) ||
	    wgmesh_nl_put_u64(msg, WGMESH_A_ALLOCATION_DROP_RATE,
			      atomic64_read(&allocation->drop_rate)) ||
	    wgmesh_nl_put_u64(msg, WGMESH_A_ALLOCATION_DROP_ERROR,
			      atomic64_read(&allocation->drop_error)) ||
	    (allocation->note && nla_put(msg, WGMESH_A_ALLOCATION_NOTE, allocation->note_len,
					 allocation->note)))
		return -EMSGSIZE;
	return 0;
}

static int fill_channel(struct sk_buff *msg, void *object)
{
	struct wgmesh_channel *channel = object;
	const struct wgmesh_flow *flow = &channel->from_peer.flow;
	struct wgmesh_channel_totals totals;

	wgmesh_channel_totals(channel, &totals);
	if (nla_put_u32(msg, WGMESH_A_CHANNEL_ID, channel->id) ||
	    nla_put_u32(msg, WGMESH_A_CHANNEL_ALLOCATION, channel->allocation->id) ||
	    nla_put_u16(msg, WGMESH_A_CHANNEL_NUMBER, channel->from_client.flow.channel) ||
	    !wgmesh_nl_put_endpoint(msg, WGMESH_A_CHANNEL_RELAYED, flow->family, &flow->local,
				    flow->local_port) ||
	    !wgmesh_nl_put_endpoint(msg, WGMESH_A_CHANNEL_PEER, flow->family, &flow->remote,
				    flow->remote_port) ||
	    nla_put_u32(msg, WGMESH_A_CHANNEL_LIFETIME_MS, remaining_ms(channel->expires)) ||
	    nla_put_u32(msg, WGMESH_A_CHANNEL_PERMISSION_MS,
			remaining_ms(channel->permission_expires)) ||
	    wgmesh_nl_put_u64(msg, WGMESH_A_CHANNEL_TO_PEER_PACKETS, totals.to_peer_packets) ||
	    wgmesh_nl_put_u64(msg, WGMESH_A_CHANNEL_TO_PEER_BYTES, totals.to_peer_bytes) ||
	    wgmesh_nl_put_u64(msg, WGMESH_A_CHANNEL_TO_CLIENT_PACKETS,
			      totals.to_client_packets) ||
	    wgmesh_nl_put_u64(msg, WGMESH_A_CHANNEL_TO_CLIENT_BYTES, totals.to_client_bytes))
		return -EMSGSIZE;
	return 0;
}

/**
 * wgmesh_nl_event_allocation() - what wgmesh_notify_allocation() does
 * @allocation: the allocation
 * @cmd: WGMESH_CMD_ALLOCATION_NTF or WGMESH_CMD_ALLOCATION_DEL_NTF
 *
 * Context: Process, under the lock of the namespace; may sleep.
 */
void wgmesh_nl_event_allocation(struct wgmesh_allocation *allocation, u8 cmd)
{
	wgmesh_nl_notify(allocation->wn, WGMESH_TABLE_ALLOCATIONS, cmd, fill_allocation,
			 allocation);
}

/**
 * wgmesh_nl_event_channel() - what wgmesh_notify_channel() does
 * @channel: the channel
 * @cmd: WGMESH_CMD_CHANNEL_NTF or WGMESH_CMD_CHANNEL_DEL_NTF
 *
 * Context: Process, under the lock of the namespace; may sleep.
 */
void wgmesh_nl_event_channel(struct wgmesh_channel *channel, u8 cmd)
{
	wgmesh_nl_notify(channel->allocation->wn, WGMESH_TABLE_CHANNELS, cmd, fill_channel,
			 channel);
}

static struct wgmesh_allocation *find_allocation(struct genl_info *info, int attribute)
{
	u32 id = wgmesh_nl_given_id(info, attribute);
	struct wgmesh_allocation *allocation;

	if (!id)
		return ERR_PTR(-EINVAL);
	allocation = xa_load(&wgmesh_nl_request_net(info)->allocations, id);
	if (allocation)
		return allocation;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attribute],
			    "no allocation has this number, or it has expired");
	return ERR_PTR(-ENOENT);
}

static struct wgmesh_channel *find_channel(struct genl_info *info, int attribute)
{
	u32 id = wgmesh_nl_given_id(info, attribute);
	struct wgmesh_channel *channel;

	if (!id)
		return ERR_PTR(-EINVAL);
	channel = xa_load(&wgmesh_nl_request_net(info)->channels, id);
	if (channel)
		return channel;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attribute],
			    "no channel has this number, or it has expired");
	return ERR_PTR(-ENOENT);
}

/* Longer than any lifetime of RFC 8656, and half of what jiffies can tell apart. */
#define LIFETIME_MAX_MS	(24 * 60 * 60 * MSEC_PER_SEC)

static int get_lifetime(struct genl_info *info, int attribute, u32 *lifetime_ms)
{
	if (GENL_REQ_ATTR_CHECK(info, attribute)) {
		NL_SET_ERR_MSG(info->extack, "the request lacks the lifetime");
		return -EINVAL;
	}
	*lifetime_ms = nla_get_u32(info->attrs[attribute]);
	if (*lifetime_ms && *lifetime_ms <= LIFETIME_MAX_MS)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[attribute],
			    "a lifetime is 1 millisecond to one day");
	return -ERANGE;
}

#define NOTE_MAX	640

static int check_note(struct genl_info *info, struct nlattr *note)
{
	if (!note || nla_len(note) <= NOTE_MAX)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, note, "a note has at most 640 bytes");
	return -ERANGE;
}

static struct wgmesh_allocation *allocation_set(struct wgmesh_net *wn, struct genl_info *info)
{
	struct nlattr *rate = info->attrs[WGMESH_A_ALLOCATION_RATE];
	struct nlattr *note = info->attrs[WGMESH_A_ALLOCATION_NOTE];
	struct wgmesh_allocation *allocation;
	struct wgmesh_flow flow;
	u32 lifetime_ms;
	bool is_new;
	int err;

	err = wgmesh_nl_get_flow(info, WGMESH_A_ALLOCATION_LOCAL, WGMESH_A_ALLOCATION_CLIENT,
				 &flow);
	if (!err)
		err = get_lifetime(info, WGMESH_A_ALLOCATION_LIFETIME_MS, &lifetime_ms);
	if (!err)
		err = check_note(info, note);
	if (err)
		return ERR_PTR(err);
	allocation = wgmesh_allocation_find(wn, &flow);
	is_new = !allocation;
	if (is_new)
		allocation = wgmesh_nl_blame(info, wgmesh_allocation_add(wn, &flow, info->extack),
					     WGMESH_A_ALLOCATION_LOCAL);
	if (IS_ERR(allocation))
		return allocation;
	if (note) {
		err = wgmesh_allocation_set_note(allocation, nla_data(note), nla_len(note));
		if (err) {
			if (is_new)
				wgmesh_allocation_remove(allocation);
			return ERR_PTR(err);
		}
	}
	if (rate)
		WRITE_ONCE(allocation->rate.bytes_per_s, nla_get_u64(rate));
	wgmesh_allocation_renew(allocation, lifetime_ms);
	if (is_new)
		wgmesh_notify_allocation(allocation, WGMESH_CMD_ALLOCATION_NTF);
	return allocation;
}

int wgmesh_nl_allocation_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wgmesh_net *wn = wgmesh_nl_request_net(info);
	struct wgmesh_allocation *allocation;
	int err;

	mutex_lock(&wn->lock);
	allocation = allocation_set(wn, info);
	err = wgmesh_nl_answer(info, allocation, fill_allocation);
	mutex_unlock(&wn->lock);
	return err;
}

int wgmesh_nl_allocation_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wgmesh_net *wn = wgmesh_nl_request_net(info);
	struct wgmesh_allocation *allocation;

	mutex_lock(&wn->lock);
	allocation = find_allocation(info, WGMESH_A_ALLOCATION_ID);
	if (!IS_ERR(allocation))
		wgmesh_allocation_remove(allocation);
	mutex_unlock(&wn->lock);
	return PTR_ERR_OR_ZERO(allocation);
}

int wgmesh_nl_allocation_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wgmesh_net *wn = wgmesh_nl_request_net(info);
	struct wgmesh_allocation *allocation;
	int err;

	mutex_lock(&wn->lock);
	allocation = find_allocation(info, WGMESH_A_ALLOCATION_ID);
	err = wgmesh_nl_answer(info, allocation, fill_allocation);
	mutex_unlock(&wn->lock);
	return err;
}

int wgmesh_nl_allocation_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct wgmesh_nl_dump dump = { .cmd = WGMESH_CMD_ALLOCATION_GET, .fill = fill_allocation };

	wgmesh_nl_dump_begin(&dump, skb, cb, WGMESH_TABLE_ALLOCATIONS);
	return wgmesh_nl_dump_end(&dump, wgmesh_nl_dump_all(&dump, &dump.wn->allocations, NULL));
}

static bool same_flow(const struct wgmesh_flow *a, const struct wgmesh_flow *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static struct wgmesh_channel *channel_set(struct genl_info *info)
{
	struct wgmesh_allocation *allocation = find_allocation(info, WGMESH_A_CHANNEL_ALLOCATION);
	u32 lifetime_ms, permission_ms;
	struct wgmesh_channel *channel;
	struct wgmesh_flow flow;
	bool is_new;
	u16 number;
	int err;

	if (IS_ERR(allocation))
		return ERR_CAST(allocation);
	if (GENL_REQ_ATTR_CHECK(info, WGMESH_A_CHANNEL_NUMBER)) {
		NL_SET_ERR_MSG(info->extack, "the request lacks the number of the channel");
		return ERR_PTR(-EINVAL);
	}
	number = nla_get_u16(info->attrs[WGMESH_A_CHANNEL_NUMBER]);
	err = wgmesh_nl_get_flow(info, WGMESH_A_CHANNEL_RELAYED, WGMESH_A_CHANNEL_PEER, &flow);
	if (!err)
		err = get_lifetime(info, WGMESH_A_CHANNEL_LIFETIME_MS, &lifetime_ms);
	permission_ms = lifetime_ms;
	if (!err && info->attrs[WGMESH_A_CHANNEL_PERMISSION_MS])
		err = get_lifetime(info, WGMESH_A_CHANNEL_PERMISSION_MS, &permission_ms);
	if (err)
		return ERR_PTR(err);

	channel = wgmesh_channel_find(allocation, number);
	is_new = !channel;
	if (is_new)
		channel = wgmesh_channel_add(allocation, number, &flow, info->extack);
	if (IS_ERR(channel))
		return wgmesh_nl_blame(info, channel, channel == ERR_PTR(-EEXIST) ?
				       WGMESH_A_CHANNEL_PEER : WGMESH_A_CHANNEL_NUMBER);
	if (!same_flow(&channel->from_peer.flow, &flow)) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[WGMESH_A_CHANNEL_PEER],
				    "the channel is bound to another peer; remove it first");
		return ERR_PTR(-EEXIST);
	}
	wgmesh_channel_renew(channel, lifetime_ms, permission_ms);
	if (is_new)
		wgmesh_notify_channel(channel, WGMESH_CMD_CHANNEL_NTF);
	return channel;
}

int wgmesh_nl_channel_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wgmesh_net *wn = wgmesh_nl_request_net(info);
	struct wgmesh_channel *channel;
	int err;

	mutex_lock(&wn->lock);
	channel = channel_set(info);
	err = wgmesh_nl_answer(info, channel, fill_channel);
	mutex_unlock(&wn->lock);
	return err;
}

int wgmesh_nl_channel_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wgmesh_net *wn = wgmesh_nl_request_net(info);
	struct wgmesh_channel *channel;

	mutex_lock(&wn->lock);
	channel = find_channel(info, WGMESH_A_CHANNEL_ID);
	if (!IS_ERR(channel))
		wgmesh_channel_remove(channel);
	mutex_unlock(&wn->lock);
	return PTR_ERR_OR_ZERO(channel);
}

int wgmesh_nl_channel_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wgmesh_net *wn = wgmesh_nl_request_net(info);
	struct wgmesh_channel *channel;
	int err;

	mutex_lock(&wn->lock);
	channel = find_channel(info, WGMESH_A_CHANNEL_ID);
	err = wgmesh_nl_answer(info, channel, fill_channel);
	mutex_unlock(&wn->lock);
	return err;
}

static int dump_channels_of(struct wgmesh_nl_dump *dump, u32 allocation_id)
{
	const struct wgmesh_allocation *allocation = xa_load(&dump->wn->allocations, allocation_id);
	struct wgmesh_channel *channel;
	unsigned long position = 0;
	int err;

	if (!allocation)
		return 0;
	list_for_each_entry(channel, &allocation->channels, list) {
		err = wgmesh_nl_dump_object(dump, position++, channel);
		if (err)
			return err;
	}
	return 0;
}

int wgmesh_nl_channel_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct wgmesh_nl_dump dump = { .cmd = WGMESH_CMD_CHANNEL_GET, .fill = fill_channel };
	u32 allocation;

	wgmesh_nl_dump_begin(&dump, skb, cb, WGMESH_TABLE_CHANNELS);
	allocation = wgmesh_nl_dump_filter(&dump, WGMESH_A_CHANNEL_ALLOCATION);
	return wgmesh_nl_dump_end(&dump, allocation ? dump_channels_of(&dump, allocation) :
				  wgmesh_nl_dump_all(&dump, &dump.wn->channels, NULL));
}
