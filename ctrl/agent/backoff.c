// SPDX-License-Identifier: GPL-2.0
#include "backoff.h"

guint backoff_next_ms(struct backoff *backoff)
{
	guint delay_ms = BACKOFF_MAX_MS;

	if (backoff->failures < 6)
		delay_ms = MIN(1000u << backoff->failures, BACKOFF_MAX_MS);
	backoff->failures++;
	return delay_ms - g_random_int_range(0, delay_ms / 2 + 1);
}

void backoff_reset(struct backoff *backoff)
{
	backoff->failures = 0;
}
