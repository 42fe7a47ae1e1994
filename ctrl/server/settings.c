// SPDX-License-Identifier: GPL-2.0
/* The settings of mesh-server. */
#include "settings.h"

#include <gio/gio.h>
#include <string.h>

#include "address.h"
#include "lib/endpoint.h"
#include "lib/stun.h"
#include "relays.h"

#define MAX_STUN 8

static bool invalid(GError **error, const char *text)
{
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, text);
	return false;
}

static bool set_listen(const char *value, void *target, GError **error)
{
	struct settings *settings = target;
	struct endpoint ep;

	if (!endpoint_parse_default(value, SETTINGS_DEFAULT_PORT, &ep, error))
		return false;
	g_array_append_val(settings->listen, ep);
	return true;
}

static void clear_listen(void *target)
{
	g_array_set_size(((struct settings *)target)->listen, 0);
}

static bool set_path(char **path, const char *value, GError **error)
{
	if (!g_path_is_absolute(value))
		return invalid(error, "the path has to begin with /");
	g_free(*path);
	*path = g_strdup(value);
	return true;
}

static bool set_state_dir(const char *value, void *target, GError **error)
{
	return set_path(&((struct settings *)target)->state_dir, value, error);
}

static bool set_socket(const char *value, void *target, GError **error)
{
	return set_path(&((struct settings *)target)->socket, value, error);
}

static bool set_tls_cert(const char *value, void *target, GError **error)
{
	return set_path(&((struct settings *)target)->tls_cert, value, error);
}

static bool set_tls_key(const char *value, void *target, GError **error)
{
	return set_path(&((struct settings *)target)->tls_key, value, error);
}

static bool set_text(char **text, const char *value)
{
	g_free(*text);
	*text = g_strdup(value);
	return true;
}

static bool set_socket_group(const char *value, void *target, G_GNUC_UNUSED GError **error)
{
	return set_text(&((struct settings *)target)->socket_group, value);
}

static bool set_viewer_group(const char *value, void *target, G_GNUC_UNUSED GError **error)
{
	return set_text(&((struct settings *)target)->viewer_group, value);
}

static bool set_public_host(const char *value, void *target, GError **error)
{
	struct settings *settings = target;

	return joinstring_parse_address(value, settings->public_host, &settings->public_port, error);
}

static bool set_network_name(const char *value, void *target, GError **error)
{
	struct settings *settings = target;

	if (strlen(value) > STORE_MAX_NAME || !g_utf8_validate(value, -1, NULL))
		return invalid(error, "the name has to be at most 64 bytes of UTF-8");
	g_free(settings->network_name);
	settings->network_name = g_strdup(value);
	return true;
}

static bool set_prefix(const char *value, void *target, GError **error)
{
	struct settings *settings = target;
	struct prefix prefix;

	if (!prefix_parse(value, &prefix, error) || !address_check_prefix(&prefix, error))
		return false;
	settings->prefix = prefix;
	return true;
}

static bool set_relay_lifetime(const char *value, void *target, GError **error)
{
	guint64 seconds;

	if (!g_ascii_string_to_unsigned(value, 10, RELAYS_MIN_LIFETIME_S, RELAYS_MAX_LIFETIME_S,
					&seconds, NULL))
		return invalid(error, "a number of seconds from 10 to 604800 is expected");
	((struct settings *)target)->relay_lifetime_s = seconds;
	return true;
}

static bool set_relay_secret_file(const char *value, void *target, GError **error)
{
	return set_path(&((struct settings *)target)->relay_secret_file, value, error);
}

static bool set_relay_port(const char *value, void *target, GError **error)
{
	guint64 port;

	if (!g_ascii_string_to_unsigned(value, 10, 1, 65535, &port, NULL))
		return invalid(error, "a port, from 1 to 65535, is expected");
	((struct settings *)target)->relay_port = port;
	return true;
}

