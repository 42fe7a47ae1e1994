/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a packet goes that came in by an interface that forwards between its peers.
 */
#ifndef WGMESH_BOUNCE_WAY_H
#define WGMESH_BOUNCE_WAY_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/skbuff.h>
#include <net/dsfield.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "bounce.h"
#include "percpu.h"

#define WGMESH_BOUNCE_WAYS_BITS	8

/**
 * struct wgmesh_bounce_way - what was decided about packets from one address to another
 * @saddr: source address
 * @daddr: destination address
 * @mark: firewall mark
 * @expires: when to decide anew, in jiffies
 * @generation: of the interfaces and their settings that it was decided by
 * @routes: generation of the routes that it was decided by
 * @mtu: largest packet that can be forwarded
 * @family: AF_INET or AF_INET6; 0 is nothing yet
 * @tos: DSCP and ECN
 * @what: WGMESH_BOUNCE_FORWARDED, or why not
 * @taken: WireGuard took the last packet that was forwarded
 * @out: the interface to send by; NULL when the packet is not for one of a peer
 */
struct wgmesh_bounce_way {
	union wgmesh_address saddr;
	union wgmesh_address daddr;
	u32 mark;
	u32 expires;
	u32 generation;
	u32 routes;
	u32 mtu;
	u8 family;
	u8 tos;
	u8 what;
	bool taken;
	struct wgmesh_bounce *out;
};

/**
 * struct wgmesh_bounce_ways - what one CPU remembers
 * @way: by hash of the addresses; whoever comes later takes the place
 *
 * Used under wgmesh_cpu_lock() only. Nothing here holds a reference: @generation changes
 * before anything goes away, and a packet that saw it before that is done within a grace period.
 */
struct wgmesh_bounce_ways {
	struct wgmesh_bounce_way way[1 << WGMESH_BOUNCE_WAYS_BITS];
};

/* Secret factors of the hash: one for each 32 bits of the addresses. */
extern u64 wgmesh_bounce_factors[8];

void wgmesh_bounce_init_hash(void);
struct wgmesh_bounce_ways __percpu *wgmesh_bounce_ways_alloc(void);
void wgmesh_bounce_decide4(struct wgmesh_bounce *bounce, struct wgmesh_bounce_way *way,
			   struct sk_buff *skb);
void wgmesh_bounce_decide6(struct wgmesh_bounce *bounce, struct wgmesh_bounce_way *way,
			   struct sk_buff *skb);
void wgmesh_bounce_note_taken(struct wgmesh_bounce *bounce, const struct wgmesh_bounce_way *way);
bool wgmesh_bounce_attach_route4(const struct wgmesh_bounce_way *way, struct sk_buff *skb);
bool wgmesh_bounce_attach_route6(struct sk_buff *skb);

/* A sum of products with secret factors, as that of the flow table: peers choose the addresses. */
static inline u64 wgmesh_bounce_hash4(__be32 saddr, __be32 daddr)
{
	return (__force u32)saddr * wgmesh_bounce_factors[0] +
	       (__force u32)daddr * wgmesh_bounce_factors[1];
}

static inline u64 wgmesh_bounce_hash6(const struct in6_addr *saddr, const struct in6_addr *daddr)
{
	u64 sum = 0;
	int i;

	for (i = 0; i < 4; i++)
		sum += (__force u32)saddr->s6_addr32[i] * wgmesh_bounce_factors[i] +
		       (__force u32)daddr->s6_addr32[i] * wgmesh_bounce_factors[4 + i];
	return sum;
}

static inline struct wgmesh_bounce_way *wgmesh_bounce_way_of(struct wgmesh_bounce *bounce,
							     u64 hash)
{
	return &this_cpu_ptr(bounce->ways)->way[hash >> (64 - WGMESH_BOUNCE_WAYS_BITS)];
}

/* A decision for as long as a packet needs it: it stays where it is, or is copied where another
 * packet may come in between, on the same CPU (percpu.h).
 */
