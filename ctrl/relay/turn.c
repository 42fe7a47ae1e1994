// SPDX-License-Identifier: GPL-2.0
/* A TURN server: authenticates requests, and gives each to the file of its kind. */
#include "turn.h"

#include <sodium.h>

#include "counters.h"
#include "turn-request.h"

/* More are not reported: nobody sends them by mistake, and the answer stays small. */
#define MAX_UNKNOWN 64

/* What RFC 8489 and RFC 8656 define is understood in any request, if only to be ignored. */
static const guint16 known[] = {
	STUN_MAPPED_ADDRESS, STUN_USERNAME, STUN_ERROR_CODE, STUN_UNKNOWN_ATTRIBUTES, STUN_REALM,
	STUN_NONCE, STUN_USERHASH, STUN_PASSWORD_ALGORITHM, STUN_XOR_MAPPED_ADDRESS,
	STUN_CHANNEL_NUMBER, STUN_LIFETIME, STUN_XOR_PEER_ADDRESS, STUN_DATA,
	STUN_XOR_RELAYED_ADDRESS, STUN_REQUESTED_ADDRESS_FAMILY, STUN_EVEN_PORT,
	STUN_REQUESTED_TRANSPORT, STUN_DONT_FRAGMENT, STUN_RESERVATION_TOKEN,
};

void turn_init(struct turn *turn, struct expiry_queue *queue, const struct offload *offload)
{
	turn->allocations = allocation_table_new(queue, offload);
	turn->reservations = reservation_table_new(queue);
	turn->revocations = revocations_new();
	turn->auth.revocations = turn->revocations;
	turn->forwarding = (struct forwarding){
		.allocations = turn->allocations,
		.is_own = turn_is_own,
		.data = turn,
	};
}

void turn_clear(struct turn *turn)
{
	allocation_table_free(turn->allocations);
	reservation_table_free(turn->reservations);
	revocations_free(turn->revocations);
}

static bool contains_address(const GArray *endpoints, const struct endpoint *endpoint)
{
	for (guint i = 0; i < endpoints->len; i++)
		if (endpoint_equal_address(&g_array_index(endpoints, struct endpoint, i),
					   endpoint))
			return true;
	return false;
}

static bool answers_on(const struct turn_addresses *addresses, const struct endpoint *peer)
{
	for (guint i = 0; i < addresses->listening->len; i++) {
		const struct endpoint *own = &g_array_index(addresses->listening, struct endpoint,
							    i);

		if (endpoint_port(own) != endpoint_port(peer))
			continue;
		if (endpoint_equal_address(own, peer) ||
		    (endpoint_is_wildcard(own) && (contains_address(addresses->relay, peer) ||
						   contains_address(addresses->external, peer))))
			return true;
	}
	return false;
}

static bool is_relayed_address(const struct turn *turn, const struct endpoint *peer)
{
	return contains_address(turn->addresses.relay, peer) ||
	       contains_address(turn->addresses.external, peer);
}

bool turn_allows_address(const struct turn *turn, const struct endpoint *peer)
{
	return peer_policy_allows(turn->policy, peer) ||
	       (is_relayed_address(turn, peer) &&
		peer_policy_rule(turn->policy, peer) == PEER_RULE_NONE);
}

bool turn_is_own(const void *data, const struct endpoint *peer)
{
	const struct turn *turn = data;
	const struct ports *ports = &turn->addresses.ports;

	if (answers_on(&turn->addresses, peer))
		return true;
	return is_relayed_address(turn, peer) &&
	       peer_policy_rule(turn->policy, peer) != PEER_RULE_ALLOW &&
	       (endpoint_port(peer) < ports->min || endpoint_port(peer) > ports->max);
}

bool turn_knows(guint16 method)
{
	return method == STUN_METHOD_ALLOCATE || method == STUN_METHOD_REFRESH ||
	       method == STUN_METHOD_CREATE_PERMISSION || method == STUN_METHOD_CHANNEL_BIND;
}

static void count_request(guint16 method)
{
	static const enum counters_request kinds[] = {
		[STUN_METHOD_ALLOCATE] = COUNTERS_ALLOCATE,
		[STUN_METHOD_REFRESH] = COUNTERS_REFRESH,
		[STUN_METHOD_CREATE_PERMISSION] = COUNTERS_CREATE_PERMISSION,
		[STUN_METHOD_CHANNEL_BIND] = COUNTERS_CHANNEL_BIND,
	};

	counters.requests[kinds[method]]++;
}

