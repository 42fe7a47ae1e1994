/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_BYTE_BUCKET_H
#define WGMESH_RELAY_BYTE_BUCKET_H

#include <glib.h>
#include <stdbool.h>

/* However low the rate, this much may come at once: a few datagrams of the largest size. */
#define BYTE_BUCKET_BURST_MIN (256 * 1024)

/**
 * struct byte_bucket - a token bucket of bytes, full when zeroed
 * @full_at_us: when the bucket will be full again
 */
struct byte_bucket {
	gint64 full_at_us;
};

/**
 * byte_bucket_take() - take bytes
 * @bucket: the bucket
 * @rate: bytes a second; 0 for as many as one likes. The bucket holds what comes in a second, and
 *	  at least BYTE_BUCKET_BURST_MIN.
 * @bytes: how many, at most 65535
 * @now_us: a monotonic clock in microseconds
 *
 * Return: whether there were as many. A refusal takes nothing.
 */
bool byte_bucket_take(struct byte_bucket *bucket, guint64 rate, gsize bytes, gint64 now_us);

#endif
