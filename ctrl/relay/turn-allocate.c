// SPDX-License-Identifier: GPL-2.0
/* Allocate requests. */
#include <errno.h>
#include <string.h>

#include "lib/log.h"
#include "turn-request.h"

/* What an Allocate request asks for. */
struct wish {
	sa_family_t family;	 /* of the first relayed transport address */
	bool additional;	 /* an IPv6 one as well */
	bool even, reserve;	 /* EVEN-PORT, and its R bit */
	const guint8 *token;	 /* of a reservation, or NULL */
	bool mobile;		 /* a ticket, RFC 8016 */
	guint32 lifetime_s;
};

/* What it gets; sockets are owned until they are handed over. */
struct grant {
	struct relay_socket *first, *additional, *reserved;
	guint additional_error;
};

bool turn_lifetime(const struct stun_message *message, guint32 *seconds)
{
	struct stun_attribute attr;

	*seconds = ALLOCATION_LIFETIME_MIN_S;
	if (!stun_find(message, STUN_LIFETIME, &attr))
		return true;
	if (!turn_get_lifetime(&attr, seconds))
		return false;
	if (*seconds)
		*seconds = CLAMP(*seconds, ALLOCATION_LIFETIME_MIN_S, ALLOCATION_LIFETIME_MAX_S);
	return true;
}

static struct refusal read_transport(const struct stun_message *message)
{
	struct stun_attribute attr;
	guint8 protocol;

	if (!stun_find(message, STUN_REQUESTED_TRANSPORT, &attr) ||
	    !turn_get_transport(&attr, &protocol))
		return TURN_REFUSED(400, "REQUESTED-TRANSPORT missing or malformed");
	if (protocol != TURN_TRANSPORT_UDP)
		return TURN_REFUSED(442, "Only UDP is relayed");
	return TURN_GRANTED;
}

static struct refusal read_family(const struct stun_message *message, struct wish *wish)
{
	struct stun_attribute requested, additional;
	bool has_requested = stun_find(message, STUN_REQUESTED_ADDRESS_FAMILY, &requested);
	sa_family_t family;

	wish->family = AF_INET;
	wish->additional = stun_find(message, STUN_ADDITIONAL_ADDRESS_FAMILY, &additional);
	if (has_requested && wish->additional)
		return TURN_REFUSED(400, "Two families asked for in two ways");
	if (has_requested && !turn_get_family(&requested, &wish->family))
		return TURN_REFUSED(400, "REQUESTED-ADDRESS-FAMILY malformed");
	if (wish->family == AF_UNSPEC)
		return TURN_REFUSED(440, "Unknown address family");
	if (wish->additional && (!turn_get_family(&additional, &family) || family != AF_INET6))
		return TURN_REFUSED(400, "ADDITIONAL-ADDRESS-FAMILY has to be IPv6");
	return TURN_GRANTED;
}

static struct refusal read_port(const struct stun_message *message, struct wish *wish)
{
	struct stun_attribute even, token, family;

	wish->even = stun_find(message, STUN_EVEN_PORT, &even);
	if (wish->even && !turn_get_even_port(&even, &wish->reserve))
		return TURN_REFUSED(400, "EVEN-PORT malformed");
	if (wish->reserve && wish->additional)
		return TURN_REFUSED(400, "No reservation with two addresses");
	if (!stun_find(message, STUN_RESERVATION_TOKEN, &token))
		return TURN_GRANTED;
	if (token.len != TURN_RESERVATION_TOKEN_LEN || wish->even || wish->additional ||
	    stun_find(message, STUN_REQUESTED_ADDRESS_FAMILY, &family))
		return TURN_REFUSED(400, "RESERVATION-TOKEN malformed, or not alone");
	wish->token = token.value;
	return TURN_GRANTED;
}

/* A stream that has ended has ended its allocation: there is nothing to come back to. */
static struct refusal read_mobility(const struct turn_request *request, struct wish *wish)
{
	struct stun_attribute attr;

	if (!stun_find(request->message, STUN_MOBILITY_TICKET, &attr))
		return TURN_GRANTED;
	if (attr.len)
		return TURN_REFUSED(400, "MOBILITY-TICKET has to be empty");
	if (request->datagram->stream)
		return TURN_REFUSED(405, "Mobility is for UDP");
	wish->mobile = true;
	return TURN_GRANTED;
}

