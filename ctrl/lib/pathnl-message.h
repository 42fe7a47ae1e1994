/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PATHNL_MESSAGE_H
#define WGMESH_PATHNL_MESSAGE_H

#include "pathnl-events.h"

/* Attributes of the module's messages, to and from C structs. Not for others than pathnl. */

/* Room for everything a request may carry, in bytes. */
#define PATHNL_REQUEST_SIZE 1024

/**
 * pathnl_put_endpoint() - append an endpoint
 * @msg: the request
 * @type: WGMESH_A_PATH_LOCAL or _REMOTE
 * @ep: the endpoint; when it is not set, nothing is appended
 */
void pathnl_put_endpoint(struct nl_msg *msg, int type, const struct endpoint *ep);

/* An endpoint that is not there stays not set; false when it is malformed. */
bool pathnl_parse_endpoint(struct nlattr *attribute, struct endpoint *ep);

/**
 * pathnl_put_path() - append what WGMESH_CMD_PATH_SET takes
 * @msg: the request
 * @path: peer, local, remote, ifindex, kind and priority are read
 */
void pathnl_put_path(struct nl_msg *msg, const struct pathnl_path *path);

/**
 * pathnl_put_policy() - append what WGMESH_CMD_PATH_SET takes to change nothing but the policy
 * @msg: the request
 * @path: peer, local, remote, ifindex and channel are read
 * @policy: the new one
 */
void pathnl_put_policy(struct nl_msg *msg, const struct pathnl_path *path,
		       enum wgmesh_path_policy policy);

/* Append settings to WGMESH_CMD_DEVICE_SET or _PEER_SET; what is empty or 0 is left out. */
void pathnl_put_device_settings(struct nl_msg *msg, const struct pathnl_settings *settings);
void pathnl_put_peer_settings(struct nl_msg *msg, const struct pathnl_settings *settings);

/* Append both keys to WGMESH_CMD_PEER_SET. */
void pathnl_put_probe_keys(struct nl_msg *msg, const struct pathnl_probe_keys *keys);

/* Settings out of the attributes of a message, indexed by type and checked for their sizes. */
void pathnl_get_device_settings(struct nlattr *const *attributes,
				struct pathnl_settings *settings);
void pathnl_get_peer_settings(struct nlattr *const *attributes, struct pathnl_settings *settings);

/*
 * The functions below read one message of the kernel, header included. They return false when an
 * attribute has the wrong size or the number of the object is missing; what else is missing is
 * zero, or -1 where the struct says so.
 */
bool pathnl_parse_device(const struct nlmsghdr *message, struct pathnl_device *device);
bool pathnl_parse_peer(const struct nlmsghdr *message, struct pathnl_peer *peer);
bool pathnl_parse_path(const struct nlmsghdr *message, struct pathnl_path *path);
bool pathnl_parse_selection(const struct nlmsghdr *message, struct pathnl_selection *selection);

/**
 * pathnl_parse_event() - read one message of the multicast group
 * @message: the message
 * @event: where it goes
 *
 * Return: false when it is malformed or of an unknown kind.
 */
bool pathnl_parse_event(const struct nlmsghdr *message, struct pathnl_event *event);

#endif
