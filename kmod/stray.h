/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What comes from an endpoint that no path has.
 */
#ifndef WGMESH_STRAY_H
#define WGMESH_STRAY_H

struct sk_buff;
struct wgmesh_flow;
struct wgmesh_net;

unsigned int wgmesh_stray(struct wgmesh_net *wn, const struct wgmesh_flow *flow,
			  struct sk_buff *skb, unsigned int header_len);

#endif /* WGMESH_STRAY_H */
