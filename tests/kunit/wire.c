// SPDX-License-Identifier: GPL-2.0
/*
 * A cable that the tests send by: a veth pair, which tests/kunit/run makes together with
 * the addresses and the neighbours. What comes out of its far end is kept here.
 */
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>

#include "netns.h"
#include "receive.h"
#include "wire.h"

#define NEAR	"kunit0"
#define FAR	"kunit1"

/* One test runs at a time. */
static struct net_device *near, *far;
static struct sk_buff_head received;

static rx_handler_result_t keep(struct sk_buff **pskb)
{
	const struct sk_buff *skb = *pskb;

	if (skb->protocol != htons(ETH_P_IP) && skb->protocol != htons(ETH_P_IPV6))
		return RX_HANDLER_PASS;
	skb_queue_tail(&received, *pskb);
	return RX_HANDLER_CONSUMED;
}

/**
 * wire_open() - begin to keep what is sent; for the init of a suite
 * @test: the test
 *
 * Return: 0 or an error.
 */
int wire_open(struct kunit *test)
{
	int err;

	skb_queue_head_init(&received);
	near = dev_get_by_name(&init_net, NEAR);
	far = dev_get_by_name(&init_net, FAR);
	if (!near || !far) {
		kunit_err(test, "the interfaces " NEAR " and " FAR " are missing");
		wire_close(test);
		return -ENODEV;
	}
	rtnl_lock();
	err = netdev_rx_handler_register(far, keep, NULL);
	rtnl_unlock();
	if (err)
		wire_close(test);
	return err;
}

/**
 * wire_close() - undo wire_open(); for the exit of a suite
 * @test: the test
 */
void wire_close(struct kunit *test)
{
	rtnl_lock();
	if (far && rcu_access_pointer(far->rx_handler) == keep)
		netdev_rx_handler_unregister(far);
	rtnl_unlock();
	dev_put(near);
	dev_put(far);
	near = NULL;
	far = NULL;
	skb_queue_purge(&received);
}

/**
 * wire_near() - the interface that the tests send and receive by
 * @test: the test
 */
struct net_device *wire_near(struct kunit *test)
{
	KUNIT_ASSERT_NOT_NULL(test, near);
	return near;
}

/**
 * wire_underlay() - the module's part of the namespace that the cable is in
 */
struct wgmesh_net *wire_underlay(void)
{
	return wgmesh_net(&init_net);
}

/**
 * wire_received() - what came out of the far end
 *
 * Return: the first packet that was not asked for yet, data at its IP header; the caller
 * frees it. NULL when there is none.
 */
struct sk_buff *wire_received(void)
{
	return skb_dequeue(&received);
}

/**
 * wire_hook() - give a packet to a hook, as netfilter does it
 * @ops: the hook
 * @skb: the packet
 * @sk: the socket that sends it, or NULL
 *
 * Whatever it sends has arrived at the end of the cable when this returns.
 *
 * Return: the verdict.
 */
unsigned int wire_hook(const struct nf_hook_ops *ops, struct sk_buff *skb, struct sock *sk)
{
	const struct nf_hook_state state = {
		.hook = ops->hooknum,
		.pf = ops->pf,
		.in = sk ? NULL : near,
		.sk = sk,
		.net = &init_net,
	};
	unsigned int verdict;

	local_bh_disable();
	rcu_read_lock();
	verdict = ops->hook(NULL, skb, &state);
	rcu_read_unlock();
	local_bh_enable();
	return verdict;
}

/**
 * wire_arrives() - a packet comes in from the cable
 * @skb: the packet, data at its IP header
 *
 * Return: the verdict of the receive hook of its family.
 */
unsigned int wire_arrives(struct sk_buff *skb)
{
	const u8 pf = skb->protocol == htons(ETH_P_IP) ? NFPROTO_IPV4 : NFPROTO_IPV6;
	int i;

	/* the first one of the family is the one for what is no fragment */
	for (i = 0; wgmesh_receive_hooks[i].pf != pf; i++)
		;
	return wire_hook(&wgmesh_receive_hooks[i], skb, NULL);
}
