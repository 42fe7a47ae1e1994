// SPDX-License-Identifier: GPL-2.0
/* meshctl device: WireGuard interfaces whose peers have paths. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/link.h"
#include "lib/wireguard.h"
#include "module.h"
#include "netns.h"
#include "probe-options.h"
#include "table.h"

static char *netns;
static int listen_port;

static const GOptionEntry attach_options[] = {
	{ "netns", 0, 0, G_OPTION_ARG_STRING, &netns,
	  "where the interface is, when it was made here and moved there", "NAME|PID" },
	{ "listen-port", 0, 0, G_OPTION_ARG_INT, &listen_port,
	  "of WireGuard's own socket [the one that it has now]", "PORT" },
	{ NULL },
};

static const GOptionEntry set_options[] = {
	PROBE_OPTIONS,
	{ "netns", 0, 0, G_OPTION_ARG_STRING, &netns,
	  "where the interface is, when it was made here and moved there", "NAME|PID" },
	{ NULL },
};

/**
 * struct interface - what is to be attached, or to be found again
 * @name: as it was given, or as the module has it
 * @ifindex: in its network namespace
 * @listen_port: of WireGuard's socket; 0 while it has none
 * @mark: firewall mark of the packets that WireGuard sends; 0 is none
 */
struct interface {
	const char *name;
	guint32 ifindex;
	guint16 listen_port;
	guint32 mark;
};

static bool read_interface(void *data, GError **error)
{
	struct interface *interface = data;
	g_autoptr(netlink) rtnl = netlink_open(NETLINK_ROUTE, error);
	g_autoptr(wireguard) wg = rtnl ? wireguard_open(error) : NULL;
	g_autoptr(wireguard_device) device = NULL;
	struct link link;

	if (!wg || !link_find_wireguard(rtnl, interface->name, &link, error))
		return false;
	device = wireguard_get_device(wg, link.ifindex, error);
	if (!device)
		return false;
	interface->ifindex = link.ifindex;
	interface->listen_port = listen_port ?: device->listen_port;
	interface->mark = device->fwmark;
	return true;
}

static enum cli_status print_device(const struct cli *cli, const struct pathnl_device *device)
{
	char network[PREFIX_STRLEN];
	JsonObject *object;

	if (cli->json) {
		object = json_object_new();
		json_object_set_object_member(object, "device", module_device_json(device));
		cli_print_json(object);
	} else {
		printf("device %u: %s, its peers get virtual endpoints of %s\n", device->id,
		       device->ifname, prefix_print(&device->virtual_network, network));
	}
	return CLI_OK;
}

static enum cli_status attach(const struct cli *cli, char **arguments)
{
	struct interface interface = { .name = arguments[0] };
	g_autoptr(GError) error = NULL;
	g_autoptr(pathnl) nl = NULL;
	struct pathnl_device device;
	bool attached;
	int fd = -1;

	if (listen_port < 0 || listen_port > G_MAXUINT16)
		return cli_misused("--listen-port: 1 to %d", G_MAXUINT16);
	if (netns) {
		fd = netns_open(netns, &error);
		if (fd < 0)
			return cli_fail_error(error);
	}
	attached = netns_run(fd, read_interface, &interface, &error) &&
		   (nl = pathnl_open(&error)) &&
		   pathnl_device_set(nl, interface.ifindex, fd, interface.listen_port,
				     interface.mark, &device, &error);
	if (fd >= 0)
		close(fd);
	if (attached)
		return print_device(cli, &device);
	if (g_error_matches(error, NETLINK_ERROR, ENODEV))
		return cli_fail("\"ip link add NAME type wireguard\" makes one; --netns tells where "
				"else to look.", "%s", error->message);
	return cli_fail_error(error);
}

/* An interface of another network namespace may have the name and the index of one here. */
static bool find_attached(void *data, GError **error)
{
	g_autoptr(netlink) rtnl = netlink_open(NETLINK_ROUTE, error);
	struct interface *interface = data;
	struct link link;

	if (!rtnl || !link_find_wireguard(rtnl, interface->name, &link, error))
		return false;
	return link.ifindex == interface->ifindex ||
	       netlink_fail(error, ENODEV,
			    "%s is attached, but it is in another network namespace\n"
			    "Tell with --netns in which one.",
			    interface->name);
}

static bool configure(struct pathnl *nl, int fd, const struct pathnl_settings *settings,
		      struct pathnl_device *device, GError **error)
{
	struct interface interface = { .name = device->ifname, .ifindex = device->ifindex };

	return netns_run(fd, find_attached, &interface, error) &&
	       pathnl_device_configure(nl, device->ifindex, fd, settings, device, error);
}

