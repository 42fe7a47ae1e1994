/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHCTL_CLI_H
#define MESHCTL_CLI_H

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

/* Exit statuses, the same for all commands. */
enum cli_status {
	CLI_OK = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
};

/**
 * struct cli - what the options that all commands share say
 * @network: name of the network: -n, --network
 * @socket: path of the daemon's socket instead of the usual one, or NULL: --socket
 * @json: print JSON: --json, for commands that have it
 */
struct cli {
	char *network;
	char *socket;
	gboolean json;
};

/**
 * struct command - a command, or a group of them
 * @name: as it is typed
 * @arguments: what follows it, for people: "IFNAME KEY"
 * @summary: one line
 * @description: more lines for "meshctl help NAME", or NULL
 * @options: its own options, or NULL; they store into static variables
 * @has_json: whether it takes --json
 * @min: least number of arguments
 * @max: greatest number of arguments; -1 is any
 * @run: does it
 * @subcommands: of a group, ending with NULL; the first runs when none is named and @run_first
 * @run_first: see @subcommands
 */
struct command {
	const char *name;
	const char *arguments;
	const char *summary;
	const char *description;
	const GOptionEntry *options;
	bool has_json;
	int min;
	int max;
	enum cli_status (*run)(const struct cli *cli, char **arguments);
	const struct command *const *subcommands;
	bool run_first;
};

/* All commands, ending with NULL. */
extern const struct command *const cli_commands[];

extern const struct command command_up, command_down, command_leave, command_status,
	command_paths, command_ping, command_wait, command_reconnect, command_relay,
	command_server, command_device, command_peer, command_path, command_bounce,
	command_watch, command_version, command_help, command_completion;

/**
 * cli_dispatch() - find the command that is meant and run it
 * @cli: options read so far; those behind the command are added
 * @argv: the words behind "meshctl", ending with NULL
 *
 * Return: the exit status.
 */
enum cli_status cli_dispatch(struct cli *cli, char **argv);

/**
 * cli_find() - look a command up
 * @commands: a table
 * @name: its name
 *
 * Return: the command, or NULL.
 */
const struct command *cli_find(const struct command *const *commands, const char *name);

/**
 * cli_fail() - say what went wrong
 * @hint: what to do next: a line of its own; or NULL
 * @format: printf's; what went wrong
 *
 * Return: CLI_FAILED, for the caller to return.
 */
enum cli_status cli_fail(const char *hint, const char *format, ...) G_GNUC_PRINTF(2, 3);

/**
 * cli_fail_error() - say what went wrong, and what to do about it when that is known
 * @error: from the library
 *
 * Return: CLI_FAILED.
 */
enum cli_status cli_fail_error(const GError *error);

/**
 * cli_misused() - say what is wrong with the command line
 * @format: printf's
 *
 * The caller returns CLI_USAGE; cli_dispatch() then names the help of the command.
 *
 * Return: CLI_USAGE.
 */
enum cli_status cli_misused(const char *format, ...) G_GNUC_PRINTF(1, 2);

/**
 * cli_clean() - make text of others safe to print
 * @text: from a daemon; may be NULL
 *
 * Return: (owned by the caller) the text with "?" in place of control characters; NULL for NULL.
 */
char *cli_clean(const char *text);

/**
 * cli_print_json() - print JSON for programs: indented, with a newline at the end
 * @object: (owned by the callee from now on) the top level; the member "version" is added
 */
void cli_print_json(JsonObject *object);

#endif
