/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PATHNL_BOUNCE_H
#define WGMESH_PATHNL_BOUNCE_H

#include "pathnl.h"

/*
 * Bounce servers: the WireGuard interfaces that forward between their peers, in the network
 * namespace of the socket: genl-spec/wgmesh.yaml.
 */

/* How many pairs an interface may have. */
#define PATHNL_PAIRS_MAX 32

/**
 * struct pathnl_pair - two parties, in any order
 * @one: the addresses of one party
 * @other: the addresses of the other party, of the same family
 * @deny: they may not talk to each other; else they may
 */
struct pathnl_pair {
	struct prefix one;
	struct prefix other;
	bool deny;
};

/**
 * struct pathnl_bounce - how an interface forwards, and what it did
 * @ifindex: of the interface
 * @ifname: its name
 * @group: interfaces of the same group forward to each other; 0 is an interface by itself
 * @n_pairs: how many there are
 * @pairs: who may talk to whom; when none is allowed, all that are not denied
 * @packets: forwarded, of those that came in by it, as the others
 * @bytes: of these
 * @drop_denied: dropped, because the two may not talk
 * @drop_expired: dropped, because no hop was left
 * @drop_too_big: dropped, because they were larger than the MTU
 * @drop_error: dropped by WireGuard, or for lack of memory
 * @stack_elsewhere: left to the stack: for this host, or another interface
 * @stack_source: left to the stack: not from an address to forward from
 * @stack_unusual: left to the stack, which has to look at them
 */
struct pathnl_bounce {
	guint32 ifindex;
	char ifname[IFNAMSIZ];
	guint32 group;
	guint n_pairs;
	struct pathnl_pair pairs[PATHNL_PAIRS_MAX];
	guint64 packets;
	guint64 bytes;
	guint64 drop_denied;
	guint64 drop_expired;
	guint64 drop_too_big;
	guint64 drop_error;
	guint64 stack_elsewhere;
	guint64 stack_source;
	guint64 stack_unusual;
};

/**
 * pathnl_bounce_set() - let an interface forward between its peers, or change how
 * @nl: the socket
 * @wanted: ifindex, group and pairs are read; what is not there is taken away
 * @bounce: the result goes here; may be NULL or @wanted
 * @error: NETLINK_ERROR; ENODEV when there is no such interface, EOPNOTSUPP when it is not
 *	   WireGuard's
 */
bool pathnl_bounce_set(struct pathnl *nl, const struct pathnl_bounce *wanted,
		       struct pathnl_bounce *bounce, GError **error);

/**
 * pathnl_bounce_del() - let an interface forward no longer
 * @nl: the socket
 * @ifindex: of the interface
 * @error: NETLINK_ERROR; ENOENT when it does not
 */
bool pathnl_bounce_del(struct pathnl *nl, guint32 ifindex, GError **error);

/**
 * pathnl_bounce_dump() - read all
 * @nl: the socket
 * @error: NETLINK_ERROR
 *
 * Return: (owned by the caller) an array of struct pathnl_bounce, consistent; NULL on error.
 */
GArray *pathnl_bounce_dump(struct pathnl *nl, GError **error);

/**
 * pathnl_put_bounce() - append what WGMESH_CMD_BOUNCE_SET takes; not for others than pathnl
 * @msg: the request
 * @bounce: ifindex, group and pairs are read
 */
void pathnl_put_bounce(struct nl_msg *msg, const struct pathnl_bounce *bounce);

/**
 * pathnl_parse_bounce() - read one message of the kernel; not for others than pathnl
 * @message: the message, header included
 * @bounce: where it goes
 *
 * Return: false when it is malformed, or has more pairs than there may be.
 */
bool pathnl_parse_bounce(const struct nlmsghdr *message, struct pathnl_bounce *bounce);

#endif
