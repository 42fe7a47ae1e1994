// SPDX-License-Identifier: GPL-2.0
/* mesh-relayd: starts, reloads, drains and stops. */
#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>

#include "adopt.h"
#include "defaults.h"
#include "dispatch.h"
#include "drain.h"
#include "follow.h"
#include "kernel.h"
#include "lib/log.h"
#include "lib/notify.h"
#include "listeners.h"
#include "metrics-server.h"

/**
 * struct relay - the program
 * @argc: how many words the command line has
 * @argv: the words of the command line
 * @settings: what the command line and the configuration file say
 * @dispatcher: gets each message
 * @turn: the TURN server
 * @nonce_key: of @nonces
 * @nonces: of the TURN server
 * @expiry: ends what expires
 * @poller: of sockets
 * @tls: certificate and rules for TLS
 * @streams: clients over TCP and TLS
 * @listeners: sockets that clients talk to
 * @metrics: answers Prometheus; NULL when nobody asks for that
 * @follow: NULL when the settings say what to relay from
 * @kernel: NULL when this program forwards all
 * @drain: NULL before it is told to stop
 * @loop: ends with the program
 */
struct relay {
	int argc;
	char **argv;
	struct settings settings;
	struct dispatcher dispatcher;
	struct turn turn;
	guint8 nonce_key[NONCE_KEY_LEN];
	struct nonces *nonces;
	struct expiry_queue *expiry;
	struct poller *poller;
	struct connection_security tls;
	struct streams *streams;
	struct listeners *listeners;
	struct metrics_server *metrics;
	struct follow *follow;
	struct kernel *kernel;
	struct drain *drain;
	GMainLoop *loop;
};

static bool load_certificate(struct relay *relay, const struct settings *settings, GError **error)
{
	struct certificate *certificate;

	if (!settings->tls_cert)
		return true;
	certificate = certificate_load(settings->tls_cert, settings->tls_key, error);
	if (!certificate)
		return false;
	certificate_unref(relay->tls.certificate);
	relay->tls = (struct connection_security){ certificate, CONNECTION_TLS_1_2_AND_LATER };
	return true;
}

static bool listen_to_clients(struct relay *relay, GError **error)
{
	if (!load_certificate(relay, &relay->settings, error))
		return false;
	relay->poller = poller_new(error);
	if (!relay->poller)
		return false;
	relay->streams = streams_new(relay->poller, relay->expiry, &relay->tls, dispatch,
				     &relay->dispatcher);
	relay->listeners = listeners_new(&relay->settings, dispatch, &relay->dispatcher,
					 relay->streams, error);
	return relay->listeners;
}

static const char *print_address(const struct endpoint *endpoint, char buf[static PREFIX_STRLEN])
{
	struct prefix prefix = {};

	prefix_from_endpoint(&prefix, endpoint);
	return prefix_print(&prefix, buf);
}

static void tell_relay_addresses(const struct settings *settings)
{
	char buf[PREFIX_STRLEN];

	for (guint i = 0; i < settings->relay->len; i++)
		log_info("relaying from %s, ports %u-%u",
			 print_address(&g_array_index(settings->relay, struct endpoint, i), buf),
			 settings->ports.min, settings->ports.max);
	if (settings->relay_follows)
		defaults_warn_of_private(settings->relay);
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
	}
	tell_relay_addresses(settings);
	return true;
}

/* Most allocations have the same address. */
struct verdict {
	const struct follow *follow;
	struct endpoint address;
	bool gone;
};

static bool is_gone(const struct endpoint *address, void *data)
{
	struct verdict *verdict = data;

	if (!endpoint_equal_address(address, &verdict->address)) {
		verdict->address = *address;
		verdict->gone = !follow_has(verdict->follow, address);
	}
	return verdict->gone;
}

/* Their clients are told with the next request, and ask for an allocation anew. */
static void end_what_is_gone(struct relay *relay)
{
	struct verdict verdict = { .follow = relay->follow };
	guint ended = allocation_end_gone(relay->turn.allocations, is_gone, &verdict);

	if (ended)
		log_info("this host has lost the relayed addresses of %u allocations", ended);
}

static void on_looked(bool changed, void *data)
{
	struct relay *relay = data;

	if (changed)
		tell_relay_addresses(&relay->settings);
	end_what_is_gone(relay);
}

static bool follow_addresses(struct relay *relay, GError **error)
{
	if (!relay->settings.relay_follows)
		return true;
	relay->follow = follow_new(relay->settings.relay, on_looked, relay, error);
	return relay->follow;
}