static struct refusal read_wish(const struct turn_request *request, struct wish *wish)
{
	const struct stun_message *message = request->message;
	struct refusal refusal = read_transport(message);

	if (!refusal.code)
		refusal = read_family(message, wish);
	if (!refusal.code)
		refusal = read_port(message, wish);
	if (!refusal.code)
		refusal = read_mobility(request, wish);
	if (!refusal.code && !turn_lifetime(message, &wish->lifetime_s))
		refusal = TURN_REFUSED(400, "LIFETIME malformed");
	/* An allocation cannot be made to end at once. */
	wish->lifetime_s = MAX(wish->lifetime_s, ALLOCATION_LIFETIME_MIN_S);
	return refusal;
}

/* An address of ours of that family: the one the client reached us at, if we relay from it. */
static const struct endpoint *choose_address(const struct turn_request *request,
					     sa_family_t family)
{
	const GArray *relay = request->turn->addresses.relay;
	const struct endpoint *chosen = NULL;

	for (guint i = 0; i < relay->len; i++) {
		const struct endpoint *address = &g_array_index(relay, struct endpoint, i);

		if (address->sa.sa_family == family &&
		    (!chosen || endpoint_equal_address(address, &request->datagram->local)))
			chosen = address;
	}
	return chosen;
}

static struct relay_socket *draw(const struct turn_request *request, sa_family_t family,
				 const struct wish *wish, struct relay_socket **next)
{
	const struct endpoint *address = choose_address(request, family);
	const struct ports *ports = &request->turn->addresses.ports;
	struct relay_socket *relay;
	char buf[ENDPOINT_STRLEN];

	relay = wish->even ? ports_draw_even(ports, address, wish->reserve ? next : NULL) :
			     ports_draw(ports, address);
	if (!relay)
		log_limited(LOG_LEVEL_WARNING, "no relayed transport address on %s: %s%s",
			    endpoint_print(address, buf), g_strerror(errno),
			    errno == EMFILE ? "; raise the limit of open files" :
			    errno == EADDRINUSE ? "; give more --ports" : "");
	return relay;
}

static void clear_grant(struct grant *grant)
{
	relay_socket_free(grant->first);
	relay_socket_free(grant->additional);
	relay_socket_free(grant->reserved);
}

/* One family of two is better than none: the client is told which one is missing, and why. */
static void draw_additional(const struct turn_request *request, const struct wish *wish,
			    struct grant *grant)
{
	if (!choose_address(request, AF_INET6)) {
		grant->additional_error = 440;
		return;
	}
	grant->additional = draw(request, AF_INET6, wish, NULL);
	if (!grant->additional)
		grant->additional_error = 508;
}

static struct refusal draw_all(const struct turn_request *request, const struct wish *wish,
			       struct grant *grant)
{
	if (wish->token) {
		grant->first = reservation_take(request->turn->reservations,
						request->credentials->account, wish->token);
		return grant->first ? TURN_GRANTED :
				      TURN_REFUSED(508, "No such reservation");
	}
	if (!choose_address(request, wish->family))
		return TURN_REFUSED(440, wish->family == AF_INET6 ? "No IPv6 here" :
								    "No IPv4 here");
	grant->first = draw(request, wish->family, wish, &grant->reserved);
	if (!grant->first)
		return TURN_REFUSED(508, "No port is free");
	if (wish->additional)
		draw_additional(request, wish, grant);
	return TURN_GRANTED;
}

/*
 * RFC 8489 section 14.15: the other server is of the family the client has come by. The client goes
 * there with the transport it has come by, and TLS has a port of its own.
 */
static bool has_alternate(const struct turn_request *request)
{
	const struct datagram *datagram = request->datagram;

	return datagram->transport != TRANSPORT_TLS &&
	       request->turn->alternate.sa.sa_family == datagram->source.sa.sa_family;
}

static struct refusal check_room(const struct turn_request *request)
{
	if (request->turn->draining)
		return has_alternate(request) ? TURN_REFUSED(300, "Try another") :
						TURN_REFUSED(508, "Going down");
	return turn_check_quota(request);
}

static void adopt(struct allocation *allocation, struct relay_socket **relay)
{
	bool v6;

	if (!*relay)
		return;
	v6 = relay_socket_local(*relay)->sa.sa_family == AF_INET6;
	*(v6 ? &allocation->relay_v6 : &allocation->relay_v4) = g_steal_pointer(relay);
}

