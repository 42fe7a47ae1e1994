/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A cable that the tests send by, and what came out of its far end.
 */
#ifndef WGMESH_KUNIT_WIRE_H
#define WGMESH_KUNIT_WIRE_H

#include <kunit/test.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>

struct wgmesh_net;

int wire_open(struct kunit *test);
void wire_close(struct kunit *test);
struct net_device *wire_near(struct kunit *test);
struct wgmesh_net *wire_underlay(void);
struct sk_buff *wire_received(void);
unsigned int wire_hook(const struct nf_hook_ops *ops, struct sk_buff *skb, struct sock *sk);
unsigned int wire_arrives(struct sk_buff *skb);

#endif /* WGMESH_KUNIT_WIRE_H */
