/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_UNIQUENAME_H
#define WGMESH_UNIQUENAME_H

#include <glib.h>
#include <stdbool.h>

#include "lib/hostname.h"

/**
 * typedef uniquename_taken - whether another node has a hostname
 * @hostname: the hostname
 * @data: what uniquename_choose() was given
 */
typedef bool (*uniquename_taken)(const char *hostname, void *data);

/**
 * uniquename_choose() - the hostname that was wished for, or with "-2", "-3", … behind it
 * @wanted: the wish, a valid hostname; it gives way to its number where both are too long
 * @max: the highest number that has to be tried
 * @taken: is asked
 * @data: for @taken
 * @hostname: the choice goes here
 *
 * When n nodes have the same wish, @taken is asked about 2 log2(n) times, not n times: the number is
 * the first free one when those before were given in order, and else one behind a taken one.
 *
 * Return: false when there is none up to @max.
 */
bool uniquename_choose(const char *wanted, guint max, uniquename_taken taken, void *data,
		       char hostname[static HOSTNAME_SIZE]);

#endif
