/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ICMP errors about packets that were sent on a path.
 */
#ifndef WGMESH_ICMP_H
#define WGMESH_ICMP_H

#include <linux/types.h>

struct nf_hook_state;
struct sk_buff;
struct wgmesh_net;

bool wgmesh_icmp4(struct wgmesh_net *wn, struct sk_buff *skb, const struct nf_hook_state *state);
bool wgmesh_icmp6(struct wgmesh_net *wn, struct sk_buff *skb, const struct nf_hook_state *state);

#endif /* WGMESH_ICMP_H */
