/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ChannelData, how data goes between a TURN server and its client (RFC 8656 section
 * 12.4): a number and a length in front of it.
 */
#ifndef WGMESH_CHANNEL_DATA_H
#define WGMESH_CHANNEL_DATA_H

#include <linux/build_bug.h>
#include <linux/types.h>

/* RFC 8656 section 12 has 0x4000 to 0x4fff; clients of RFC 5766 take up to 0x7fff. */
#define WGMESH_CHANNEL_MIN	0x4000
#define WGMESH_CHANNEL_MAX	0x7fff

#define WGMESH_CHANNEL_HEADER_LEN	4

/**
 * struct wgmesh_channel_header - what is in front of the data
 * @number: of the channel
 * @len: bytes of data, without padding
 */
struct wgmesh_channel_header {
	__be16 number;
	__be16 len;
};

static_assert(sizeof(struct wgmesh_channel_header) == WGMESH_CHANNEL_HEADER_LEN);

#endif /* WGMESH_CHANNEL_DATA_H */
