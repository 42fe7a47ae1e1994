/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHD_SETTINGS_H
#define MESHD_SETTINGS_H

#include "lib/config.h"

/**
 * enum settings_task - what is to be done
 * @SETTINGS_RUN: be the node, until stopped
 * @SETTINGS_DOWN: in place of a meshd that does not run, take the node out of its network
 * @SETTINGS_LEAVE: likewise, for good
 */
enum settings_task {
	SETTINGS_RUN,
	SETTINGS_DOWN,
	SETTINGS_LEAVE,
};

/**
 * struct settings - what meshd is started with
 * @task: what is to be done
 * @network: names this instance on this machine
 * @state_directory: where the private key, the network and its map are kept
 * @socket: where meshctl finds it
 * @socket_group: whose members may use meshctl, besides root; NULL for the group of this process
 * @viewer_group: whose members may use it to look; NULL for the usual group
 * @interface: name of the WireGuard interface
 * @listen_port: of WireGuard's own socket, 0 lets the kernel choose
 */
struct settings {
	enum settings_task task;
	char *network;
	char *state_directory;
	char *socket;
	char *socket_group;
	char *viewer_group;
	char *interface;
	guint16 listen_port;
};

/**
 * settings_load() - take them from the configuration file and the command line
 * @settings: zeroed; settings_clear() it, also after an error
 * @argc: how many words the command line has
 * @argv: the words of the command line
 * @error: what is wrong, and where
 *
 * What is not given follows from the name of the network.
 */
bool settings_load(struct settings *settings, int argc, char **argv, GError **error);

/**
 * settings_clear() - free what is in there
 * @settings: the settings
 */
void settings_clear(struct settings *settings);

#endif
