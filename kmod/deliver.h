/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What came on a path goes to WireGuard, or to the prober.
 */
#ifndef WGMESH_DELIVER_H
#define WGMESH_DELIVER_H

struct sk_buff;
struct wgmesh_path;

unsigned int wgmesh_deliver(struct wgmesh_path *path, struct sk_buff *skb, unsigned int header_len);

#endif /* WGMESH_DELIVER_H */