static inline struct wgmesh_bounce_way *wgmesh_bounce_way_for(struct wgmesh_bounce_way *way,
							      struct wgmesh_bounce_way *copy)
{
	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		return way;
	*copy = *way;
	return copy;
}

/**
 * wgmesh_bounce_set_taken() - whether WireGuard took the last packet that was forwarded
 * @bounce: of the interface that the packet came in by
 * @way: the decision about it
 * @taken: it did
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 */
static inline void wgmesh_bounce_set_taken(struct wgmesh_bounce *bounce,
					   struct wgmesh_bounce_way *way, bool taken)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT) && way->taken != taken) {
		way->taken = taken;
		wgmesh_bounce_note_taken(bounce, way);
	} else {
		way->taken = taken;
	}
}

/* What routes do not tell, such as rp_filter and routing rules, is asked again within a second. */
static inline bool wgmesh_bounce_is_fresh(const struct wgmesh_bounce *bounce,
					  const struct wgmesh_bounce_way *way, int routes)
{
	/* pairs with forget_ways() */
	return way->generation == smp_load_acquire(&bounce->wn->bounce_generation) &&
	       way->routes == routes && (s32)(way->expires - (u32)jiffies) > 0;
}

/**
 * wgmesh_bounce_way4() - where an IPv4 packet goes
 * @bounce: of the interface that it came in by
 * @skb: the packet
 * @copy: room for a decision
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: the decision, valid until bottom halves are enabled, perhaps in @copy.
 */
static inline struct wgmesh_bounce_way *wgmesh_bounce_way4(struct wgmesh_bounce *bounce,
							   struct sk_buff *skb,
							   struct wgmesh_bounce_way *copy)
{
	const struct iphdr *ip = ip_hdr(skb);
	struct wgmesh_bounce_way *way;

	wgmesh_cpu_lock();
	way = wgmesh_bounce_way_of(bounce, wgmesh_bounce_hash4(ip->saddr, ip->daddr));
	if (unlikely(way->saddr.ip != ip->saddr || way->daddr.ip != ip->daddr ||
		     way->mark != skb->mark || way->tos != ip->tos || way->family != AF_INET ||
		     !wgmesh_bounce_is_fresh(bounce, way, rt_genid_ipv4(bounce->wn->net))))
		wgmesh_bounce_decide4(bounce, way, skb);
	way = wgmesh_bounce_way_for(way, copy);
	wgmesh_cpu_unlock();
	return way;
}

/**
 * wgmesh_bounce_way6() - where an IPv6 packet goes
 * @bounce: of the interface that it came in by
 * @skb: the packet
 * @copy: room for a decision
 *
 * Context: Bottom halves disabled, under rcu_read_lock().
 * Return: the decision, valid until bottom halves are enabled, perhaps in @copy.
 */
static inline struct wgmesh_bounce_way *wgmesh_bounce_way6(struct wgmesh_bounce *bounce,
							   struct sk_buff *skb,
							   struct wgmesh_bounce_way *copy)
{
	const struct ipv6hdr *ip6 = ipv6_hdr(skb);
	struct wgmesh_bounce_way *way;

	wgmesh_cpu_lock();
	way = wgmesh_bounce_way_of(bounce, wgmesh_bounce_hash6(&ip6->saddr, &ip6->daddr));
	if (unlikely(!ipv6_addr_equal(&way->saddr.in6, &ip6->saddr) ||
		     !ipv6_addr_equal(&way->daddr.in6, &ip6->daddr) || way->mark != skb->mark ||
		     way->tos != ipv6_get_dsfield(ip6) || way->family != AF_INET6 ||
		     !wgmesh_bounce_is_fresh(bounce, way, rt_genid_ipv6(bounce->wn->net))))
		wgmesh_bounce_decide6(bounce, way, skb);
	way = wgmesh_bounce_way_for(way, copy);
	wgmesh_cpu_unlock();
	return way;
}

#endif /* WGMESH_BOUNCE_WAY_H */
