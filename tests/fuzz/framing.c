// SPDX-License-Identifier: GPL-2.0

/*
 * Any bytes from a client of the relay over TCP: where messages end does not depend on how the bytes
 * arrive, and no message is longer than what is kept for one.
 */
#include "relay/framing.h"

#include <stdlib.h>

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* The length of the first message as it shows when one byte after the other arrives; 0 for none. */
static gsize measure_slowly(const guint8 *data, gsize len)
{
	gsize size;

	for (gsize there = 0; there <= len; there++) {
		if (!framing_measure(data, there, &size))
			return 0;
		if (size)
			return size;
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize len);

int LLVMFuzzerTestOneInput(const guint8 *data, gsize len)
{
	gsize size;

	while (framing_measure(data, len, &size) && size) {
		require(size >= 4 && size % 4 == 0 && size <= FRAMING_MAX);
		require(measure_slowly(data, len) == size);
		if (size > len)
			return 0;
		data += size;
		len -= size;
	}
	require(!measure_slowly(data, len));
	return 0;
}
