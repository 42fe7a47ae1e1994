/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_SOURCE_COUNT_H
#define WGMESH_RELAY_SOURCE_COUNT_H

#include "lib/rate-table.h"

/* How many of something each host and each network has. What has none is not remembered. */

struct source_count;

/**
 * source_count_new() - begin with none
 *
 * Return: (owned by the caller) the counts; free with source_count_free().
 */
struct source_count *source_count_new(void);

/**
 * source_count_free() - free counts
 * @count: the counts
 */
void source_count_free(struct source_count *count);

/**
 * source_count_add() - one more comes from there
 * @count: the counts
 * @source: an address; its port does not count
 */
void source_count_add(struct source_count *count, const struct endpoint *source);

/**
 * source_count_remove() - one that was added is gone
 * @count: the counts
 * @source: where it came from
 */
void source_count_remove(struct source_count *count, const struct endpoint *source);

/**
 * source_count_get() - how many there are
 * @count: the counts
 * @source: an address
 * @level: the network of it that is meant
 */
guint source_count_get(const struct source_count *count, const struct endpoint *source,
		       enum rate_level level);

#endif
