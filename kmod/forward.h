/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Forwarding the data of the relay's channels.
 */
#ifndef WGMESH_FORWARD_H
#define WGMESH_FORWARD_H

struct sk_buff;
struct wgmesh_flow_node;

unsigned int wgmesh_forward(struct wgmesh_flow_node *node, struct sk_buff *skb,
			    unsigned int header_len);

#endif /* WGMESH_FORWARD_H */
