// SPDX-License-Identifier: GPL-2.0
/* meshctl bounce: WireGuard interfaces that forward between their peers. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "format.h"
#include "lib/link.h"
#include "lib/pathnl-bounce.h"
#include "module.h"
#include "table.h"

static char **allowed;
static char **denied;
static gint64 group;

static const GOptionEntry enable_options[] = {
	{ "allow", 0, 0, G_OPTION_ARG_STRING_ARRAY, &allowed,
	  "these two may talk to each other, and nobody else may; can be repeated",
	  "PREFIX,PREFIX" },
	{ "deny", 0, 0, G_OPTION_ARG_STRING_ARRAY, &denied,
	  "these two may not talk to each other; can be repeated", "PREFIX,PREFIX" },
	{ "group", 0, 0, G_OPTION_ARG_INT64, &group,
	  "interfaces of the same group forward to each other as well", "NUMBER" },
	{ NULL },
};

static bool parse_pair(const char *text, struct pathnl_pair *pair, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(text, ",", -1);

	if (g_strv_length(parts) != 2) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			    "\"%s\" is not a pair: two addresses or prefixes with a comma between",
			    text);
		return false;
	}
	if (!prefix_parse(parts[0], &pair->one, error) ||
	    !prefix_parse(parts[1], &pair->other, error))
		return false;
	if (pair->one.family == pair->other.family)
		return true;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
		    "\"%s\": IPv4 and IPv6 do not talk to each other", text);
	return false;
}

static bool add_pairs(char **texts, bool deny, struct pathnl_bounce *bounce, GError **error)
{
	struct pathnl_pair *pair;

	for (; texts && *texts; texts++) {
		if (bounce->n_pairs == PATHNL_PAIRS_MAX) {
			g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
				    "at most %d pairs: prefixes cover many addresses",
				    PATHNL_PAIRS_MAX);
			return false;
		}
		pair = &bounce->pairs[bounce->n_pairs++];
		pair->deny = deny;
		if (!parse_pair(*texts, pair, error))
			return false;
	}
	return true;
}

static enum cli_status print_bounce(const struct cli *cli, const struct pathnl_bounce *bounce)
{
	JsonObject *object;

	if (cli->json) {
		object = json_object_new();
		json_object_set_object_member(object, "bounce", module_bounce_json(bounce));
		cli_print_json(object);
	} else {
		printf("%s forwards between its peers\n", bounce->ifname);
	}
	return CLI_OK;
}

static enum cli_status enable(const struct cli *cli, char **arguments)
{
	struct pathnl_bounce bounce = { .group = group };
	g_autoptr(GError) error = NULL;
	g_autoptr(netlink) rtnl = NULL;
	g_autoptr(pathnl) nl = NULL;
	struct link link;

	if (group < 0 || group > G_MAXUINT32)
		return cli_misused("--group: 1 to %u, or 0 for none", G_MAXUINT32);
	if (!add_pairs(allowed, false, &bounce, &error) ||
	    !add_pairs(denied, true, &bounce, &error))
		return cli_misused("%s", error->message);
	rtnl = netlink_open(NETLINK_ROUTE, &error);
	if (rtnl && link_find(rtnl, arguments[0], &link, &error)) {
		bounce.ifindex = link.ifindex;
		nl = pathnl_open(&error);
		if (nl && pathnl_bounce_set(nl, &bounce, &bounce, &error))
			return print_bounce(cli, &bounce);
	}
	if (g_error_matches(error, NETLINK_ERROR, ENODEV) ||
	    g_error_matches(error, NETLINK_ERROR, EOPNOTSUPP))
		return cli_fail("\"wg show interfaces\" lists the WireGuard interfaces there are.",
				"%s", error->message);
	return cli_fail_error(error);
}

static bool find_bounce(struct pathnl *nl, const char *name, struct pathnl_bounce *bounce,
			GError **error)
{
	g_autoptr(GArray) bounces = pathnl_bounce_dump(nl, error);

	for (guint i = 0; bounces && i < bounces->len; i++) {
		*bounce = g_array_index(bounces, struct pathnl_bounce, i);
		if (strcmp(bounce->ifname, name) == 0)
			return true;
	}
	return bounces && netlink_fail(error, ENOENT,
				       "%s does not forward between its peers\n"
				       "\"meshctl bounce\" lists the interfaces that do.",
				       name);
}

static enum cli_status disable(G_GNUC_UNUSED const struct cli *cli, char **arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pathnl) nl = pathnl_open(&error);
	struct pathnl_bounce bounce;

	if (nl && find_bounce(nl, arguments[0], &bounce, &error) &&
	    pathnl_bounce_del(nl, bounce.ifindex, &error))
		return CLI_OK;
	return cli_fail_error(error);
}

static void add_row(struct table *table, const struct pathnl_bounce *bounce)
{
	const guint64 counts[] = {
		bounce->drop_denied, bounce->drop_expired, bounce->drop_too_big,
		bounce->drop_error, bounce->stack_elsewhere, bounce->stack_source,
		bounce->stack_unusual,
	};
	char text[FORMAT_STRLEN];

	table_cell(table, STYLE_TITLE, "%s", bounce->ifname);
	if (bounce->group)
		table_cell(table, STYLE_PLAIN, "%u", bounce->group);
	else
		table_cell(table, STYLE_PLAIN, "%s", "");
	table_cell(table, STYLE_PLAIN, "%" G_GUINT64_FORMAT, bounce->packets);
	table_cell(table, STYLE_PLAIN, "%s", format_bytes(bounce->bytes, text));
	for (guint i = 0; i < G_N_ELEMENTS(counts); i++)
		table_cell(table, STYLE_PLAIN, "%" G_GUINT64_FORMAT, counts[i]);
}

static void print_pairs(const struct pathnl_bounce *bounce)
{
	char one[PREFIX_STRLEN], other[PREFIX_STRLEN];
	const struct pathnl_pair *pair;

	for (guint i = 0; i < bounce->n_pairs; i++) {
		pair = &bounce->pairs[i];
		printf("%s %s %s, %s\n", bounce->ifname, pair->deny ? "denies" : "allows",
		       prefix_print(&pair->one, one), prefix_print(&pair->other, other));
	}
}

static void print_table(const GArray *bounces)
{
	g_autoptr(table) table = table_new("INTERFACE >GROUP >PACKETS >BYTES >DENIED >EXPIRED "
					   ">TOO_BIG >ERRORS >ELSEWHERE >SOURCE >UNUSUAL");

	for (guint i = 0; i < bounces->len; i++)
		add_row(table, &g_array_index(bounces, struct pathnl_bounce, i));
	table_print(table, "no interface forwards between its peers: "
			   "\"meshctl bounce enable IFNAME\" lets one do it");
	for (guint i = 0; i < bounces->len; i++)
		print_pairs(&g_array_index(bounces, struct pathnl_bounce, i));
}

static enum cli_status status(const struct cli *cli, G_GNUC_UNUSED char **arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pathnl) nl = pathnl_open(&error);
	g_autoptr(GArray) bounces = nl ? pathnl_bounce_dump(nl, &error) : NULL;
	JsonArray *items;

	if (!bounces)
		return cli_fail_error(error);
	if (!cli->json) {
		print_table(bounces);
		return CLI_OK;
	}
	items = json_array_new();
	for (guint i = 0; i < bounces->len; i++)
		json_array_add_object_element(items, module_bounce_json(
			&g_array_index(bounces, struct pathnl_bounce, i)));
	return module_print_list("bounces", items);
}

static const struct command command_status_of_bounce = {
	.name = "status",
	.arguments = "",
	.summary = "show which interfaces forward between their peers, and what",
	.description =
		"Of the packets that came in by each interface, PACKETS were forwarded. Dropped were\n"
		"those DENIED, those whose hops have EXPIRED, those TOO BIG for the MTU (the sender was\n"
		"told by ICMP), and ERRORS, which WireGuard did not take. Left to the stack were those\n"
		"that lead ELSEWHERE, those from a SOURCE that is not one to forward from, and what is\n"
		"UNUSUAL.",
	.has_json = true,
	.run = status,
};

static const struct command command_enable = {
	.name = "enable",
	.arguments = "IFNAME",
	.summary = "let the kernel forward between the peers of a WireGuard interface",
	.description =
		"Any WireGuard interface will do, one of wg-quick too; neither a sysctl nor a firewall\n"
		"rule is needed, and none is asked: who may talk to whom is what is said here. All may,\n"
		"unless a pair is allowed; then only those allowed; never those denied. Enabling it\n"
		"again replaces what was said before.",
	.options = enable_options,
	.has_json = true,
	.min = 1,
	.max = 1,
	.run = enable,
};

static const struct command command_disable = {
	.name = "disable",
	.arguments = "IFNAME",
	.summary = "forward no longer",
	.description = "What comes goes to the stack, as without the module.",
	.min = 1,
	.max = 1,
	.run = disable,
};

static const struct command *const subcommands[] = {
	&command_status_of_bounce,
	&command_enable,
	&command_disable,
	NULL,
};

const struct command command_bounce = {
	.name = "bounce",
	.arguments = "",
	.summary = "forward between the peers of a WireGuard interface, without any daemon",
	.subcommands = subcommands,
	.run_first = true,
};
