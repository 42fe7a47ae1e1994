/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_SETTINGS_H
#define WGMESH_RELAY_SETTINGS_H

#include "turn.h"

/**
 * enum kernel_use - whether the kernel is to forward for channels
 * @KERNEL_AUTO: when the module is there and may be used
 * @KERNEL_REQUIRE: it has to be
 * @KERNEL_OFF: no
 */
enum kernel_use {
	KERNEL_AUTO,
	KERNEL_REQUIRE,
	KERNEL_OFF,
};

/**
 * struct settings - what the configuration file and the command line say
 * @listen: (of struct endpoint) where to answer; may be empty
 * @listen_tls: (of struct endpoint) where to answer over TLS; may be empty
 * @tls_cert: file of the certificate for TLS, or NULL
 * @tls_key: file of its private key, or NULL
 * @relay: (of struct endpoint) addresses to relay from, without port
 * @relay_follows: they are what the default routes say, and change with these; none at first, perhaps
 * @external: (of struct endpoint) what clients are told instead
 * @realm: of the credentials
 * @users: who may allocate; STUN is all that is served when nobody may
 * @policy: which peers may be relayed to
 * @ports: of relayed transport addresses
 * @channel_min: the first channel number
 * @channel_max: the last one
 * @limits: how much there may be
 * @alternate: where clients are sent while draining, or unset
 * @metrics: where metrics are shown, or unset
 * @kernel: whether the kernel is to forward for channels
 * @drain_s: how long to wait for the last allocation to end, in seconds
 */
struct settings {
	GArray *listen;
	GArray *listen_tls;
	char *tls_cert;
	char *tls_key;
	GArray *relay;
	bool relay_follows;
	GArray *external;
	char *realm;
	struct users *users;
	struct peer_policy *policy;
	struct ports ports;
	guint16 channel_min;
	guint16 channel_max;
	struct turn_limits limits;
	struct endpoint alternate;
	struct endpoint metrics;
	enum kernel_use kernel;
	guint drain_s;
};

/**
 * settings_load() - read them
 * @settings: the result; to be cleared with settings_clear(), after an error too
 * @argc: how many words the command line has
 * @argv: the words of the command line; not changed
 * @error: what is wrong, and where it stands
 *
 * With --help and --version the process ends here.
 */
bool settings_load(struct settings *settings, int argc, char **argv, GError **error);

/**
 * settings_clear() - free what settings_load() filled in
 * @settings: the settings
 */
void settings_clear(struct settings *settings);

#endif
