// SPDX-License-Identifier: GPL-2.0
/* meshctl server status: the server and its network. */
#include <stdio.h>

#include "server.h"
#include "style.h"

/* More than a machine has addresses. */
#define MAX_LISTEN 1024

/* Of a text in an answer, in bytes. */
#define MAX_TEXT 4096

static void print_field(const char *name, const char *value)
{
	g_autofree char *clean = cli_clean(value);

	printf("%s%-11s%s %s\n", style_begin(stdout, STYLE_TITLE), name,
	       style_end(stdout, STYLE_TITLE), clean);
}

static char *join_listen(JsonObject *status, GError **error)
{
	JsonArray *listen = message_get_strings(status, "listen", MAX_LISTEN, MAX_TEXT, error);
	GString *text = listen ? g_string_new(NULL) : NULL;

	for (guint i = 0; listen && i < json_array_get_length(listen); i++)
		g_string_append_printf(text, "%s%s", i ? "  " : "",
				       json_array_get_string_element(listen, i));
	return text ? g_string_free(text, FALSE) : NULL;
}

static bool print_status(JsonObject *status, GError **error)
{
	JsonObject *network = message_get_object(status, "network", error);
	const char *name = network ? message_get_string(network, "name", 0, MAX_TEXT, error) : NULL;
	const char *id = name ? message_get_string(network, "id", 0, MAX_TEXT, error) : NULL;
	const char *fingerprint =
		id ? message_get_string(status, "fingerprint", 0, MAX_TEXT, error) : NULL;
	g_autofree char *listen = fingerprint ? join_listen(status, error) : NULL;
	g_autofree char *peers = NULL;
	gint64 known, online;

	if (!listen || !message_get_int(status, "peers", 0, G_MAXINT32, &known, error) ||
	    !message_get_int(status, "online", 0, G_MAXINT32, &online, error))
		return false;
	peers = g_strdup_printf("%d, %d of them connected", (int)known, (int)online);
	print_field("network", name);
	print_field("id", id);
	print_field("listens on", listen);
	print_field("fingerprint", fingerprint);
	print_field("peers", peers);
	return true;
}

static enum cli_status run(const struct cli *cli, G_GNUC_UNUSED char **arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) answer = server_call(cli, daemon_request("status"), &error);
	JsonObject *status = answer ? message_get_object(answer, "status", &error) : NULL;

	if (status && cli->json) {
		cli_print_json(json_object_ref(status));
		return CLI_OK;
	}
	return status && print_status(status, &error) ? CLI_OK : cli_fail_error(error);
}

const struct command command_server_status = {
	.name = "status",
	.arguments = "",
	.summary = "show the server of the network",
	.has_json = true,
	.run = run,
};
