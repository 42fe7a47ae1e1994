// SPDX-License-Identifier: GPL-2.0
#include <gio/gio.h>
#include <string.h>

#include "daemon.h"
#include "format.h"
#include "meshstatus.h"

/* Between two looks. */
#define LOOK_US (200 * 1000)

static char *timeout;

static const GOptionEntry options[] = {
	{ "timeout", 0, 0, G_OPTION_ARG_STRING, &timeout,
	  "give up after that time: 30s, 5m, never [1m]", "TIME" },
	{ NULL },
};

static bool has_path(const struct mesh_peer *peer)
{
	return mesh_peer_selected(peer) != NULL;
}

/* Return: what is still missing; NULL when nothing is. */
static char *missing(const struct mesh_status *status, char **names)
{
	const struct mesh_peer *peer;

	if (strcmp(status->state, "up") != 0)
		return g_strdup_printf("this node is not up, but \"%s\"%s%s", status->state,
				       *status->error ? ": " : "", status->error);
	for (char **name = names; *name; name++) {
		g_autoptr(GError) error = NULL;

		peer = mesh_status_find_peer(status, *name, &error);
		if (!peer)
			return g_strdup(error->message);
		if (!has_path(peer))
			return g_strdup_printf("there is no path to %s: it is \"%s\"",
					       peer->hostname, peer->state);
	}
	for (guint i = 0; !*names && i < status->peers->len; i++) {
		peer = &g_array_index(status->peers, struct mesh_peer, i);
		if (peer->online && !has_path(peer))
			return g_strdup_printf("there is no path to %s: it is \"%s\"",
					       peer->hostname, peer->state);
	}
	return NULL;
}

/* A daemon that is not running may come; one that does not let us in never will. */
static char *look(const struct cli *cli, char **names, bool *hopeless)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(control_client) meshd = daemon_open_meshd(cli, &error);
	g_autoptr(mesh_status) status = meshd ? mesh_status_get(meshd, NULL, &error) : NULL;

	if (status)
		return missing(status, names);
	*hopeless = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
	return g_strdup(error->message);
}

static enum cli_status run(const struct cli *cli, char **arguments)
{
	g_autofree char *problem = NULL;
	g_autoptr(GError) error = NULL;
	gint64 seconds = 60, end;
	bool hopeless = false;

	if (timeout && !format_parse_duration(timeout, &seconds, &error))
		return cli_misused("--timeout: %s", error->message);
	end = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;

	while ((problem = look(cli, arguments, &hopeless))) {
		if (hopeless || (seconds && g_get_monotonic_time() >= end))
			break;
		g_clear_pointer(&problem, g_free);
		g_usleep(LOOK_US);
	}
	if (!problem)
		return CLI_OK;
	g_strdelimit(problem, "\n", ' ');
	return cli_fail("\"meshctl status\" shows more.", "%s", problem);
}

const struct command command_wait = {
	.name = "wait",
	.arguments = "[PEER]...",
	.summary = "wait until this node is up and has paths to its peers",
	.description =
		"Without PEER: to all that are connected to the server. For scripts that need the\n"
		"network: exit status 0 says that it is there.",
	.options = options,
	.max = -1,
	.run = run,
};
