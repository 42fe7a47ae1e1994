// SPDX-License-Identifier: GPL-2.0
/* meshctl up: joins a network, or comes back to it. */
#include <errno.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "daemon.h"
#include "lib/joinstring.h"
#include "lib/secretfile.h"
#include "meshstatus.h"
#include "module-load.h"

static char *file;
static char *hostname;
static gboolean without_module;

static const GOptionEntry options[] = {
	{ "file", 0, 0, G_OPTION_ARG_FILENAME, &file,
	  "the join string is the first line of it", "FILE" },
	{ "hostname", 0, 0, G_OPTION_ARG_STRING, &hostname,
	  "what this node is called in the network [the host name]", "NAME" },
	{ "without-module", 0, 0, G_OPTION_ARG_NONE, &without_module,
	  "even if no packet can be sent before the kernel module is there", NULL },
	{ NULL },
};

/* Where the join string comes from: on the command line every user of the machine can see it. */

static char *read_line(FILE *from)
{
	char line[JOINSTRING_MAX_LEN + 2];
	char *text;

	if (!fgets(line, sizeof(line), from))
		line[0] = '\0';
	text = g_strstrip(g_strdup(line));
	explicit_bzero(line, sizeof(line));
	return text;
}

static char *read_file(GError **error)
{
	FILE *from = fopen(file, "re");
	char *text;

	if (!from) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", file,
			    g_strerror(errno));
		return NULL;
	}
	text = read_line(from);
	fclose(from);
	return text;
}

/* What is typed is not shown. */
static char *ask(void)
{
	struct termios before, silent;
	char *text;

	fputs("join string (not shown): ", stderr);
	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return read_line(stdin);
	silent = before;
	silent.c_lflag &= ~ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	text = read_line(stdin);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fputc('\n', stderr);
	return text;
}

static bool has_joined(struct control_client *meshd)
{
	g_autoptr(mesh_status) status = mesh_status_get(meshd, NULL, NULL);

	return status && *status->network_id;
}

/* Return: whether it went well; there may be no join string then. */
static bool get_join_string(const char *argument, struct control_client *meshd, char **join,
			    GError **error)
{
	*join = NULL;
	if (file)
		*join = read_file(error);
	else if (argument)
		*join = strcmp(argument, "-") == 0 ? read_line(stdin) : g_strdup(argument);
	else if (isatty(STDIN_FILENO) && !has_joined(meshd))
		*join = ask();
	return *join || !file;
}

static enum cli_status print_outcome(struct control_client *meshd)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(mesh_status) status = mesh_status_get(meshd, NULL, &error);
	g_autofree char *addresses = NULL;

	if (!status)
		return cli_fail_error(error);
	addresses = g_strjoinv(" ", status->addresses);
	printf("up: this node is %s in the network \"%s\", %s on %s\n", status->hostname,
	       status->network_name, addresses, status->interface);
	return CLI_OK;
}

/* Nothing is changed on a machine that could not use the network. */
static bool has_module(void)
{
	g_autoptr(GError) error = NULL;

	if (without_module || module_load(&error))
		return true;
	cli_fail_error(error);
	g_printerr("\"meshctl up --without-module\" joins all the same; no packet reaches a peer until "
		   "the module is there.\n");
	return false;
}

static enum cli_status bring_up(struct control_client *meshd, const char *join)
{
	JsonObject *request = daemon_request("up");
	g_autoptr(JsonObject) answer = NULL;
	g_autoptr(GError) error = NULL;

	if (join)
		json_object_set_string_member(request, "join", join);
	if (hostname)
		json_object_set_string_member(request, "hostname", hostname);
	answer = daemon_call(meshd, request, &error);
	return answer ? print_outcome(meshd) : cli_fail_error(error);
}

static bool is_join_string(const char *text, GError **error)
{
	struct joinstring parsed;

	if (!joinstring_parse(text, &parsed, error))
		return false;
	joinstring_wipe(&parsed);
	return true;
}

static enum cli_status run(const struct cli *cli, char **arguments)
{
	g_autoptr(control_client) meshd = NULL;
	g_autoptr(GError) error = NULL;
	enum cli_status status;
	char *join = NULL;

	if (file && arguments[0])
		return cli_misused("a JOIN-STRING and --file: give one of them");
	if (arguments[0] && strcmp(arguments[0], "-") != 0 && !is_join_string(arguments[0], &error))
		return cli_misused("%s", error->message);
	if (!has_module())
		return CLI_FAILED;
	meshd = daemon_open_meshd(cli, &error);
	if (!meshd || !get_join_string(arguments[0], meshd, &join, &error))
		return cli_fail_error(error);
	if (join && !is_join_string(join, &error))
		status = cli_misused("%s", error->message);
	else
		status = bring_up(meshd, join);
	secretfile_free(join);
	return status;
}

const struct command command_up = {
	.name = "up",
	.arguments = "[JOIN-STRING]",
	.summary = "join a network, or go back into it",
	.description =
		"\"meshctl server key create\" on the server prints the JOIN-STRING. It is needed the\n"
		"first time, and to change to another network. It holds a secret, which shows in the\n"
		"list of processes and in the history of the shell: \"-\" reads it from the standard\n"
		"input, --file from a file. On a terminal it is asked for when it is needed.",
	.options = options,
	.max = 1,
	.run = run,
};
