/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHCTL_RELAY_H
#define MESHCTL_RELAY_H

#include "cli.h"
#include "lib/relayinfo.h"
#include "table.h"

/* What the units of mesh-relayd and mesh-server hand to them. */
#define RELAY_SECRET_FILE "/etc/wgmesh/relay.secret"

extern const struct command command_relay_list, command_relay_add, command_relay_remove,
	command_relay_status, command_relay_secret;

/**
 * relay_address() - where a relay is, as it is typed
 * @info: the relay
 *
 * Return: (owned by the caller) "HOST:PORT", an IPv6 address in brackets.
 */
char *relay_address(const struct relayinfo *info);

/**
 * relay_print_list() - print the member `relays` of an answer
 * @cli: what was asked for: a table, or JSON
 * @answer: the answer
 * @table: an empty one
 * @add: adds a row for a relay; returns false, with @error, when it cannot be read
 * @empty: what to say when there is none
 */
enum cli_status relay_print_list(const struct cli *cli, JsonObject *answer, struct table *table,
				 bool (*add)(struct table *table, JsonObject *relay, GError **error),
				 const char *empty);

/**
 * relay_probe() - try relays from this machine, all at once, over UDP
 * @relays: array of struct relayinfo, with credentials
 *
 * Each is asked for this machine's endpoint (STUN), which tells whether it answers and how fast,
 * and then for an allocation, which tells whether it knows the secret. That is given back.
 *
 * Return: (owned by the caller) array of RELAYSTATUS (docs/protocol.md section 6.1), in the same
 * order.
 */
JsonArray *relay_probe(const GArray *relays);

#endif
