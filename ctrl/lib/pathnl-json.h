/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PATHNL_JSON_H
#define WGMESH_PATHNL_JSON_H

#include <json-glib/json-glib.h>

#include "pathnl.h"

/*
 * What the module says, as members of JSON: meshctl shows them as they are, meshd among what it
 * knows of a peer. What is unknown or was not measured has no member.
 */

/**
 * pathnl_json_set_settings() - add the selector and the pace of probes
 * @object: where to
 * @settings: those of a device or a peer
 */
void pathnl_json_set_settings(JsonObject *object, const struct pathnl_settings *settings);

/**
 * pathnl_json_set_choice() - add how the path of a peer is chosen, and when and why it was last
 * @object: where to
 * @peer: the peer
 */
void pathnl_json_set_choice(JsonObject *object, const struct pathnl_peer *peer);

/**
 * pathnl_json_set_path() - add a path: its endpoints, state, measurements and counters
 * @object: where to
 * @path: the path
 */
void pathnl_json_set_path(JsonObject *object, const struct pathnl_path *path);

#endif
