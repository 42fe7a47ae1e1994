// SPDX-License-Identifier: GPL-2.0
/* Which command is meant, and its options. */
#include <gio/gio.h>
#include <string.h>

#include "cli.h"
#include "help.h"
#include "lib/suggest.h"

/* As meshd has it; the name becomes part of the path of a socket. */
#define MAX_NETWORK 63

const struct command *cli_find(const struct command *const *commands, const char *name)
{
	for (; *commands; commands++) {
		if (strcmp((*commands)->name, name) == 0)
			return *commands;
	}
	return NULL;
}

static const char *closest(const struct command *const *commands, const char *typed)
{
	guint best = G_MAXUINT, distance;
	const char *found = NULL;

	for (; *commands; commands++) {
		distance = suggest_close_enough(typed, (*commands)->name);
		if (distance < best) {
			best = distance;
			found = (*commands)->name;
		}
	}
	return found;
}

static enum cli_status unknown_command(const char *line, const struct command *const *commands,
				       const char *typed)
{
	const char *meant = closest(commands, typed);
	const char *below = strchr(line, ' ');

	cli_misused("there is no command \"%s %s\"", line, typed);
	if (meant)
		g_printerr("Did you mean \"%s %s\"?\n", line, meant);
	else
		g_printerr("\"meshctl help%s\" lists the commands.\n", below ? below : "");
	return CLI_USAGE;
}

static bool check_network(const char *name, GError **error)
{
	gsize length = strlen(name);

	if (length && length <= MAX_NETWORK && name[0] != '-' &&
	    strspn(name, G_CSET_a_2_z G_CSET_DIGITS "-_") == length)
		return true;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		    "--network: a name is 1 to %d of a-z, 0-9, \"-\" and \"_\", and does not begin "
		    "with \"-\"", MAX_NETWORK);
	return false;
}

/*
 * Reads options, and takes them out of *@argv. In front of a command only those that all share are
 * known, with --version, and the first word that is none ends them.
 */
static bool parse_options(struct cli *cli, const struct command *command, char ***argv,
			  gboolean *help, gboolean *version, GError **error)
{
	const GOptionEntry shared[] = {
		{ "network", 'n', 0, G_OPTION_ARG_STRING, &cli->network, NULL, NULL },
		{ "socket", 0, 0, G_OPTION_ARG_FILENAME, &cli->socket, NULL, NULL },
		{ "help", 'h', 0, G_OPTION_ARG_NONE, help, NULL, NULL },
		{ NULL },
	};
	const GOptionEntry first[] = {
		{ "version", 0, 0, G_OPTION_ARG_NONE, version, NULL, NULL },
		{ NULL },
	};
	const GOptionEntry json[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &cli->json, NULL, NULL },
		{ NULL },
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	g_autofree char *network = g_steal_pointer(&cli->network);
	g_autofree char *socket = g_steal_pointer(&cli->socket);
	char **parsed;
	int count;

	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_set_strict_posix(context, !command);
	g_option_context_add_main_entries(context, shared, NULL);
	if (!command)
		g_option_context_add_main_entries(context, first, NULL);
	if (command && command->has_json)
		g_option_context_add_main_entries(context, json, NULL);
	if (command && command->options)
		g_option_context_add_main_entries(context, command->options, NULL);

	/* The parser skips the first word, which usually is the program. */
	g_ptr_array_add(words, "meshctl");
	for (char **word = *argv; *word; word++)
		g_ptr_array_add(words, *word);
	g_ptr_array_add(words, NULL);
	count = words->len - 1;
	parsed = (char **)words->pdata;
	if (!g_option_context_parse(context, &count, &parsed, error))
		return false;
	memcpy(*argv, parsed + 1, count * sizeof(char *));

	/* What stands behind the command wins. */
	if (!cli->network)
		cli->network = g_steal_pointer(&network);
	if (!cli->socket)
		cli->socket = g_steal_pointer(&socket);
	return !cli->network || check_network(cli->network, error);
}

static enum cli_status run(struct cli *cli, const char *line, const struct command *command,
			   char **argv)
{
	g_autoptr(GError) error = NULL;
	enum cli_status status;
	gboolean help = FALSE;
	int count;

	if (!parse_options(cli, command, &argv, &help, NULL, &error)) {
		status = cli_misused("%s", error->message);
	} else if (help) {
		help_print_command(line, command);
		status = CLI_OK;
	} else {
		if (argv[0] && strcmp(argv[0], "--") == 0)
			argv++;
		count = g_strv_length(argv);
		if (count < command->min)
			status = cli_misused("something is missing: %s %s", line,
					     command->arguments);
		else if (command->max >= 0 && count > command->max)
			status = cli_misused("\"%s\" is too much: %s%s%s", argv[command->max], line,
					     *command->arguments ? " " : "", command->arguments);
		else
			status = command->run(cli, argv);
	}
	if (status == CLI_USAGE)
		g_printerr("\"meshctl help%s\" explains.\n", line + strlen("meshctl"));
	return status;
}

static bool is_help(const char *word)
{
	return g_str_equal(word, "--help") || g_str_equal(word, "-h");
}

enum cli_status cli_dispatch(struct cli *cli, char **argv)
{
	g_autoptr(GString) line = g_string_new("meshctl");
	const struct command *const *commands = cli_commands;
	const struct command *command = NULL;
	g_autoptr(GError) error = NULL;
	gboolean help = FALSE, version = FALSE;

	if (!parse_options(cli, NULL, &argv, &help, &version, &error)) {
		cli_misused("%s", error->message);
		g_printerr("Options of a command go behind it; \"meshctl help\" explains.\n");
		return CLI_USAGE;
	}
	if (version)
		return command_version.run(cli, argv);
	if (help || !argv[0]) {
		help_print_overview();
		return help ? CLI_OK : CLI_USAGE;
	}
	while (commands) {
		if (command && (!*argv || **argv == '-')) {
			if (!command->run_first || (*argv && is_help(*argv))) {
				help_print_group(line->str, command);
				return *argv ? CLI_OK : CLI_USAGE;
			}
			command = commands[0];
		} else {
			command = cli_find(commands, *argv);
			if (!command)
				return unknown_command(line->str, commands, *argv);
			argv++;
		}
		g_string_append_printf(line, " %s", command->name);
		commands = command->subcommands;
	}
	return run(cli, line->str, command, argv);
}
