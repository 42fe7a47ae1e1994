/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_CANDIDATE_H
#define WGMESH_CANDIDATE_H

#include "lib/endpoint.h"

/* The longest candidate in bytes, and how many of an ICE session are taken (docs/protocol.md 5.3). */
#define CANDIDATE_MAX_LEN 256
#define CANDIDATE_MAX 64

/**
 * struct candidate - what a peer says of one way to reach it
 * @at: where
 * @reflexive: as somebody else sees it; else it is an address of the peer itself
 */
struct candidate {
	struct endpoint at;
	bool reflexive;
};

/**
 * candidate_parse() - check a candidate that a peer sent
 * @text: "candidate:…" as in RFC 8839 section 5.1
 * @candidate: what it says goes here
 * @error: G_IO_ERROR_INVALID_DATA: what is wrong
 *
 * Takes UDP, component 1, numeric addresses and the types host, srflx and prflx only. Refuses
 * addresses to which no packet of ours may go on a peer's word: see candidate_address_allowed().
 */
bool candidate_parse(const char *text, struct candidate *candidate, GError **error);

/**
 * candidate_address_allowed() - whether a peer may ask us to send to an endpoint
 * @ep: canonical
 *
 * Return: false for loopback, link-local, multicast, broadcast, wildcard and 240.0.0.0/4 addresses,
 * and for port 0.
 */
bool candidate_address_allowed(const struct endpoint *ep);

#endif
