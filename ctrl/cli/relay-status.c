// SPDX-License-Identifier: GPL-2.0
/* meshctl relay status: what a node thinks of its relays, or what trying them says. */
#include <gio/gio.h>
#include <string.h>

#include "format.h"
#include "lib/message.h"
#include "relay.h"
#include "server.h"
#include "table.h"

/* Of a text in an answer, in bytes. */
#define MAX_TEXT 4096

static gboolean probe;

static const GOptionEntry options[] = {
	{ "probe", 0, 0, G_OPTION_ARG_NONE, &probe,
	  "try them from here, on the server's machine", NULL },
	{ NULL },
};

static enum style state_style(const char *state)
{
	static const struct {
		const char *state;
		enum style style;
	} styles[] = {
		{ "selected", STYLE_GOOD }, { "usable", STYLE_GOOD }, { "standby", STYLE_PLAIN },
		{ "refused", STYLE_BAD },   { "unreachable", STYLE_BAD },
	};

	for (guint i = 0; i < G_N_ELEMENTS(styles); i++)
		if (strcmp(styles[i].state, state) == 0)
			return styles[i].style;
	return STYLE_PENDING;
}

/* A member that may be missing. */
static bool add_text(struct table *table, JsonObject *relay, const char *member, GError **error)
{
	const char *text = "";
	g_autofree char *clean = NULL;

	if (message_has(relay, member))
		text = message_get_string(relay, member, 0, MAX_TEXT, error);
	if (!text)
		return false;
	clean = cli_clean(text);
	table_cell(table, STYLE_PLAIN, "%s", clean);
	return true;
}

static bool add_rtt(struct table *table, JsonObject *relay, GError **error)
{
	char text[FORMAT_STRLEN] = "";
	gint64 rtt_us;

	if (message_has(relay, "rtt_us")) {
		if (!message_get_int(relay, "rtt_us", 0, G_MAXINT64, &rtt_us, error))
			return false;
		format_us(rtt_us, text);
	}
	table_cell(table, STYLE_PLAIN, "%s", text);
	return true;
}

static bool add_relay(struct table *table, JsonObject *relay, GError **error)
{
	const char *name = message_get_string(relay, "name", 1, HOSTNAME_MAX, error);
	const char *state = name ? message_get_string(relay, "state", 1, MAX_TEXT, error) : NULL;
	g_autofree char *clean_name = cli_clean(name);
	g_autofree char *clean_state = cli_clean(state);

	if (!state)
		return false;
	table_cell(table, STYLE_TITLE, "%s", clean_name);
	table_cell(table, state_style(state), "%s", clean_state);
	return add_text(table, relay, "endpoint", error) &&
	       add_text(table, relay, "transport", error) && add_rtt(table, relay, error) &&
	       add_text(table, relay, "relayed", error) && add_text(table, relay, "why", error);
}

static enum cli_status print(const struct cli *cli, JsonObject *answer)
{
	g_autoptr(table) table = table_new("RELAY STATE ENDPOINT TRANSPORT >RTT RELAYED WHY");

	return relay_print_list(cli, answer, table, add_relay,
				"no relays: \"meshctl relay add\" on the server's machine adds one");
}

static enum cli_status try_from_here(const struct cli *cli, struct control_client *server)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) answer =
		daemon_call(server, daemon_request("relay-credentials"), &error);
	g_autoptr(GArray) relays = answer ? relayinfo_parse_list(answer, true, &error) : NULL;
	g_autoptr(JsonObject) tried = NULL;

	if (!relays)
		return cli_fail_error(error);
	tried = json_object_new();
	json_object_set_array_member(tried, "relays", relay_probe(relays));
	return print(cli, tried);
}

static enum cli_status ask_meshd(const struct cli *cli, struct control_client *meshd)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) answer = daemon_call(meshd, daemon_request("relays"), &error);

	return answer ? print(cli, answer) : cli_fail_error(error);
}

static enum cli_status run(const struct cli *cli, G_GNUC_UNUSED char **arguments)
{
	g_autoptr(GError) no_meshd = NULL, no_server = NULL;
	g_autoptr(control_client) meshd = probe ? NULL : daemon_open_meshd(cli, &no_meshd);
	g_autoptr(control_client) server = NULL;

	if (meshd)
		return ask_meshd(cli, meshd);
	if (probe || g_error_matches(no_meshd, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
		server = daemon_open_server(cli, &no_server);
	if (server)
		return try_from_here(cli, server);
	return cli_fail_error(no_meshd ?: no_server);
}

const struct command command_relay_status = {
	.name = "status",
	.arguments = "",
	.summary = "show how the relays are",
	.description =
		"On a node: which relay it uses and why, as meshd sees it. On the server's machine, or\n"
		"with --probe: whether each answers, how fast, and whether it knows the secret, tried\n"
		"over UDP from here.",
	.options = options,
	.has_json = true,
	.run = run,
};