static bool add_stun(const char *value, void *target, GError **error)
{
	struct settings *settings = target;
	struct endpoint ep;

	if (!endpoint_parse_default(value, STUN_DEFAULT_PORT, &ep, error))
		return false;
	if (endpoint_is_wildcard(&ep) || endpoint_port(&ep) == 0)
		return invalid(error, "an endpoint that nodes can reach is expected");
	if (settings->stun->len >= MAX_STUN)
		return invalid(error, "more than 8 STUN servers are of no use");
	g_ptr_array_add(settings->stun, endpoint_format(&ep));
	return true;
}

static void clear_stun(void *target)
{
	g_ptr_array_set_size(((struct settings *)target)->stun, 0);
}

static const struct config_key keys[] = {
	{ "listen", "ADDR:PORT", "accept nodes there; [::]:7443 by default", set_listen,
	  clear_listen },
	{ "state-dir", "DIR", "keep certificate and database there; /var/lib/wgmesh-server",
	  set_state_dir, NULL },
	{ "socket", "PATH", "take the operator's requests there; /run/wgmesh/server.sock",
	  set_socket, NULL },
	{ "socket-group", "GROUP", "let its members use the socket", set_socket_group, NULL },
	{ "viewer-group", "GROUP", "let its members use it to look; wgmesh, when there is such a group",
	  set_viewer_group, NULL },
	{ "public-host", "HOST[:PORT]", "how nodes reach this server; goes into join strings",
	  set_public_host, NULL },
	{ "network-name", "NAME", "what the network is called; wgmesh at first", set_network_name,
	  NULL },
	{ "prefix", "CIDR", "nodes get addresses out of it; 100.64.0.0/10 at first", set_prefix,
	  NULL },
	{ "stun", "ADDR:PORT", "tell nodes of this STUN server", add_stun, clear_stun },
	{ "relay-secret-file", "FILE", "nodes may use the relay of this machine, which knows it",
	  set_relay_secret_file, NULL },
	{ "relay-port", "PORT", "the port of that relay, UDP and TCP; 3478", set_relay_port, NULL },
	{ "relay-lifetime", "SECONDS",
	  "what nodes use relays with is good for so long; 43200, renewed at half",
	  set_relay_lifetime, NULL },
	{ "tls-cert", "FILE", "use this certificate (PEM) instead of an own one", set_tls_cert,
	  NULL },
	{ "tls-key", "FILE", "the private key of --tls-cert (PEM)", set_tls_key, NULL },
	{}
};

const struct config_program settings_program = {
	.name = "mesh-server",
	.summary = "keeps a network of nodes together: who belongs to it, and their signals",
	.file = "/etc/wgmesh/server.conf",
	.keys = keys,
};

void settings_init(struct settings *settings)
{
	memset(settings, 0, sizeof(*settings));
	settings->listen = g_array_new(FALSE, FALSE, sizeof(struct endpoint));
	settings->stun = g_ptr_array_new_with_free_func(g_free);
	settings->relay_port = STUN_DEFAULT_PORT;
	settings->relay_lifetime_s = RELAYS_DEFAULT_LIFETIME_S;
	settings->state_dir = g_strdup("/var/lib/wgmesh-server");
	settings->socket = g_strdup("/run/wgmesh/server.sock");
}

bool settings_check(const struct settings *settings, GError **error)
{
	if (!settings->tls_cert != !settings->tls_key)
		return invalid(error, "tls-cert and tls-key go together: give both or none");
	return true;
}

void settings_clear(struct settings *settings)
{
	g_array_unref(settings->listen);
	g_ptr_array_unref(settings->stun);
	g_free(settings->state_dir);
	g_free(settings->socket);
	g_free(settings->socket_group);
	g_free(settings->viewer_group);
	g_free(settings->network_name);
	g_free(settings->relay_secret_file);
	g_free(settings->tls_cert);
	g_free(settings->tls_key);
}
