// SPDX-License-Identifier: GPL-2.0
#include <glib-unix.h>
#include <linux/capability.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <gio/gio.h>

#include "../lib/log.h"
#include "../lib/notify.h"
#include "commands.h"
#include "node.h"
#include "settings.h"

static gboolean on_stop(void *loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_CONTINUE;
}

static bool has_net_admin(GError **error)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &header, data) == 0 &&
	    data[0].effective & CAP_TO_MASK(CAP_NET_ADMIN))
		return true;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
		    "meshd needs the capability CAP_NET_ADMIN, and nothing else, to make the "
		    "WireGuard interface; run it as root, or by its systemd unit: systemctl start "
		    "meshd@default");
	return false;
}

/* One for each address that ICE looks for a peer from, and one for the port of a path. */
static void allow_many_sockets(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void run(void)
{
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);

	g_unix_signal_add(SIGTERM, on_stop, loop);
	g_unix_signal_add(SIGINT, on_stop, loop);
	notify_service_manager("READY=1");
	g_main_loop_run(loop);
	notify_service_manager("STOPPING=1");
	g_main_loop_unref(loop);
}

/* Whoever listens on the socket has the network: a second meshd ends before it touches anything. */
static bool run_node(const struct settings *settings, struct commands *commands, GError **error)
{
	struct node_settings node_settings = {
		.state_directory = settings->state_directory,
		.ifname = settings->interface,
		.listen_port = settings->listen_port,
	};
	struct node *node = node_new(&node_settings, &commands_node_events, commands, error);

	if (!node)
		return false;
	commands_set_node(commands, node);
	run();

	/* the interface, its peers and their paths stay, and carry packets until the next start */
	node_free(node);
	return true;
}

int main(int argc, char **argv)
{
	struct settings settings = {};
	struct commands *commands = NULL;
	g_autoptr(GError) error = NULL;

	if (sodium_init() < 0) {
		log_error("libsodium cannot be initialised: no source of random numbers?");
		return EXIT_FAILURE;
	}
	umask(077); /* whatever is made in the state directory holds secrets */
	allow_many_sockets();
	if (settings_load(&settings, argc, argv, &error) && has_net_admin(&error))
		commands = commands_new(settings.socket, settings.socket_group, &error);
	if (commands)
		run_node(&settings, commands, &error);
	if (error)
		log_error("%s", error->message);
	commands_free(commands);
	settings_clear(&settings);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}
