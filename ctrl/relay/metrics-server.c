// SPDX-License-Identifier: GPL-2.0
/* Answering Prometheus over HTTP. */
#include "metrics-server.h"

#include <libsoup/soup.h>
#include <string.h>

#include "lib/log.h"
#include "metrics.h"

struct metrics_server {
	SoupServer *soup;
	const struct dispatcher *dispatcher;
};

static void answer(SoupServer *soup G_GNUC_UNUSED, SoupServerMessage *message, const char *path,
		   GHashTable *query G_GNUC_UNUSED, void *data)
{
	struct metrics_server *server = data;
	const char *method = soup_server_message_get_method(message);
	char *text;

	/* the handler is called for everything below the path as well */
	if (strcmp(path, "/metrics") != 0) {
		soup_server_message_set_status(message, SOUP_STATUS_NOT_FOUND, NULL);
		return;
	}
	if (method != SOUP_METHOD_GET && method != SOUP_METHOD_HEAD) {
		soup_server_message_set_status(message, SOUP_STATUS_METHOD_NOT_ALLOWED, NULL);
		return;
	}
	text = metrics_print(server->dispatcher->turn);
	soup_server_message_set_status(message, SOUP_STATUS_OK, NULL);
	soup_server_message_set_response(message, "text/plain; version=0.0.4; charset=utf-8",
					 SOUP_MEMORY_TAKE, text, strlen(text));
}

static void log_address(SoupServer *soup)
{
	GSList *uris = soup_server_get_uris(soup);

	for (GSList *item = uris; item; item = item->next) {
		g_autofree char *text = g_uri_to_string(item->data);

		log_info("metrics on %smetrics", text);
	}
	g_slist_free_full(uris, (GDestroyNotify)g_uri_unref);
}

struct metrics_server *metrics_server_new(const struct endpoint *address,
					  const struct dispatcher *dispatcher, GError **error)
{
	g_autoptr(GSocketAddress) native = NULL;
	struct metrics_server *server;
	char buf[ENDPOINT_STRLEN];

	native = g_socket_address_new_from_native((void *)&address->sa, endpoint_socklen(address));
	server = g_new0(struct metrics_server, 1);
	server->dispatcher = dispatcher;
	server->soup = soup_server_new(NULL, NULL);
	soup_server_add_handler(server->soup, "/metrics", answer, server, NULL);
	if (!soup_server_listen(server->soup, native, 0, error)) {
		g_prefix_error(error, "cannot show metrics on %s: ", endpoint_print(address, buf));
		metrics_server_free(server);
		return NULL;
	}
	log_address(server->soup);
	return server;
}

void metrics_server_free(struct metrics_server *server)
{
	if (!server)
		return;
	soup_server_disconnect(server->soup);
	g_object_unref(server->soup);
	g_free(server);
}
