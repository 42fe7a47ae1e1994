/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHD_PATH_WHY_H
#define MESHD_PATH_WHY_H

#include "lib/pathnl.h"

/**
 * path_why_not() - why packets do not take a path, in words
 * @path: the path, which is not in use
 * @selected: the one in use; NULL when there is none
 * @peer: whose paths they are
 *
 * Return: half a sentence about the path: "it loses too many packets".
 */
const char *path_why_not(const struct pathnl_path *path, const struct pathnl_path *selected,
			 const struct pathnl_peer *peer);

#endif
