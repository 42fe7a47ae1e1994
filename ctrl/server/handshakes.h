/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_HANDSHAKES_H
#define WGMESH_HANDSHAKES_H

#include <glib.h>
#include <stdbool.h>

#include "lib/endpoint.h"

/*
 * Who may have a TLS handshake, which costs the server the same whoever asks for it. While there are
 * enough everybody gets one: all nodes of a network may be behind one address. When there are none
 * left, a source that has had its share waits, and others do not.
 */
struct handshakes;

/* In all: at once, and a second from then on. */
#define HANDSHAKES_BURST 4000
#define HANDSHAKES_PER_S 200

/* The share of an IPv4 address, or an IPv6 /64 or /56; a /24 or /48 has twice as much. */
#define HANDSHAKES_SOURCE_BURST 500
#define HANDSHAKES_SOURCE_PER_S 50

/**
 * handshakes_new() - begin to count
 *
 * Return: (owned by the caller) the counts, of a fixed size; free with handshakes_free().
 */
struct handshakes *handshakes_new(void);

/**
 * handshakes_free() - stop counting
 * @handshakes: the counts, or NULL
 */
void handshakes_free(struct handshakes *handshakes);

/**
 * handshakes_allow() - whether a source may have one more
 * @handshakes: the counts
 * @from: the source
 * @now_us: a monotonic clock in microseconds
 */
bool handshakes_allow(struct handshakes *handshakes, const struct endpoint *from, gint64 now_us);

#endif
