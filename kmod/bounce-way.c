// SPDX-License-Identifier: GPL-2.0
/*
 * Deciding where a packet goes that came in by an interface that forwards between its peers:
 * by the routes, as the stack does it, and by who may talk to whom.
 */
#include <linux/inetdevice.h>
#include <linux/random.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ip_fib.h>
#include <net/nexthop.h>
#include <net/route.h>

#include "bounce-way.h"
#include "compat.h"

/* How long a decision counts. */
#define LIFETIME	HZ

u64 wgmesh_bounce_factors[8];

/**
 * wgmesh_bounce_init_hash() - draw the factors of the hash, once, when the module is loaded
 */
void __init wgmesh_bounce_init_hash(void)
{
	get_random_bytes(wgmesh_bounce_factors, sizeof(wgmesh_bounce_factors));
}

/**
 * wgmesh_bounce_ways_alloc() - memory for decisions
 *
 * Context: Process; may sleep.
 * Return: the memory, to be given to free_percpu(); or NULL.
 */
struct wgmesh_bounce_ways __percpu *wgmesh_bounce_ways_alloc(void)
{
	BUILD_BUG_ON(sizeof(struct wgmesh_bounce_ways) > PCPU_MIN_UNIT_SIZE);
	return alloc_percpu_gfp(struct wgmesh_bounce_ways, GFP_KERNEL_ACCOUNT | __GFP_ZERO);
}

static bool prefix_has(const struct wgmesh_prefix *prefix, u16 family,
		       const union wgmesh_address *address)
{
	if (prefix->family != family)
		return false;
	if (family == AF_INET6)
		return ipv6_prefix_equal(&prefix->address.in6, &address->in6, prefix->length);
	return !((prefix->address.ip ^ address->ip) & inet_make_mask(prefix->length));
}

static bool is_pair(const struct wgmesh_bounce_pair *pair, const struct wgmesh_bounce_way *way)
{
	const u16 family = way->family;

	return (prefix_has(&pair->one, family, &way->saddr) &&
		prefix_has(&pair->other, family, &way->daddr)) ||
	       (prefix_has(&pair->other, family, &way->saddr) &&
		prefix_has(&pair->one, family, &way->daddr));
}

static bool may_talk(const struct wgmesh_bounce_settings *settings,
		     const struct wgmesh_bounce_way *way)
{
	bool allowed = !settings->has_allowed;
	unsigned int i;

	for (i = 0; i < settings->n_pairs; i++) {
		if (!is_pair(&settings->pairs[i], way))
			continue;
		if (settings->pairs[i].deny)
			return false;
		allowed = true;
	}
	return allowed;
}

/* By which interface to send: one that forwards, itself or another one of its group. */
static struct wgmesh_bounce *bounce_out(struct wgmesh_bounce *bounce, const struct net_device *dev)
{
	const struct wgmesh_bounce_settings *in, *out;
	struct wgmesh_bounce *other;

	if (dev == bounce->dev)
		return bounce;
	other = wgmesh_bounce_of(bounce->wn, dev);
	in = rcu_dereference(bounce->settings);
	out = other ? rcu_dereference(other->settings) : NULL;
	return in && out && in->group && in->group == out->group ? other : NULL;
}

/* What is removed at this moment has no settings any more, and forwards nothing. */
static enum wgmesh_bounce_count ask_permission(struct wgmesh_bounce *bounce,
					       const struct wgmesh_bounce_way *way)
{
	const struct wgmesh_bounce_settings *in = rcu_dereference(bounce->settings);
	const struct wgmesh_bounce_settings *out = rcu_dereference(way->out->settings);

	if (!in || !out)
		return WGMESH_BOUNCE_ELSEWHERE;
	if (may_talk(in, way) && (in == out || may_talk(out, way)))
		return WGMESH_BOUNCE_FORWARDED;
	return WGMESH_BOUNCE_DENIED;
}

/* Is the source one to forward from? What fib_validate_source() asks, which is not exported. */
static bool is_source4(const struct net_device *dev, const struct wgmesh_bounce_way *way)
{
	struct in_device *in_dev = __in_dev_get_rcu(dev);
	struct flowi4 fl = {
		.saddr = way->daddr.ip,
		.daddr = way->saddr.ip,
		.flowi4_iif = way->out->dev->ifindex,
		.flowi4_dscp = wgmesh_flow_dscp(way->tos),
	};
	struct fib_result res;
	int filter;

	if (!in_dev || ipv4_is_multicast(way->saddr.ip) || ipv4_is_lbcast(way->saddr.ip) ||
	    ipv4_is_zeronet(way->saddr.ip) || ipv4_is_loopback(way->saddr.ip))
		return false;
	filter = IN_DEV_RPFILTER(in_dev);
	if (IN_DEV_SRC_VMARK(in_dev))
		fl.flowi4_mark = way->mark;
	if (fib_lookup(dev_net(dev), &fl, &res, 0))
		return !filter;
	return res.type == RTN_UNICAST && (filter != 1 || fib_info_nh_uses_dev(res.fi, dev));
}

