// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "daemon.h"
#include "joinstring.h"
#include "meshstatus.h"
#include "module-load.h"

static char *hostname;
static gboolean without_module;

static const GOptionEntry options[] = {
	{ "hostname", 0, 0, G_OPTION_ARG_STRING, &hostname,
	  "what this node is called in the network [the host name]", "NAME" },
	{ "without-module", 0, 0, G_OPTION_ARG_NONE, &without_module,
	  "even if no packet can be sent before the kernel module is there", NULL },
	{ NULL },
};

/* On the command line every user of the machine can see it, on stdin nobody. */
static char *read_join_string(const char *argument)
{
	char line[JOINSTRING_MAX_LEN + 2];

	if (strcmp(argument, "-") != 0)
		return g_strdup(argument);
	if (!fgets(line, sizeof(line), stdin))
		line[0] = '\0';
	return g_strstrip(g_strdup(line));
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

static enum cli_status run(const struct cli *cli, char **arguments)
{
	g_autofree char *join = arguments[0] ? read_join_string(arguments[0]) : NULL;
	JsonObject *request = daemon_request("up");
	g_autoptr(control_client) meshd = NULL;
	g_autoptr(JsonObject) answer = NULL;
	g_autoptr(GError) error = NULL;
	struct joinstring parsed;

	if (join) {
		if (!joinstring_parse(join, &parsed, &error)) {
			json_object_unref(request);
			return cli_misused("%s", error->message);
		}
		joinstring_wipe(&parsed);
		json_object_set_string_member(request, "join", join);
	}
	if (!has_module()) {
		json_object_unref(request);
		return CLI_FAILED;
	}
	if (hostname)
		json_object_set_string_member(request, "hostname", hostname);

	meshd = daemon_open_meshd(cli, &error);
	if (!meshd) {
		json_object_unref(request);
		return cli_fail_error(error);
	}
	answer = daemon_call(meshd, request, &error);
	return answer ? print_outcome(meshd) : cli_fail_error(error);
}

const struct command command_up = {
	.name = "up",
	.arguments = "[JOIN-STRING]",
	.summary = "join a network, or go back into it",
	.description =
		"\"meshctl server key create\" on the server prints the JOIN-STRING. It is needed the\n"
		"first time, and to change to another network. \"-\" reads it from the standard input,\n"
		"so that it does not show in the list of processes.",
	.options = options,
	.max = 1,
	.run = run,
};
