// SPDX-License-Identifier: GPL-2.0
/* Data between clients and peers, in user space. */
#include "forward.h"

#include <sodium.h>

#include "counters.h"
#include "transmit.h"

/* The longest header of a Data indication: STUN's, XOR-PEER-ADDRESS for IPv6, DATA's. */
#define DATA_HEADER_MAX (STUN_HEADER_LEN + 4 + 20 + 4)

G_STATIC_ASSERT(DATA_HEADER_MAX <= RECEIVE_HEADROOM);

static struct allocation *find_allocation(const struct forwarding *forwarding,
					  const struct datagram *datagram)
{
	const struct five_tuple tuple = five_tuple_of(datagram);

	return allocation_find(forwarding->allocations, &tuple);
}

static void drop(enum counters_drop reason)
{
	counters.drops[reason]++;
}

static struct traffic *traffic_of(const struct allocation *allocation)
{
	return &counters.traffic[allocation->stream ? COUNTERS_STREAM : COUNTERS_USERSPACE];
}

static void count_to_peer(struct allocation *allocation, gsize len)
{
	struct traffic *all = traffic_of(allocation);

	all->to_peers_packets++;
	all->to_peers_bytes += len;
	allocation->traffic.to_peers_packets++;
	allocation->traffic.to_peers_bytes += len;
}

static void count_to_client(struct allocation *allocation, gsize len)
{
	struct traffic *all = traffic_of(allocation);

	all->to_client_packets++;
	all->to_client_bytes += len;
	allocation->traffic.to_client_packets++;
	allocation->traffic.to_client_bytes += len;
}

/* Whether data may pass now; counts when it may not. */
static bool may_pass(struct allocation *allocation, const struct endpoint *peer, gsize len,
		     gint64 now_us)
{
	if (!permission_exists(allocation, peer)) {
		drop(COUNTERS_DROP_NO_PERMISSION);
		return false;
	}
	if (!byte_bucket_take(&allocation->bucket, allocation->rate, len, now_us)) {
		drop(COUNTERS_DROP_RATE);
		return false;
	}
	return true;
}

/* Whether data may go to a peer; NULL when not, else the socket it leaves from. */
static struct relay_socket *way_to_peer(const struct forwarding *forwarding,
					struct allocation *allocation, const struct endpoint *peer,
					gsize len, gint64 now_us)
{
	struct relay_socket *relay = allocation_relay(allocation, peer->sa.sa_family);

	if (!relay || !endpoint_port(peer) || forwarding->is_own(forwarding->data, peer)) {
		drop(COUNTERS_DROP_PEER);
		return NULL;
	}
	if (!may_pass(allocation, peer, len, now_us))
		return NULL;
	count_to_peer(allocation, len);
	return relay;
}

void forward_channel_data(const struct forwarding *forwarding, const struct datagram *datagram)
{
	struct allocation *allocation;
	struct relay_socket *relay;
	struct channel *channel;
	guint16 number;
	gsize len;

	if (!turn_parse_channel_data(datagram->data, datagram->len, &number, &len)) {
		drop(COUNTERS_DROP_MALFORMED);
		return;
	}
	allocation = find_allocation(forwarding, datagram);
	channel = allocation ? channel_find(allocation, number) : NULL;
	if (!channel) {
		drop(allocation ? COUNTERS_DROP_NO_CHANNEL : COUNTERS_DROP_NO_ALLOCATION);
		return;
	}
	relay = way_to_peer(forwarding, allocation, &channel->peer, len, datagram->received_us);
	if (relay)
		relay_socket_send(relay, &channel->peer, datagram->traffic_class,
				  datagram->data + TURN_CHANNEL_HEADER_LEN, len);
}

