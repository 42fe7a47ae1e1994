// SPDX-License-Identifier: GPL-2.0
/* meshctl server peer: the nodes of the network. */
#include <stdio.h>

#include "format.h"
#include "server.h"
#include "table.h"

/* Bounds of what an answer may hold. */
#define MAX_PEERS 1000000
#define MAX_ADDRESSES 16
#define MAX_TEXT 4096

static char *key_id;

static const GOptionEntry remove_options[] = {
	{ "key", 0, 0, G_OPTION_ARG_STRING, &key_id, "all that joined with this setup key", "ID" },
	{ NULL },
};

static bool add_times(struct table *table, JsonObject *peer, GError **error)
{
	gint64 now = g_get_real_time() / G_USEC_PER_SEC, joined, seen;
	char text[FORMAT_STRLEN];
	bool online;

	if (!message_get_bool(peer, "online", &online, error) ||
	    !message_get_int(peer, "joined", 0, G_MAXINT64, &joined, error) ||
	    !message_get_int(peer, "last_seen", 0, G_MAXINT64, &seen, error))
		return false;
	table_cell(table, online ? STYLE_GOOD : STYLE_FAINT, "%s", online ? "yes" : "no");
	table_cell(table, STYLE_PLAIN, "%s", online ? "now" : format_ago(seen, now, text));
	table_cell(table, STYLE_PLAIN, "%s", format_ago(joined, now, text));
	return true;
}

static bool add_peer(struct table *table, JsonObject *peer, GError **error)
{
	const char *hostname = message_get_string(peer, "hostname", 0, MAX_TEXT, error);
	const char *key = hostname ? message_get_string(peer, "public_key", 0, MAX_TEXT, error) :
				     NULL;
	JsonArray *addresses = key ? message_get_strings(peer, "addresses", MAX_ADDRESSES, MAX_TEXT,
							 error) : NULL;
	g_autofree char *clean = cli_clean(hostname);

	if (!addresses)
		return false;
	table_cell(table, STYLE_TITLE, "%s", clean);
	for (guint i = 0; i < 2; i++)
		table_cell(table, STYLE_PLAIN, "%s", i < json_array_get_length(addresses) ?
			   json_array_get_string_element(addresses, i) : "");
	if (!add_times(table, peer, error))
		return false;
	table_cell(table, STYLE_PLAIN, "%s", key);
	return true;
}

static enum cli_status list(const struct cli *cli, G_GNUC_UNUSED char **arguments)
{
	g_autoptr(table) table = table_new("PEER IPV4 IPV6 CONNECTED SEEN JOINED KEY");
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) answer = server_call(cli, daemon_request("peer-list"), &error);
	JsonArray *peers = answer ? message_get_objects(answer, "peers", MAX_PEERS, &error) : NULL;

	if (!peers)
		return cli_fail_error(error);
	if (cli->json)
		return server_print_list(answer, "peers");
	for (guint i = 0; i < json_array_get_length(peers); i++) {
		if (!add_peer(table, json_array_get_object_element(peers, i), &error))
			return cli_fail_error(error);
	}
	table_print(table, "no peers yet: \"meshctl server key create\" invites one");
	return CLI_OK;
}

static enum cli_status remove_one(const struct cli *cli, const char *peer)
{
	JsonObject *request = daemon_request("peer-remove");
	g_autoptr(JsonObject) answer = NULL;
	g_autoptr(GError) error = NULL;

	json_object_set_string_member(request, "peer", peer);
	answer = server_call(cli, request, &error);
	return answer ? CLI_OK : cli_fail_error(error);
}

static enum cli_status remove_by_key(const struct cli *cli)
{
	g_autoptr(JsonObject) answer = NULL;
	g_autoptr(GError) error = NULL;
	JsonObject *request;
	gint64 removed;
	guint64 id;

	if (!g_ascii_string_to_unsigned(key_id, 10, 1, G_MAXINT64, &id, NULL))
		return cli_misused("--key: \"%s\" is not the ID of a setup key: \"meshctl server key "
				   "list\" shows them", key_id);
	request = daemon_request("peer-remove");
	json_object_set_int_member(request, "setup_key", id);
	answer = server_call(cli, request, &error);
	if (!answer || !message_get_int(answer, "removed", 0, MAX_PEERS, &removed, &error))
		return cli_fail_error(error);
	printf("removed %" G_GINT64_FORMAT " %s, and revoked setup key %s\n", removed,
	       removed == 1 ? "node" : "nodes", key_id);
	return CLI_OK;
}

static enum cli_status remove_peer(const struct cli *cli, char **arguments)
{
	if (!key_id == !arguments[0])
		return cli_misused("give a PEER, or --key ID");
	return key_id ? remove_by_key(cli) : remove_one(cli, arguments[0]);
}

static const struct command command_list = {
	.name = "list",
	.arguments = "",
	.summary = "list the nodes that have joined",
	.has_json = true,
	.run = list,
};

static const struct command command_remove = {
	.name = "remove",
	.arguments = "[PEER]",
	.summary = "take nodes out of the network at once",
	.description =
		"PEER is a hostname or a key. The others drop it as soon as they hear of it. To come\n"
		"back it needs a new setup key. With --key instead of PEER, all nodes that joined\n"
		"with that setup key go, and nobody can join with it any more.",
	.options = remove_options,
	.max = 1,
	.run = remove_peer,
};

static const struct command *const subcommands[] = {
	&command_list,
	&command_remove,
	NULL,
};

const struct command command_server_peer = {
	.name = "peer",
	.arguments = "",
	.summary = "list and remove the nodes of the network",
	.subcommands = subcommands,
	.run_first = true,
};
