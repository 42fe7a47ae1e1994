/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_WAKE_H
#define WGMESH_WAKE_H

#include <glib.h>
#include <stdbool.h>

/**
 * struct wake_clock - tells sleep from other changes of the clock
 * @ahead_us: by how much CLOCK_BOOTTIME, which counts while the machine sleeps, was ahead of
 *	      CLOCK_MONOTONIC, which does not
 * @begun: @ahead_us is known
 */
struct wake_clock {
	gint64 ahead_us;
	bool begun;
};

/**
 * wake_clock_slept() - how long the machine has slept since this was asked last
 * @clock: all zero before the first call
 * @boottime_us: CLOCK_BOOTTIME now, read after @monotonic_us
 * @monotonic_us: CLOCK_MONOTONIC now
 *
 * Return: microseconds; 0 when it was awake all the time.
 */
gint64 wake_clock_slept(struct wake_clock *clock, gint64 boottime_us, gint64 monotonic_us);

/**
 * struct wake - watches for the machine to wake up
 */
typedef struct wake wake;

/**
 * wake_new() - begin to watch
 * @woken: the machine has slept; called from the default main context
 * @data: for @woken
 * @error: G_IO_ERROR: the kernel gives no timer
 *
 * Asks nobody but the kernel, so it works on any system.
 *
 * Return: (owned by the caller) the watch; NULL on error. wake_free() it.
 */
struct wake *wake_new(void (*woken)(gint64 slept_us, void *data), void *data, GError **error);

/**
 * wake_free() - stop watching
 * @wake: a watch, or NULL
 */
void wake_free(struct wake *wake);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(wake, wake_free)

#endif
