/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The datagrams that test paths: a request, and the answer that goes back the same way.
 *
 *	 0                   1                   2                   3
 *	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *	+---------------------------------------------------------------+
 *	|                     magic: d7 77 67 6d                        |
 *	+---------------------------------------------------------------+
 *	|             receiver, as in messages of WireGuard             |
 *	+---------------------------------------------------------------+
 *	|                                                               |
 *	|                           sequence                            |
 *	+-------------------------------+---------------+---------------+
 *	|            length             |     type      |       0       |
 *	+-------------------------------+---------------+---------------+
 *	|             BLAKE2s-128 of the above, 16 bytes                |
 *	+---------------------------------------------------------------+
 *	|                      zeros up to length ...
 *
 * Nothing else that shares the port begins like that: WireGuard's messages have a
 * type below 5 there, STUN a byte below 4, ChannelData one from 0x40 to 0x7f.
 */
#ifndef WGMESH_PROBE_H
#define WGMESH_PROBE_H

#include <linux/build_bug.h>
#include <linux/types.h>

#define WGMESH_PROBE_MAGIC	0xd777676du
#define WGMESH_PROBE_MAC_LEN	16
#define WGMESH_PROBE_KEY_LEN	32

/**
 * enum wgmesh_probe_type - what a probe wants
 * @WGMESH_PROBE_REQUEST: an answer
 * @WGMESH_PROBE_ANSWER: nothing; its sequence is that of the request
 */
enum wgmesh_probe_type {
	WGMESH_PROBE_REQUEST = 1,
	WGMESH_PROBE_ANSWER = 2,
};

/**
 * struct wgmesh_probe - a probe as it is sent
 * @magic: WGMESH_PROBE_MAGIC
 * @receiver: the index that the receiver's session of WireGuard has there, little-endian as in
 *	WireGuard's messages, or 0; tells who sent it when the endpoints do not
 * @sequence: that of the request
 * @len: bytes of the datagram's payload, padding included
 * @type: see enum wgmesh_probe_type
 * @zero: 0
 * @mac: BLAKE2s of what is before it, with the key for probes to the receiver
 */
struct wgmesh_probe {
	__be32 magic;
	__le32 receiver;
	__be64 sequence;
	__be16 len;
	u8 type;
	u8 zero;
	u8 mac[WGMESH_PROBE_MAC_LEN];
} __packed;

static_assert(sizeof(struct wgmesh_probe) == 36);

/**
 * struct wgmesh_probe_window - which requests of the peer have been here
 * @highest: the highest sequence so far
 * @seen: bit n is for the sequence @highest - n
 *
 * The paths of a peer share one sequence, and are of different length: a request may
 * come this many others late.
 */
#define WGMESH_PROBE_WINDOW	256
struct wgmesh_probe_window {
	u64 highest;
	u64 seen[WGMESH_PROBE_WINDOW / 64];
};

void wgmesh_probe_write(struct wgmesh_probe *probe, enum wgmesh_probe_type type, u64 sequence,
			u32 receiver, u16 len, const u8 *key);
bool wgmesh_probe_is_one(const void *data, unsigned int len);
bool wgmesh_probe_authentic(const struct wgmesh_probe *probe, unsigned int len, const u8 *key);
bool wgmesh_probe_window_take(struct wgmesh_probe_window *window, u64 sequence);

#endif /* WGMESH_PROBE_H */
