// SPDX-License-Identifier: GPL-2.0
/* The settings of meshd. */
#include "settings.h"

#include <gio/gio.h>
#include <net/if.h>
#include <string.h>

#define DEFAULT_NETWORK "default"
#define DEFAULT_INTERFACE "wgmesh0"
#define INTERFACE_PREFIX "wgm-"
#define MAX_NETWORK_LEN 63

static bool invalid(GError **error, const char *text)
{
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, text);
	return false;
}

static bool set_text(char **text, const char *value)
{
	g_free(*text);
	*text = g_strdup(value);
	return true;
}

/* It becomes part of file names and of the name of the interface. */
static bool set_network(const char *value, void *target, GError **error)
{
	gsize len = strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-_");

	if (value[len] || len == 0 || len > MAX_NETWORK_LEN || value[0] == '-')
		return invalid(error, "a name is 1 to 63 of a-z, 0-9, \"-\" and \"_\", and does "
				      "not begin with \"-\"");
	if (strcmp(value, "server") == 0 || strcmp(value, "relay") == 0)
		return invalid(error, "this name stands for the socket and the settings of another "
				      "program; take another one");
	return set_text(&((struct settings *)target)->network, value);
}

static bool set_path(char **path, const char *value, GError **error)
{
	if (!g_path_is_absolute(value))
		return invalid(error, "the path has to begin with /");
	return set_text(path, value);
}

static bool set_state_directory(const char *value, void *target, GError **error)
{
	return set_path(&((struct settings *)target)->state_directory, value, error);
}

static bool set_socket(const char *value, void *target, GError **error)
{
	return set_path(&((struct settings *)target)->socket, value, error);
}

static bool set_socket_group(const char *value, void *target, G_GNUC_UNUSED GError **error)
{
	return set_text(&((struct settings *)target)->socket_group, value);
}

static bool set_viewer_group(const char *value, void *target, G_GNUC_UNUSED GError **error)
{
	return set_text(&((struct settings *)target)->viewer_group, value);
}

/* As the kernel wants it (dev_valid_name()). */
static bool set_interface(const char *value, void *target, GError **error)
{
	if (strlen(value) >= IFNAMSIZ || strpbrk(value, "/: \t%") || strcmp(value, ".") == 0 ||
	    strcmp(value, "..") == 0)
		return invalid(error, "an interface has at most 15 characters, without blanks, "
				      "\"/\", \":\" and \"%\"");
	return set_text(&((struct settings *)target)->interface, value);
}

static bool set_listen_port(const char *value, void *target, GError **error)
{
	guint64 port;

	if (!g_ascii_string_to_unsigned(value, 10, 0, G_MAXUINT16, &port, NULL))
		return invalid(error, "a port is a number from 0 to 65535; 0 lets the kernel "
				      "choose");
	((struct settings *)target)->listen_port = port;
	return true;
}

static const struct config_key keys[] = {
	{ "network", "NAME", "which of this machine's networks this is [default]", set_network,
	  NULL },
	{ "state-dir", "DIR", "private key, network and map [/var/lib/wgmesh/NETWORK]",
	  set_state_directory, NULL },
	{ "socket", "PATH", "where meshctl finds it [/run/wgmesh/NETWORK.sock]", set_socket, NULL },
	{ "socket-group", "GROUP", "who may use it besides root [the group of meshd]",
	  set_socket_group, NULL },
	{ "viewer-group", "GROUP", "who may use it to look, when there is such a group [wgmesh]",
	  set_viewer_group, NULL },
	{ "interface", "NAME", "the WireGuard interface [wgmesh0; wgm-NETWORK]", set_interface,
	  NULL },
	{ "listen-port", "PORT", "of WireGuard's own socket, 0 for any; no firewall needs to know",
	  set_listen_port, NULL },
	{},
};

static const struct {
	const char *word;
	enum settings_task task;
} tasks[] = {
	{ "down", SETTINGS_DOWN },
	{ "leave", SETTINGS_LEAVE },
};

static const struct config_program program = {
	.name = "meshd",
	.summary = "keeps this machine in a wgmesh network",
	.file = "/etc/wgmesh/*.conf",
	.file_key = "network",
	.file_word = DEFAULT_NETWORK,
	.keys = keys,
};

/* IFNAMSIZ leaves 11 characters of the network: networks that share them need --interface. */
static char *default_interface(const char *network)
{
	if (strcmp(network, DEFAULT_NETWORK) == 0)
		return g_strdup(DEFAULT_INTERFACE);
	return g_strdup_printf(INTERFACE_PREFIX "%.*s",
			       (int)(IFNAMSIZ - 1 - strlen(INTERFACE_PREFIX)), network);
}

static bool find_task(int argc, char **argv, enum settings_task *task, GError **error)
{
	*task = SETTINGS_RUN;
	if (argc <= 1)
		return true;
	for (guint i = 0; argc == 2 && i < G_N_ELEMENTS(tasks); i++) {
		if (strcmp(tasks[i].word, argv[1]) == 0) {
			*task = tasks[i].task;
			return true;
		}
	}
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
		    "unexpected argument '%s'; try --help", argv[argc - 1]);
	return false;
}

bool settings_load(struct settings *settings, int argc, char **argv, GError **error)
{
	if (!config_load(&program, &argc, &argv, settings, error) ||
	    !find_task(argc, argv, &settings->task, error))
		return false;
	if (!settings->network)
		settings->network = g_strdup(DEFAULT_NETWORK);
	if (!settings->state_directory)
		settings->state_directory =
			g_strdup_printf("/var/lib/wgmesh/%s", settings->network);
	if (!settings->socket)
		settings->socket = g_strdup_printf("/run/wgmesh/%s.sock", settings->network);
	if (!settings->interface)
		settings->interface = default_interface(settings->network);
	return true;
}

void settings_clear(struct settings *settings)
{
	g_free(settings->network);
	g_free(settings->state_directory);
	g_free(settings->socket);
	g_free(settings->socket_group);
	g_free(settings->viewer_group);
	g_free(settings->interface);
}
