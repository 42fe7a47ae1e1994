/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A datagram that leaves on a path.
 */
#ifndef WGMESH_DATAGRAM_H
#define WGMESH_DATAGRAM_H

#include <linux/types.h>

struct sk_buff;
struct sock;
struct wgmesh_path;

int wgmesh_datagram_send(struct wgmesh_path *path, struct sk_buff *skb, struct sock *sk, u32 mtu);

#endif /* WGMESH_DATAGRAM_H */
