/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHCTL_MODULE_H
#define MESHCTL_MODULE_H

#include <json-glib/json-glib.h>

#include "cli.h"
#include "lib/pathnl-bounce.h"
#include "lib/pathnl.h"

/* What the commands that talk to the kernel module share. */

/**
 * module_parse_id() - read the number of a path
 * @text: the number
 * @id: where it goes
 *
 * Return: false when it is none.
 */
bool module_parse_id(const char *text, guint32 *id);

/**
 * module_find_device() - find an attached device
 * @nl: the socket
 * @name: of its interface; or its number, when interfaces of several network namespaces have one
 *	  name
 * @device: the result goes here
 * @error: NETLINK_ERROR; ENOENT when none or several are called so
 */
bool module_find_device(struct pathnl *nl, const char *name, struct pathnl_device *device,
			GError **error);

/**
 * module_find_peer() - find a peer by its key
 * @nl: the socket
 * @device: of the peer
 * @key: public key in base64
 * @peer: the result goes here
 * @error: NETLINK_ERROR; ENOENT when it is not there; or what is wrong with @key
 */
bool module_find_peer(struct pathnl *nl, const struct pathnl_device *device, const char *key,
		      struct pathnl_peer *peer, GError **error);

/*
 * The objects as JSON, owned by the caller. A number that is absent in the kernel is left out.
 */
JsonObject *module_device_json(const struct pathnl_device *device);
JsonObject *module_peer_json(const struct pathnl_peer *peer);
JsonObject *module_path_json(const struct pathnl_path *path);
JsonObject *module_selection_json(const struct pathnl_selection *selection);
JsonObject *module_bounce_json(const struct pathnl_bounce *bounce);

/**
 * module_print_list() - print a list as JSON
 * @name: of the list
 * @items: (owned by the callee from now on) the list
 *
 * Return: CLI_OK
 */
enum cli_status module_print_list(const char *name, JsonArray *items);

#endif
