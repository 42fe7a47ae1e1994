/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The path MTU: the largest IP packet that reaches the other end of a path whole, searched with
 * padded probes (RFC 8899). A state machine that is told what was sent, what was answered and what
 * time it is; it sends nothing and knows no clock.
 *
 *	             the route's MTU, then halves
 *	new -------------> searching ----------------> found <-----------+
 *	                      ^   ^                      |               | answered
 *	                      |   +----------------------+               |
 *	                      |     later, or the route's MTU changed    |
 *	                      |                          | used          |
 *	                      +---------------------- verifying ---------+
 *	                            not answered
 *
 * A size counts as too large when several probes of it stayed without an answer while small ones
 * that were sent behind them were answered: that tells it from loss and from a dead path. What ICMP
 * says only tells where to look first. Each end measures what it sends: answers are small.
 */
#ifndef WGMESH_PMTU_H
#define WGMESH_PMTU_H

#include <linux/types.h>

/* The MTU of a path that was not measured: larger than any packet. */
#define WGMESH_PMTU_UNKNOWN	0xffffffffu

/* The size that is tried first when the largest does not pass: RFC 8899 section 5.1.2, and what
 * IPv6 has to take.
 */
#define WGMESH_PMTU_BASE	1280

/* So many probes of a size may still be answered. */
#define WGMESH_PMTU_PENDING	4

/**
 * enum wgmesh_pmtu_phase - what is being done
 * @WGMESH_PMTU_NEW: nothing yet
 * @WGMESH_PMTU_SEARCHING: sizes are tried
 * @WGMESH_PMTU_FOUND: nothing, for the time being
 * @WGMESH_PMTU_VERIFYING: the size found before is tried again
 */
enum wgmesh_pmtu_phase {
	WGMESH_PMTU_NEW,
	WGMESH_PMTU_SEARCHING,
	WGMESH_PMTU_FOUND,
	WGMESH_PMTU_VERIFYING,
};

/**
 * struct wgmesh_pmtu - what is known of the MTU of a path
 * @mtu: largest packet to send whole, WGMESH_PMTU_UNKNOWN before anything was found out; may be
 *	read without a lock
 * @ceiling: MTU of the route, 0 while unknown
 * @floor: what passes without being asked
 * @low: largest size known to pass, 0 when none is
 * @high: smallest size taken for too large
 * @size: the one that is tried
 * @hint: what ICMP said last, 0 when that is used up
 * @hinted: ICMP was listened to in this search
 * @phase: see enum wgmesh_pmtu_phase
 * @missed: how many probes of @size in a row were not answered
 * @pending: sequences of probes of @size
 * @sent_ns: when the last one was sent, if it is waited for, or 0
 * @verified_ns: when @mtu was last known to pass; 0: not since something changed
 * @verified_bytes: what had been sent on the path then
 * @searched_ns: when the search ended; 0: something changed since
 *
 * All sizes are bytes of IP packet, all times those of one monotonic clock.
 */
struct wgmesh_pmtu {
	u32 mtu;
	u32 ceiling;
	u32 floor;
	u32 low;
	u32 high;
	u32 size;
	u32 hint;
	bool hinted;
	enum wgmesh_pmtu_phase phase;
	u8 missed;
	u64 pending[WGMESH_PMTU_PENDING];
	u64 sent_ns;
	u64 verified_ns;
	u64 verified_bytes;
	u64 searched_ns;
};

void wgmesh_pmtu_init(struct wgmesh_pmtu *pmtu, bool ipv6);
void wgmesh_pmtu_inherit(struct wgmesh_pmtu *pmtu, const struct wgmesh_pmtu *from);
void wgmesh_pmtu_set_ceiling(struct wgmesh_pmtu *pmtu, u32 ceiling);
u32 wgmesh_pmtu_probe(struct wgmesh_pmtu *pmtu, bool used, u64 bytes, u64 now_ns);
void wgmesh_pmtu_sent(struct wgmesh_pmtu *pmtu, u64 sequence, u64 now_ns);
bool wgmesh_pmtu_answered(struct wgmesh_pmtu *pmtu, u64 sequence, u64 now_ns);
void wgmesh_pmtu_expire(struct wgmesh_pmtu *pmtu, u64 timeout_ns, bool losing, u64 proven_ns,
			u64 now_ns);
u64 wgmesh_pmtu_next_late_ns(const struct wgmesh_pmtu *pmtu, u64 timeout_ns);
bool wgmesh_pmtu_hint(struct wgmesh_pmtu *pmtu, u32 mtu, u64 now_ns);
void wgmesh_pmtu_switched(struct wgmesh_pmtu *pmtu);
void wgmesh_pmtu_revived(struct wgmesh_pmtu *pmtu);

#endif /* WGMESH_PMTU_H */
