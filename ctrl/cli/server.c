// SPDX-License-Identifier: GPL-2.0
/* meshctl server: the commands about the server, and what they share. */
#include "server.h"

static const struct command *const subcommands[] = {
	&command_server_status,
	&command_server_key,
	&command_server_peer,
	NULL,
};

const struct command command_server = {
	.name = "server",
	.arguments = "",
	.summary = "look after the server: setup keys, peers",
	.description = "Works on the machine that mesh-server runs on.",
	.subcommands = subcommands,
};

JsonObject *server_call(const struct cli *cli, JsonObject *request, GError **error)
{
	g_autoptr(control_client) server = daemon_open_server(cli, error);

	if (!server) {
		json_object_unref(request);
		return NULL;
	}
	return daemon_call(server, request, error);
}

enum cli_status server_print_list(JsonObject *answer, const char *member)
{
	JsonObject *object = json_object_new();

	json_object_set_member(object, member, json_node_copy(json_object_get_member(answer,
										     member)));
	cli_print_json(object);
	return CLI_OK;
}