static enum wgmesh_bounce_count ask_routes4(struct wgmesh_bounce *bounce,
					    struct wgmesh_bounce_way *way, struct sk_buff *skb)
{
	struct net *net = bounce->wn->net;
	struct flowi4 fl = {
		.saddr = way->saddr.ip,
		.daddr = way->daddr.ip,
		.flowi4_iif = bounce->dev->ifindex,
		.flowi4_mark = way->mark,
		.flowi4_dscp = wgmesh_flow_dscp(way->tos),
		.flowi4_scope = RT_SCOPE_UNIVERSE,
	};
	struct fib_result res;
	struct flow_keys keys;

	if (ipv4_is_multicast(way->daddr.ip))
		return WGMESH_BOUNCE_UNUSUAL;
	if (ipv4_is_lbcast(way->daddr.ip) || ipv4_is_zeronet(way->daddr.ip) ||
	    ipv4_is_loopback(way->daddr.ip))
		return WGMESH_BOUNCE_ELSEWHERE;
	/* routing rules that look at more than what decisions are kept by */
	if (fib4_rules_early_flow_dissect(net, skb, &fl, &keys))
		return WGMESH_BOUNCE_UNUSUAL;
	if (fib_lookup(net, &fl, &res, 0) || res.type != RTN_UNICAST)
		return WGMESH_BOUNCE_ELSEWHERE;
	way->out = bounce_out(bounce, FIB_RES_DEV(res));
	if (!way->out)
		return WGMESH_BOUNCE_ELSEWHERE;
	if (fib_info_num_path(res.fi) > 1 || FIB_RES_NHC(res)->nhc_lwtstate)
		return WGMESH_BOUNCE_UNUSUAL;
	if (!is_source4(bounce->dev, way))
		return WGMESH_BOUNCE_SOURCE;
	way->mtu = min_t(u32, res.fi->fib_mtu ?: READ_ONCE(way->out->dev->mtu), IP_MAX_MTU);
	return ask_permission(bounce, way);
}

static struct dst_entry *look_up6(const struct net_device *dev, const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	struct flowi6 fl = {
		.saddr = ip6->saddr,
		.daddr = ip6->daddr,
		.flowi6_iif = dev->ifindex,
		.flowlabel = ip6_flowinfo(ip6),
		.flowi6_mark = skb->mark,
		.flowi6_proto = ip6->nexthdr,
	};

	return ip6_route_input_lookup(dev_net(dev), (struct net_device *)dev, &fl, skb,
				      RT6_LOOKUP_F_HAS_SADDR);
}

static enum wgmesh_bounce_count judge_route6(struct wgmesh_bounce *bounce,
					     struct wgmesh_bounce_way *way,
					     const struct dst_entry *dst)
{
	const struct rt6_info *rt = (const struct rt6_info *)dst;

	if (dst->error || rt->rt6i_flags & (RTF_REJECT | RTF_LOCAL | RTF_ANYCAST))
		return WGMESH_BOUNCE_ELSEWHERE;
	way->out = bounce_out(bounce, dst->dev);
	if (!way->out)
		return WGMESH_BOUNCE_ELSEWHERE;
	if (dst->lwtstate)
		return WGMESH_BOUNCE_UNUSUAL;
	way->mtu = max_t(u32, ip6_dst_mtu_maybe_forward(dst, true), IPV6_MIN_MTU);
	return ask_permission(bounce, way);
}

static enum wgmesh_bounce_count ask_routes6(struct wgmesh_bounce *bounce,
					    struct wgmesh_bounce_way *way, struct sk_buff *skb)
{
	const int from = ipv6_addr_type(&way->saddr.in6), to = ipv6_addr_type(&way->daddr.in6);
	enum wgmesh_bounce_count what;
	struct dst_entry *dst;
	struct flow_keys keys;
	struct flowi6 fl = {};

