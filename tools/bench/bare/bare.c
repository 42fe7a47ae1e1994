// SPDX-License-Identifier: GPL-2.0
/*
 * Hands each IPv4 packet of a WireGuard interface back to it, and does nothing else: what
 * decrypting and encrypting cost without any forwarding. Never loaded anywhere but in the
 * machine of a benchmark.
 */
#include <linux/if_arp.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter_ipv4.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <net/net_namespace.h>

static struct net *net;

static unsigned int hand_back(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (state->in->type != ARPHRD_NONE)
		return NF_ACCEPT;
	dev_queue_xmit(skb);
	return NF_STOLEN;
}

static const struct nf_hook_ops ops = {
	.hook = hand_back,
	.pf = NFPROTO_IPV4,
	.hooknum = NF_INET_PRE_ROUTING,
	.priority = NF_IP_PRI_FIRST,
};

static int __init bare_init(void)
{
	int err;

	net = get_net(current->nsproxy->net_ns);
	err = nf_register_net_hook(net, &ops);
	if (err)
		put_net(net);
	return err;
}

static void __exit bare_exit(void)
{
	nf_unregister_net_hook(net, &ops);
	synchronize_net();
	put_net(net);
}

module_init(bare_init);
module_exit(bare_exit);
MODULE_DESCRIPTION("Hands packets back to WireGuard");
MODULE_LICENSE("GPL");
