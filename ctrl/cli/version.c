// SPDX-License-Identifier: GPL-2.0
/* meshctl version. */
#include <stdio.h>

#include "cli.h"
#include "lib/version.h"

static enum cli_status run(G_GNUC_UNUSED const struct cli *cli,
			   G_GNUC_UNUSED char **arguments)
{
	printf("meshctl %s\n", WGMESH_VERSION);
	return CLI_OK;
}

const struct command command_version = {
	.name = "version",
	.arguments = "",
	.summary = "print the version of this program",
	.run = run,
};
