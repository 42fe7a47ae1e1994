/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_TURN_REQUEST_H
#define WGMESH_RELAY_TURN_REQUEST_H

#include "turn.h"

/* What the requests of TURN share. */

/**
 * struct turn_request - an authentic request
 * @turn: the server
 * @message: the request
 * @datagram: the same, as it came
 * @credentials: whose it is
 * @allocation: of that client, or NULL; NULL once it has ended
 * @answer: a success response without attributes, for the request to fill
 */
struct turn_request {
	struct turn *turn;
	const struct stun_message *message;
	const struct datagram *datagram;
	const struct credentials *credentials;
	struct allocation *allocation;
	struct stun_builder *answer;
};

/**
 * struct refusal - why a request is refused
 * @code: of ERROR-CODE; 0 for a request that is not refused
 * @reason: for people
 */
struct refusal {
	guint code;
	const char *reason;
};

#define TURN_GRANTED ((struct refusal){})
#define TURN_REFUSED(code, reason) ((struct refusal){ code, reason })

/* RFC 8656 section 7.2 */
struct refusal turn_allocate(struct turn_request *request);
/* Whether its client may have one more allocation; logs what to do when it may not */
struct refusal turn_check_quota(const struct turn_request *request);
/* Whether it may be where its client is now */
struct refusal turn_check_source(const struct turn_request *request);
/* RFC 8656 section 8.2; the caller has found an allocation of this user */
struct refusal turn_refresh(struct turn_request *request);
/* RFC 8016 section 3.2: before turn_refresh(), the client says which allocation it is */
struct refusal turn_move(struct turn_request *request, const struct stun_attribute *ticket);
/* RFC 8656 section 10.2; likewise */
struct refusal turn_create_permission(struct turn_request *request);
/* RFC 8656 section 12.2; likewise */
struct refusal turn_channel_bind(struct turn_request *request);

/**
 * turn_lifetime() - how long an allocation is to last
 * @message: the request
 * @seconds: what was asked for, within the bounds; 0 stays 0
 *
 * Return: false when LIFETIME cannot be read.
 */
bool turn_lifetime(const struct stun_message *message, guint32 *seconds);

/**
 * turn_allows_address() - whether there may be a peer at an address
 * @turn: the server
 * @peer: the address; the port does not count
 *
 * By the policy; and other clients of this relay may be peers wherever it stands, see turn_is_own().
 */
bool turn_allows_address(const struct turn *turn, const struct endpoint *peer);

/**
 * turn_is_own() - whether an endpoint is this host's business, and not for clients to send to
 * @turn: the struct turn
 * @peer: the endpoint
 *
 * Where this server answers; and what other programs have on the relayed addresses, unless a rule
 * allows these: without one, only ports that are relayed endpoints of clients can be peers there.
 */
bool turn_is_own(const void *turn, const struct endpoint *peer);

#endif
