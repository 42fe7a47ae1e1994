// SPDX-License-Identifier: GPL-2.0
/*
 * Registering the netfilter hooks.
 */
#include <linux/netfilter.h>
#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>

#include "hooks.h"
#include "netns.h"
#include "receive.h"
#include "transmit.h"

/* Fragments are put together before the receive hooks, for only the first one has the
 * ports, and what the stack puts together later passes no hook.
 */
static int hooks_register(struct wgmesh_net *wn)
{
	int err;

	err = nf_defrag_ipv4_enable(wn->net);
	if (err)
		return err;
	err = nf_defrag_ipv6_enable(wn->net);
	if (err)
		goto err_defrag4;
	err = nf_register_net_hooks(wn->net, wgmesh_transmit_hooks, WGMESH_TRANSMIT_HOOKS);
	if (err)
		goto err_defrag6;
	err = nf_register_net_hooks(wn->net, wgmesh_receive_hooks, WGMESH_RECEIVE_HOOKS);
	if (err)
		goto err_transmit;
	return 0;

err_transmit:
	nf_unregister_net_hooks(wn->net, wgmesh_transmit_hooks, WGMESH_TRANSMIT_HOOKS);
err_defrag6:
	nf_defrag_ipv6_disable(wn->net);
err_defrag4:
	nf_defrag_ipv4_disable(wn->net);
	return err;
}

static void hooks_unregister(struct wgmesh_net *wn)
{
	nf_unregister_net_hooks(wn->net, wgmesh_receive_hooks, WGMESH_RECEIVE_HOOKS);
	nf_unregister_net_hooks(wn->net, wgmesh_transmit_hooks, WGMESH_TRANSMIT_HOOKS);
	nf_defrag_ipv6_disable(wn->net);
	nf_defrag_ipv4_disable(wn->net);
}

/**
 * wgmesh_hooks_get() - one more that needs the hooks
 * @wn: the namespace, locked
 * @extack: gets the reason of a failure
 *
 * Context: Process; may sleep.
 * Return: 0 or an error.
 */
int wgmesh_hooks_get(struct wgmesh_net *wn, struct netlink_ext_ack *extack)
{
	int err;

	lockdep_assert_held(&wn->lock);
	if (!wn->hook_users) {
		err = hooks_register(wn);
		if (err) {
			NL_SET_ERR_MSG(extack, "the netfilter hooks could not be registered");
			return err;
		}
	}
	wn->hook_users++;
	return 0;
}

/**
 * wgmesh_hooks_put() - undo wgmesh_hooks_get()
 * @wn: the namespace, locked
 *
 * Context: Process; may sleep.
 */
void wgmesh_hooks_put(struct wgmesh_net *wn)
{
	lockdep_assert_held(&wn->lock);
	if (!--wn->hook_users)
		hooks_unregister(wn);
}
