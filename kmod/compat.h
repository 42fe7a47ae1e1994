/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the supported kernels. Kbuild probes the headers and
 * defines WGMESH_HAVE_*.
 */
#ifndef WGMESH_COMPAT_H
#define WGMESH_COMPAT_H

#include <linux/netdevice.h>
#include <net/genetlink.h>
#include <net/inet_dscp.h>
#include <net/net_namespace.h>
#include <net/route.h>
#include <net/udp.h>

#ifdef WGMESH_HAVE_GSO_H
#include <net/gso.h>
#endif
#ifdef WGMESH_HAVE_UNALIGNED_H
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

static inline struct udp_table *wgmesh_udp_table(struct net *net)
{
#ifdef WGMESH_HAVE_NET_UDP_TABLE
	return net->ipv4.udp_table;
#else
	return &udp_table;
#endif
}

/* What the routes are asked by of the type of service of a packet. */
static inline u8 wgmesh_route_tos(u8 tos)
{
#ifdef IPTOS_RT_MASK
	return tos & IPTOS_RT_MASK;
#else
	return tos & INET_DSCP_MASK;
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
