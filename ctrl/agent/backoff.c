// SPDX-License-Identifier: GPL-2.0
/* How long to wait before something that failed is tried again. */
#include "backoff.h"

/* The first delay, at most, where many do not come at once. */
#define FIRST_MS 1000

/* So often the delay is doubled: more than any bound takes. */
#define DOUBLED_MAX 20

guint backoff_next_ms(struct backoff *backoff)
{
	return backoff_next_up_to_ms(backoff, BACKOFF_MAX_MS);
}

guint backoff_next_up_to_ms(struct backoff *backoff, guint max_ms)
{
	guint delay_ms = MIN((guint)FIRST_MS << MIN(backoff->failures, DOUBLED_MAX), max_ms);

	backoff->failures++;
	return delay_ms - g_random_int_range(0, delay_ms / 2 + 1);
}

guint backoff_next_within_ms(struct backoff *backoff, guint window_ms)
{
	if (backoff->failures || window_ms <= FIRST_MS)
		return backoff_next_ms(backoff);
	backoff->failures++;
	return g_random_int_range(FIRST_MS / 2, window_ms + 1);
}

void backoff_reset(struct backoff *backoff)
{
	backoff->failures = 0;
}
