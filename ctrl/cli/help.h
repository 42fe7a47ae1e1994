/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHCTL_HELP_H
#define MESHCTL_HELP_H

#include "cli.h"

/**
 * help_print_overview() - print what there is
 */
void help_print_overview(void);

/**
 * help_print_group() - print the commands of a group
 * @line: what was typed to get there: "meshctl server"
 * @group: a command with subcommands
 */
void help_print_group(const char *line, const struct command *group);

/**
 * help_print_command() - print how a command is used
 * @line: what was typed to get there: "meshctl path add"
 * @command: a command without subcommands
 */
void help_print_command(const char *line, const struct command *command);

#endif
