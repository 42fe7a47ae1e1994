/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_CANDIDATE_CHOICE_H
#define WGMESH_CANDIDATE_CHOICE_H

#include <glib.h>
#include <stdbool.h>

/*
 * Which candidates of a peer are tried. ICE pairs each with all addresses of this node, and checks
 * one pair every 20 ms, those of two host candidates first: with many networks at both ends the pair
 * that gets through two NATs would have to wait for hundreds that cannot work. So there are few
 * pairs, of the worthiest candidates. Candidates come one by one: what may have to make room for a
 * worthier one is put off until the peer has told all.
 */

/* All are checked within two seconds. */
#define CANDIDATE_CHOICE_PAIRS 100

/**
 * enum candidate_worth - how likely a candidate is to be reached, best first
 * @CANDIDATE_REFLEXIVE: as seen behind a NAT
 * @CANDIDATE_NEAR: a host in a network that this node has a route of its own to
 * @CANDIDATE_PUBLIC: another host with a public address
 * @CANDIDATE_FAR: another host
 * @CANDIDATE_WORTHS: how many of these there are
 */
enum candidate_worth {
	CANDIDATE_REFLEXIVE,
	CANDIDATE_NEAR,
	CANDIDATE_PUBLIC,
	CANDIDATE_FAR,
	CANDIDATE_WORTHS,
};

/**
 * enum candidate_verdict - what becomes of a candidate
 * @CANDIDATE_TAKE: it is tried
 * @CANDIDATE_WAIT: it is tried if there is room when the peer has told all
 * @CANDIDATE_CUT: it is not tried
 */
enum candidate_verdict {
	CANDIDATE_TAKE,
	CANDIDATE_WAIT,
	CANDIDATE_CUT,
};

/**
 * struct candidate_choice - how many were taken, a plain value
 * @max: to be taken at most
 * @taken: how many were
 * @hosts: of these, how many are hosts
 */
struct candidate_choice {
	guint max;
	guint taken;
	guint hosts;
};

/**
 * candidate_choice_begin() - for a new ICE session
 * @choice: the choice
 * @addresses: how many addresses of this node each candidate is paired with
 */
void candidate_choice_begin(struct candidate_choice *choice, guint addresses);

/**
 * candidate_choice_offer() - a candidate has come
 * @choice: the choice; counts what is taken
 * @worth: of the candidate
 * @complete: the peer has told all, and this is one that was to wait: the worthier come first
 *
 * Return: what becomes of it.
 */
enum candidate_verdict candidate_choice_offer(struct candidate_choice *choice,
					      enum candidate_worth worth, bool complete);

#endif
