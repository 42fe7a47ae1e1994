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
 *	+---------------------------------------------------------------+
 *	|                                                               |
 *	|                            session                            |
 *	+-------------------------------+---------------+---------------+
 *	|            length             |     type      |    version    |
 *	+-------------------------------+---------------+---------------+
 *	|             BLAKE2s-128 of the above, 16 bytes                |
 *	+---------------------------------------------------------------+
 *	|                      zeros up to length ...
 *
 * Nothing else that shares the port begins like that: WireGuard's messages have a
 * type below 5 there, STUN a byte below 4, ChannelData one from 0x40 to 0x7f.
 *
 * A session is a number that the receiver of requests draws at random, and tells in its answers. A
 * request is new when it names the session, and its sequence was not in it yet. One that names no
 * session, or another, is answered all the same, so that who sent it learns the session, but means
 * nothing else: it may be a copy of an old one. The first request that names a session which was
 * only told begins it, and ends the one before. So a node that starts again is understood after a
 * round trip, whatever its sequence and clock; and no copy begins a session, for each one is drawn
 * once.
 */
#ifndef WGMESH_PROBE_H
#define WGMESH_PROBE_H

#include <linux/build_bug.h>
#include <linux/types.h>

#define WGMESH_PROBE_MAGIC	0xd777676du
#define WGMESH_PROBE_MAC_LEN	16
#define WGMESH_PROBE_KEY_LEN	32
/* Of the format. What has another one is not authentic. */
#define WGMESH_PROBE_VERSION	1

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
 * @session: in a request, the receiver's that is known, or 0; in an answer, that of who answers
 * @len: bytes of the datagram's payload, padding included
 * @type: see enum wgmesh_probe_type
 * @version: WGMESH_PROBE_VERSION
 * @mac: BLAKE2s of what is before it, with the key for probes to the receiver
 */
struct wgmesh_probe {
	__be32 magic;
	__le32 receiver;
	__be64 sequence;
	__be64 session;
	__be16 len;
	u8 type;
	u8 version;
	u8 mac[WGMESH_PROBE_MAC_LEN];
} __packed;

static_assert(sizeof(struct wgmesh_probe) == 44);

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

/**
 * enum wgmesh_probe_verdict - what a request is
 * @WGMESH_PROBE_NEW: the first with its sequence in the session
 * @WGMESH_PROBE_REPEATED: it has been here, or is older than the window
 * @WGMESH_PROBE_FOREIGN: it does not belong to the session
 */
enum wgmesh_probe_verdict {
	WGMESH_PROBE_NEW,
	WGMESH_PROBE_REPEATED,
	WGMESH_PROBE_FOREIGN,
};

/**
 * struct wgmesh_probe_session - what requests of a peer have to name
 * @id: of the session, 0 when there is none
 * @next: of the one that is told to who names another one, 0 when none was drawn yet
 * @window: requests that have been here in the session
 */
struct wgmesh_probe_session {
	u64 id;
	u64 next;
	struct wgmesh_probe_window window;
};

void wgmesh_probe_write(struct wgmesh_probe *probe, enum wgmesh_probe_type type, u64 sequence,
			u64 session, u32 receiver, u16 len, const u8 *key);
bool wgmesh_probe_is_one(const void *data, unsigned int len);
bool wgmesh_probe_authentic(const struct wgmesh_probe *probe, unsigned int len, const u8 *key);
bool wgmesh_probe_window_take(struct wgmesh_probe_window *window, u64 sequence);
enum wgmesh_probe_verdict wgmesh_probe_session_take(struct wgmesh_probe_session *session,
						    u64 named, u64 sequence);
u64 wgmesh_probe_session_next(struct wgmesh_probe_session *session, u64 random);

#endif /* WGMESH_PROBE_H */
