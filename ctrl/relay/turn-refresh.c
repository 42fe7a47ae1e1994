// SPDX-License-Identifier: GPL-2.0
/* Refresh requests, also from a client that has moved. */
#include "turn-request.h"

/* Whether something is left of the allocation without that family. */
static bool has_other(const struct allocation *allocation, sa_family_t family)
{
	return family != AF_UNSPEC &&
	       allocation_relay(allocation, family == AF_INET ? AF_INET6 : AF_INET);
}

/*
 * RFC 8016 section 3.2: the client comes from another endpoint than before. The ticket stays the
 * same, so that a request which is sent again, because the answer was lost, is answered again.
 */
struct refusal turn_move(struct turn_request *request, const struct stun_attribute *ticket)
{
	const struct five_tuple tuple = five_tuple_of(request->datagram);
	struct allocation *allocation = allocation_find_ticket(request->turn->allocations,
							       ticket->value, ticket->len);
	struct refusal refusal;

	if (request->datagram->stream)
		return TURN_REFUSED(405, "Mobility is for UDP");
	if (!allocation)
		return TURN_REFUSED(437, "No allocation");
	if (!g_str_equal(allocation->account, request->credentials->account))
		return TURN_REFUSED(441, "Not the user who made the allocation");
	if (request->allocation && request->allocation != allocation)
		return TURN_REFUSED(400, "There is another allocation");
	refusal = request->allocation ? TURN_GRANTED : turn_check_source(request);
	if (refusal.code)
		return refusal;
	if (!request->allocation && !allocation_move(allocation, &tuple, request->datagram->fd))
		return TURN_REFUSED(508, "It moves too often");
	request->allocation = allocation;
	stun_add(request->answer, STUN_MOBILITY_TICKET, allocation->ticket,
		 sizeof(allocation->ticket));
	return TURN_GRANTED;
}

static void tell_of_end(struct turn_request *request)
{
	stun_add(request->answer, STUN_DRAINING, NULL, 0);
	if (request->allocation)
		request->allocation->knows_end = true;
}

struct refusal turn_refresh(struct turn_request *request)
{
	struct allocation *allocation = request->allocation;
	sa_family_t family = AF_UNSPEC;
	struct stun_attribute attr;
	guint32 lifetime_s;

	if (stun_find(request->message, STUN_REQUESTED_ADDRESS_FAMILY, &attr)) {
		if (!turn_get_family(&attr, &family))
			return TURN_REFUSED(400, "REQUESTED-ADDRESS-FAMILY malformed");
		if (family == AF_UNSPEC || !allocation_relay(allocation, family))
			return TURN_REFUSED(443, "The allocation has no such address");
	}
	if (!turn_lifetime(request->message, &lifetime_s))
		return TURN_REFUSED(400, "LIFETIME malformed");

	if (lifetime_s)
		allocation_refresh(allocation, lifetime_s);
	else if (has_other(allocation, family))
		allocation_drop_relay(allocation, family);
	else
		allocation_end(g_steal_pointer(&request->allocation));
	turn_add_lifetime(request->answer, lifetime_s);
	if (request->turn->draining)
		tell_of_end(request);
	return TURN_GRANTED;
}
