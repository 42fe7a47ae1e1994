/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_FORWARD_H
#define WGMESH_RELAY_FORWARD_H

#include "allocation.h"
#include "receive.h"

/*
 * Application data between clients and peers, in userspace. Nothing here changes an allocation,
 * and what is not in order is dropped in silence.
 */

/**
 * struct forwarding - what there is to know for it
 * @allocations: the table
 * @is_own: whether an endpoint is this host's business; nothing is relayed there, for that is how
 *	    loops are made, and how strangers get at what listens beside the relay
 * @data: handed to @is_own
 */
struct forwarding {
	struct allocation_table *allocations;
	bool (*is_own)(const void *data, const struct endpoint *peer);
	const void *data;
};

/**
 * forward_channel_data() - pass on what a client sent in a channel
 * @forwarding: how
 * @datagram: a ChannelData message, or not
 *
 * RFC 8656 section 12.6.
 */
void forward_channel_data(const struct forwarding *forwarding, const struct datagram *datagram);

/**
 * forward_send() - pass on what a client sent in a Send indication
 * @forwarding: how
 * @datagram: where it came from
 * @indication: the datagram, parsed
 *
 * RFC 8656 section 11.2.
 */
void forward_send(const struct forwarding *forwarding, const struct datagram *datagram,
		  const struct stun_message *indication);

/**
 * forward_to_client() - send a message of this server's own to a client
 * @allocation: whose client
 * @message: the message
 * @len: its length, at most TRANSMIT_COPY_MAX bytes
 *
 * Over UDP it leaves with transmit_flush().
 */
void forward_to_client(struct allocation *allocation, const guint8 *message, gsize len);

/*
 * Passes on what peers send, and what ICMP says of them; RFC 8656 sections 11.3 to 11.5. The data
 * of the handler is the allocation.
 */
extern const struct relay_socket_handler forward_from_peers;

#endif
