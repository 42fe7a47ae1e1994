// SPDX-License-Identifier: GPL-2.0
/* What commands and options there are. */
#include "help.h"

#include <stdio.h>
#include <string.h>

#include "style.h"

static const char shared_options[] =
	"  -n, --network NAME       the network, when this machine is in several [default]\n"
	"      --socket PATH        talk to the daemon that listens there\n"
	"  -h, --help               explain the command instead of running it\n";

static void print_title(const char *title)
{
	printf("\n%s%s%s\n", style_begin(stdout, STYLE_TITLE), title,
	       style_end(stdout, STYLE_TITLE));
}

static int name_width(const struct command *const *commands)
{
	gsize width = 0;

	for (; *commands; commands++)
		width = MAX(width, strlen((*commands)->name));
	return width;
}

static void print_commands(const struct command *const *commands)
{
	int width = name_width(commands);

	for (; *commands; commands++)
		printf("  %-*s   %s\n", width, (*commands)->name, (*commands)->summary);
}

void help_print_overview(void)
{
	puts("meshctl joins machines into one private network over WireGuard, and shows how it is.");
	print_title("usage: meshctl [OPTION]... COMMAND");
	print_commands(cli_commands);
	print_title("options of all commands");
	fputs(shared_options, stdout);
	puts("      --version            print the version of this program");
	puts("\n\"meshctl help COMMAND\" explains a command; meshctl(1) explains all of them.");
}

void help_print_group(const char *line, const struct command *group)
{
	puts(group->summary);
	printf("\n%susage: %s COMMAND%s\n", style_begin(stdout, STYLE_TITLE), line,
	       style_end(stdout, STYLE_TITLE));
	print_commands(group->subcommands);
	if (group->description)
		printf("\n%s\n", group->description);
}

/* As wide as the options that all commands share. */
#define OPTION_WIDTH 18

static char *option_text(const GOptionEntry *option)
{
	return g_strdup_printf("--%s%s%s", option->long_name, option->arg_description ? " " : "",
			       option->arg_description ?: "");
}

static int option_width(const GOptionEntry *option)
{
	gsize width = OPTION_WIDTH;

	for (; option && option->long_name; option++) {
		g_autofree char *text = option_text(option);

		width = MAX(width, strlen(text));
	}
	return width;
}

static void print_option(const GOptionEntry *option, int width)
{
	g_autofree char *text = option_text(option);

	if (option->short_name)
		printf("  -%c, %-*s   %s\n", option->short_name, width, text,
		       option->description);
	else
		printf("      %-*s   %s\n", width, text, option->description);
}

void help_print_command(const char *line, const struct command *command)
{
	int width = option_width(command->options);
	const GOptionEntry *option;

	puts(command->summary);
	printf("\n%susage: %s%s%s%s%s\n", style_begin(stdout, STYLE_TITLE), line,
	       command->options || command->has_json ? " [OPTION]..." : "",
	       *command->arguments ? " " : "", command->arguments,
	       style_end(stdout, STYLE_TITLE));
	for (option = command->options; option && option->long_name; option++)
		print_option(option, width);
	if (command->has_json)
		printf("      %-*s   %s\n", width, "--json",
		       "for programs: names carry their unit");
	if (command->description)
		printf("\n%s\n", command->description);
	print_title("options of all commands");
	fputs(shared_options, stdout);
}

static enum cli_status run(G_GNUC_UNUSED const struct cli *cli, char **arguments)
{
	g_autoptr(GString) line = g_string_new("meshctl");
	const struct command *const *commands = cli_commands;
	const struct command *command = NULL;

	for (; *arguments; arguments++) {
		command = commands ? cli_find(commands, *arguments) : NULL;
		if (!command)
			return cli_misused("there is no command \"%s %s\" to explain", line->str,
					   *arguments);
		g_string_append_printf(line, " %s", command->name);
		commands = command->subcommands;
	}
	if (!command)
		help_print_overview();
	else if (command->subcommands)
		help_print_group(line->str, command);
	else
		help_print_command(line->str, command);
	return CLI_OK;
}

const struct command command_help = {
	.name = "help",
	.arguments = "[COMMAND]...",
	.summary = "explain a command",
	.max = -1,
	.run = run,
};
