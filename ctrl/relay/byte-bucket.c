// SPDX-License-Identifier: GPL-2.0
/* A token bucket of bytes. */
#include "byte-bucket.h"

/* Counted in time, as lib/ratelimit.c does: taking bytes moves the moment it is full again. */
bool byte_bucket_take(struct byte_bucket *bucket, guint64 rate, gsize bytes, gint64 now_us)
{
	gint64 full_at_us, capacity_us;

	if (!rate)
		return true;
	full_at_us = MAX(bucket->full_at_us, now_us) + bytes * G_USEC_PER_SEC / rate;
	capacity_us = MAX(G_USEC_PER_SEC, BYTE_BUCKET_BURST_MIN * (gint64)G_USEC_PER_SEC / rate);
	if (full_at_us - now_us > capacity_us)
		return false;
	bucket->full_at_us = full_at_us;
	return true;
}