static bool start(const struct turn_request *request, struct relay_socket *relay)
{
	return !relay || relay_socket_start(relay, request->turn->poller, &forward_from_peers,
					    request->allocation);
}

static struct refusal make(struct turn_request *request, const struct wish *wish,
			   struct grant *grant)
{
	const struct five_tuple tuple = five_tuple_of(request->datagram);
	struct turn *turn = request->turn;
	struct allocation *allocation;

	allocation = allocation_new(turn->allocations, &tuple, request->datagram->fd,
				    request->datagram->stream, request->credentials->account, wish->lifetime_s);
	request->allocation = allocation;
	allocation->rate = turn->limits.rate;
	if (wish->mobile)
		allocation_make_mobile(allocation, NULL);
	memcpy(allocation->transaction_id, stun_transaction_id(request->message),
	       sizeof(allocation->transaction_id));
	adopt(allocation, &grant->first);
	adopt(allocation, &grant->additional);
	if (!start(request, allocation->relay_v4) || !start(request, allocation->relay_v6)) {
		allocation_end(g_steal_pointer(&request->allocation));
		return TURN_REFUSED(508, "Out of resources");
	}
	allocation->has_token = grant->reserved;
	if (grant->reserved)
		reservation_add(turn->reservations, g_steal_pointer(&grant->reserved),
				allocation->account, allocation->token);
	return TURN_GRANTED;
}

/* As the world sees it: with the external address of a host behind a NAT. */
static void add_relayed(const struct turn_request *request, const struct relay_socket *relay)
{
	const GArray *external = request->turn->addresses.external;
	struct endpoint shown;
	guint16 port;

	if (!relay)
		return;
	shown = *relay_socket_local(relay);
	port = endpoint_port(&shown);
	for (guint i = 0; i < external->len; i++) {
		const struct endpoint *address = &g_array_index(external, struct endpoint, i);

		if (address->sa.sa_family == shown.sa.sa_family) {
			shown = *address;
			endpoint_set_port(&shown, port);
		}
	}
	stun_add_xor_address(request->answer, STUN_XOR_RELAYED_ADDRESS, &shown);
}

static guint32 remaining_s(const struct allocation *allocation)
{
	gint64 left_us = allocation->expiry.at_us - g_get_monotonic_time();

	return (MAX(left_us, 0) + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
}

static void describe(const struct turn_request *request, guint additional_error)
{
	const struct allocation *allocation = request->allocation;
	struct stun_builder *b = request->answer;

	add_relayed(request, allocation->relay_v4);
	add_relayed(request, allocation->relay_v6);
	turn_add_lifetime(b, remaining_s(allocation));
	if (allocation->has_token)
		stun_add(b, STUN_RESERVATION_TOKEN, allocation->token, sizeof(allocation->token));
	if (allocation->is_mobile)
		stun_add(b, STUN_MOBILITY_TICKET, allocation->ticket, sizeof(allocation->ticket));
	if (additional_error)
		turn_add_address_error(b, AF_INET6, additional_error);
	stun_add_xor_address(b, STUN_XOR_MAPPED_ADDRESS, &request->datagram->source);
}

static bool is_repeated(const struct turn_request *request)
{
	const struct allocation *allocation = request->allocation;

	return memcmp(allocation->transaction_id, stun_transaction_id(request->message),
		      sizeof(allocation->transaction_id)) == 0 &&
	       g_str_equal(allocation->account, request->credentials->account);
}

struct refusal turn_allocate(struct turn_request *request)
{
	struct refusal refusal;
	struct grant grant = {};
	struct wish wish = {};

	if (request->allocation && !is_repeated(request))
		return TURN_REFUSED(437, "There is an allocation already");
	refusal = read_wish(request, &wish);
	if (!refusal.code && request->allocation) {
		/* The answer got lost; the same allocation is described again. */
		describe(request, wish.additional && !request->allocation->relay_v6 ? 440 : 0);
		return TURN_GRANTED;
	}
	if (!refusal.code)
		refusal = check_room(request);
	if (!refusal.code)
		refusal = draw_all(request, &wish, &grant);
	if (!refusal.code)
		refusal = make(request, &wish, &grant);
	if (!refusal.code)
		describe(request, grant.additional_error);
	clear_grant(&grant);
	return refusal;
}
