// SPDX-License-Identifier: GPL-2.0
/* meshctl path: paths without a daemon. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "format.h"
#include "lib/pathnl-names.h"
#include "module.h"
#include "table.h"

static char *local;
static char *remote;
static char *kind;
static char *interface;
static char *policy;
static gint64 priority = -1;
static gint64 channel;

static const GOptionEntry add_options[] = {
	{ "local", 0, 0, G_OPTION_ARG_STRING, &local, "endpoint on this node", "ADDR:PORT" },
	{ "remote", 0, 0, G_OPTION_ARG_STRING, &remote, "endpoint of the peer, or of its relay",
	  "ADDR:PORT" },
	{ "kind", 0, 0, G_OPTION_ARG_STRING, &kind, "how it gets there [direct]", "direct|relay" },
	{ "priority", 0, 0, G_OPTION_ARG_INT64, &priority, "the highest is in use [0]", "N" },
	{ "channel", 0, 0, G_OPTION_ARG_INT64, &channel,
	  "TURN channel of the relay to send in, 0x4000 to 0x7fff", "N" },
	{ "interface", 0, 0, G_OPTION_ARG_STRING, &interface,
	  "leave through this one, whatever the routes say", "IFNAME" },
	{ NULL },
};

static const GOptionEntry set_options[] = {
	{ "kind", 0, 0, G_OPTION_ARG_STRING, &kind, "how it gets there", "direct|relay" },
	{ "priority", 0, 0, G_OPTION_ARG_INT64, &priority, "the highest is in use", "N" },
	{ "policy", 0, 0, G_OPTION_ARG_STRING, &policy,
	  "use it whatever its state, never, or as the selector likes", "force|forbid|auto" },
	{ NULL },
};

/* What was not given leaves @path as it is. Return: false when what was given is wrong. */
static bool read_options(struct pathnl_path *path)
{
	if (kind && strcmp(kind, "direct") != 0 && strcmp(kind, "relay") != 0) {
		cli_misused("--kind: \"direct\" or \"relay\", not \"%s\"", kind);
		return false;
	}
	if (priority < -1 || priority > G_MAXUINT32) {
		cli_misused("--priority: 0 to %u", G_MAXUINT32);
		return false;
	}
	if (kind)
		path->kind = strcmp(kind, "relay") == 0 ? WGMESH_PATH_KIND_RELAY :
							  WGMESH_PATH_KIND_DIRECT;
	if (priority >= 0)
		path->priority = priority;
	return true;
}

static bool read_channel(struct pathnl_path *path)
{
	if (channel && (channel < 0x4000 || channel > 0x7fff)) {
		cli_misused("--channel: 0x4000 to 0x7fff");
		return false;
	}
	path->channel = channel;
	return true;
}

static bool read_endpoint(const char *option, const char *text, struct endpoint *ep)
{
	g_autoptr(GError) error = NULL;

	if (!text) {
		cli_misused("%s ADDR:PORT is missing", option);
		return false;
	}
	if (endpoint_parse(text, ep, &error))
		return true;
	cli_misused("%s: %s", option, error->message);
	return false;
}

static bool read_interface(struct pathnl_path *path)
{
	if (!interface)
		return true;
	path->ifindex = if_nametoindex(interface);
	if (!path->ifindex)
		cli_misused("--interface %s: %s", interface, g_strerror(errno));
	return path->ifindex;
}

static enum cli_status print_path(const struct cli *cli, const struct pathnl_path *path)
{
	JsonObject *object;

	if (cli->json) {
		object = json_object_new();
		json_object_set_object_member(object, "path", module_path_json(path));
		cli_print_json(object);
	} else {
		printf("%u\n", path->id);
	}
	return CLI_OK;
}

static enum cli_status add(const struct cli *cli, char **arguments)
{
	struct pathnl_path path = { 0 };
	g_autoptr(GError) error = NULL;
	g_autoptr(pathnl) nl = NULL;
	struct pathnl_device device;
	struct pathnl_peer peer;

	if (!read_options(&path) || !read_endpoint("--local", local, &path.local) ||
	    !read_endpoint("--remote", remote, &path.remote) || !read_channel(&path) ||
	    !read_interface(&path))
		return CLI_USAGE;
	nl = pathnl_open(&error);
	if (!nl || !module_find_device(nl, arguments[0], &device, &error) ||
	    !module_find_peer(nl, &device, arguments[1], &peer, &error))
		return cli_fail_error(error);
	path.peer = peer.id;
	if (!pathnl_path_set(nl, &path, &path, &error))
		return cli_fail_error(error);
	return print_path(cli, &path);
}

