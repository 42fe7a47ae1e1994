/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_TURN_H
#define WGMESH_RELAY_TURN_H

#include "allocation.h"
#include "auth.h"
#include "forward.h"
#include "peer-policy.h"
#include "ports.h"
#include "reservation.h"
#include "revocations.h"

/* TURN, RFC 8656. */

/**
 * struct turn_limits - how much there may be
 * @allocations: in all
 * @allocations_per_account: of one user
 * @rate: bytes a second an allocation may carry, both ways together; 0 for any number
 */
struct turn_limits {
	guint allocations;
	guint allocations_per_account;
	guint64 rate;
};

/**
 * struct turn_addresses - where relayed transport addresses are
 * @relay: (of struct endpoint) addresses of this host, without port
 * @external: (of struct endpoint) what clients are told instead, at most one of each family; for a
 *	      host behind a NAT that maps addresses one to one
 * @listening: (of struct endpoint) where the server answers
 * @ports: the range
 * @channel_min: the first channel number that a client may take
 * @channel_max: the last one
 */
struct turn_addresses {
	const GArray *relay;
	const GArray *external;
	const GArray *listening;
	struct ports ports;
	guint16 channel_min;
	guint16 channel_max;
};

/**
 * struct turn - a TURN server
 * @auth: who may do anything
 * @policy: which peers may be relayed to
 * @limits: how much
 * @addresses: where
 * @alternate: where clients are sent while it drains; unset for nowhere
 * @draining: no new allocation is made
 * @poller: waits for the relayed transport addresses
 * @allocations: what there is
 * @reservations: what waits
 * @revocations: whose credentials are not good any more
 * @forwarding: how data is passed on
 *
 * The caller fills in what is above @allocations, and may change it at any time.
 */
struct turn {
	struct auth auth;
	const struct peer_policy *policy;
	struct turn_limits limits;
	struct turn_addresses addresses;
	struct endpoint alternate;
	bool draining;
	struct poller *poller;
	struct allocation_table *allocations;
	struct reservation_table *reservations;
	struct revocations *revocations;
	struct forwarding forwarding;
};

/**
 * turn_init() - make the tables of a server
 * @turn: the server
 * @queue: lets things expire; must outlive @turn
 * @offload: forwards for channels, or NULL
 *
 * Whose credentials are not good any more is part of how requests are judged from then on.
 */
void turn_init(struct turn *turn, struct expiry_queue *queue, const struct offload *offload);

/**
 * turn_clear() - end all allocations and free the tables
 * @turn: the server
 */
void turn_clear(struct turn *turn);

/**
 * turn_answer() - do what a request asks
 * @turn: the server
 * @request: a request whose method is turn_knows()
 * @datagram: the same, as it came
 * @answer: where the answer goes
 * @size: room there in bytes
 * @proven: whether the sender has proved to be at its address and a user; what nobody has proved to
 *	    have sent gets no more answers than its limit allows
 *
 * Return: the length of the answer in bytes; 0 when there is none.
 */
gsize turn_answer(struct turn *turn, const struct stun_message *request,
		  const struct datagram *datagram, guint8 *answer, gsize size, bool *proven);

/**
 * turn_revoke() - let mesh-server say which accounts have ended, and end their allocations
 * @turn: the server
 * @request: a Binding request
 * @source: where it came from
 * @answer: where the answer goes
 * @size: room there in bytes
 *
 * Return: the length of the answer in bytes; 0 when it says nothing about that, or whoever sent it
 * does not know the secret: then it is a Binding request like any other.
 */
gsize turn_revoke(struct turn *turn, const struct stun_message *request,
		  const struct endpoint *source, guint8 *answer, gsize size);

/**
 * turn_knows() - whether a method is one of TURN's requests
 * @method: the method
 */
bool turn_knows(guint16 method);

#endif
