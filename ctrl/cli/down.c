// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "daemon.h"

static enum cli_status run(const struct cli *cli, G_GNUC_UNUSED char **arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(control_client) meshd = daemon_open_meshd(cli, &error);
	g_autoptr(JsonObject) answer = NULL;

	if (meshd)
		answer = daemon_call(meshd, daemon_request("down"), &error);
	if (!answer)
		return cli_fail_error(error);
	puts("down: \"meshctl up\" goes back into the network");
	return CLI_OK;
}

const struct command command_down = {
	.name = "down",
	.arguments = "",
	.summary = "leave the network for now",
	.description =
		"Removes the interface, and leaves the server. It stays so over a restart, until\n"
		"\"meshctl up\". The key and the registration are kept.",
	.run = run,
};