/* The policy first: that is what the module may refuse. */
static bool change(struct pathnl *nl, struct pathnl_path *path, GError **error)
{
	enum wgmesh_path_policy wanted = path->policy;

	if (policy && pathnl_parse_policy(policy, &wanted) &&
	    !pathnl_path_set_policy(nl, path, wanted, path, error))
		return false;
	if (!kind && priority < 0)
		return true;
	return read_options(path) && pathnl_path_set(nl, path, path, error);
}

static enum cli_status set(const struct cli *cli, char **arguments)
{
	g_autoptr(GError) error = NULL;
	struct pathnl_path path = { 0 };
	g_autoptr(pathnl) nl = NULL;
	guint32 id;

	if (!module_parse_id(arguments[0], &id))
		return cli_misused("\"%s\" is not the number of a path", arguments[0]);
	if (!kind && priority < 0 && !policy)
		return cli_misused("there is nothing to set: --priority, --kind or --policy is "
				   "missing");
	if (!read_options(&path))
		return CLI_USAGE;
	if (policy && !pathnl_parse_policy(policy, &path.policy))
		return cli_misused("--policy: \"force\", \"forbid\" or \"auto\", not \"%s\"",
				   policy);
	nl = pathnl_open(&error);
	if (!nl || !pathnl_path_get(nl, id, &path, &error) || !change(nl, &path, &error))
		return cli_fail_error(error);
	return cli->json ? print_path(cli, &path) : CLI_OK;
}

static enum cli_status remove_path(G_GNUC_UNUSED const struct cli *cli, char **arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pathnl) nl = NULL;
	guint32 id;

	if (!module_parse_id(arguments[0], &id))
		return cli_misused("\"%s\" is not the number of a path: \"meshctl path\" lists them",
				   arguments[0]);
	nl = pathnl_open(&error);
	return nl && pathnl_path_del(nl, id, &error) ? CLI_OK : cli_fail_error(error);
}

static enum style state_style(const struct pathnl_path *path)
{
	if (path->state == WGMESH_PATH_STATE_DEAD)
		return STYLE_BAD;
	if (path->state == WGMESH_PATH_STATE_SUSPECT || path->lossy || path->held)
		return STYLE_PENDING;
	return path->state == WGMESH_PATH_STATE_ALIVE ? STYLE_GOOD : STYLE_FAINT;
}

static void add_state(struct table *table, const struct pathnl_path *path)
{
	const bool dead = path->state == WGMESH_PATH_STATE_DEAD;
	char jitter[FORMAT_STRLEN] = "";

	if (path->jitter_us >= 0)
		format_us(path->jitter_us, jitter);
	table_cell(table, state_style(path), "%s%s%s%s%s", pathnl_state_name(path->state),
		   dead ? ": " : "", dead ? pathnl_reason_name(path->dead_reason) : "",
		   path->lossy ? ", lossy" : "", path->held ? ", held" : "");
	table_cell(table, path->policy == WGMESH_PATH_POLICY_AUTO ? STYLE_FAINT : STYLE_PENDING,
		   "%s", pathnl_policy_name(path->policy));
	table_cell(table, STYLE_PLAIN, "%s", jitter);
	if (path->loss_permille >= 0)
		table_cell(table, STYLE_PLAIN, "%.1f %%", path->loss_permille / 10.0);
	else
		table_cell(table, STYLE_PLAIN, "%s", "");
}

static void add_pmtu(struct table *table, const struct pathnl_path *path)
{
	if (path->pmtu_bytes < 0)
		table_cell(table, STYLE_FAINT, "-");
	else
		table_cell(table, path->pmtu_bytes < path->mtu_bytes ? STYLE_PENDING : STYLE_PLAIN,
			   "%" G_GINT64_FORMAT, path->pmtu_bytes);
}

