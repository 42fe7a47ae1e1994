// SPDX-License-Identifier: GPL-2.0
#include <glib-unix.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>

#include "../lib/config.h"
#include "../lib/log.h"
#include "../lib/notify.h"
#include "../lib/stun.h"
#include "dispatch.h"
#include "listener.h"

struct settings {
	GArray *listen; /* of struct endpoint */
};

struct relay {
	struct settings settings;
	struct dispatcher dispatcher;
	GPtrArray *listeners;
	GMainLoop *loop;
};

static bool set_listen(const char *value, void *target, GError **error)
{
	struct settings *settings = target;
	struct endpoint address;

	if (!endpoint_parse_default(value, STUN_DEFAULT_PORT, &address, error))
		return false;
	g_array_append_val(settings->listen, address);
	return true;
}

static void clear_listen(void *target)
{
	g_array_set_size(((struct settings *)target)->listen, 0);
}

static const struct config_key keys[] = {
	{ "listen", "ADDR:PORT",
	  "Answer on this UDP endpoint; may be repeated (default: [::]:3478 and 0.0.0.0:3478)",
	  set_listen, clear_listen },
	{}
};

static const struct config_program program = {
	.name = "mesh-relayd",
	.summary = "Tells wgmesh nodes, and any other STUN client, under which address and port\n"
		   "they are seen from here.",
	.file = "/etc/wgmesh/relay.conf",
	.keys = keys,
};

static bool open_listener(struct relay *relay, const struct endpoint *address, GError **error)
{
	struct listener *listener = listener_new(address, dispatch, &relay->dispatcher, error);
	char buf[ENDPOINT_STRLEN];

	if (!listener)
		return false;
	g_ptr_array_add(relay->listeners, listener);
	log_info("listening on %s", endpoint_print(listener_endpoint(listener), buf));
	return true;
}

/* Both families, but a host without one of them is served on the other. */
static bool open_default_listeners(struct relay *relay, GError **error)
{
	static const char *const defaults[] = { "::", "0.0.0.0" };

	for (gsize i = 0; i < G_N_ELEMENTS(defaults); i++) {
		g_autoptr(GError) failure = NULL;
		struct endpoint address;

		endpoint_parse_default(defaults[i], STUN_DEFAULT_PORT, &address, NULL);
		if (open_listener(relay, &address, &failure))
			continue;
		if (!g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED)) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return false;
		}
		log_info("%s", failure->message);
	}
	if (relay->listeners->len)
		return true;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
		    "this host has neither IPv4 nor IPv6");
	return false;
}

static bool open_listeners(struct relay *relay, GError **error)
{
	const GArray *listen = relay->settings.listen;

	if (!listen->len)
		return open_default_listeners(relay, error);
	for (guint i = 0; i < listen->len; i++)
		if (!open_listener(relay, &g_array_index(listen, struct endpoint, i), error))
			return false;
	return true;
}

static gboolean stop(gpointer data)
{
	struct relay *relay = data;

	g_main_loop_quit(relay->loop);
	return G_SOURCE_CONTINUE;
}

static void run(struct relay *relay)
{
	notify_service_manager("READY=1");
	g_main_loop_run(relay->loop);
	notify_service_manager("STOPPING=1");
	log_info("stopped");
}

static void relay_init(struct relay *relay)
{
	guint8 key[SOURCE_LIMIT_KEY_LEN];

	randombytes_buf(key, sizeof(key));
	relay->settings.listen = g_array_new(FALSE, FALSE, sizeof(struct endpoint));
	relay->dispatcher.limit = source_limit_new(key);
	relay->listeners = g_ptr_array_new_with_free_func((GDestroyNotify)listener_free);
	relay->loop = g_main_loop_new(NULL, FALSE);
	g_unix_signal_add(SIGTERM, stop, relay);
	g_unix_signal_add(SIGINT, stop, relay);
}

static void relay_clear(struct relay *relay)
{
	g_ptr_array_unref(relay->listeners);
	source_limit_free(relay->dispatcher.limit);
	g_array_unref(relay->settings.listen);
	g_main_loop_unref(relay->loop);
}

static bool load_settings(struct relay *relay, int argc, char **argv, GError **error)
{
	if (!config_load(&program, &argc, &argv, &relay->settings, error))
		return false;
	if (argc > 1) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			    "unexpected argument '%s'; try --help", argv[1]);
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	struct relay relay = {};

	if (sodium_init() < 0) {
		log_error("libsodium cannot be initialised: no source of random numbers?");
		return EXIT_FAILURE;
	}

	relay_init(&relay);
	if (load_settings(&relay, argc, argv, &error) && open_listeners(&relay, &error))
		run(&relay);
	else
		log_error("%s", error->message);
	relay_clear(&relay);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}
