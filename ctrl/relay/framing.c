// SPDX-License-Identifier: GPL-2.0
/* Where a message ends in a stream. */
#include "framing.h"

#include <string.h>

#include "lib/turn-attribute.h"

/* The length is in the third and fourth byte of both. */
#define LENGTH_END 4
#define COOKIE_END 8

G_STATIC_ASSERT(FRAMING_MAX >= TURN_CHANNEL_HEADER_LEN + 0x10000);

static guint16 read_length(const guint8 *data)
{
	return data[2] << 8 | data[3];
}

static bool has_cookie(const guint8 *data)
{
	const guint32 cookie = GUINT32_TO_BE(STUN_MAGIC_COOKIE);

	return memcmp(data + LENGTH_END, &cookie, sizeof(cookie)) == 0;
}

/* The sooner it shows that something else is spoken, the less has to be kept of it. */
static bool measure_stun(const guint8 *data, gsize len, gsize *size)
{
	if (len < COOKIE_END)
		return true;
	*size = STUN_HEADER_LEN + read_length(data);
	return *size % 4 == 0 && has_cookie(data);
}

static bool measure_channel_data(const guint8 *data, gsize len, gsize *size)
{
	if (len >= LENGTH_END)
		*size = TURN_CHANNEL_HEADER_LEN + (read_length(data) + 3) / 4 * 4;
	return true;
}

bool framing_measure(const guint8 *data, gsize len, gsize *size)
{
	*size = 0;
	if (!len)
		return true;
	switch (data[0] & 0xc0) {
	case 0x00:
		return measure_stun(data, len, size);
	case 0x40:
		return measure_channel_data(data, len, size);
	default:
		return false;
	}
}
