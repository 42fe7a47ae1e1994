// SPDX-License-Identifier: GPL-2.0
/* mesh-server: starts, reloads and stops. */
#include <glib-unix.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <gio/gio.h>

#include "lib/log.h"
#include "lib/notify.h"
#include "server.h"
#include "settings.h"

static gboolean on_stop(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_CONTINUE;
}

static gboolean on_reload(gpointer server)
{
	server_reload(server);
	return G_SOURCE_CONTINUE;
}

static bool load_settings(struct settings *settings, int argc, char **argv, GError **error)
{
	if (!config_load(&settings_program, &argc, &argv, settings, error))
		return false;
	if (argc > 1) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			    "unexpected argument '%s'; try --help", argv[1]);
		return false;
	}
	return settings_check(settings, error);
}

static void run(struct server *server)
{
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);

	g_unix_signal_add(SIGTERM, on_stop, loop);
	g_unix_signal_add(SIGINT, on_stop, loop);
	g_unix_signal_add(SIGHUP, on_reload, server);
	notify_service_manager("READY=1");
	g_main_loop_run(loop);
	notify_service_manager("STOPPING=1");
	g_main_loop_unref(loop);
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	struct server *server = NULL;
	struct settings settings;

	if (sodium_init() < 0) {
		log_error("libsodium cannot be initialised: no source of random numbers?");
		return EXIT_FAILURE;
	}
	umask(077); /* whatever is made in the state directory holds secrets */
	settings_init(&settings);
	if (load_settings(&settings, argc, argv, &error))
		server = server_new(&settings, &error);
	if (server)
		run(server);
	else
		log_error("%s", error->message);
	server_free(server);
	settings_clear(&settings);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}
