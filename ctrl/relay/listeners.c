// SPDX-License-Identifier: GPL-2.0
/* All sockets that clients talk to, UDP, TCP and TLS, as the settings say. */
#include "listeners.h"

#include <errno.h>
#include <gio/gio.h>

#include "lib/acceptor.h"
#include "lib/log.h"

/* How often a free port is looked for that is free for UDP and TCP. */
#define TRIES 16

/**
 * struct listeners - see listeners.h
 * @udp: struct listener of each UDP socket
 * @tcp: struct acceptor of each TCP socket, those for TLS as well
 * @endpoints: where @udp listen
 * @handler: answers datagrams
 * @data: for @handler
 * @streams: takes connections
 */
struct listeners {
	GPtrArray *udp;
	GPtrArray *tcp;
	GArray *endpoints;
	listener_handler handler;
	void *data;
	struct streams *streams;
};

static bool fail_tcp(const struct endpoint *address, GError **error)
{
	char buf[ENDPOINT_STRLEN];
	int saved = errno;

	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(saved),
		    "cannot listen on %s (TCP): %s%s", endpoint_print(address, buf),
		    g_strerror(saved), listener_advice(saved));
	return false;
}

static bool open_pair(struct listeners *listeners, const struct endpoint *address,
		      struct listener **udp, struct acceptor **tcp, GError **error)
{
	guint tries = endpoint_port(address) ? 1 : TRIES;

	do {
		*udp = listener_new(address, listeners->handler, listeners->data, error);
		if (!*udp)
			return false;
		*tcp = acceptor_new(listener_endpoint(*udp), true, streams_accept,
				    listeners->streams);
		if (*tcp)
			return true;
		listener_free(*udp);
	} while (errno == EADDRINUSE && --tries);
	return fail_tcp(address, error);
}

static bool open_plain(struct listeners *listeners, const struct endpoint *address, GError **error)
{
	char buf[ENDPOINT_STRLEN];
	struct listener *udp;
	struct acceptor *tcp;

	if (!open_pair(listeners, address, &udp, &tcp, error))
		return false;
	g_ptr_array_add(listeners->udp, udp);
	g_ptr_array_add(listeners->tcp, tcp);
	g_array_append_val(listeners->endpoints, *listener_endpoint(udp));
	log_info("listening on %s", endpoint_print(listener_endpoint(udp), buf));
	return true;
}

static bool open_tls(struct listeners *listeners, const struct endpoint *address, GError **error)
{
	struct acceptor *acceptor = acceptor_new(address, true, streams_accept_tls,
						 listeners->streams);
	char buf[ENDPOINT_STRLEN];

	if (!acceptor)
		return fail_tcp(address, error);
	g_ptr_array_add(listeners->tcp, acceptor);
	log_info("listening for TLS on %s", endpoint_print(acceptor_endpoint(acceptor), buf));
	return true;
}

typedef bool (*open_function)(struct listeners *listeners, const struct endpoint *address,
			      GError **error);

/* Both families, but a host without one of them is served on the other. */
static bool open_wildcards(struct listeners *listeners, open_function open, guint16 port,
			   GError **error)
{
	static const char *const addresses[] = { "::", "0.0.0.0" };
	bool opened = false;

	for (gsize i = 0; i < G_N_ELEMENTS(addresses); i++) {
		g_autoptr(GError) failure = NULL;
		struct endpoint address;

		endpoint_parse_default(addresses[i], port, &address, NULL);
		if (open(listeners, &address, &failure)) {
			opened = true;
			continue;
		}
		if (!g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED)) {
			g_propagate_error(error, g_steal_pointer(&failure));
			return false;
		}
		log_info("%s", failure->message);
	}
	if (!opened)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
			    "this host has neither IPv4 nor IPv6");
	return opened;
}

static bool open_all(struct listeners *listeners, open_function open, const GArray *addresses,
		     guint16 default_port, GError **error)
{
	if (!addresses->len)
		return open_wildcards(listeners, open, default_port, error);
	for (guint i = 0; i < addresses->len; i++)
		if (!open(listeners, &g_array_index(addresses, struct endpoint, i), error))
			return false;
	return true;
}

struct listeners *listeners_new(const struct settings *settings, listener_handler handler,
				void *data, struct streams *streams, GError **error)
{
	struct listeners *listeners = g_new0(struct listeners, 1);

	listeners->udp = g_ptr_array_new_with_free_func((GDestroyNotify)listener_free);
	listeners->tcp = g_ptr_array_new_with_free_func((GDestroyNotify)acceptor_free);
	listeners->endpoints = g_array_new(FALSE, FALSE, sizeof(struct endpoint));
	listeners->handler = handler;
	listeners->data = data;
	listeners->streams = streams;
	if (!open_all(listeners, open_plain, settings->listen, STUN_DEFAULT_PORT, error) ||
	    (settings->tls_cert && !open_all(listeners, open_tls, settings->listen_tls,
					     STUN_DEFAULT_TLS_PORT, error))) {
		listeners_free(listeners);
		return NULL;
	}
	return listeners;
}

void listeners_free(struct listeners *listeners)
{
	if (!listeners)
		return;
	g_ptr_array_unref(listeners->tcp);
	g_ptr_array_unref(listeners->udp);
	g_array_unref(listeners->endpoints);
	g_free(listeners);
}

int listeners_find_udp(const struct listeners *listeners, const struct endpoint *server)
{
	for (guint i = 0; i < listeners->udp->len; i++) {
		const struct listener *listener = g_ptr_array_index(listeners->udp, i);
		const struct endpoint *at = listener_endpoint(listener);

		if (endpoint_port(at) == endpoint_port(server) &&
		    at->sa.sa_family == server->sa.sa_family &&
		    (endpoint_is_wildcard(at) || endpoint_equal_address(at, server)))
			return listener_fd(listener);
	}
	return -1;
}

const GArray *listeners_endpoints(const struct listeners *listeners)
{
	return listeners->endpoints;
}
