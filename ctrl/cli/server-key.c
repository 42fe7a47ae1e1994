// SPDX-License-Identifier: GPL-2.0
/* meshctl server key: setup keys. */
#include <stdio.h>

#include "format.h"
#include "server.h"
#include "table.h"

/* Bounds of what an answer may hold. */
#define MAX_KEYS 1000000
#define MAX_TEXT 4096

/* As many nodes as a network can have. */
#define MAX_USES 10000

#define NOT_GIVEN G_MININT

static char *key_name;
static char *expires;
static char *host;
static gboolean reusable;
static gint uses = NOT_GIVEN;

static const GOptionEntry create_options[] = {
	{ "name", 0, 0, G_OPTION_ARG_STRING, &key_name, "to tell it from others later", "NAME" },
	{ "reusable", 0, 0, G_OPTION_ARG_NONE, &reusable,
	  "good for any number of nodes, not for one", NULL },
	{ "uses", 0, 0, G_OPTION_ARG_INT, &uses, "good for so many nodes", "N" },
	{ "expires", 0, 0, G_OPTION_ARG_STRING, &expires, "30m, 12h, 7d, never [1d]", "TIME" },
	{ "host", 0, 0, G_OPTION_ARG_STRING, &host,
	  "name or address of the server in the join string", "HOST" },
	{ NULL },
};

static JsonObject *create_request(GError **error)
{
	g_autoptr(JsonObject) request = daemon_request("key-create");
	gint64 seconds;

	if (key_name)
		json_object_set_string_member(request, "name", key_name);
	if (reusable)
		json_object_set_boolean_member(request, "reusable", TRUE);
	if (uses != NOT_GIVEN)
		json_object_set_int_member(request, "max_uses", uses);
	if (host)
		json_object_set_string_member(request, "host", host);
	if (expires) {
		if (!format_parse_duration(expires, &seconds, error))
			return NULL;
		json_object_set_int_member(request, "expires_s", seconds);
	}
	return g_steal_pointer(&request);
}

static enum cli_status print_new_key(const struct cli *cli, JsonObject *answer)
{
	g_autoptr(GError) error = NULL;
	const char *join = message_get_string(answer, "join", 1, MAX_TEXT, &error);
	JsonObject *key = join ? message_get_object(answer, "key", &error) : NULL;
	JsonObject *object;

	if (!key)
		return cli_fail_error(error);
	if (!cli->json) {
		puts(join);
		return CLI_OK;
	}
	object = json_object_new();
	json_object_set_object_member(object, "key", json_object_ref(key));
	json_object_set_string_member(object, "join", join);
	cli_print_json(object);
	return CLI_OK;
}

static enum cli_status create(const struct cli *cli, G_GNUC_UNUSED char **arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) answer = NULL;
	JsonObject *request;

	if (uses != NOT_GIVEN && (uses < 1 || uses > MAX_USES))
		return cli_misused("--uses: 1 to %u", MAX_USES);
	if (uses != NOT_GIVEN && reusable)
		return cli_misused("--uses and --reusable exclude each other");
	request = create_request(&error);
	if (!request)
		return cli_misused("--expires: %s", error->message);
	answer = server_call(cli, request, &error);
	return answer ? print_new_key(cli, answer) : cli_fail_error(error);
}

/* 0 for any number; a server of before knows one or any number. */
static bool get_max_uses(JsonObject *key, bool many, gint64 *max_uses, GError **error)
{
	*max_uses = !many;
	return !message_has(key, "max_uses") ||
	       message_get_int(key, "max_uses", 1, G_MAXINT64, max_uses, error);
}

