// SPDX-License-Identifier: GPL-2.0
/* meshctl leave: the network is left for good. */
#include "daemon.h"

static enum cli_status run(const struct cli *cli, G_GNUC_UNUSED char **arguments)
{
	return daemon_ask_or_run(cli, "leave",
				 "left: the key of this node is gone, and it is in no network");
}

const struct command command_leave = {
	.name = "leave",
	.arguments = "",
	.summary = "leave the network for good",
	.description =
		"The server forgets this node, and this node removes its interface, its key and all\n"
		"that it knows of the network. To come back it needs a new setup key. When the server\n"
		"cannot be reached, this says so: somebody has to remove the node there.",
	.run = run,
};
