// SPDX-License-Identifier: GPL-2.0
#include "daemon.h"

#include "style.h"

#define SOCKET_DIRECTORY "/run/wgmesh"

struct control_client *daemon_open_meshd(const struct cli *cli, GError **error)
{
	const char *network = cli->network ?: "default";
	g_autofree char *path = g_strdup_printf(SOCKET_DIRECTORY "/%s.sock", network);
	g_autofree char *not_running = g_strdup_printf(
		"meshd is not running for the network \"%s\"\n"
		"Start it with \"systemctl start meshd@%s\".",
		network, network);

	return control_client_open(cli->socket ?: path, not_running, error);
}

struct control_client *daemon_open_server(const struct cli *cli, GError **error)
{
	return control_client_open(cli->socket ?: SOCKET_DIRECTORY "/server.sock",
				   "mesh-server is not running on this machine\n"
				   "Start it with \"systemctl start mesh-server\", or run this where it is.",
				   error);
}

JsonObject *daemon_request(const char *name)
{
	JsonObject *request = json_object_new();

	json_object_set_string_member(request, "request", name);
	return request;
}

static void print_progress(const char *text, G_GNUC_UNUSED void *data)
{
	g_autofree char *clean = cli_clean(text);

	fprintf(stderr, "%s%s%s\n", style_begin(stderr, STYLE_FAINT), clean,
		style_end(stderr, STYLE_FAINT));
}

JsonObject *daemon_call(struct control_client *client, JsonObject *request, GError **error)
{
	JsonObject *answer = control_client_call(client, request, print_progress, NULL, error);

	json_object_unref(request);
	return answer;
}
