/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the supported kernels. Kbuild probes the headers and
 * defines WGMESH_HAVE_*.
 */
#ifndef WGMESH_COMPAT_H
#define WGMESH_COMPAT_H

#include <crypto/blake2s.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/timer.h>
#include <net/flow.h>
#include <net/genetlink.h>
#include <net/inet_dscp.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/route.h>
#include <net/udp.h>

#ifdef WGMESH_HAVE_GSO_H
#include <net/gso.h>
#endif
#ifdef WGMESH_HAVE_IPV6_STUB
#include <net/ipv6_stubs.h>
#endif
#ifdef WGMESH_HAVE_UNALIGNED_H
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#ifndef __counted_by
#define __counted_by(...)
#endif

#ifndef __uninitialized
#define __uninitialized
#endif

/* The flags of a multicast group were those of a command. */
#ifndef GENL_MCAST_CAP_NET_ADMIN
#define GENL_MCAST_CAP_NET_ADMIN GENL_UNS_ADMIN_PERM
#endif

/* The IPv4 socket that gets a datagram by whatever interface; under rcu_read_lock(). */
static inline struct sock *wgmesh_udp4_lookup(struct net *net, __be32 saddr, __be16 sport,
					      __be32 daddr, __be16 dport)
{
#if defined(WGMESH_HAVE_NET_UDP_TABLE)
	return __udp4_lib_lookup(net, saddr, sport, daddr, dport, 0, 0, net->ipv4.udp_table, NULL);
#elif defined(WGMESH_HAVE_UDP_TABLE)
	return __udp4_lib_lookup(net, saddr, sport, daddr, dport, 0, 0, &udp_table, NULL);
#else
	return __udp4_lib_lookup(net, saddr, sport, daddr, dport, 0, 0, NULL);
#endif
}

/* The route of an IPv6 flow, whose source is filled in; -EAFNOSUPPORT without IPv6. */
static inline struct dst_entry *wgmesh_ip6_lookup_flow(struct net *net, const struct sock *sk,
						       struct flowi6 *fl)
{
#ifdef WGMESH_HAVE_IPV6_STUB
	return ipv6_stub->ipv6_dst_lookup_flow(net, sk, fl, NULL);
#else
	/* nothing of it is there when it was switched off at boot */
	if (!ipv6_mod_enabled())
		return ERR_PTR(-EAFNOSUPPORT);
	return ip6_dst_lookup_flow(net, sk, fl, NULL);
#endif
}

/* What the routes are asked by of the type of service of a packet: .flowi4_dscp. */
#ifdef WGMESH_HAVE_FLOWI4_DSCP
static inline dscp_t wgmesh_flow_dscp(u8 tos)
{
	return inet_dsfield_to_dscp(tos);
}
#else
#define flowi4_dscp flowi4_tos
static inline u8 wgmesh_flow_dscp(u8 tos)
{
#ifdef IPTOS_RT_MASK
	return tos & IPTOS_RT_MASK;
#else
	return tos & INET_DSCP_MASK;
#endif
}
#endif

/* The order of the arguments was another one. */
static inline void wgmesh_blake2s(const u8 *key, size_t keylen, const u8 *in, size_t inlen,
				  u8 *out, size_t outlen)
{
#ifdef WGMESH_HAVE_BLAKE2S_KEY_FIRST
	blake2s(key, keylen, in, inlen, out, outlen);
#else
	blake2s(out, in, key, outlen, inlen, keylen);
#endif
}

/*
 * Stops a timer for good. It is armed by itself, and by code that found its owner under RCU before
 * the owner was taken out of reach. Where a timer cannot be shut down, that code is waited for. May
 * sleep.
 */
static inline void wgmesh_timer_shutdown_sync(struct timer_list *timer)
{
#ifdef WGMESH_HAVE_TIMER_SHUTDOWN
	timer_shutdown_sync(timer);
#else
	synchronize_net();
	del_timer_sync(timer);
#endif
}

/* The attributes of a dump request, or NULL when it has none. */
static inline struct nlattr **wgmesh_dump_attrs(struct netlink_callback *cb)
{
#ifdef WGMESH_HAVE_GENL_INFO_DUMP
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

#endif /* WGMESH_COMPAT_H */