/* Nonces say whether users can be found by their hash. */
static void make_nonces(struct relay *relay)
{
	nonces_free(relay->nonces);
	relay->nonces = nonces_new(relay->nonce_key, users_allow_hash(relay->settings.users));
	relay->turn.auth.nonces = relay->nonces;
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

static void apply_rules(struct relay *relay)
{
	relay->turn.policy = relay->settings.policy;
	relay->turn.limits = relay->settings.limits;
	relay->turn.alternate = relay->settings.alternate;
}

static bool start_turn(struct relay *relay, GError **error)
{
	const struct settings *settings = &relay->settings;
	struct turn *turn = &relay->turn;

	if (!users_are_configured(settings->users))
		return true;
	if (!try_relay_addresses(settings, error) || !follow_addresses(relay, error))
		return false;
	if (!use_kernel(relay, error))
		return false;
	turn->poller = relay->poller;
	turn->auth = (struct auth){ .realm = settings->realm, .users = settings->users };
	make_nonces(relay);
	apply_rules(relay);
	turn->addresses = (struct turn_addresses){
		.relay = settings->relay,
		.external = settings->external,
		.listening = listeners_endpoints(relay->listeners),
		.ports = settings->ports,
		.channel_min = settings->channel_min,
		.channel_max = settings->channel_max,
	};
	turn_init(turn, relay->expiry, relay->kernel ? kernel_offload(relay->kernel) : NULL);
	relay->dispatcher.turn = turn;
	if (relay->kernel)
		adopt(kernel_netlink(relay->kernel), turn, relay->listeners);
	return true;
}

static bool start_metrics(struct relay *relay, GError **error)
{
	if (!endpoint_is_set(&relay->settings.metrics))
		return true;
	relay->metrics = metrics_server_new(&relay->settings.metrics, &relay->dispatcher, error);
	return relay->metrics;
}

static void stop_turn(struct relay *relay)
{
	drain_free(relay->drain);
	follow_free(relay->follow);
	if (relay->dispatcher.turn)
		turn_clear(&relay->turn);
	kernel_free(relay->kernel);
	nonces_free(relay->nonces);
}

static gboolean stop_now(struct relay *relay)
{
	g_main_loop_quit(relay->loop);
	return G_SOURCE_CONTINUE;
}

static void on_drained(void *relay)
{
	stop_now(relay);
}

/* To be started again: what the kernel forwards goes on meanwhile, and is taken over then. */
static gboolean on_hand_over(void *data)
{
	struct relay *relay = data;

	if (relay->kernel)
		kernel_hand_over(relay->kernel);
	return stop_now(relay);
}

/* Clients that have an allocation get time to find another server; a second signal ends that. */
static gboolean on_stop(void *data)
{
	struct relay *relay = data;
	guint left = relay->dispatcher.turn ? allocation_count(relay->turn.allocations, NULL) : 0;

	if (!left || relay->drain || !relay->settings.drain_s)
		return stop_now(relay);
	log_info("stopping when %u allocations have ended, in %u s at the latest", left,
		 relay->settings.drain_s);
	notify_service_manager("STOPPING=1");
	relay->drain = drain_new(&relay->turn, relay->settings.drain_s, on_drained, relay);
	return G_SOURCE_CONTINUE;
}

static void reload_users(struct relay *relay, struct settings *fresh)
{
	struct users *old;

	if (users_are_configured(fresh->users) != (relay->dispatcher.turn != NULL)) {
		log_warning("users stay as they are: to begin or to end relaying, restart");
		return;
	}
	if (!relay->dispatcher.turn)
		return;
	old = relay->settings.users;
	relay->settings.users = fresh->users;
	fresh->users = old;
	relay->turn.auth.users = relay->settings.users;
	make_nonces(relay);
	log_info("users read anew");
}

/* What there is already stays, until the client asks for more of it or refreshes it. */
static void reload_rules(struct relay *relay, struct settings *fresh)
{
	struct peer_policy *policy = relay->settings.policy;

	relay->settings.policy = fresh->policy;
	fresh->policy = policy;
	relay->settings.limits = fresh->limits;
	relay->settings.alternate = fresh->alternate;
	relay->settings.drain_s = fresh->drain_s;
	apply_rules(relay);
	log_info("settings read anew");
}

/* Connections keep the certificate they began with. */
static void reload_certificate(struct relay *relay, const struct settings *fresh)
{
	g_autoptr(GError) error = NULL;

	if (!relay->tls.certificate != !fresh->tls_cert)
		log_warning("the certificate stays as it is: to begin or to end TLS, restart");
	if (!relay->tls.certificate || !fresh->tls_cert)
		return;
	if (load_certificate(relay, fresh, &error))
		log_info("certificate read anew");
	else
		log_warning("the certificate stays as it is: %s", error->message);
}

/* The rest would need sockets that this user may not open. */
static gboolean on_reload(void *data)
{
	struct relay *relay = data;
	g_autoptr(GError) error = NULL;
	struct settings fresh;

	if (settings_load(&fresh, relay->argc, relay->argv, &error)) {
		reload_users(relay, &fresh);
		reload_rules(relay, &fresh);
		reload_certificate(relay, &fresh);
	} else {
		log_warning("the settings stay as they are: %s", error->message);
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
	randombytes_buf(relay->nonce_key, sizeof(relay->nonce_key));
	relay->dispatcher.strangers = dispatch_strangers_new();
	relay->expiry = expiry_queue_new();
	relay->loop = g_main_loop_new(NULL, FALSE);
	g_unix_signal_add(SIGTERM, on_stop, relay);
	g_unix_signal_add(SIGINT, on_hand_over, relay);
	g_unix_signal_add(SIGHUP, on_reload, relay);
}

static void relay_clear(struct relay *relay)
{
	metrics_server_free(relay->metrics);
	stop_turn(relay);
	listeners_free(relay->listeners);
	streams_free(relay->streams);
	certificate_unref(relay->tls.certificate);
	poller_free(relay->poller);
	expiry_queue_free(relay->expiry);
	rate_table_free(relay->dispatcher.strangers);
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
	if (settings_load(&relay.settings, argc, argv, &error) && listen_to_clients(&relay, &error) &&
	    start_turn(&relay, &error) && start_metrics(&relay, &error))
		run(&relay);
	else
		log_error("%s", error->message);
	relay_clear(&relay);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}