static enum cli_status set(const struct cli *cli, char **arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pathnl) nl = NULL;
	struct pathnl_settings settings;
	struct pathnl_device device;
	bool done;
	int fd = -1;

	if (!probe_options_read(&settings))
		return CLI_USAGE;
	if (!probe_options_given(&settings))
		return cli_misused("there is nothing to set: --selector or one of --probe-... is "
				   "missing");
	if (netns) {
		fd = netns_open(netns, &error);
		if (fd < 0)
			return cli_fail_error(error);
	}
	done = (nl = pathnl_open(&error)) &&
	       module_find_device(nl, arguments[0], &device, &error) &&
	       configure(nl, fd, &settings, &device, &error);
	if (fd >= 0)
		close(fd);
	if (!done)
		return cli_fail_error(error);
	return cli->json ? print_device(cli, &device) : CLI_OK;
}

static enum cli_status detach(G_GNUC_UNUSED const struct cli *cli, char **arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pathnl) nl = pathnl_open(&error);
	struct pathnl_device device;

	if (nl && module_find_device(nl, arguments[0], &device, &error) &&
	    pathnl_device_del(nl, device.id, &error))
		return CLI_OK;
	return cli_fail_error(error);
}

static void print_table(const GArray *devices)
{
	g_autoptr(table) table =
		table_new(">ID INTERFACE >INDEX >PORT VIRTUAL >PEERS SELECTOR PROBES >NO_PEER "
			  ">NO_SOCKET >BAD_PROBE");
	const struct pathnl_device *device;
	char network[PREFIX_STRLEN];

	for (guint i = 0; i < devices->len; i++) {
		g_autofree char *pace = NULL;

		device = &g_array_index(devices, struct pathnl_device, i);
		table_cell(table, STYLE_PLAIN, "%u", device->id);
		table_cell(table, STYLE_TITLE, "%s", device->ifname);
		table_cell(table, STYLE_PLAIN, "%u", device->ifindex);
		if (device->listen_port)
			table_cell(table, STYLE_PLAIN, "%u", device->listen_port);
		else
			table_cell(table, STYLE_PLAIN, "%s", "");
		table_cell(table, STYLE_PLAIN, "%s", prefix_print(&device->virtual_network,
								  network));
		table_cell(table, STYLE_PLAIN, "%u", device->peers);
		pace = probe_options_describe(&device->settings);
		table_cell(table, STYLE_PLAIN, "%s", device->settings.selector);
		table_cell(table, STYLE_PLAIN, "%s", pace);
		table_cell(table, STYLE_PLAIN, "%" G_GUINT64_FORMAT, device->drop_no_peer);
		table_cell(table, STYLE_PLAIN, "%" G_GUINT64_FORMAT, device->drop_no_socket);
		table_cell(table, STYLE_PLAIN, "%" G_GUINT64_FORMAT, device->drop_probe);
	}
	table_print(table,
		    "no interface is attached: \"meshctl device attach IFNAME\" attaches one");
}

static enum cli_status list(const struct cli *cli, G_GNUC_UNUSED char **arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(pathnl) nl = pathnl_open(&error);
	g_autoptr(GArray) devices = nl ? pathnl_device_dump(nl, &error) : NULL;
	JsonArray *items;

	if (!devices)
		return cli_fail_error(error);
	if (!cli->json) {
		print_table(devices);
		return CLI_OK;
	}
	items = json_array_new();
	for (guint i = 0; i < devices->len; i++)
		json_array_add_object_element(items, module_device_json(
			&g_array_index(devices, struct pathnl_device, i)));
	return module_print_list("devices", items);
}

static const struct command command_list = {
	.name = "list",
	.arguments = "",
	.summary = "list the attached interfaces",
	.description =
		"PROBES tells the seconds between probes of the path in use, of the others, and while\n"
		"there is no traffic; and how many without an answer make a path dead.\n"
		"NO PEER counts packets that WireGuard sent to a virtual endpoint that no peer has,\n"
		"NO SOCKET those that came while WireGuard had no open socket, BAD PROBE the probes\n"
		"that were not authentic, or had been here before.",
	.has_json = true,
	.run = list,
};

static const struct command command_attach = {
	.name = "attach",
	.arguments = "IFNAME",
	.summary = "let the module manage the paths of a WireGuard interface",
	.description = "Attaching it again only tells the port.",
	.options = attach_options,
	.has_json = true,
	.min = 1,
	.max = 1,
	.run = attach,
};

static const struct command command_set = {
	.name = "set",
	.arguments = "IFNAME",
	.summary = "set how the paths of the peers of an interface are probed and chosen",
	.description =
		"What \"meshctl peer set\" sets for a peer goes before. A TIME is a number with ms, s\n"
		"or m behind it.",
	.options = set_options,
	.has_json = true,
	.min = 1,
	.max = 1,
	.run = set,
};

static const struct command command_detach = {
	.name = "detach",
	.arguments = "IFNAME",
	.summary = "let go of an interface, and forget its peers and paths",
	.description = "WireGuard keeps its own configuration.",
	.min = 1,
	.max = 1,
	.run = detach,
};

static const struct command *const subcommands[] = {
	&command_list,
	&command_attach,
	&command_set,
	&command_detach,
	NULL,
};

const struct command command_device = {
	.name = "device",
	.arguments = "",
	.summary = "WireGuard interfaces in the kernel module, without any daemon",
	.subcommands = subcommands,
	.run_first = true,
};
