// SPDX-License-Identifier: GPL-2.0
/* meshctl relay: the commands about relays, and what they share. */
#include "relay.h"

#include <string.h>

#include "lib/message.h"
#include "server.h"

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

enum cli_status relay_print_list(const struct cli *cli, JsonObject *answer, struct table *table,
				 bool (*add)(struct table *table, JsonObject *relay, GError **error),
				 const char *empty)
{
	g_autoptr(GError) error = NULL;
	JsonArray *relays = message_get_objects(answer, "relays", RELAYINFO_MAX, &error);

	if (!relays)
		return cli_fail_error(error);
	if (cli->json)
		return server_print_list(answer, "relays");
	for (guint i = 0; i < json_array_get_length(relays); i++) {
		if (!add(table, json_array_get_object_element(relays, i), &error))
			return cli_fail_error(error);
	}
	table_print(table, empty);
	return CLI_OK;
}
