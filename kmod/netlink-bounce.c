// SPDX-License-Identifier: GPL-2.0
/*
 * The part of the family that is about bounce servers.
 *
 * A request acts on the network namespace of its socket, which is here the one where the
 * interface lives.
 */
#include <linux/inetdevice.h>
#include <linux/slab.h>
#include <net/ipv6.h>
#include <net/rtnetlink.h>

#include "bounce.h"
#include "netlink-gen.h"
#include "netlink-message.h"
#include "netns.h"

static const int count_attributes[WGMESH_BOUNCE_COUNTS] = {
	[WGMESH_BOUNCE_DENIED] = WGMESH_A_BOUNCE_DROP_DENIED,
	[WGMESH_BOUNCE_EXPIRED] = WGMESH_A_BOUNCE_DROP_EXPIRED,
	[WGMESH_BOUNCE_TOO_BIG] = WGMESH_A_BOUNCE_DROP_TOO_BIG,
	[WGMESH_BOUNCE_ERROR] = WGMESH_A_BOUNCE_DROP_ERROR,
	[WGMESH_BOUNCE_ELSEWHERE] = WGMESH_A_BOUNCE_STACK_ELSEWHERE,
	[WGMESH_BOUNCE_SOURCE] = WGMESH_A_BOUNCE_STACK_SOURCE,
	[WGMESH_BOUNCE_UNUSUAL] = WGMESH_A_BOUNCE_STACK_UNUSUAL,
};

static bool put_prefix(struct sk_buff *msg, int attribute, const struct wgmesh_prefix *prefix)
{
	struct nlattr *nest = nla_nest_start(msg, attribute);

	if (!nest)
		return false;
	if (prefix->family == AF_INET ?
	    nla_put_in_addr(msg, WGMESH_A_PREFIX_ADDRESS4, prefix->address.ip) :
	    nla_put_in6_addr(msg, WGMESH_A_PREFIX_ADDRESS6, &prefix->address.in6))
		return false;
	if (nla_put_u8(msg, WGMESH_A_PREFIX_LENGTH, prefix->length))
		return false;
	nla_nest_end(msg, nest);
	return true;
}

static bool put_pair(struct sk_buff *msg, const struct wgmesh_bounce_pair *pair)
{
	struct nlattr *nest = nla_nest_start(msg, pair->deny ? WGMESH_A_BOUNCE_DENY :
							       WGMESH_A_BOUNCE_ALLOW);

	if (!nest || !put_prefix(msg, WGMESH_A_PAIR_ONE, &pair->one) ||
	    !put_prefix(msg, WGMESH_A_PAIR_OTHER, &pair->other))
		return false;
	nla_nest_end(msg, nest);
	return true;
}

static bool put_counters(struct sk_buff *msg, const struct wgmesh_bounce *bounce)
{
	struct wgmesh_bounce_totals totals;
	int i;

	wgmesh_bounce_totals(bounce, &totals);
	if (wgmesh_nl_put_u64(msg, WGMESH_A_BOUNCE_PACKETS, totals.packets) ||
	    wgmesh_nl_put_u64(msg, WGMESH_A_BOUNCE_BYTES, totals.bytes))
		return false;
	for (i = 0; i < WGMESH_BOUNCE_COUNTS; i++)
		if (wgmesh_nl_put_u64(msg, count_attributes[i], totals.counts[i]))
			return false;
	return true;
}

static int fill_bounce(struct sk_buff *msg, void *object)
{
	struct wgmesh_bounce *bounce = object;
	const struct wgmesh_bounce_settings *settings;
	int i;

	settings = rcu_dereference_protected(bounce->settings,
					     lockdep_is_held(&bounce->wn->lock));
	if (nla_put_u32(msg, WGMESH_A_BOUNCE_IFINDEX, bounce->dev->ifindex) ||
	    nla_put_string(msg, WGMESH_A_BOUNCE_IFNAME, bounce->dev->name) ||
	    nla_put_u32(msg, WGMESH_A_BOUNCE_GROUP, settings->group))
		return -EMSGSIZE;
	for (i = 0; i < settings->n_pairs; i++)
		if (!put_pair(msg, &settings->pairs[i]))
			return -EMSGSIZE;
	return put_counters(msg, bounce) ? 0 : -EMSGSIZE;
}

