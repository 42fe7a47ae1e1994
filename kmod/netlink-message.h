/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the handlers of the family share.
 */
#ifndef WGMESH_NETLINK_MESSAGE_H
#define WGMESH_NETLINK_MESSAGE_H

#include <net/genetlink.h>

#include "flow.h"
#include "netns.h"

struct wgmesh_allocation;
struct wgmesh_bounce;
struct wgmesh_channel;

extern struct genl_family wgmesh_family;

/**
 * struct wgmesh_nl_dump - a list that is being written, part by part
 * @cmd: of each message
 * @fill: writes an object
 * @wn: the namespace, locked
 * @msg: the part
 * @cb: what the parts have in common; its first argument is the position where this one begins
 * @filter: attributes of the request, or NULL
 */
struct wgmesh_nl_dump {
	u8 cmd;
	int (*fill)(struct sk_buff *msg, void *object);
	struct wgmesh_net *wn;
	struct sk_buff *msg;
	struct netlink_callback *cb;
	struct nlattr **filter;
};

int wgmesh_nl_put_u64(struct sk_buff *msg, int attribute, u64 value);
bool wgmesh_nl_put_endpoint(struct sk_buff *msg, int attribute, u32 family,
			    const union wgmesh_address *address, __be16 port);
int wgmesh_nl_answer(struct genl_info *info, void *object,
		     int (*fill)(struct sk_buff *msg, void *object));
void wgmesh_nl_notify(struct wgmesh_net *wn, enum wgmesh_table table, u8 cmd,
		      int (*fill)(struct sk_buff *msg, void *object), void *object);
void wgmesh_nl_notify_atomic(struct wgmesh_net *wn, u8 cmd,
			     int (*fill)(struct sk_buff *msg, void *object), void *object);

void wgmesh_nl_dump_begin(struct wgmesh_nl_dump *dump, struct sk_buff *msg,
			  struct netlink_callback *cb, enum wgmesh_table table);
u32 wgmesh_nl_dump_filter(const struct wgmesh_nl_dump *dump, int attribute);
int wgmesh_nl_dump_object(struct wgmesh_nl_dump *dump, unsigned long position, void *object);
int wgmesh_nl_dump_all(struct wgmesh_nl_dump *dump, struct xarray *objects,
		       bool (*wanted)(const struct wgmesh_nl_dump *dump, void *object));
int wgmesh_nl_dump_end(struct wgmesh_nl_dump *dump, int err);

struct wgmesh_net *wgmesh_nl_request_net(struct genl_info *info);
u32 wgmesh_nl_given_id(struct genl_info *info, int attribute);
int wgmesh_nl_get_flow(struct genl_info *info, int local, int remote, struct wgmesh_flow *flow);
void *wgmesh_nl_blame(struct genl_info *info, void *object, int attribute);
void wgmesh_nl_wipe(struct genl_info *info, int attribute);

void wgmesh_nl_event_allocation(struct wgmesh_allocation *allocation, u8 cmd);
void wgmesh_nl_event_channel(struct wgmesh_channel *channel, u8 cmd);
void wgmesh_nl_event_bounce(struct wgmesh_bounce *bounce, u8 cmd);

#endif /* WGMESH_NETLINK_MESSAGE_H */
