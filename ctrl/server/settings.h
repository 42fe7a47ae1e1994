/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_SETTINGS_H
#define WGMESH_SETTINGS_H

#include <glib.h>
#include <stdbool.h>

#include "lib/config.h"
#include "lib/joinstring.h"
#include "lib/prefix.h"

#define SETTINGS_DEFAULT_PORT 7443

/**
 * struct settings - what the operator wants
 * @listen: struct endpoint; empty for the default
 * @state_dir: where certificate and database are
 * @socket: path of the control socket
 * @socket_group: its group; NULL for the one of the process
 * @viewer_group: whose members may use it to look; NULL for the usual group
 * @public_host: how nodes reach the server; empty when not set
 * @public_port: the port of that, host byte order; 0 for the one that is listened on
 * @network_name: NULL to keep the one that is stored
 * @prefix: not set to keep the one that is stored
 * @relay_lifetime_s: how long the credentials that nodes get for relays are good
 * @relay_secret_file: of the mesh-relayd that runs beside this server; NULL for what the service
 *		       manager hands over
 * @relay_port: its port
 * @stun: texts of endpoints that answer STUN
 * @tls_cert: path of the operator's certificate; NULL for the server's own
 * @tls_key: path of its private key
 */
struct settings {
	GArray *listen;
	char *state_dir;
	char *socket;
	char *socket_group;
	char *viewer_group;
	char public_host[JOINSTRING_MAX_HOST + 1];
	guint16 public_port;
	char *network_name;
	struct prefix prefix;
	gint64 relay_lifetime_s;
	char *relay_secret_file;
	guint16 relay_port;
	GPtrArray *stun;
	char *tls_cert;
	char *tls_key;
};

/* The options of mesh-server, on the command line and in its configuration file. */
extern const struct config_program settings_program;

/**
 * settings_init() - the defaults
 * @settings: where they go
 */
void settings_init(struct settings *settings);

/**
 * settings_check() - whether the settings fit together
 * @settings: the settings
 * @error: G_IO_ERROR_INVALID_ARGUMENT
 */
bool settings_check(const struct settings *settings, GError **error);

/**
 * settings_clear() - free what they hold
 * @settings: the settings
 */
void settings_clear(struct settings *settings);

#endif
