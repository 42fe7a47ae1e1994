// SPDX-License-Identifier: GPL-2.0
/*
 * meshctl, the command line of wgmesh: one file for each command, of the command's name.
 */
#include <locale.h>
#include <signal.h>

#include "cli.h"

const struct command *const cli_commands[] = {
	&command_up,	   &command_down,   &command_leave,  &command_status,
	&command_paths,	   &command_ping,   &command_wait,   &command_reconnect,
	&command_relay,	   &command_server, &command_device, &command_peer,
	&command_path,	   &command_bounce, &command_watch,  &command_version,
	&command_help,	   &command_completion, NULL,
};

int main(G_GNUC_UNUSED int argc, char **argv)
{
	struct cli cli = { 0 };
	enum cli_status status;

	setlocale(LC_CTYPE, "");
	status = cli_dispatch(&cli, argv + 1);
	g_free(cli.network);
	g_free(cli.socket);
	return status;
}
