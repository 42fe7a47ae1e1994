/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeping paths open: a NAT or a firewall forgets a path after some silence, and nobody tells how
 * long that may be. This state machine is told what was sent, heard and answered, and what time it
 * is. It sends nothing and knows no clock.
 *
 * The silence between probes begins short. It grows while the first request after it is answered:
 * the request came in through what is in front of the peer, and a request of the peer through what
 * is in front of this end. If none is answered, the silence was too long: it goes back below the
 * longest that was survived, and grows beyond only after some time, which doubles. An end that
 * hears a request puts its own off, so that there is a silence at all. Its own is due a little
 * later, and opens the path again if a silence was too long.
 */
#ifndef WGMESH_KEEP_H
#define WGMESH_KEEP_H

#include <linux/types.h>

/* So many requests in a row are put off. */
#define WGMESH_KEEP_PUT_OFF_MAX	3

/**
 * struct wgmesh_keep - how long a path may be silent
 * @quiet_ns: since when nothing came
 * @retry_ns: when a silence that was too long may be tried again
 * @ms: how long it is silent before it is probed
 * @peer_ms: when the peer will have probed it at the latest, after the last exchange; 0: unknown
 * @failed_ms: a silence that was too long, or 0
 * @tested_ms: the silence before requests that wait for their answer, or 0
 * @again: the first of them was not answered in time: if a later one is, the peer may have opened the
 *	way meanwhile, and the silence has told nothing
 * @failures: how often one was too long
 * @settled: how many silences of the first length it survived, up to some
 * @put_off: how many of this end's were put off in a row
 * @alone: how many of this end's were answered in a row without one of the peer between
 */
struct wgmesh_keep {
	u64 quiet_ns;
	u64 retry_ns;
	u32 ms;
	u32 peer_ms;
	u32 failed_ms;
	u32 tested_ms;
	bool again;
	u8 failures;
	u8 settled;
	u8 put_off;
	u8 alone;
};

void wgmesh_keep_init(struct wgmesh_keep *keep, u64 now_ns);
void wgmesh_keep_inherit(struct wgmesh_keep *keep, const struct wgmesh_keep *from);
void wgmesh_keep_sent(struct wgmesh_keep *keep, u64 now_ns);
void wgmesh_keep_answered(struct wgmesh_keep *keep, u32 most_ms, u64 now_ns);
bool wgmesh_keep_heard(struct wgmesh_keep *keep, u32 most_ms, u64 now_ns);
void wgmesh_keep_failed(struct wgmesh_keep *keep, u64 now_ns);

/* After how much silence is a request due? One that was put off often goes before the peer's: only
 * one's own answers show that the path works both ways.
 */
static inline u32 wgmesh_keep_ms(const struct wgmesh_keep *keep)
{
	const u32 ms = keep->peer_ms && keep->peer_ms < keep->ms ? keep->peer_ms : keep->ms;

	return keep->put_off < WGMESH_KEEP_PUT_OFF_MAX ? ms : ms / 4 * 3;
}

#endif /* WGMESH_KEEP_H */
