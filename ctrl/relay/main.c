// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>

#include "../lib/log.h"
#include "../lib/notify.h"
#include "dispatch.h"
#include "kernel.h"
#include "settings.h"

struct relay {
	int argc;
	char **argv;
	struct settings settings;
	struct dispatcher dispatcher;
	struct turn turn;
	struct nonces *nonces;
	struct expiry_queue *expiry;
	struct kernel *kernel; /* NULL when this program forwards all */
	GArray *listening; /* of struct endpoint */
	GPtrArray *listeners;
	GMainLoop *loop;
};

static bool open_listener(struct relay *relay, const struct endpoint *address, GError **error)
{
	struct listener *listener = listener_new(address, dispatch, &relay->dispatcher, error);
	char buf[ENDPOINT_STRLEN];

	if (!listener)
		return false;
	g_ptr_array_add(relay->listeners, listener);
	g_array_append_val(relay->listening, *listener_endpoint(listener));
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

static const char *print_address(const struct endpoint *endpoint, char buf[static PREFIX_STRLEN])
{
	struct prefix prefix = {};
	const void *address;
	gsize len;

	address = endpoint_address(endpoint, &len);
	prefix_from_address(&prefix, address, len, len * 8);
	return prefix_print(&prefix, buf);
}

/* Better now than when the first client asks. */
static bool try_relay_addresses(const struct settings *settings, GError **error)
{
	char buf[PREFIX_STRLEN];

	for (guint i = 0; i < settings->relay->len; i++) {
		const struct endpoint *address = &g_array_index(settings->relay, struct endpoint,
								i);
		struct relay_socket *socket = ports_draw(&settings->ports, address);

		if (!socket) {
			g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
				    "cannot relay from %s: %s; 'ip address' shows the addresses of "
				    "this host", print_address(address, buf), g_strerror(errno));
			return false;
		}
		relay_socket_free(socket);
		log_info("relaying from %s, ports %u-%u", print_address(address, buf),
			 settings->ports.min, settings->ports.max);
	}
	return true;
}

static struct nonces *make_nonces(const struct users *users)
{
	guint8 key[NONCE_KEY_LEN];

	randombytes_buf(key, sizeof(key));
	return nonces_new(key, users_allow_hash(users));
}

static bool use_kernel(struct relay *relay, GError **error)
{
	g_autoptr(GError) failure = NULL;

	if (relay->settings.kernel == KERNEL_OFF)
		return true;
	relay->kernel = kernel_new(&failure);
	if (relay->kernel) {
		log_info("the kernel forwards the data of channels");
		return true;
	}
	if (relay->settings.kernel == KERNEL_REQUIRE) {
		g_propagate_error(error, g_steal_pointer(&failure));
		return false;
	}
	log_info("all data passes through this program: %s", failure->message);
	return true;
}

static bool start_turn(struct relay *relay, GError **error)
{
	const struct settings *settings = &relay->settings;
	struct turn *turn = &relay->turn;

	if (!users_are_configured(settings->users))
		return true;
	if (!try_relay_addresses(settings, error))
		return false;
	if (!use_kernel(relay, error))
		return false;
	turn->poller = poller_new(error);
	if (!turn->poller)
		return false;

	relay->nonces = make_nonces(settings->users);
	turn->auth = (struct auth){ settings->realm, settings->users, relay->nonces };
	turn->policy = settings->policy;
	turn->limits = settings->limits;
	turn->alternate = settings->alternate;
	turn->addresses = (struct turn_addresses){
		.relay = settings->relay,
		.external = settings->external,
		.listening = relay->listening,
		.ports = settings->ports,
		.channel_min = settings->channel_min,
		.channel_max = settings->channel_max,
	};
	relay->expiry = expiry_queue_new();
	turn_init(turn, relay->expiry, relay->kernel ? kernel_offload(relay->kernel) : NULL);
	relay->dispatcher.turn = turn;
	return true;
}

static void stop_turn(struct relay *relay)
{
	if (relay->dispatcher.turn)
		turn_clear(&relay->turn);
	poller_free(relay->turn.poller);
	expiry_queue_free(relay->expiry);
	kernel_free(relay->kernel);
	nonces_free(relay->nonces);
}

static void quit(void *relay)
{
	g_main_loop_quit(((struct relay *)relay)->loop);
}

static gboolean stop_now(gpointer relay)
{
	quit(relay);
	return G_SOURCE_CONTINUE;
}

/* Clients that have an allocation get time to find another server; a second signal ends that. */
static gboolean stop(gpointer data)
{
	struct relay *relay = data;
	guint left = relay->dispatcher.turn ? allocation_count(relay->turn.allocations, NULL) : 0;

	if (!left || relay->turn.draining || !relay->settings.drain_s)
		return stop_now(relay);
	log_info("stopping when %u allocations have ended, in %u s at the latest", left,
		 relay->settings.drain_s);
	notify_service_manager("STOPPING=1");
	relay->turn.draining = true;
	allocation_table_on_empty(relay->turn.allocations, quit, relay);
	g_timeout_add_seconds(relay->settings.drain_s, stop_now, relay);
	return G_SOURCE_CONTINUE;
}

/* Only who may allocate is taken over; the rest would need sockets that this user may not open. */
static gboolean reload(gpointer data)
{
	struct relay *relay = data;
	g_autoptr(GError) error = NULL;
	struct settings fresh;
	struct nonces *nonces;

	if (!settings_load(&fresh, relay->argc, relay->argv, &error)) {
		log_warning("users stay as they are: %s", error->message);
	} else if (users_are_configured(fresh.users) != (relay->dispatcher.turn != NULL)) {
		log_warning("users stay as they are: to begin or to end relaying, restart");
	} else if (relay->dispatcher.turn) {
		struct users *old = relay->settings.users;

		relay->settings.users = g_steal_pointer(&fresh.users);
		fresh.users = old;
		relay->turn.auth.users = relay->settings.users;
		/* Nonces say whether users can be found by their hash. */
		nonces = make_nonces(relay->settings.users);
		relay->turn.auth.nonces = nonces;
		nonces_free(relay->nonces);
		relay->nonces = nonces;
		log_info("users read anew");
	}
	settings_clear(&fresh);
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
	relay->dispatcher.limit = source_limit_new(key);
	relay->listening = g_array_new(FALSE, FALSE, sizeof(struct endpoint));
	relay->listeners = g_ptr_array_new_with_free_func((GDestroyNotify)listener_free);
	relay->loop = g_main_loop_new(NULL, FALSE);
	g_unix_signal_add(SIGTERM, stop, relay);
	g_unix_signal_add(SIGINT, stop_now, relay);
	g_unix_signal_add(SIGHUP, reload, relay);
}

static void relay_clear(struct relay *relay)
{
	stop_turn(relay);
	g_ptr_array_unref(relay->listeners);
	g_array_unref(relay->listening);
	source_limit_free(relay->dispatcher.limit);
	settings_clear(&relay->settings);
	g_main_loop_unref(relay->loop);
}

int main(int argc, char **argv)
{
	struct relay relay = { .argc = argc, .argv = argv };
	g_autoptr(GError) error = NULL;

	if (sodium_init() < 0) {
		log_error("libsodium cannot be initialised: no source of random numbers?");
		return EXIT_FAILURE;
	}

	relay_init(&relay);
	if (settings_load(&relay.settings, argc, argv, &error) && open_listeners(&relay, &error) &&
	    start_turn(&relay, &error))
		run(&relay);
	else
		log_error("%s", error->message);
	relay_clear(&relay);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}
