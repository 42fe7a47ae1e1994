// SPDX-License-Identifier: GPL-2.0
/* meshctl completion: what a shell may complete. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

/*
 * The words of every command, as a case for each line typed so far; made from the same tables that
 * the commands are run by.
 */
static void print_names(const struct command *const *commands)
{
	for (; *commands; commands++)
		printf("%s ", (*commands)->name);
}

static void print_options(const struct command *command)
{
	const GOptionEntry *option;

	for (option = command->options; option && option->long_name; option++)
		printf("--%s ", option->long_name);
	printf("%s--network --socket --help", command->has_json ? "--json " : "");
}

static void print_cases(const char *line, const struct command *const *commands)
{
	for (; *commands; commands++) {
		g_autofree char *longer = g_strdup_printf("%s%s%s", line, *line ? " " : "",
							  (*commands)->name);

		printf("\t\"%s\") words=\"", longer);
		if ((*commands)->subcommands)
			print_names((*commands)->subcommands);
		else
			print_options(*commands);
		puts("\" ;;");
		if ((*commands)->subcommands)
			print_cases(longer, (*commands)->subcommands);
	}
}

static enum cli_status run(G_GNUC_UNUSED const struct cli *cli, char **arguments)
{
	if (strcmp(arguments[0], "bash") != 0)
		return cli_misused("there is a completion for bash, none for \"%s\"", arguments[0]);

	puts("# bash completion of meshctl: source <(meshctl completion bash)\n"
	     "_meshctl()\n"
	     "{\n"
	     "\tlocal current=${COMP_WORDS[COMP_CWORD]} line='' words='' i word skip=''\n"
	     "\n"
	     "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	     "\t\tword=${COMP_WORDS[i]}\n"
	     "\t\tif [ \"$skip\" ]; then skip=''; continue; fi\n"
	     "\t\tcase $word in\n"
	     "\t\t-n|--network|--socket) skip=yes ;;\n"
	     "\t\t-*) ;;\n"
	     "\t\thelp) ;;\n"
	     "\t\t*) _meshctl_words \"$line${line:+ }$word\" && line+=\"${line:+ }$word\" ;;\n"
	     "\t\tesac\n"
	     "\tdone\n"
	     "\t_meshctl_words \"$line\"\n"
	     "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
	     "}\n"
	     "\n"
	     "# Sets $words to what may follow a line; fails when it is no command.\n"
	     "_meshctl_words()\n"
	     "{\n"
	     "\tcase $1 in");
	printf("\t\"\") words=\"");
	print_names(cli_commands);
	puts("--network --socket --help --version\" ;;");
	print_cases("", cli_commands);
	puts("\t*) return 1 ;;\n"
	     "\tesac\n"
	     "}\n"
	     "complete -F _meshctl meshctl");
	return CLI_OK;
}

const struct command command_completion = {
	.name = "completion",
	.arguments = "bash",
	.summary = "print what completes the command line in a shell",
	.description = "In ~/.bashrc: source <(meshctl completion bash)",
	.min = 1,
	.max = 1,
	.run = run,
};
