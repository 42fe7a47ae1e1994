/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_METRICS_H
#define WGMESH_RELAY_METRICS_H

#include "turn.h"

/*
 * What the relay does, for Prometheus. Where others have names for the same things (coturn's
 * turn_...), these are used.
 */

/**
 * metrics_print() - all metrics, as they are now
 * @turn: the TURN server, or NULL
 *
 * Asks the kernel what it has forwarded. Text format 0.0.4.
 *
 * Return: (owned by the caller) the text.
 */
char *metrics_print(const struct turn *turn);

#endif
