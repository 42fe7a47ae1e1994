// SPDX-License-Identifier: GPL-2.0
/* meshctl relay list and remove: which relays the network has. */
#include "format.h"
#include "lib/message.h"
#include "relay.h"
#include "server.h"
#include "table.h"

static bool add_relay(struct table *table, JsonObject *object, GError **error)
{
	gint64 now = g_get_real_time() / G_USEC_PER_SEC, added, untold = 0;
	g_autofree char *address = NULL, *transports = NULL;
	char text[FORMAT_STRLEN];
	struct relayinfo info;

	if (!relayinfo_parse(object, false, &info, error) ||
	    !message_get_int(object, "added", 0, G_MAXINT64, &added, error))
		return false;
	/* a server of before does not say */
	if (message_has(object, "untold") &&
	    !message_get_int(object, "untold", 0, G_MAXINT64, &untold, error))
		return false;
	address = relay_address(&info);
	transports = relayinfo_print_transports(info.transports);
	table_cell(table, STYLE_TITLE, "%s", info.name);
	table_cell(table, STYLE_PLAIN, "%s", address);
	table_cell(table, STYLE_PLAIN, "%s", transports);
	if (info.transports & RELAYINFO_TLS)
		table_cell(table, STYLE_PLAIN, "%u", info.tls_port);
	else
		table_cell(table, STYLE_PLAIN, "%s", "");
	table_cell(table, STYLE_PLAIN, "%s", added ? format_ago(added, now, text) : "");
	if (untold)
		table_cell(table, STYLE_BAD, "%" G_GINT64_FORMAT, untold);
	else
		table_cell(table, STYLE_PLAIN, "%s", "");
	return true;
}

static enum cli_status list(const struct cli *cli, G_GNUC_UNUSED char **arguments)
{
	g_autoptr(table) table = table_new("RELAY ADDRESS TRANSPORTS >TLS_PORT ADDED >UNTOLD");
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) answer = server_call(cli, daemon_request("relay-list"), &error);

	if (!answer)
		return cli_fail_error(error);
	return relay_print_list(cli, answer, table, add_relay,
				"no relays: \"meshctl relay add\" adds one");
}

const struct command command_relay_list = {
	.name = "list",
	.arguments = "",
	.summary = "list the relays of the network",
	.has_json = true,
	.run = list,
};

static enum cli_status remove_relay(const struct cli *cli, char **arguments)
{
	JsonObject *request = daemon_request("relay-remove");
	g_autoptr(JsonObject) answer = NULL;
	g_autoptr(GError) error = NULL;

	json_object_set_string_member(request, "name", arguments[0]);
	answer = server_call(cli, request, &error);
	return answer ? CLI_OK : cli_fail_error(error);
}

const struct command command_relay_remove = {
	.name = "remove",
	.arguments = "NAME",
	.summary = "take a relay out of the network",
	.description =
		"Nodes leave it as soon as they hear of it. What they know is good there for as long as\n"
		"--relay-lifetime of mesh-server(8) says, 12 hours by default; to end that at once, give\n"
		"the relay another secret.",
	.min = 1,
	.max = 1,
	.run = remove_relay,
};