static bool add_state(struct table *table, JsonObject *key, gint64 used, GError **error)
{
	gint64 now = g_get_real_time() / G_USEC_PER_SEC, end = 0, max_uses;
	bool revoked, many;
	char text[FORMAT_STRLEN];

	if (!message_get_bool(key, "revoked", &revoked, error) ||
	    !message_get_bool(key, "reusable", &many, error) ||
	    !get_max_uses(key, many, &max_uses, error) ||
	    (message_has(key, "expires") &&
	     !message_get_int(key, "expires", 0, G_MAXINT64, &end, error)))
		return false;
	if (revoked)
		table_cell(table, STYLE_BAD, "revoked");
	else if (end && end <= now)
		table_cell(table, STYLE_FAINT, "expired");
	else if (max_uses && used >= max_uses)
		table_cell(table, STYLE_FAINT, "used");
	else
		table_cell(table, STYLE_GOOD, "valid");
	if (max_uses > 1)
		table_cell(table, STYLE_PLAIN, "%" G_GINT64_FORMAT " nodes", max_uses);
	else
		table_cell(table, STYLE_PLAIN, "%s", max_uses ? "once" : "reusable");
	if (!end)
		table_cell(table, STYLE_PLAIN, "never");
	else if (end <= now)
		table_cell(table, STYLE_PLAIN, "%s", format_ago(end, now, text));
	else
		table_cell(table, STYLE_PLAIN, "in %s", format_duration(end - now, text));
	return true;
}

static bool add_key(struct table *table, JsonObject *key, GError **error)
{
	const char *name = message_get_string(key, "name", 0, MAX_TEXT, error);
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	g_autofree char *clean = cli_clean(name);
	char text[FORMAT_STRLEN];
	gint64 id, used, created;

	if (!name || !message_get_int(key, "id", 0, G_MAXINT64, &id, error) ||
	    !message_get_int(key, "uses", 0, G_MAXINT64, &used, error) ||
	    !message_get_int(key, "created", 0, G_MAXINT64, &created, error))
		return false;
	table_cell(table, STYLE_PLAIN, "%" G_GINT64_FORMAT, id);
	table_cell(table, STYLE_PLAIN, "%s", clean);
	if (!add_state(table, key, used, error))
		return false;
	table_cell(table, STYLE_PLAIN, "%" G_GINT64_FORMAT, used);
	table_cell(table, STYLE_PLAIN, "%s", format_ago(created, now, text));
	return true;
}

static enum cli_status list(const struct cli *cli, G_GNUC_UNUSED char **arguments)
{
	g_autoptr(table) table = table_new(">ID NAME STATE GOOD_FOR EXPIRES >USES CREATED");
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) answer = server_call(cli, daemon_request("key-list"), &error);
	JsonArray *keys = answer ? message_get_objects(answer, "keys", MAX_KEYS, &error) : NULL;

	if (!keys)
		return cli_fail_error(error);
	if (cli->json)
		return server_print_list(answer, "keys");
	for (guint i = 0; i < json_array_get_length(keys); i++) {
		if (!add_key(table, json_array_get_object_element(keys, i), &error))
			return cli_fail_error(error);
	}
	table_print(table, "no setup keys: \"meshctl server key create\" makes one");
	return CLI_OK;
}

static enum cli_status revoke_key(const struct cli *cli, char **arguments)
{
	g_autoptr(JsonObject) answer = NULL;
	g_autoptr(GError) error = NULL;
	JsonObject *request;
	guint64 id;

	if (!g_ascii_string_to_unsigned(arguments[0], 10, 1, G_MAXINT64, &id, NULL))
		return cli_misused("\"%s\" is not the ID of a setup key: \"meshctl server key list\" "
				   "shows them", arguments[0]);
	request = daemon_request("key-revoke");
	json_object_set_int_member(request, "id", id);
	answer = server_call(cli, request, &error);
	return answer ? CLI_OK : cli_fail_error(error);
}

static const struct command command_list = {
	.name = "list",
	.arguments = "",
	.summary = "list the setup keys",
	.has_json = true,
	.run = list,
};

static const struct command command_create = {
	.name = "create",
	.arguments = "",
	.summary = "make a setup key, and print the join string for \"meshctl up\"",
	.description = "It is shown this once: the server keeps only a hash of it.",
	.options = create_options,
	.has_json = true,
	.run = create,
};

static const struct command command_revoke = {
	.name = "revoke",
	.arguments = "ID",
	.summary = "let nobody join with a setup key any more",
	.description = "Nodes that joined with it stay; \"meshctl server peer remove --key ID\" removes\n"
		       "them, too.",
	.min = 1,
	.max = 1,
	.run = revoke_key,
};

static const struct command *const subcommands[] = {
	&command_list,
	&command_create,
	&command_revoke,
	NULL,
};

const struct command command_server_key = {
	.name = "key",
	.arguments = "",
	.summary = "make, list and revoke setup keys",
	.subcommands = subcommands,
	.run_first = true,
};
