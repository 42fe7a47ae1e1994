// SPDX-License-Identifier: GPL-2.0
/*
 * Reading requests, and writing answers, dumps and events.
 */
#include <linux/inet.h>
#include <linux/ipv6.h>
#include <net/genetlink.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "compat.h"
#include "device.h"
#include "netlink-gen.h"
#include "netlink-message.h"
#include "netns.h"

/**
 * wgmesh_nl_put_u64() - write a 64-bit attribute
 * @msg: the message
 * @attribute: its number
 * @value: its value
 *
 * Without padding to 8 bytes, which not every reader of specs knows: whoever reads one
 * has to copy it.
 *
 * Return: 0 or -EMSGSIZE.
 */
int wgmesh_nl_put_u64(struct sk_buff *msg, int attribute, u64 value)
{
	return nla_put(msg, attribute, sizeof(value), &value);
}

/**
 * wgmesh_nl_put_endpoint() - write an endpoint
 * @msg: the message
 * @attribute: number of the nest
 * @family: AF_INET or AF_INET6
 * @address: its address
 * @port: its port
 *
 * Return: false when the message is full.
 */
bool wgmesh_nl_put_endpoint(struct sk_buff *msg, int attribute, u32 family,
			    const union wgmesh_address *address, __be16 port)
{
	struct nlattr *nest = nla_nest_start(msg, attribute);

	if (!nest)
		return false;
	if (family == AF_INET ?
	    nla_put_in_addr(msg, WGMESH_A_ENDPOINT_ADDRESS4, address->ip) :
	    nla_put_in6_addr(msg, WGMESH_A_ENDPOINT_ADDRESS6, &address->in6))
		return false;
	if (nla_put_be16(msg, WGMESH_A_ENDPOINT_PORT, port))
		return false;
	nla_nest_end(msg, nest);
	return true;
}

static int netlink_reply(struct genl_info *info, int (*fill)(struct sk_buff *msg, void *object),
			 void *object)
{
	struct sk_buff *msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *header;

	if (!msg)
		return -ENOMEM;
	header = genlmsg_put_reply(msg, info, &wgmesh_family, 0, info->genlhdr->cmd);
	if (!header || fill(msg, object)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, header);
	return genlmsg_reply(msg, info);
}

/* What fails without words of its own, for want of something that every request needs. */
static void netlink_explain(struct genl_info *info, int err)
{
	if (!info->extack || info->extack->_msg)
		return;
	switch (err) {
	case -ENOMEM:
		NL_SET_ERR_MSG(info->extack, "the kernel has no memory for it");
		break;
	case -EBUSY:
		NL_SET_ERR_MSG(info->extack, "no number is left for one more");
		break;
	case -EMSGSIZE:
		NL_SET_ERR_MSG(info->extack, "the answer does not fit into a message");
		break;
	}
}

/**
 * wgmesh_nl_answer() - answer a request with an object, or refuse it
 * @info: the request
 * @object: the object, or an error pointer
 * @fill: writes the object
 *
 * Context: Process; may sleep.
 * Return: 0 or an error, with its reason in the extack.
 */
int wgmesh_nl_answer(struct genl_info *info, void *object,
		     int (*fill)(struct sk_buff *msg, void *object))
{
	int err = IS_ERR(object) ? PTR_ERR(object) : netlink_reply(info, fill, object);

	netlink_explain(info, err);
	return err;
}

static void netlink_announce(struct wgmesh_net *wn, u8 cmd,
			     int (*fill)(struct sk_buff *msg, void *object), void *object,
			     gfp_t gfp)
{
	struct sk_buff *msg;
	void *header;

	if (!genl_has_listeners(&wgmesh_family, wn->net, WGMESH_NLGRP_EVENTS))
		return;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, gfp);
	if (!msg)
		goto err;
	header = genlmsg_put(msg, 0, 0, &wgmesh_family, 0, cmd);
	if (!header || fill(msg, object))
		goto err;
	genlmsg_end(msg, header);
	genlmsg_multicast_netns(&wgmesh_family, wn->net, msg, 0, WGMESH_NLGRP_EVENTS, gfp);
	return;

err:
	nlmsg_free(msg);
	genl_set_err(&wgmesh_family, wn->net, 0, WGMESH_NLGRP_EVENTS, -ENOBUFS);
}

/**
 * wgmesh_nl_notify() - tell listeners of an event
 * @wn: the namespace, locked
 * @table: where the object is
 * @cmd: the event
 * @fill: writes the object
 * @object: for @fill
 *
 * An event that cannot be sent is not an error of who caused it: listeners learn
 * that they missed one from their socket.
 *
 * Context: Process; may sleep.
 */
