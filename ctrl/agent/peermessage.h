/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PEERMESSAGE_H
#define WGMESH_PEERMESSAGE_H

#include "lib/endpoint.h"
#include "lib/message.h"

#define PEERMESSAGE_ID_SIZE 8

/**
 * struct peermessage_id - names one ICE session between two nodes
 * @bytes: random, drawn by who makes the offer
 */
struct peermessage_id {
	guint8 bytes[PEERMESSAGE_ID_SIZE];
};

/**
 * enum peermessage_type - what two nodes say to each other (docs/protocol.md section 5.3)
 */
enum peermessage_type {
	PEERMESSAGE_HELLO,
	PEERMESSAGE_REQUEST,
	PEERMESSAGE_OFFER,
	PEERMESSAGE_ANSWER,
	PEERMESSAGE_CANDIDATE,
	PEERMESSAGE_CANDIDATES_DONE,
	PEERMESSAGE_READY,
	PEERMESSAGE_RELAY,
	PEERMESSAGE_RELAY_READY,
};

/**
 * enum peermessage_reason - why an offer is asked for
 */
enum peermessage_reason {
	PEERMESSAGE_START,
	PEERMESSAGE_FAILED,
	PEERMESSAGE_NETWORK_CHANGED,
	PEERMESSAGE_ASKED,
};

/**
 * struct peermessage - one message; the members that count depend on its type
 * @type: what it says
 * @reason: of a request
 * @id: of all but hello, request, relay and relay-ready
 * @ufrag: of an offer and an answer; borrowed
 * @pwd: of an offer and an answer; borrowed
 * @candidate: of a candidate; borrowed, not checked further
 * @local: of ready and relay-ready: endpoint of the sender, as its peer sees it
 * @remote: of ready and relay-ready: endpoint of the receiver, as the sender sees it
 * @relayed: of relay: the sender's relayed endpoint; not set when it has none
 * @second: of relay: what to use when @relayed does not work; not set when there is none
 * @heard: of relay: the sender has heard a relay of the receiver
 * @never_shaken: of offer, answer and relay-ready: WireGuard of the sender knows no handshake with
 *		  the receiver
 */
struct peermessage {
	enum peermessage_type type;
	enum peermessage_reason reason;
	struct peermessage_id id;
	const char *ufrag;
	const char *pwd;
	const char *candidate;
	struct endpoint local;
	struct endpoint remote;
	struct endpoint relayed;
	struct endpoint second;
	bool heard;
	bool never_shaken;
};

/**
 * peermessage_parse() - read a message
 * @object: what was in the box
 * @message: the result goes here; its strings belong to @object
 * @error: G_IO_ERROR_INVALID_DATA: what is wrong
 */
bool peermessage_parse(JsonObject *object, struct peermessage *message, GError **error);

/**
 * peermessage_build() - write a message
 * @message: what to say
 *
 * Return: (owned by the caller) the object.
 */
JsonObject *peermessage_build(const struct peermessage *message);

#endif
