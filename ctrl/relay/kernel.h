/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_KERNEL_H
#define WGMESH_RELAY_KERNEL_H

#include "lib/pathnl.h"
#include "offload.h"

/* Channels whose data the kernel forwards: the module wgmesh. */

struct kernel;

/**
 * kernel_new() - find the module
 * @error: why there is none, or why it may not be used
 *
 * Return: (owned by the caller) free with kernel_free() when no allocation is left; NULL on error.
 */
struct kernel *kernel_new(GError **error);

/**
 * kernel_free() - leave it
 * @kernel: the kernel, or NULL
 */
void kernel_free(struct kernel *kernel);

/**
 * kernel_netlink() - talk to it
 * @kernel: the kernel
 *
 * Return: (borrowed from @kernel) the socket.
 */
struct pathnl *kernel_netlink(const struct kernel *kernel);

/**
 * kernel_hand_over() - from now on what ends here goes on in the kernel
 * @kernel: the kernel
 *
 * For a process that comes after this one: see adopt().
 */
void kernel_hand_over(struct kernel *kernel);

/**
 * kernel_offload() - what the table of allocations has to tell
 * @kernel: the kernel
 *
 * A channel that the kernel refuses is forwarded by this program, and the log says why.
 *
 * Return: (borrowed from @kernel) the offload.
 */
const struct offload *kernel_offload(const struct kernel *kernel);

#endif