	if (from == IPV6_ADDR_ANY || from & (IPV6_ADDR_MULTICAST | IPV6_ADDR_LOOPBACK))
		return WGMESH_BOUNCE_SOURCE;
	if (to & IPV6_ADDR_MULTICAST || (from | to) & IPV6_ADDR_LINKLOCAL)
		return WGMESH_BOUNCE_UNUSUAL;
	if (fib6_rules_early_flow_dissect(bounce->wn->net, skb, &fl, &keys))
		return WGMESH_BOUNCE_UNUSUAL;
	dst = look_up6(bounce->dev, skb);
	what = judge_route6(bounce, way, dst);
	dst_release(dst);
	return what;
}

static void bounce_way_begin(struct wgmesh_bounce *bounce, struct wgmesh_bounce_way *way,
			     const struct sk_buff *skb)
{
	*way = (struct wgmesh_bounce_way){
		.mark = skb->mark,
		.expires = (u32)jiffies + LIFETIME,
		/* before anything is asked: what changes meanwhile makes it stale */
		.generation = smp_load_acquire(&bounce->wn->bounce_generation),
	};
}

/**
 * wgmesh_bounce_decide4() - decide where an IPv4 packet goes
 * @bounce: of the interface that it came in by
 * @way: gets the decision
 * @skb: the packet
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 */
void wgmesh_bounce_decide4(struct wgmesh_bounce *bounce, struct wgmesh_bounce_way *way,
			   struct sk_buff *skb)
{
	const struct iphdr *ip = ip_hdr(skb);

	bounce_way_begin(bounce, way, skb);
	way->routes = rt_genid_ipv4(bounce->wn->net);
	way->saddr.ip = ip->saddr;
	way->daddr.ip = ip->daddr;
	way->family = AF_INET;
	way->tos = ip->tos;
	way->what = ask_routes4(bounce, way, skb);
}

/**
 * wgmesh_bounce_decide6() - decide where an IPv6 packet goes
 * @bounce: of the interface that it came in by
 * @way: gets the decision
 * @skb: the packet
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 */
void wgmesh_bounce_decide6(struct wgmesh_bounce *bounce, struct wgmesh_bounce_way *way,
			   struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);

	bounce_way_begin(bounce, way, skb);
	way->routes = rt_genid_ipv6(bounce->wn->net);
	way->saddr.in6 = ip6->saddr;
	way->daddr.in6 = ip6->daddr;
	way->family = AF_INET6;
	way->tos = ipv6_get_dsfield(ip6);
	way->what = ask_routes6(bounce, way, skb);
}

/**
 * wgmesh_bounce_note_taken() - remember what the copy of a decision says of the last packet
 * @bounce: of the interface that the packet came in by
 * @way: the copy
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 */
void wgmesh_bounce_note_taken(struct wgmesh_bounce *bounce, const struct wgmesh_bounce_way *way)
{
	const u64 hash = way->family == AF_INET ?
		wgmesh_bounce_hash4(way->saddr.ip, way->daddr.ip) :
		wgmesh_bounce_hash6(&way->saddr.in6, &way->daddr.in6);
	struct wgmesh_bounce_way *kept;

	wgmesh_cpu_lock();
	kept = wgmesh_bounce_way_of(bounce, hash);
	if (kept->family == way->family &&
	    !memcmp(&kept->saddr, &way->saddr, sizeof(way->saddr)) &&
	    !memcmp(&kept->daddr, &way->daddr, sizeof(way->daddr)))
		kept->taken = way->taken;
	wgmesh_cpu_unlock();
}

/**
 * wgmesh_bounce_attach_route4() - give a packet the route that it is forwarded by
 * @way: the decision, which has an interface to send by
 * @skb: the packet, IPv4, without a route
 *
 * Only who sends an ICMP error about it, fragments it or asks IPsec needs that.
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: false when there is none.
 */
bool wgmesh_bounce_attach_route4(const struct wgmesh_bounce_way *way, struct sk_buff *skb)
{
	struct flowi4 fl = {
		.saddr = way->saddr.ip,
		.daddr = way->daddr.ip,
		.flowi4_oif = way->out->dev->ifindex,
		.flowi4_mark = way->mark,
		.flowi4_dscp = wgmesh_flow_dscp(way->tos),
		/* it is not an address of this host */
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
	};
	struct rtable *rt = ip_route_output_key(dev_net(way->out->dev), &fl);

	if (IS_ERR(rt))
		return false;
	skb_dst_set(skb, &rt->dst);
	return true;
}

/**
 * wgmesh_bounce_attach_route6() - give a packet the route that it is forwarded by
 * @skb: the packet, IPv6, without a route
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: false when there is none.
 */
bool wgmesh_bounce_attach_route6(struct sk_buff *skb)
{
	skb_dst_set(skb, look_up6(skb->dev, skb));
	return !skb_dst(skb)->error;
}
