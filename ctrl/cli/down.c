// SPDX-License-Identifier: GPL-2.0
/* meshctl down: the network is left for a while. */
#include "daemon.h"

static enum cli_status run(const struct cli *cli, G_GNUC_UNUSED char **arguments)
{
	return daemon_ask_or_run(cli, "down", "down: \"meshctl up\" goes back into the network");
}

const struct command command_down = {
	.name = "down",
	.arguments = "",
	.summary = "leave the network for now",
	.description =
		"Removes the interface, and leaves the server. It stays so over a restart, until\n"
		"\"meshctl up\". The key and the registration are kept. When meshd does not run, what\n"
		"it left on this machine is removed.",
	.run = run,
};
