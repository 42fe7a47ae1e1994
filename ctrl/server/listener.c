// SPDX-License-Identifier: GPL-2.0
/* Accepting connections at all endpoints of the server. */
#include "listener.h"

#include <errno.h>
#include <gio/gio.h>

struct listener {
	GPtrArray *acceptors;
	GArray *endpoints;
};

static bool shares_port(const GArray *endpoints, const struct endpoint *ep)
{
	for (guint i = 0; i < endpoints->len; i++) {
		const struct endpoint *other = &g_array_index(endpoints, struct endpoint, i);

		if (other->sa.sa_family == AF_INET && endpoint_port(other) == endpoint_port(ep))
			return true;
	}
	return false;
}

struct listener *listener_new(const GArray *endpoints, acceptor_accepted accepted, void *data,
			      GError **error)
{
	struct listener *listener = g_new0(struct listener, 1);

	listener->acceptors = g_ptr_array_new_with_free_func((GDestroyNotify)acceptor_free);
	listener->endpoints = g_array_new(FALSE, TRUE, sizeof(struct endpoint));
	for (guint i = 0; i < endpoints->len; i++) {
		const struct endpoint *ep = &g_array_index(endpoints, struct endpoint, i);
		struct acceptor *acceptor = acceptor_new(ep, shares_port(endpoints, ep), accepted,
							 data);

		if (!acceptor) {
			char text[ENDPOINT_STRLEN];
			int saved = errno;

			g_set_error(error, G_IO_ERROR, g_io_error_from_errno(saved),
				    "cannot listen on %s: %s", endpoint_print(ep, text),
				    g_strerror(saved));
			listener_free(listener);
			return NULL;
		}
		g_ptr_array_add(listener->acceptors, acceptor);
		g_array_append_val(listener->endpoints, *acceptor_endpoint(acceptor));
	}
	return listener;
}

const GArray *listener_endpoints(const struct listener *listener)
{
	return listener->endpoints;
}

void listener_pause(struct listener *listener, bool pause)
{
	for (guint i = 0; i < listener->acceptors->len; i++)
		acceptor_pause(listener->acceptors->pdata[i], pause);
}

void listener_free(struct listener *listener)
{
	if (!listener)
		return;
	g_ptr_array_unref(listener->acceptors);
	g_array_unref(listener->endpoints);
	g_free(listener);
}
