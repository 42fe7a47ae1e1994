/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_PEER_POLICY_H
#define WGMESH_RELAY_PEER_POLICY_H

#include <glib.h>
#include <stdbool.h>

#include "lib/endpoint.h"
#include "lib/prefix.h"

/*
 * Which peers may be relayed to. A relay stands where its clients do not: in a data centre, beside
 * services that trust their neighbours. So what is not a public address is denied, unless allowed.
 */

struct peer_policy;

/**
 * peer_policy_new() - make a policy that allows public addresses and nothing else
 *
 * Return: (owned by the caller) the policy; free with peer_policy_free().
 */
struct peer_policy *peer_policy_new(void);

/**
 * peer_policy_free() - free a policy
 * @policy: the policy, or NULL
 */
void peer_policy_free(struct peer_policy *policy);

/**
 * peer_policy_add() - add a rule
 * @policy: the policy
 * @prefix: the addresses it is about
 * @allow: allow or deny them
 *
 * Of the rules that match, the one with the longest prefix counts; to deny, of two that are as
 * long. Where none matches, what is not public is denied.
 */
void peer_policy_add(struct peer_policy *policy, const struct prefix *prefix, bool allow);

/**
 * peer_policy_clear() - remove the rules of one kind
 * @policy: the policy
 * @allow: those that allow or those that deny
 */
void peer_policy_clear(struct peer_policy *policy, bool allow);

/**
 * enum peer_rule - what the rules say of an address
 * @PEER_RULE_NONE: nothing; whether it is public counts
 * @PEER_RULE_ALLOW: it may be relayed to
 * @PEER_RULE_DENY: it may not
 */
enum peer_rule {
	PEER_RULE_NONE,
	PEER_RULE_ALLOW,
	PEER_RULE_DENY,
};

/**
 * peer_policy_rule() - what the rules say of an address
 * @policy: the policy
 * @peer: the address; the port does not count
 */
enum peer_rule peer_policy_rule(const struct peer_policy *policy, const struct endpoint *peer);

/**
 * peer_policy_allows() - whether a client may have packets sent to an address
 * @policy: the policy
 * @peer: the address; the port does not count
 *
 * An IPv6 address that stands for an IPv4 address (NAT64, 6to4, Teredo) has to be allowed, and so
 * has the IPv4 address. The forms for hosts (mapped, compatible) are never allowed: that peer has
 * an IPv4 address.
 */
bool peer_policy_allows(const struct peer_policy *policy, const struct endpoint *peer);

#endif