/**
 * wgmesh_nl_event_bounce() - what wgmesh_notify_bounce() does
 * @bounce: what it forwards by
 * @cmd: WGMESH_CMD_BOUNCE_NTF or WGMESH_CMD_BOUNCE_DEL_NTF
 *
 * Context: Process, under the lock of the namespace; may sleep.
 */
void wgmesh_nl_event_bounce(struct wgmesh_bounce *bounce, u8 cmd)
{
	wgmesh_nl_notify(bounce->wn, WGMESH_TABLE_BOUNCES, cmd, fill_bounce, bounce);
}

/* Bits behind the prefix do not count. */
static int get_prefix(struct genl_info *info, const struct nlattr *nest,
		      struct wgmesh_prefix *prefix)
{
	struct nlattr *tb[WGMESH_A_PREFIX_MAX + 1], *address4, *address6, *length;
	struct in6_addr in6;
	int err;

	err = nla_parse_nested(tb, WGMESH_A_PREFIX_LENGTH, nest, wgmesh_prefix_nl_policy,
			       info->extack);
	if (err)
		return err;
	address4 = tb[WGMESH_A_PREFIX_ADDRESS4];
	address6 = tb[WGMESH_A_PREFIX_ADDRESS6];
	length = tb[WGMESH_A_PREFIX_LENGTH];
	if (!address4 == !address6) {
		NL_SET_ERR_MSG_ATTR(info->extack, nest,
				    "a prefix takes one address, IPv4 or IPv6");
		return -EINVAL;
	}
	prefix->family = address4 ? AF_INET : AF_INET6;
	prefix->length = length ? nla_get_u8(length) : address4 ? 32 : 128;
	if (address4 && prefix->length > 32) {
		NL_SET_ERR_MSG_ATTR(info->extack, length,
				    "the prefix of an IPv4 address has at most 32 bits");
		return -EINVAL;
	}
	if (address4) {
		prefix->address.ip = nla_get_in_addr(address4) & inet_make_mask(prefix->length);
	} else {
		in6 = nla_get_in6_addr(address6);
		ipv6_addr_prefix(&prefix->address.in6, &in6, prefix->length);
	}
	return 0;
}

static int get_pair(struct genl_info *info, const struct nlattr *nest,
		    struct wgmesh_bounce_pair *pair)
{
	struct nlattr *tb[WGMESH_A_PAIR_MAX + 1];
	int err;

	err = nla_parse_nested(tb, WGMESH_A_PAIR_OTHER, nest, wgmesh_pair_nl_policy,
			       info->extack);
	if (err)
		return err;
	if (!tb[WGMESH_A_PAIR_ONE] || !tb[WGMESH_A_PAIR_OTHER]) {
		NL_SET_ERR_MSG_ATTR(info->extack, nest, "a pair is two prefixes");
		return -EINVAL;
	}
	err = get_prefix(info, tb[WGMESH_A_PAIR_ONE], &pair->one);
	if (!err)
		err = get_prefix(info, tb[WGMESH_A_PAIR_OTHER], &pair->other);
	if (err)
		return err;
	if (pair->one.family != pair->other.family) {
		NL_SET_ERR_MSG_ATTR(info->extack, nest,
				    "the prefixes of a pair are of different IP versions");
		return -EINVAL;
	}
	pair->deny = nla_type(nest) == WGMESH_A_BOUNCE_DENY;
	return 0;
}

static bool is_pair(const struct nlattr *attribute)
{
	return nla_type(attribute) == WGMESH_A_BOUNCE_ALLOW ||
	       nla_type(attribute) == WGMESH_A_BOUNCE_DENY;
}

static int get_pairs(struct genl_info *info, struct wgmesh_bounce_settings *settings)
{
	struct nlattr *attribute;
	int remaining, err, i = 0;

	nlmsg_for_each_attr(attribute, info->nlhdr, GENL_HDRLEN, remaining) {
		if (!is_pair(attribute))
			continue;
		err = get_pair(info, attribute, &settings->pairs[i]);
		if (err)
			return err;
		settings->has_allowed |= !settings->pairs[i].deny;
		i++;
	}
	return 0;
}

/* Return: how many there are, or -E2BIG. */
static int number_of_pairs(struct genl_info *info)
{
	struct nlattr *attribute;
	int remaining, n = 0;

	nlmsg_for_each_attr(attribute, info->nlhdr, GENL_HDRLEN, remaining) {
		if (!is_pair(attribute) || ++n <= WGMESH_BOUNCE_MAX_PAIRS)
			continue;
		NL_SET_ERR_MSG_ATTR(info->extack, attribute,
				    "at most 32 pairs are allowed or denied");
		return -E2BIG;
	}
	return n;
}