void wgmesh_nl_notify(struct wgmesh_net *wn, enum wgmesh_table table, u8 cmd,
		      int (*fill)(struct sk_buff *msg, void *object), void *object)
{
	lockdep_assert_held(&wn->lock);
	wn->generations[table]++;
	netlink_announce(wn, cmd, fill, object, GFP_KERNEL);
}

/**
 * wgmesh_nl_notify_atomic() - tell listeners of what happened while packets were handled
 * @wn: the namespace
 * @cmd: the event
 * @fill: writes the object
 * @object: for @fill
 *
 * No object came or went, so that a dump that is under way stays consistent.
 *
 * Context: Any.
 */
void wgmesh_nl_notify_atomic(struct wgmesh_net *wn, u8 cmd,
			     int (*fill)(struct sk_buff *msg, void *object), void *object)
{
	netlink_announce(wn, cmd, fill, object, GFP_ATOMIC);
}

/**
 * wgmesh_nl_request_net() - the namespace that a request acts on
 * @info: the request
 */
struct wgmesh_net *wgmesh_nl_request_net(struct genl_info *info)
{
	return wgmesh_net(genl_info_net(info));
}

/**
 * wgmesh_nl_given_id() - the number of the object that a request means
 * @info: the request
 * @attribute: which one has it
 *
 * Return: the number, which is at least 1; 0 when it is missing, with an extack.
 */
u32 wgmesh_nl_given_id(struct genl_info *info, int attribute)
{
	if (!GENL_REQ_ATTR_CHECK(info, attribute))
		return nla_get_u32(info->attrs[attribute]);
	NL_SET_ERR_MSG(info->extack, "the request lacks the number of the object");
	return 0;
}

/**
 * wgmesh_nl_blame() - name the attribute that a refusal is about
 * @info: the request
 * @object: what came of it; when it is an error, its words are in the extack
 * @attribute: the number of the attribute
 *
 * Return: @object.
 */
void *wgmesh_nl_blame(struct genl_info *info, void *object, int attribute)
{
	if (IS_ERR(object) && info->attrs[attribute])
		NL_SET_BAD_ATTR(info->extack, info->attrs[attribute]);
	return object;
}

/**
 * wgmesh_nl_wipe() - overwrite a secret in a request
 * @info: the request
 * @attribute: number of the attribute that has the secret, if it was given
 *
 * The memory of the request goes back to whoever wants some; and when the request is refused,
 * a copy of it to the sender.
 */
void wgmesh_nl_wipe(struct genl_info *info, int attribute)
{
	struct nlattr *attr = info->attrs[attribute];

	if (attr)
		memzero_explicit(nla_data(attr), nla_len(attr));
}

/**
 * wgmesh_nl_dump_begin() - write the next part of a list
 * @dump: gets what the functions below need; @fill and @cmd are set
 * @msg: where to
 * @cb: goes on from where its last part ended
 * @table: the list is of objects of this one
 *
 * Context: Process; may sleep; takes the lock of the namespace.
 */
void wgmesh_nl_dump_begin(struct wgmesh_nl_dump *dump, struct sk_buff *msg,
			  struct netlink_callback *cb, enum wgmesh_table table)
{
	dump->wn = wgmesh_net(sock_net(msg->sk));
	dump->msg = msg;
	dump->cb = cb;
	dump->filter = wgmesh_dump_attrs(cb);
	mutex_lock(&dump->wn->lock);
	cb->seq = dump->wn->generations[table];
}

/**
 * wgmesh_nl_dump_filter() - read what objects a list is to have
 * @dump: the list
 * @attribute: of the request, a number of an object
 *
 * Return: the number, or 0 when it was not given.
 */
u32 wgmesh_nl_dump_filter(const struct wgmesh_nl_dump *dump, int attribute)
{
	const struct nlattr *attr = dump->filter ? dump->filter[attribute] : NULL;

	return attr ? nla_get_u32(attr) : 0;
}

/**
 * wgmesh_nl_dump_object() - write one, if an earlier part has not done so
 * @dump: the list
 * @position: of the object in the list; the next one's is higher
 * @object: for the function that writes it
 *
 * Return: 0 or -EMSGSIZE, and the next part begins with it.
 */
int wgmesh_nl_dump_object(struct wgmesh_nl_dump *dump, unsigned long position, void *object)
{
	struct netlink_callback *cb = dump->cb;
	void *header;

	if (position < cb->args[0])
		return 0;
	header = genlmsg_put(dump->msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			     &wgmesh_family, NLM_F_MULTI, dump->cmd);
	if (!header)
		return -EMSGSIZE;
	if (dump->fill(dump->msg, object)) {
		genlmsg_cancel(dump->msg, header);
		return -EMSGSIZE;
	}
	genl_dump_check_consistent(cb, header);
	genlmsg_end(dump->msg, header);
	cb->args[0] = position + 1;
	return 0;
}

