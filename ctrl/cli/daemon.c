// SPDX-License-Identifier: GPL-2.0
/* Asking meshd and mesh-server over their sockets. */
#include "daemon.h"

#include <gio/gio.h>
#include <stdio.h>

#include "style.h"

#define SOCKET_DIRECTORY "/run/wgmesh"

struct control_client *daemon_open_meshd(const struct cli *cli, GError **error)
{
	const char *network = cli->network ?: "default";
	g_autofree char *path = g_strdup_printf(SOCKET_DIRECTORY "/%s.sock", network);
	g_autofree char *unit = g_strconcat("meshd@", network, NULL);
	g_autofree char *not_running = g_strdup_printf(
		"meshd is not running for the network \"%s\"\n"
		"Start it with \"systemctl start %s\"; \"journalctl -u %s\" says why it ended.",
		network, unit, unit);

	return control_client_open(cli->socket ?: path, unit, not_running, error);
}

struct control_client *daemon_open_server(const struct cli *cli, GError **error)
{
	return control_client_open(cli->socket ?: SOCKET_DIRECTORY "/server.sock", "mesh-server",
				   "mesh-server is not running on this machine\n"
				   "Start it with \"systemctl start mesh-server\", or run this where it is.",
				   error);
}

/* The one that was installed together with this program. */
static char *find_meshd(void)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *directory = self ? g_path_get_dirname(self) : NULL;
	char *path = directory ? g_build_filename(directory, "meshd", NULL) : NULL;

	if (path && g_file_test(path, G_FILE_TEST_IS_EXECUTABLE))
		return path;
	g_free(path);
	return g_strdup("meshd");
}

/* Its settings say where interface and state are. It says itself what is wrong. */
static enum cli_status run_meshd(const struct cli *cli, const char *word)
{
	g_autofree char *meshd = find_meshd();
	const char *argv[] = { meshd, "--network", cli->network ?: "default", word, NULL };
	g_autoptr(GError) error = NULL;
	int status;

	if (!g_spawn_sync(NULL, (char **)argv, NULL,
			  G_SPAWN_SEARCH_PATH | G_SPAWN_CHILD_INHERITS_STDIN, NULL, NULL, NULL,
			  NULL, &status, &error))
		return cli_fail("Install it, or repair the installation.",
				"meshd does not run, and cannot be run: %s", error->message);
	return g_spawn_check_wait_status(status, NULL) ? CLI_OK : CLI_FAILED;
}

enum cli_status daemon_ask_or_run(const struct cli *cli, const char *word, const char *done)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(control_client) meshd = daemon_open_meshd(cli, &error);
	g_autoptr(JsonObject) answer = NULL;

	if (!meshd && !cli->socket && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
		return run_meshd(cli, word);
	if (meshd)
		answer = daemon_call(meshd, daemon_request(word), &error);
	if (!answer)
		return cli_fail_error(error);
	puts(done);
	return CLI_OK;
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
