// SPDX-License-Identifier: GPL-2.0
/* meshctl wait: until a peer is reached. */
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
	const struct mesh_path *path = mesh_peer_selected(peer);

	return path && strcmp(path->state, "dead") != 0;
}

static bool no_path(const struct mesh_peer *peer, GError **error)
{
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE,
		    "there is no path to %s: it is \"%s\"\n\"meshctl status %s\" shows more.",
		    peer->hostname, peer->state, peer->hostname);
	return false;
}

static bool check_named(const struct mesh_status *status, char **names, GError **error)
{
	const struct mesh_peer *peer;

	for (char **name = names; *name; name++) {
		peer = mesh_status_find_peer(status, *name, error);
		if (!peer || (!has_path(peer) && !no_path(peer, error)))
			return false;
	}
	return true;
}

static bool check_all(const struct mesh_status *status, GError **error)
{
	const struct mesh_peer *peer;

	for (guint i = 0; i < status->peers->len; i++) {
		peer = &g_array_index(status->peers, struct mesh_peer, i);
		if (peer->online && !has_path(peer))
			return no_path(peer, error);
	}
	return true;
}

static bool check(const struct mesh_status *status, char **names, GError **error)
{
	if (strcmp(status->state, "up") != 0) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
			    "this node is not up, but \"%s\"\n\"meshctl status\" shows more.",
			    status->state);
		return false;
	}
	return *names ? check_named(status, names, error) : check_all(status, error);
}

static bool look(const struct cli *cli, char **names, GError **error)
{
	g_autoptr(control_client) meshd = daemon_open_meshd(cli, error);
	g_autoptr(mesh_status) status = meshd ? mesh_status_get(meshd, NULL, error) : NULL;

	return status && check(status, names, error);
}

static enum cli_status run(const struct cli *cli, char **arguments)
{
	g_autoptr(GError) error = NULL;
	gint64 seconds = 60, end;

	if (timeout && !format_parse_duration(timeout, &seconds, &error))
		return cli_misused("--timeout: %s", error->message);
	end = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;

	while (!look(cli, arguments, &error)) {
		/* A daemon that is not running may come; one that does not let us in never will. */
		if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED) ||
		    (seconds && g_get_monotonic_time() >= end))
			return cli_fail_error(error);
		g_clear_error(&error);
		g_usleep(LOOK_US);
	}
	return CLI_OK;
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
