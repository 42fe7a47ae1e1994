/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHCTL_PATH_WORDS_H
#define MESHCTL_PATH_WORDS_H

#include "meshstatus.h"
#include "style.h"

/* What the kernel finds out about paths, in words. Texts are owned by the caller. */

/**
 * path_words_reason() - why another path was selected
 * @name: as the kernel names it: "lost"
 *
 * Return: (static, or @name when it is not known) half a sentence.
 */
const char *path_words_reason(const char *name);

/**
 * path_words_where() - where a path leads: "direct, 192.0.2.1:5000", "relay fra, 203.0.113.1:3478"
 * @path: the path
 */
char *path_words_where(const struct mesh_path *path);

/**
 * path_words_use() - whether packets take a path, and why not: "in use, forced"
 * @path: the path
 */
char *path_words_use(const struct mesh_path *path);

/**
 * path_words_state() - how it is: "alive for 3 min, round trip 9.10 ms, jitter 0.30 ms, 0.0 % lost"
 * @path: the path
 */
char *path_words_state(const struct mesh_path *path);

/**
 * path_words_switch() - the last switch: "12 s ago: the peer did not answer ... (3 in all)"
 * @peer: the peer
 *
 * Return: NULL when there was none.
 */
char *path_words_switch(const struct mesh_peer *peer);

/**
 * path_words_style() - how the state of a path is to look
 * @path: the path
 */
enum style path_words_style(const struct mesh_path *path);

#endif
