/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_BIGENDIAN_H
#define WGMESH_BIGENDIAN_H

#include <glib.h>

/* Numbers in network byte order, wherever they lie. */

static inline guint16 get16(const guint8 *p)
{
	return p[0] << 8 | p[1];
}

static inline guint32 get32(const guint8 *p)
{
	return (guint32)get16(p) << 16 | get16(p + 2);
}

static inline void put16(guint8 *p, guint16 value)
{
	p[0] = value >> 8;
	p[1] = value;
}

static inline void put32(guint8 *p, guint32 value)
{
	put16(p, value >> 16);
	put16(p + 2, value);
}

#endif
