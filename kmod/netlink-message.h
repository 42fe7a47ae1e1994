/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the handlers of the family share.
 */
#ifndef WGMESH_NETLINK_MESSAGE_H
#define WGMESH_NETLINK_MESSAGE_H

#include <net/genetlink.h>

#include "flow.h"

struct wgmesh_net;
struct xarray;

extern struct genl_family wgmesh_family;

int wgmesh_nl_put_u64(struct sk_buff *msg, int attribute, u64 value);
bool wgmesh_nl_put_endpoint(struct sk_buff *msg, int attribute, u32 family,
			    const union wgmesh_address *address, __be16 port);
int wgmesh_nl_reply(struct genl_info *info, int (*fill)(struct sk_buff *msg, void *object),
		    void *object);
void wgmesh_nl_notify(struct wgmesh_net *wn, u8 cmd,
		      int (*fill)(struct sk_buff *msg, void *object), void *object);
void wgmesh_nl_notify_atomic(struct wgmesh_net *wn, u8 cmd,
			     int (*fill)(struct sk_buff *msg, void *object), void *object);
int wgmesh_nl_dump(struct sk_buff *msg, struct netlink_callback *cb, u8 cmd,
		   struct wgmesh_net *wn, struct xarray *objects,
		   bool (*wanted)(struct nlattr **filter, void *object),
		   int (*fill)(struct sk_buff *msg, void *object));

struct wgmesh_net *wgmesh_nl_request_net(struct genl_info *info);
u32 wgmesh_nl_given_id(struct genl_info *info, int attribute);
int wgmesh_nl_get_flow(struct genl_info *info, int local, int remote, struct wgmesh_flow *flow);

#endif /* WGMESH_NETLINK_MESSAGE_H */
