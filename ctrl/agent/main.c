// SPDX-License-Identifier: GPL-2.0
/* meshd: starts the node of one network, or leaves that network for meshctl. */
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

#include "commands.h"
#include "lib/log.h"
#include "lib/notify.h"
#include "node.h"
#include "once.h"
#include "settings.h"

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

/**
 * struct service - meshd as it runs
 * @loop: ends when meshd is to stop, or when the node is to be made anew
 * @again: the node is to be made anew
 */
struct service {
	GMainLoop *loop;
	bool again;
};

static gboolean on_stop(void *data)
{
	struct service *service = data;

	g_main_loop_quit(service->loop);
	return G_SOURCE_CONTINUE;
}

/* What was in the state directory is gone: the next node begins with another key. */
static void on_left(void *data)
{
	struct service *service = data;

	service->again = true;
	g_main_loop_quit(service->loop);
}

/* Whoever listens on the socket has the network: a second meshd ends before it touches anything. */
static bool run_nodes(const struct node_settings *settings, struct commands *commands,
		      GError **error)
{
	struct service service = { .loop = g_main_loop_new(NULL, FALSE) };
	struct node *node;

	commands_on_left(commands, on_left, &service);
	g_unix_signal_add(SIGTERM, on_stop, &service);
	g_unix_signal_add(SIGINT, on_stop, &service);
	do {
		service.again = false;
		node = node_new(settings, &commands_node_events, commands, error);
		if (!node)
			break;
		commands_set_node(commands, node);
		notify_service_manager("READY=1");
		g_main_loop_run(service.loop);
		if (!service.again)
			notify_service_manager("STOPPING=1");

		/* the interface, its peers and their paths stay, and carry packets until the next start */
		node_free(node);
	} while (service.again);
	g_main_loop_unref(service.loop);
	return node;
}

static bool serve(const struct settings *settings, const struct node_settings *node_settings,
		  GError **error)
{
	struct commands *commands = commands_new(settings->socket, settings->socket_group,
						 settings->viewer_group, error);
	bool ok = commands && run_nodes(node_settings, commands, error);

	commands_free(commands);
	return ok;
}

static bool run(const struct settings *settings, GError **error)
{
	struct node_settings node_settings = {
		.state_directory = settings->state_directory,
		.ifname = settings->interface,
		.listen_port = settings->listen_port,
	};

	if (settings->task != SETTINGS_RUN)
		return once_run(settings->task, &node_settings, error);
	return serve(settings, &node_settings, error);
}

int main(int argc, char **argv)
{
	struct settings settings = {};
	g_autoptr(GError) error = NULL;
	bool ok;

	if (sodium_init() < 0) {
		log_error("libsodium cannot be initialised: no source of random numbers?");
		return EXIT_FAILURE;
	}
	umask(077); /* whatever is made in the state directory holds secrets */
	allow_many_sockets();
	ok = settings_load(&settings, argc, argv, &error) && has_net_admin(&error) &&
	     run(&settings, &error);
	if (!ok)
		log_error("%s", error->message);
	settings_clear(&settings);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
