// SPDX-License-Identifier: GPL-2.0
/* meshctl peer: peers of the module without a daemon. */
#include <errno.h>
#include <stdio.h>

#include "format.h"
#include "lib/link.h"
#include "lib/pathnl-names.h"
#include "lib/wireguard.h"
#include "module.h"
#include "probe-keys.h"
#include "probe-options.h"
#include "table.h"

static gboolean configure_wireguard;

static const GOptionEntry add_options[] = {
	{ "wireguard", 0, 0, G_OPTION_ARG_NONE, &configure_wireguard,
	  "set the virtual endpoint in WireGuard, too", NULL },
	{ NULL },
};

static char *key_file;

static const GOptionEntry set_options[] = {
	PROBE_OPTIONS,
	{ "probe-key-file", 0, 0, G_OPTION_ARG_FILENAME, &key_file,
	  "two keys that probes are authenticated with", "FILE" },
	{ NULL },
};

/* The interface may be in another network namespace, and one of ours have the same name. */
static bool find_interface(const struct pathnl_device *device, struct link *link, GError **error)
{
	g_autoptr(netlink) rtnl = netlink_open(NETLINK_ROUTE, error);

	if (!rtnl || !link_find_wireguard(rtnl, device->ifname, link, error))
		return false;
	return link->ifindex == device->ifindex ||
	       netlink_fail(error, ENODEV,
			    "%s is in another network namespace\n"
			    "Set the endpoint there with \"wg set\".",
			    device->ifname);
}

static bool set_endpoint(const struct pathnl_device *device, const struct pathnl_peer *peer,
			 GError **error)
{
	struct wireguard_peer change = {
		.change = WIREGUARD_UPDATE,
		.public_key = peer->public_key,
		.endpoint = peer->virtual_endpoint,
		.keepalive_s = WIREGUARD_KEEP,
	};
	g_autoptr(wireguard_device) interface = NULL;
	g_autoptr(wireguard) wg = NULL;
	struct link link;

	if (!find_interface(device, &link, error))
		return false;
	wg = wireguard_open(error);
	interface = wg ? wireguard_get_device(wg, link.ifindex, error) : NULL;
	if (!interface)
		return false;
	if (!wireguard_find_peer(interface, &peer->public_key))
		return netlink_fail(error, ENOENT,
				    "the peer was added, but WireGuard does not have it\n"
				    "\"wg set %s peer KEY allowed-ips ...\" adds it there.",
				    device->ifname);
	return wireguard_set_peers(wg, link.ifindex, &change, 1, error);
}

static enum cli_status print_peer(const struct cli *cli, const struct pathnl_peer *peer)
{
	char endpoint[ENDPOINT_STRLEN];
	JsonObject *object;

	if (cli->json) {
		object = json_object_new();
		json_object_set_object_member(object, "peer", module_peer_json(peer));
		cli_print_json(object);
	} else {
		puts(endpoint_print(&peer->virtual_endpoint, endpoint));
	}
	return CLI_OK;
}

static enum cli_status add(const struct cli *cli, char **arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pathnl) nl = NULL;
	struct pathnl_device device;
	struct pathnl_peer peer;
	struct key key;

	if (!key_parse(arguments[1], &key, &error))
		return cli_misused("%s", error->message);
	nl = pathnl_open(&error);
	if (!nl || !module_find_device(nl, arguments[0], &device, &error) ||
	    !pathnl_peer_set(nl, device.id, &key, &peer, &error) ||
	    (configure_wireguard && !set_endpoint(&device, &peer, &error)))
		return cli_fail_error(error);
	return print_peer(cli, &peer);
}

static bool configure(struct pathnl *nl, const char *key, const struct pathnl_device *device,
		      const struct pathnl_settings *settings, struct pathnl_peer *peer,
		      GError **error)
{
	struct pathnl_probe_keys keys;
	bool done;

	if (key_file && !probe_keys_read(key_file, &keys, error))
		return false;
	done = module_find_peer(nl, device, key, peer, error) &&
	       pathnl_peer_configure(nl, device->id, &peer->public_key, settings,
				     key_file ? &keys : NULL, peer, error);
	if (key_file)
		probe_keys_wipe(&keys);
	return done;
}

static enum cli_status set(const struct cli *cli, char **arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pathnl) nl = NULL;
	struct pathnl_settings settings;
	struct pathnl_device device;
	struct pathnl_peer peer;

	if (!probe_options_read(&settings))
		return CLI_USAGE;
	if (!probe_options_given(&settings) && !key_file)
		return cli_misused("there is nothing to set: --selector or one of --probe-... is "
				   "missing");
	nl = pathnl_open(&error);
	if (!nl || !module_find_device(nl, arguments[0], &device, &error) ||
	    !configure(nl, arguments[1], &device, &settings, &peer, &error))
		return cli_fail_error(error);
	return cli->json ? print_peer(cli, &peer) : CLI_OK;
}