static void add_row(struct table *table, const struct pathnl_path *path)
{
	char local_text[ENDPOINT_STRLEN], remote_text[ENDPOINT_STRLEN], rx[FORMAT_STRLEN],
	     tx[FORMAT_STRLEN];
	char age[FORMAT_STRLEN] = "never", rtt[FORMAT_STRLEN] = "";

	if (path->rx_age_ms >= 0) {
		format_duration(path->rx_age_ms / 1000, age);
		g_strlcat(age, " ago", sizeof(age));
	}
	if (path->rtt_us >= 0)
		format_us(path->rtt_us, rtt);
	table_cell(table, STYLE_PLAIN, "%u", path->id);
	table_cell(table, STYLE_PLAIN, "%u", path->peer);
	table_cell(table, STYLE_PLAIN, "%s", endpoint_print(&path->local, local_text));
	table_cell(table, STYLE_PLAIN, "%s", endpoint_print(&path->remote, remote_text));
	if (path->channel)
		table_cell(table, STYLE_PLAIN, "%#x", path->channel);
	else
		table_cell(table, STYLE_FAINT, "-");
	table_cell(table, STYLE_PLAIN, "%s", pathnl_kind_name(path->kind));
	table_cell(table, STYLE_PLAIN, "%u", path->priority);
	table_cell(table, path->selected ? STYLE_GOOD : STYLE_FAINT, "%s",
		   path->selected ? "yes" : "no");
	table_cell(table, STYLE_PLAIN, "%u", path->mtu_bytes);
	add_pmtu(table, path);
	table_cell(table, STYLE_PLAIN, "%s", rtt);
	add_state(table, path);
	table_cell(table, STYLE_PLAIN, "%s", format_bytes(path->rx_bytes, rx));
	table_cell(table, STYLE_PLAIN, "%s", format_bytes(path->tx_bytes, tx));
	table_cell(table, path->tx_errors ? STYLE_BAD : STYLE_PLAIN, "%" G_GUINT64_FORMAT,
		   path->tx_errors);
	table_cell(table, STYLE_PLAIN, "%s", age);
}

static void print_table(const GArray *paths)
{
	g_autoptr(table) table =
		table_new(">ID >PEER LOCAL REMOTE CHANNEL KIND >PRIORITY IN_USE >MTU >PMTU >RTT STATE "
			  "POLICY >JITTER >LOSS >RECEIVED >SENT >FAILED >HEARD");

	for (guint i = 0; i < paths->len; i++)
		add_row(table, &g_array_index(paths, struct pathnl_path, i));
	table_print(table, "no paths: \"meshctl path add\" adds one");
}

/* The module lists the paths of all or of a peer; those of a device are picked out here. */
static void keep_device(GArray *paths, guint32 device)
{
	guint kept = 0;

	for (guint i = 0; i < paths->len; i++) {
		struct pathnl_path *path = &g_array_index(paths, struct pathnl_path, i);

		if (path->device == device)
			g_array_index(paths, struct pathnl_path, kept++) = *path;
	}
	g_array_set_size(paths, kept);
}

static enum cli_status list(const struct cli *cli, char **arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pathnl) nl = pathnl_open(&error);
	struct pathnl_device device = { 0 };
	g_autoptr(GArray) paths = NULL;
	JsonArray *items;

	if (nl && (!arguments[0] || module_find_device(nl, arguments[0], &device, &error)))
		paths = pathnl_path_dump(nl, 0, &error);
	if (!paths)
		return cli_fail_error(error);
	if (arguments[0])
		keep_device(paths, device.id);
	if (!cli->json) {
		print_table(paths);
		return CLI_OK;
	}
	items = json_array_new();
	for (guint i = 0; i < paths->len; i++)
		json_array_add_object_element(items, module_path_json(
			&g_array_index(paths, struct pathnl_path, i)));
	return module_print_list("paths", items);
}

static const struct command command_list = {
	.name = "list",
	.arguments = "[IFNAME]",
	.summary = "list the paths, of all interfaces or of one",
	.has_json = true,
	.max = 1,
	.run = list,
};

static const struct command command_add = {
	.name = "add",
	.arguments = "IFNAME KEY --local ADDR:PORT --remote ADDR:PORT [--channel N]",
	.summary = "add a path to a peer, and print its number",
	.description =
		"An IPv6 endpoint is [ADDR]:PORT, a link-local one [ADDR%IFNAME]:PORT. A path that is\n"
		"there already gets the kind and priority given here.",
	.options = add_options,
	.has_json = true,
	.min = 2,
	.max = 2,
	.run = add,
};

static const struct command command_set = {
	.name = "set",
	.arguments = "ID",
	.summary = "change the priority, kind or policy of a path",
	.description =
		"A path that is forced is used even when it is dead; one path of a peer can be. One\n"
		"that is forbidden is never used.",
	.options = set_options,
	.has_json = true,
	.min = 1,
	.max = 1,
	.run = set,
};

static const struct command command_remove = {
	.name = "remove",
	.arguments = "ID",
	.summary = "remove a path",
	.min = 1,
	.max = 1,
	.run = remove_path,
};

static const struct command *const subcommands[] = {
	&command_list, &command_add, &command_set, &command_remove, NULL,
};

const struct command command_path = {
	.name = "path",
	.arguments = "",
	.summary = "paths in the kernel module, without any daemon",
	.subcommands = subcommands,
	.run_first = true,
};