/**
 * wgmesh_nl_dump_all() - write the objects of a table, in the order of their ids
 * @dump: the list
 * @objects: by id
 * @wanted: tells which ones; NULL is all
 *
 * Return: 0 or -EMSGSIZE.
 */
int wgmesh_nl_dump_all(struct wgmesh_nl_dump *dump, struct xarray *objects,
		       bool (*wanted)(const struct wgmesh_nl_dump *dump, void *object))
{
	unsigned long id;
	void *object;
	int err;

	xa_for_each_start(objects, id, object, dump->cb->args[0]) {
		if (wanted && !wanted(dump, object))
			continue;
		err = wgmesh_nl_dump_object(dump, id, object);
		if (err)
			return err;
	}
	return 0;
}

/**
 * wgmesh_nl_dump_end() - end a part of a list
 * @dump: the list
 * @err: 0 when it was the last one; what is written and its end are sent in one piece then, so
 *	that a short list is never overtaken by a change
 *
 * Return: what the dump has to return.
 */
int wgmesh_nl_dump_end(struct wgmesh_nl_dump *dump, int err)
{
	mutex_unlock(&dump->wn->lock);
	return err && dump->msg->len ? dump->msg->len : err;
}

/* Reads one end of a flow, which has to be a unicast address and a port. */
static int get_endpoint(struct genl_info *info, int attribute, u16 *family,
			union wgmesh_address *address, __be16 *port)
{
	struct nlattr *tb[WGMESH_A_ENDPOINT_MAX + 1], *nest = info->attrs[attribute];
	struct nlattr *address4, *address6;
	int err;

	err = nla_parse_nested(tb, WGMESH_A_ENDPOINT_PORT, nest, wgmesh_endpoint_nl_policy,
			       info->extack);
	if (err)
		return err;
	address4 = tb[WGMESH_A_ENDPOINT_ADDRESS4];
	address6 = tb[WGMESH_A_ENDPOINT_ADDRESS6];
	if (!address4 == !address6) {
		NL_SET_ERR_MSG_ATTR(info->extack, nest,
				    "an endpoint takes one address, IPv4 or IPv6");
		return -EINVAL;
	}
	if (!tb[WGMESH_A_ENDPOINT_PORT]) {
		NL_SET_ERR_MSG_ATTR(info->extack, nest, "the endpoint lacks its port");
		return -EINVAL;
	}
	*port = nla_get_be16(tb[WGMESH_A_ENDPOINT_PORT]);
	if (address4) {
		*family = AF_INET;
		address->ip = nla_get_in_addr(address4);
		if ((ntohl(address->ip) & WGMESH_VIRTUAL_MASK) == WGMESH_VIRTUAL_NETWORK) {
			NL_SET_ERR_MSG_ATTR(info->extack, address4,
					    "a virtual endpoint is no endpoint of the underlay");
			return -EINVAL;
		}
		if (!ipv4_is_zeronet(address->ip) && !ipv4_is_multicast(address->ip) &&
		    !ipv4_is_lbcast(address->ip))
			return 0;
		NL_SET_ERR_MSG_ATTR(info->extack, address4, "not a unicast address");
		return -EINVAL;
	}
	*family = AF_INET6;
	address->in6 = nla_get_in6_addr(address6);
	if (ipv6_addr_type(&address->in6) & IPV6_ADDR_UNICAST &&
	    !ipv6_addr_v4mapped(&address->in6))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, address6,
			    "not a unicast address (one mapped from IPv4 is to be given as IPv4)");
	return -EINVAL;
}

/**
 * wgmesh_nl_get_flow() - read a pair of endpoints
 * @info: the request
 * @local: number of the attribute with the endpoint on this node
 * @remote: number of the one with the other endpoint
 * @flow: gets them, as they are without an interface; channel 0
 *
 * Return: 0, or -EINVAL with the reason in the extack.
 */
int wgmesh_nl_get_flow(struct genl_info *info, int local, int remote, struct wgmesh_flow *flow)
{
	u16 remote_family;
	int err;

	memset(flow, 0, sizeof(*flow));
	if (GENL_REQ_ATTR_CHECK(info, local) || GENL_REQ_ATTR_CHECK(info, remote)) {
		NL_SET_ERR_MSG(info->extack, "the request lacks an endpoint");
		return -EINVAL;
	}
	err = get_endpoint(info, local, &flow->family, &flow->local, &flow->local_port);
	if (!err)
		err = get_endpoint(info, remote, &remote_family, &flow->remote,
				   &flow->remote_port);
	if (err)
		return err;
	if (flow->family != remote_family) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[remote],
				    "the endpoints are of different IP versions");
		return -EINVAL;
	}
	flow->scope = wgmesh_flow_scope(genl_info_net(info), flow, 0);
	return 0;
}
