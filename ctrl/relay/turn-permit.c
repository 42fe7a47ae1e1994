// SPDX-License-Identifier: GPL-2.0
/* CreatePermission and ChannelBind requests. */
#include "turn-request.h"

/* CreatePermission and ChannelBind: who may be talked to. */

static struct refusal read_peer(const struct turn_request *request,
				const struct stun_attribute *attr, struct endpoint *peer)
{
	if (!stun_get_xor_address(request->message, attr, peer))
		return TURN_REFUSED(400, "XOR-PEER-ADDRESS malformed");
	if (!allocation_relay(request->allocation, peer->sa.sa_family))
		return TURN_REFUSED(443, "Not the family of the relayed address");
	if (!turn_allows_address(request->turn, peer))
		return TURN_REFUSED(403, "This server does not relay to that peer");
	return TURN_GRANTED;
}

/* All of them or none. */
struct refusal turn_create_permission(struct turn_request *request)
{
	struct stun_attribute attr = {};
	struct refusal refusal;
	struct endpoint peer;
	guint n = 0, n_new = 0;

	while (stun_next(request->message, &attr)) {
		if (attr.type != STUN_XOR_PEER_ADDRESS)
			continue;
		refusal = read_peer(request, &attr, &peer);
		if (refusal.code)
			return refusal;
		n++;
		n_new += !permission_exists(request->allocation, &peer);
	}
	if (!n)
		return TURN_REFUSED(400, "XOR-PEER-ADDRESS missing");
	if (n_new && !permission_has_room(request->allocation, n_new))
		return TURN_REFUSED(508, "Too many permissions");

	for (attr = (struct stun_attribute){}; stun_next(request->message, &attr);)
		if (attr.type == STUN_XOR_PEER_ADDRESS &&
		    stun_get_xor_address(request->message, &attr, &peer))
			permission_set(request->allocation, &peer);
	return TURN_GRANTED;
}

/* A number stands for one peer, and a peer has one number. */
static struct refusal check_binding(const struct turn_request *request, guint16 number,
				    const struct endpoint *peer)
{
	const struct turn_addresses *addresses = &request->turn->addresses;
	const struct channel *channel = channel_find(request->allocation, number);

	if (number < addresses->channel_min || number > addresses->channel_max)
		return TURN_REFUSED(400, "No such channel number");
	if (channel_find_peer(request->allocation, peer) != channel)
		return TURN_REFUSED(400, "Channel or peer is bound otherwise");
	if (!endpoint_port(peer))
		return TURN_REFUSED(400, "The peer has no port");
	if (turn_is_own(request->turn, peer))
		return TURN_REFUSED(403, "This server does not relay to itself");
	if (!channel && !channel_has_room(request->allocation))
		return TURN_REFUSED(508, "Too many channels");
	if (!permission_exists(request->allocation, peer) &&
	    !permission_has_room(request->allocation, 1))
		return TURN_REFUSED(508, "Too many permissions");
	return TURN_GRANTED;
}

struct refusal turn_channel_bind(struct turn_request *request)
{
	struct stun_attribute number_attr, peer_attr;
	struct refusal refusal;
	struct endpoint peer;
	guint16 number;

	if (!stun_find(request->message, STUN_CHANNEL_NUMBER, &number_attr) ||
	    !turn_get_channel_number(&number_attr, &number))
		return TURN_REFUSED(400, "CHANNEL-NUMBER missing or malformed");
	if (!stun_find(request->message, STUN_XOR_PEER_ADDRESS, &peer_attr))
		return TURN_REFUSED(400, "XOR-PEER-ADDRESS missing");
	refusal = read_peer(request, &peer_attr, &peer);
	if (!refusal.code)
		refusal = check_binding(request, number, &peer);
	if (!refusal.code)
		channel_set(request->allocation, number, &peer);
	return refusal;
}
