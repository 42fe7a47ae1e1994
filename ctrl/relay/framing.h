/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_FRAMING_H
#define WGMESH_RELAY_FRAMING_H

#include <glib.h>
#include <stdbool.h>

#include "lib/stun.h"

/* Where a message ends in a stream of bytes. */

/* The largest: a STUN message, for ChannelData is shorter even with its padding. */
#define FRAMING_MAX STUN_MAX_LEN

/**
 * framing_measure() - find out how long the next message is
 * @data: the stream from its beginning on
 * @len: bytes that are there
 * @size: the length with padding, which may be more than @len; 0 when too little is there to say
 *
 * RFC 8489 section 6.2.2, and for ChannelData RFC 8656 section 12.5.
 *
 * Return: false when it is no message; where the next one begins is then not known any more.
 */
bool framing_measure(const guint8 *data, gsize len, gsize *size);

#endif
