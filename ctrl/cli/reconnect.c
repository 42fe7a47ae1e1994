// SPDX-License-Identifier: GPL-2.0
/* meshctl reconnect: new ICE sessions. */
#include "daemon.h"
#include "meshstatus.h"

static JsonObject *call(struct control_client *meshd, const char *name, GError **error)
{
	JsonObject *request = NULL;

	if (name) {
		g_autoptr(mesh_status) status = mesh_status_get(meshd, NULL, error);
		const struct mesh_peer *peer =
			status ? mesh_status_find_peer(status, name, error) : NULL;

		if (!peer)
			return NULL;
		request = daemon_request("reconnect");
		json_object_set_string_member(request, "peer", peer->public_key);
	}
	return daemon_call(meshd, request ?: daemon_request("reconnect"), error);
}

static enum cli_status run(const struct cli *cli, char **arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(control_client) meshd = daemon_open_meshd(cli, &error);
	g_autoptr(JsonObject) answer = meshd ? call(meshd, arguments[0], &error) : NULL;

	return answer ? CLI_OK : cli_fail_error(error);
}

const struct command command_reconnect = {
	.name = "reconnect",
	.arguments = "[PEER]",
	.summary = "look for paths anew, to one peer or to all",
	.description =
		"As after a change of the network. The paths in use stay until there are better ones.\n"
		"PEER is a hostname, an overlay address, or the beginning of a key.",
	.max = 1,
	.run = run,
};
