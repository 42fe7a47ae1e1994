/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_BACKOFF_H
#define WGMESH_BACKOFF_H

#include <glib.h>

/* The longest delay in milliseconds (docs/protocol.md section 2.3). */
#define BACKOFF_MAX_MS 60000

/**
 * struct backoff - how long to wait before something that failed is tried again
 * @failures: in a row
 *
 * Zeroed is the state after a success.
 */
struct backoff {
	guint failures;
};

/**
 * backoff_next_ms() - the delay before the next attempt, longer at every call
 * @backoff: the state
 *
 * Return: milliseconds: 1 s doubling to 60 s, less a random part of up to a half, so that those who
 * lost the same thing at the same time do not come back at the same time.
 */
guint backoff_next_ms(struct backoff *backoff);

/**
 * backoff_next_up_to_ms() - the same, doubling to another bound
 * @backoff: the state
 * @max_ms: the longest delay in milliseconds
 */
guint backoff_next_up_to_ms(struct backoff *backoff, guint max_ms);

/**
 * backoff_next_within_ms() - the same, but the first delay is any of a window
 * @backoff: the state
 * @window_ms: how long it takes to serve all who have lost the same thing; less than a second is no
 *	       window
 *
 * Return: milliseconds: after a success half a second to @window_ms, else as backoff_next_ms().
 */
guint backoff_next_within_ms(struct backoff *backoff, guint window_ms);

/**
 * backoff_reset() - begin with the short delay again
 * @backoff: the state
 */
void backoff_reset(struct backoff *backoff);

#endif
