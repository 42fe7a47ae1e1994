/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_KERNEL_COUNT_H
#define WGMESH_RELAY_KERNEL_COUNT_H

#include "lib/pathnl-relay.h"
#include "offload.h"

/*
 * The counts of the kernel, for all that this program has ever given it to forward for. What has
 * ended still counts: totals never become smaller.
 */

struct kernel_count;

/**
 * kernel_count_new() - begin to count
 * @nl: (borrowed) the kernel
 *
 * Return: (owned by the caller) the counts; free with kernel_count_free().
 */
struct kernel_count *kernel_count_new(struct pathnl *nl);

/**
 * kernel_count_free() - stop counting
 * @count: the counts
 */
void kernel_count_free(struct kernel_count *count);

/* An allocation or a channel is in the kernel, under this number; maybe it was before. */
void kernel_count_allocation(struct kernel_count *count, guint32 id);
void kernel_count_channel(struct kernel_count *count, guint32 id);

/* It is about to be removed there. */
void kernel_count_allocation_ends(struct kernel_count *count, guint32 id);
void kernel_count_channel_ends(struct kernel_count *count, guint32 id);

/**
 * kernel_count_forget() - all of it is gone from the kernel
 * @count: the counts; what was not read before is lost
 */
void kernel_count_forget(struct kernel_count *count);

/**
 * kernel_count_read() - ask the kernel
 * @count: the counts
 * @totals: gets them
 *
 * Costs two requests, however many channels there are.
 */
void kernel_count_read(struct kernel_count *count, struct offload_totals *totals);

#endif
