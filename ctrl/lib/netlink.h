/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_NETLINK_H
#define WGMESH_NETLINK_H

#include <glib.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdbool.h>

/*
 * Requests to the kernel, their answers, and its multicast: what pathnl, wireguard and link share.
 * Messages are built and read with libnl. Sending and receiving is done here, so that the kernel's
 * own words about an error (extended acknowledgement) reach the admin, and no copy of a private key
 * stays behind in memory.
 */

/**
 * NETLINK_ERROR - domain of the errors of pathnl, wireguard and link
 *
 * The code is an errno, in most cases the one the kernel answered with. Everywhere EPERM means that
 * CAP_NET_ADMIN is missing, and EPROTONOSUPPORT that the kernel module which serves the family is
 * not loaded. The message is for people: what failed, why, and what to do where that is known.
 */
#define NETLINK_ERROR netlink_error_quark()
GQuark netlink_error_quark(void);

/**
 * netlink_fail() - set an error of NETLINK_ERROR
 * @error: where it goes
 * @code: the errno
 * @format: printf's
 *
 * Return: false, for the caller to return.
 */
bool netlink_fail(GError **error, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/**
 * struct netlink - a socket for requests
 *
 * It speaks for the network namespace in which it was opened, for good.
 */
typedef struct netlink netlink;

/**
 * netlink_open() - open a socket for requests
 * @protocol: NETLINK_GENERIC or NETLINK_ROUTE
 * @error: NETLINK_ERROR
 *
 * Return: (owned by the caller) the socket; NULL on error. netlink_close() it.
 */
struct netlink *netlink_open(int protocol, GError **error);

/**
 * netlink_close() - close it
 * @nl: a socket, or NULL
 */
void netlink_close(struct netlink *nl);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(netlink, netlink_close)

/**
 * netlink_message() - begin a request
 * @type: nlmsg_type
 * @flags: NLM_F_…, besides NLM_F_REQUEST
 * @size: room for the attributes in bytes, their headers included
 *
 * Return: (owned by the caller) the message. netlink_message_free() it.
 */
struct nl_msg *netlink_message(guint16 type, guint16 flags, gsize size);

/**
 * netlink_genl_message() - begin a request of a generic netlink family
 * @family: its number: see netlink_family()
 * @command: of the family
 * @size: room for the attributes in bytes, their headers included
 *
 * Return: (owned by the caller) the message. netlink_message_free() it.
 */
struct nl_msg *netlink_genl_message(guint16 family, guint8 command, gsize size);

/**
 * netlink_put() - append something to a message for which there has to be room
 * @msg: the message
 * @type: of the attribute
 * @data: its payload
 * @size: of the payload in bytes
 */
void netlink_put(struct nl_msg *msg, int type, const void *data, gsize size);
void netlink_put_u8(struct nl_msg *msg, int type, guint8 value);
void netlink_put_u16(struct nl_msg *msg, int type, guint16 value);
void netlink_put_u32(struct nl_msg *msg, int type, guint32 value);

/**
 * netlink_message_free() - wipe and free a message
 * @msg: a message, or NULL
 */
void netlink_message_free(struct nl_msg *msg);
typedef struct nl_msg netlink_msg;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(netlink_msg, netlink_message_free)

/**
 * netlink_reply_fn - reads one message of an answer
 * @reply: valid during the call
 * @data: the caller's
 * @error: what is wrong with @reply
 *
 * Return: false to give up.
 */
typedef bool (*netlink_reply_fn)(const struct nlmsghdr *reply, void *data, GError **error);

/**
 * netlink_request() - send a request and wait for the kernel to carry it out
 * @nl: the socket
 * @msg: the request; it stays the caller's
 * @what: begins the message of an error: "cannot add the peer"
 * @reply: called for what the kernel answers; NULL when nothing is expected
 * @data: for @reply
 * @error: NETLINK_ERROR with the errno and the words of the kernel
 *
 * Return: false on error; also when @reply returned false.
 */
bool netlink_request(struct netlink *nl, struct nl_msg *msg, const char *what,
		     netlink_reply_fn reply, void *data, GError **error);

/**
 * netlink_dump() - ask for a list
 * @nl: the socket
 * @msg: the request; it stays the caller's
 * @what: begins the message of an error: "cannot list the peers"
 * @begin: called at the start of each attempt, to forget what the one before brought
 * @reply: called for each message of the list
 * @data: for @begin and @reply
 * @error: NETLINK_ERROR; EAGAIN when the list changed during every one of many attempts
 *
 * A list that changed while it was sent (NLM_F_DUMP_INTR) is asked for again, so what @reply has
 * seen since the last @begin is consistent.
 */
bool netlink_dump(struct netlink *nl, struct nl_msg *msg, const char *what, void (*begin)(void *),
		  netlink_reply_fn reply, void *data, GError **error);

/**
 * struct netlink_family - a generic netlink family as it is registered now
 * @id: its number; another one after its module was loaded again
 * @events: number of the multicast group asked for, 0 when the family has none of that name
 */
struct netlink_family {
	guint16 id;
	guint32 events;
};

/**
 * netlink_family() - find a generic netlink family by its name
 * @nl: a socket of NETLINK_GENERIC
 * @name: of the family, at most GENL_NAMSIZ - 1 characters
 * @group: name of the multicast group that is of interest, or NULL
 * @load: whether the kernel may load the module that serves the family, when it knows which
 * @family: where the answer goes
 * @error: NETLINK_ERROR; ENOENT when there is none
 */
bool netlink_family(struct netlink *nl, const char *name, const char *group, bool load,
		    struct netlink_family *family, GError **error);

/**
 * netlink_family_parse() - read a family out of a message of "nlctrl"
 * @reply: an answer to CTRL_CMD_GETFAMILY, or CTRL_CMD_NEWFAMILY or CTRL_CMD_DELFAMILY of the group
 *	   "notify"
 * @name: the family that is of interest
 * @group: see netlink_family()
 * @family: where the answer goes
 *
 * Return: false when @reply is about another family.
 */
bool netlink_family_parse(const struct nlmsghdr *reply, const char *name, const char *group,
			  struct netlink_family *family);

/**
 * struct netlink_watch - a socket that receives multicast, in the GLib main loop
 */
typedef struct netlink_watch netlink_watch;

/**
 * netlink_event_fn - reads one event
 * @event: valid during the call; NULL: events were lost, because they came faster than they were
 *	   read (ENOBUFS), so whatever is kept has to be read anew
 * @data: the caller's
 *
 * It may not free the watch.
 */
typedef void (*netlink_event_fn)(const struct nlmsghdr *event, void *data);

/**
 * netlink_watch_new() - open a socket that receives multicast
 * @protocol: NETLINK_GENERIC or NETLINK_ROUTE
 * @event: called from the thread-default main context of the caller
 * @data: for @event
 * @error: NETLINK_ERROR
 *
 * Return: (owned by the caller) the watch, without a group yet; NULL on error.
 */
struct netlink_watch *netlink_watch_new(int protocol, netlink_event_fn event, void *data,
					GError **error);

/**
 * netlink_watch_join() - receive the multicast of a group from now on
 * @watch: the watch
 * @group: its number
 * @error: NETLINK_ERROR
 */
bool netlink_watch_join(struct netlink_watch *watch, guint32 group, GError **error);

/**
 * netlink_watch_free() - end it
 * @watch: a watch, or NULL
 */
void netlink_watch_free(struct netlink_watch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(netlink_watch, netlink_watch_free)

#endif