static struct wgmesh_bounce_settings *get_settings(struct genl_info *info)
{
	struct nlattr *group = info->attrs[WGMESH_A_BOUNCE_GROUP];
	struct wgmesh_bounce_settings *settings;
	int n = number_of_pairs(info);
	int err;

	if (n < 0)
		return ERR_PTR(n);
	settings = kzalloc(struct_size(settings, pairs, n), GFP_KERNEL_ACCOUNT);
	if (!settings)
		return ERR_PTR(-ENOMEM);
	settings->group = group ? nla_get_u32(group) : 0;
	settings->n_pairs = n;
	err = get_pairs(info, settings);
	if (!err)
		return settings;
	kfree(settings);
	return ERR_PTR(err);
}

static int missing_ifindex(struct genl_info *info)
{
	if (!GENL_REQ_ATTR_CHECK(info, WGMESH_A_BOUNCE_IFINDEX))
		return 0;
	NL_SET_ERR_MSG(info->extack, "the request lacks the index of the interface");
	return -EINVAL;
}

static struct wgmesh_bounce *find_bounce(struct genl_info *info)
{
	struct nlattr *ifindex = info->attrs[WGMESH_A_BOUNCE_IFINDEX];
	struct wgmesh_bounce *bounce;
	int err = missing_ifindex(info);

	if (err)
		return ERR_PTR(err);
	bounce = xa_load(&wgmesh_nl_request_net(info)->bounces, nla_get_u32(ifindex));
	if (bounce)
		return bounce;
	NL_SET_ERR_MSG_ATTR(info->extack, ifindex,
			    "the interface does not forward between its peers");
	return ERR_PTR(-ENOENT);
}

static struct wgmesh_bounce *bounce_set(struct wgmesh_net *wn, struct genl_info *info,
					struct wgmesh_bounce_settings *settings)
{
	struct nlattr *ifindex = info->attrs[WGMESH_A_BOUNCE_IFINDEX];
	struct wgmesh_bounce *bounce;
	struct net_device *dev;

	dev = __dev_get_by_index(wn->net, nla_get_u32(ifindex));
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(info->extack, ifindex, "no interface has this index");
		return ERR_PTR(-ENODEV);
	}
	bounce = wgmesh_bounce_set(wn, dev, settings, info->extack);
	if (IS_ERR(bounce))
		NL_SET_BAD_ATTR(info->extack, ifindex);
	return bounce;
}

int wgmesh_nl_bounce_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wgmesh_net *wn = wgmesh_nl_request_net(info);
	struct wgmesh_bounce_settings *settings;
	struct wgmesh_bounce *bounce;
	int err = missing_ifindex(info);

	if (err)
		return err;
	settings = get_settings(info);
	if (IS_ERR(settings))
		return wgmesh_nl_answer(info, settings, NULL);

	rtnl_lock();
	mutex_lock(&wn->lock);
	bounce = bounce_set(wn, info, settings);
	err = wgmesh_nl_answer(info, bounce, fill_bounce);
	mutex_unlock(&wn->lock);
	rtnl_unlock();
	if (IS_ERR(bounce))
		kfree(settings);
	return err;
}

int wgmesh_nl_bounce_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wgmesh_net *wn = wgmesh_nl_request_net(info);
	struct wgmesh_bounce *bounce;

	mutex_lock(&wn->lock);
	bounce = find_bounce(info);
	if (!IS_ERR(bounce))
		wgmesh_bounce_remove(bounce);
	mutex_unlock(&wn->lock);
	return PTR_ERR_OR_ZERO(bounce);
}

int wgmesh_nl_bounce_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wgmesh_net *wn = wgmesh_nl_request_net(info);
	struct wgmesh_bounce *bounce;
	int err;

	mutex_lock(&wn->lock);
	bounce = find_bounce(info);
	err = wgmesh_nl_answer(info, bounce, fill_bounce);
	mutex_unlock(&wn->lock);
	return err;
}

int wgmesh_nl_bounce_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct wgmesh_nl_dump dump = { .cmd = WGMESH_CMD_BOUNCE_GET, .fill = fill_bounce };

	wgmesh_nl_dump_begin(&dump, skb, cb, WGMESH_TABLE_BOUNCES);
	return wgmesh_nl_dump_end(&dump, wgmesh_nl_dump_all(&dump, &dump.wn->bounces, NULL));
}
