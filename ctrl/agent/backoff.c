// SPDX-License-Identifier: GPL-2.0
/* How long to wait before something that failed is tried again. */
#include "backoff.h"

/* So often the delay is doubled: more than any bound takes. */
#define DOUBLED_MAX 20

guint backoff_next_ms(struct backoff *backoff)
{
	return backoff_next_up_to_ms(backoff, BACKOFF_MAX_MS);
}

guint backoff_next_up_to_ms(struct backoff *backoff, guint max_ms)
{
	guint delay_ms = MIN(1000u << MIN(backoff->failures, DOUBLED_MAX), max_ms);

	backoff->failures++;
	return delay_ms - g_random_int_range(0, delay_ms / 2 + 1);
}

void backoff_reset(struct backoff *backoff)
{
	backoff->failures = 0;
}