void forward_send(const struct forwarding *forwarding, const struct datagram *datagram,
		  const struct stun_message *indication)
{
	static const guint16 known[] = { STUN_XOR_PEER_ADDRESS, STUN_DATA, STUN_DONT_FRAGMENT };
	struct stun_attribute address, data, whole;
	struct allocation *allocation;
	struct relay_socket *relay;
	struct endpoint peer;
	guint16 unknown;

	if (stun_unknown(indication, known, G_N_ELEMENTS(known), &unknown, 1) ||
	    !stun_find(indication, STUN_XOR_PEER_ADDRESS, &address) ||
	    !stun_get_xor_address(indication, &address, &peer) ||
	    !stun_find(indication, STUN_DATA, &data)) {
		drop(COUNTERS_DROP_MALFORMED);
		return;
	}
	allocation = find_allocation(forwarding, datagram);
	if (!allocation) {
		drop(COUNTERS_DROP_NO_ALLOCATION);
		return;
	}
	relay = way_to_peer(forwarding, allocation, &peer, data.len, datagram->received_us);
	if (!relay)
		return;
	if (stun_find(indication, STUN_DONT_FRAGMENT, &whole))
		relay_socket_send_whole(relay, &peer, datagram->traffic_class, data.value,
					data.len);
	else
		relay_socket_send(relay, &peer, datagram->traffic_class, data.value, data.len);
}

static struct route route_to_client(const struct allocation *allocation, guint8 traffic_class)
{
	return (struct route){
		.fd = allocation->fd,
		.to = allocation->tuple.client,
		.from = allocation->tuple.server,
		.traffic_class = traffic_class,
	};
}

/* Pass on what a peer sent, wrapped. */
static void send_to_client(struct allocation *allocation, const struct datagram *datagram,
			   const guint8 *message, gsize len)
{
	struct route route = route_to_client(allocation, datagram->traffic_class);

	if (allocation->stream && !stream_send_data(allocation->stream, message, len))
		return;
	if (!allocation->stream)
		transmit(&route, message, len);
	count_to_client(allocation, datagram->len);
}

static void begin_indication(struct stun_builder *b, guint8 *buf, gsize size,
			     const struct endpoint *peer)
{
	guint8 id[STUN_TRANSACTION_ID_LEN];

	randombytes_buf(id, sizeof(id));
	stun_begin(b, buf, size, STUN_CLASS_INDICATION, STUN_METHOD_DATA, id);
	stun_add_xor_address(b, STUN_XOR_PEER_ADDRESS, peer);
}

/* The headers go in front of the data, where it was received. */
static void wrap_in_indication(struct allocation *allocation, const struct datagram *datagram)
{
	gsize address_len = datagram->source.sa.sa_family == AF_INET6 ? 20 : 8;
	gsize header_len = STUN_HEADER_LEN + 4 + address_len + 4;
	struct stun_builder b;
	gsize len;

	begin_indication(&b, datagram->data - header_len,
			 header_len + datagram->len + RECEIVE_TAILROOM, &datagram->source);
	stun_add_in_place(&b, STUN_DATA, datagram->len);
	len = stun_end(&b);
	if (len)
		send_to_client(allocation, datagram, datagram->data - header_len, len);
}

static void wrap_in_channel(struct allocation *allocation, const struct datagram *datagram,
			    guint16 number)
{
	guint8 *message = datagram->data - TURN_CHANNEL_HEADER_LEN;

	turn_write_channel_header(message, number, datagram->len);
	send_to_client(allocation, datagram, message, TURN_CHANNEL_HEADER_LEN + datagram->len);
}

static void received(void *data, const struct datagram *datagram)
{
	struct allocation *allocation = data;
	struct channel *channel;

	if (!may_pass(allocation, &datagram->source, datagram->len, datagram->received_us))
		return;
	channel = channel_find_peer(allocation, &datagram->source);
	if (channel)
		wrap_in_channel(allocation, datagram, channel->number);
	else
		wrap_in_indication(allocation, datagram);
}

void forward_to_client(struct allocation *allocation, const guint8 *message, gsize len)
{
	struct route route = route_to_client(allocation, 0);

	if (allocation->stream)
		stream_send_data(allocation->stream, message, len);
	else
		transmit_copy(&route, message, len);
}

static void unreachable(void *data, const struct endpoint *peer, const struct turn_icmp *icmp)
{
	struct allocation *allocation = data;
	guint8 message[TRANSMIT_COPY_MAX];
	struct stun_builder b;
	gsize len;

	if (!permission_exists(allocation, peer))
		return;
	begin_indication(&b, message, sizeof(message), peer);
	turn_add_icmp(&b, icmp);
	len = stun_end(&b);
	forward_to_client(allocation, message, len);
}

const struct relay_socket_handler forward_from_peers = {
	.received = received,
	.unreachable = unreachable,
};
