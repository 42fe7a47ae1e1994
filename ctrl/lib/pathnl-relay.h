/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PATHNL_RELAY_H
#define WGMESH_PATHNL_RELAY_H

#include "pathnl.h"

/*
 * The allocations and channels of a TURN server that the kernel forwards for: genl-spec/wgmesh.yaml.
 */

/**
 * struct pathnl_channel - a channel, as it is to be
 * @allocation: number of its allocation in the kernel
 * @number: of the channel
 * @relayed: the relayed endpoint
 * @peer: the peer's, of the same family
 * @lifetime_ms: from now; 1 to a day
 * @permission_ms: how long from now the peer may send; 1 to a day
 */
struct pathnl_channel {
	guint32 allocation;
	guint16 number;
	struct endpoint relayed;
	struct endpoint peer;
	guint32 lifetime_ms;
	guint32 permission_ms;
};

/**
 * struct pathnl_channel_counters - what the kernel has forwarded for a channel: data, no headers
 * @id: number of the channel in the kernel
 * @to_peer_packets: datagrams to the peer
 * @to_peer_bytes: their bytes
 * @to_client_packets: datagrams to the client
 * @to_client_bytes: their bytes
 */
struct pathnl_channel_counters {
	guint32 id;
	guint64 to_peer_packets;
	guint64 to_peer_bytes;
	guint64 to_client_packets;
	guint64 to_client_bytes;
};

/**
 * struct pathnl_allocation_counters - what the kernel has dropped for an allocation
 * @id: number of the allocation in the kernel
 * @drop_rate: packets over the limit
 * @drop_error: packets that could not be sent
 */
struct pathnl_allocation_counters {
	guint32 id;
	guint64 drop_rate;
	guint64 drop_error;
};

/* Bytes of a note. */
#define PATHNL_NOTE_MAX 640

/**
 * struct pathnl_found_allocation - an allocation that the kernel has
 * @id: its number in the kernel
 * @local: the endpoint that the client talks to
 * @client: the client's
 * @lifetime_ms: from now
 * @note: as it was given
 */
struct pathnl_found_allocation {
	guint32 id;
	struct endpoint local;
	struct endpoint client;
	guint32 lifetime_ms;
	char note[PATHNL_NOTE_MAX + 1];
};

/**
 * pathnl_allocation_find_all() - what allocations there are
 * @nl: the socket
 * @error: NETLINK_ERROR
 *
 * Return: (owned by the caller) of struct pathnl_found_allocation; NULL on error.
 */
GArray *pathnl_allocation_find_all(struct pathnl *nl, GError **error);

/**
 * pathnl_channel_find_all() - what channels there are
 * @nl: the socket
 * @error: NETLINK_ERROR
 *
 * Return: (owned by the caller) of struct pathnl_channel, whose times may be 0; NULL on error.
 */
GArray *pathnl_channel_find_all(struct pathnl *nl, GError **error);

/**
 * pathnl_allocation_set() - add an allocation or renew it
 * @nl: the socket
 * @local: the endpoint that the client talks to
 * @client: the client's
 * @lifetime_ms: from now; 1 to a day
 * @rate: bytes a second; 0 for any number
 * @note: what is to be found again by whoever comes after this program, at most PATHNL_NOTE_MAX
 *	  bytes; NULL leaves it as it is
 * @id: gets its number in the kernel
 * @error: NETLINK_ERROR
 */
bool pathnl_allocation_set(struct pathnl *nl, const struct endpoint *local,
			   const struct endpoint *client, guint32 lifetime_ms, guint64 rate,
			   const char *note, guint32 *id, GError **error);

/**
 * pathnl_allocation_del() - remove an allocation with its channels
 * @nl: the socket
 * @id: its number
 * @error: NETLINK_ERROR; ENOENT when it has expired
 */
bool pathnl_allocation_del(struct pathnl *nl, guint32 id, GError **error);

/**
 * pathnl_allocation_read() - read the counters of an allocation
 * @nl: the socket
 * @id: its number
 * @counters: gets them
 * @error: NETLINK_ERROR; ENOENT when it has expired
 */
bool pathnl_allocation_read(struct pathnl *nl, guint32 id,
			    struct pathnl_allocation_counters *counters, GError **error);

/**
 * pathnl_allocation_dump() - read the counters of all allocations
 * @nl: the socket
 * @error: NETLINK_ERROR
 *
 * Return: (owned by the caller) of struct pathnl_allocation_counters; NULL on error.
 */
GArray *pathnl_allocation_dump(struct pathnl *nl, GError **error);

/**
 * pathnl_channel_set() - bind a channel or renew it
 * @nl: the socket
 * @channel: the channel
 * @id: gets its number in the kernel
 * @error: NETLINK_ERROR; ENOENT when its allocation has expired
 */
bool pathnl_channel_set(struct pathnl *nl, const struct pathnl_channel *channel, guint32 *id,
			GError **error);

/**
 * pathnl_channel_del() - unbind a channel
 * @nl: the socket
 * @id: its number
 * @error: NETLINK_ERROR; ENOENT when it has expired
 */
bool pathnl_channel_del(struct pathnl *nl, guint32 id, GError **error);

/**
 * pathnl_channel_read() - read the counters of a channel
 * @nl: the socket
 * @id: its number
 * @counters: gets them
 * @error: NETLINK_ERROR; ENOENT when it has expired
 */
bool pathnl_channel_read(struct pathnl *nl, guint32 id, struct pathnl_channel_counters *counters,
			 GError **error);

/**
 * pathnl_channel_dump() - read the counters of all channels
 * @nl: the socket
 * @error: NETLINK_ERROR
 *
 * Return: (owned by the caller) of struct pathnl_channel_counters; NULL on error.
 */
GArray *pathnl_channel_dump(struct pathnl *nl, GError **error);

#endif
