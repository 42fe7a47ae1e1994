// SPDX-License-Identifier: GPL-2.0
#include "relay.h"

#include <string.h>

static const struct command *const subcommands[] = {
	&command_relay_list,
	&command_relay_add,
	&command_relay_remove,
	&command_relay_status,
	&command_relay_secret,
	NULL,
};

const struct command command_relay = {
	.name = "relay",
	.arguments = "",
	.summary = "look after the relays of the network",
	.description =
		"A node that cannot reach another one directly sends through a relay. \"list\", \"add\"\n"
		"and \"remove\" work on the machine that mesh-server runs on, \"status\" on a node too.",
	.subcommands = subcommands,
};

char *relay_address(const struct relayinfo *info)
{
	return g_strdup_printf(strchr(info->host, ':') ? "[%s]:%u" : "%s:%u", info->host,
			       info->port);
}