static enum cli_status remove_peer(G_GNUC_UNUSED const struct cli *cli, char **arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pathnl) nl = pathnl_open(&error);
	struct pathnl_device device;
	struct pathnl_peer peer;

	if (nl && module_find_device(nl, arguments[0], &device, &error) &&
	    module_find_peer(nl, &device, arguments[1], &peer, &error) &&
	    pathnl_peer_del(nl, peer.id, &error))
		return CLI_OK;
	return cli_fail_error(error);
}

static void add_choice(struct table *table, const struct pathnl_peer *peer)
{
	char age[FORMAT_STRLEN];

	table_cell(table, STYLE_PLAIN, "%s", peer->settings.selector);
	table_cell(table, peer->probing ? STYLE_PLAIN : STYLE_FAINT, "%s",
		   peer->probing ? "yes" : "no");
	table_cell(table, STYLE_PLAIN, "%" G_GUINT64_FORMAT, peer->switches);
	if (peer->switch_age_ms >= 0)
		table_cell(table, STYLE_PLAIN, "%s ago: %s", format_ms(peer->switch_age_ms, age),
			   pathnl_reason_name(peer->switch_reason));
	else
		table_cell(table, STYLE_FAINT, "never");
}

static void print_table(const GArray *peers)
{
	g_autoptr(table) table =
		table_new(">ID >DEVICE KEY VIRTUAL_ENDPOINT >SELECTED >PATHS SELECTOR PROBED "
			  ">SWITCHES LAST_SWITCH >NO_PATH");
	const struct pathnl_peer *peer;
	char endpoint[ENDPOINT_STRLEN], key[KEY_STRLEN];

	for (guint i = 0; i < peers->len; i++) {
		peer = &g_array_index(peers, struct pathnl_peer, i);
		table_cell(table, STYLE_PLAIN, "%u", peer->id);
		table_cell(table, STYLE_PLAIN, "%u", peer->device);
		table_cell(table, STYLE_PLAIN, "%s", key_print(&peer->public_key, key));
		table_cell(table, STYLE_PLAIN, "%s", endpoint_print(&peer->virtual_endpoint,
								    endpoint));
		if (peer->selected_path)
			table_cell(table, STYLE_GOOD, "%u", peer->selected_path);
		else
			table_cell(table, STYLE_BAD, "%s", "none");
		table_cell(table, STYLE_PLAIN, "%u", peer->paths);
		add_choice(table, peer);
		table_cell(table, STYLE_PLAIN, "%" G_GUINT64_FORMAT, peer->drop_no_path);
	}
	table_print(table, "no peers: \"meshctl peer add IFNAME KEY\" adds one");
}

static enum cli_status list(const struct cli *cli, char **arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pathnl) nl = pathnl_open(&error);
	struct pathnl_device device = { 0 };
	g_autoptr(GArray) peers = NULL;
	JsonArray *items;

	if (nl && (!arguments[0] || module_find_device(nl, arguments[0], &device, &error)))
		peers = pathnl_peer_dump(nl, device.id, &error);
	if (!peers)
		return cli_fail_error(error);
	if (!cli->json) {
		print_table(peers);
		return CLI_OK;
	}
	items = json_array_new();
	for (guint i = 0; i < peers->len; i++)
		json_array_add_object_element(items, module_peer_json(
			&g_array_index(peers, struct pathnl_peer, i)));
	return module_print_list("peers", items);
}

static const struct command command_list = {
	.name = "list",
	.arguments = "[IFNAME]",
	.summary = "list the peers, of all interfaces or of one",
	.description = "NO PATH counts packets that were dropped because there was no path.",
	.has_json = true,
	.max = 1,
	.run = list,
};

static const struct command command_add = {
	.name = "add",
	.arguments = "IFNAME KEY",
	.summary = "give a peer its virtual endpoint, and print that",
	.description =
		"For WireGuard to use it: wg set IFNAME peer KEY endpoint ENDPOINT, or --wireguard.\n"
		"Adding a peer again prints the endpoint that it has.",
	.options = add_options,
	.has_json = true,
	.min = 2,
	.max = 2,
	.run = add,
};

static const struct command command_set = {
	.name = "set",
	.arguments = "IFNAME KEY",
	.summary = "set how the paths of a peer are probed and chosen",
	.description =
		"A TIME is a number with ms, s or m behind it. What is not set for a peer is as its\n"
		"interface has it.\n"
		"\n"
		"FILE has two lines, each a key as \"wg genkey\" prints it: the first one for probes to\n"
		"the peer, the second one for those from it. The other end has them the other way\n"
		"round. Nobody but you may be able to read it. Paths are probed once there are keys.",
	.options = set_options,
	.has_json = true,
	.min = 2,
	.max = 2,
	.run = set,
};

static const struct command command_remove = {
	.name = "remove",
	.arguments = "IFNAME KEY",
	.summary = "forget a peer and its paths",
	.min = 2,
	.max = 2,
	.run = remove_peer,
};

static const struct command *const subcommands[] = {
	&command_list,
	&command_add,
	&command_set,
	&command_remove,
	NULL,
};

const struct command command_peer = {
	.name = "peer",
	.arguments = "",
	.summary = "peers in the kernel module, without any daemon",
	.subcommands = subcommands,
	.run_first = true,
};