static gsize list_unknown(const struct stun_message *message, guint16 unknown[static MAX_UNKNOWN])
{
	return stun_unknown(message, known, G_N_ELEMENTS(known), unknown, MAX_UNKNOWN);
}

static struct refusal serve(struct turn_request *request)
{
	guint16 unknown[MAX_UNKNOWN];
	struct stun_attribute ticket;
	struct refusal refusal;

	if (list_unknown(request->message, unknown))
		return TURN_REFUSED(420, "Unknown attribute");
	if (request->message->method == STUN_METHOD_ALLOCATE)
		return turn_allocate(request);
	if (request->message->method == STUN_METHOD_REFRESH &&
	    stun_find(request->message, STUN_MOBILITY_TICKET, &ticket)) {
		refusal = turn_move(request, &ticket);
		return refusal.code ? refusal : turn_refresh(request);
	}
	if (!request->allocation)
		return TURN_REFUSED(437, "No allocation");
	if (!g_str_equal(request->allocation->account, request->credentials->account))
		return TURN_REFUSED(441, "Not the user who made the allocation");

	switch (request->message->method) {
	case STUN_METHOD_REFRESH:
		return turn_refresh(request);
	case STUN_METHOD_CREATE_PERMISSION:
		return turn_create_permission(request);
	default:
		return turn_channel_bind(request);
	}
}

static void refuse(struct turn_request *request, guint8 *answer, gsize size,
		   struct refusal refusal)
{
	struct turn *turn = request->turn;
	struct stun_builder *b = request->answer;
	guint16 unknown[MAX_UNKNOWN];

	counters.refusals[refusal.code - COUNTERS_CODE_MIN]++;
	stun_begin(b, answer, size, STUN_CLASS_ERROR, request->message->method,
		   stun_transaction_id(request->message));
	stun_add_error(b, refusal.code, refusal.reason);
	switch (refusal.code) {
	case 300:
		stun_add_address(b, STUN_ALTERNATE_SERVER, &turn->alternate);
		break;
	case 401:
	case 438:
		auth_add_challenge(&turn->auth, b, &request->datagram->source,
				   request->datagram->received_us);
		break;
	case 420:
		stun_add_unknown(b, unknown, list_unknown(request->message, unknown));
		break;
	}
}

/*
 * The client knows its key, and needs nothing but another nonce: that goes to where the allocation
 * is. To anybody else it would be an answer to a request that was heard elsewhere.
 */
static bool is_stale(const struct turn_request *request, guint code)
{
	return code == 438 && request->allocation &&
	       g_str_equal(request->allocation->account, request->credentials->account);
}

/*
 * Who is not proven gets no reason phrase: the answer has to stay small. It cannot stay below the
 * request, for a first request is bare and the answer to it has to carry realm and nonce.
 */
gsize turn_answer(struct turn *turn, const struct stun_message *message,
		  const struct datagram *datagram, guint8 *answer, gsize size, bool *proven)
{
	const struct five_tuple tuple = five_tuple_of(datagram);
	struct credentials credentials;
	struct stun_builder b;
	struct turn_request request = {
		.turn = turn,
		.message = message,
		.datagram = datagram,
		.credentials = &credentials,
		.answer = &b,
	};
	struct refusal refusal;
	bool authentic;

	count_request(message->method);
	refusal = TURN_REFUSED(auth_check(&turn->auth, message, &datagram->source,
					  datagram->received_us, &credentials), "");
	authentic = !refusal.code;
	/* what is neither proven nor could be costs no more than that */
	if (authentic || refusal.code == 438)
		request.allocation = allocation_find(turn->allocations, &tuple);
	*proven = authentic || is_stale(&request, refusal.code);
	if (authentic) {
		stun_begin(&b, answer, size, STUN_CLASS_SUCCESS, message->method,
			   stun_transaction_id(message));
		refusal = serve(&request);
	}
	if (refusal.code)
		refuse(&request, answer, size, refusal);
	if (authentic)
		auth_sign(&b, &credentials);
	if (message->fingerprint)
		stun_add_fingerprint(&b);
	sodium_memzero(&credentials, sizeof(credentials));
	return stun_end(&b);
}
