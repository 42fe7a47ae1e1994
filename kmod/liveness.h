/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Liveness: what the probes of one path say about it. A state machine that is told what was
 * sent, what was answered and what time it is; it sends nothing and knows no clock.
 *
 *	           answer           no answer in time
 *	untested ---------> alive ---------------------> suspect
 *	                     ^  <-----------------------  |
 *	     answers in a row|          answer            | attempts in a row
 *	                     +----------- dead <----------+
 *	                                   ^ nothing can be sent (from every state)
 *
 * Only the round trip as this end saw it counts. The peer reports nothing, so there is nothing
 * that it could lie about but its own silence.
 */
#ifndef WGMESH_LIVENESS_H
#define WGMESH_LIVENESS_H

#include <linux/types.h>
#include <uapi/linux/wgmesh.h>

#define WGMESH_LIVENESS_PENDING	16
#define WGMESH_RECORDED_MAX	64

/**
 * struct wgmesh_pending_probe - a request that may still be answered
 * @sequence: its sequence, or 0
 * @sent_ns: when it was sent
 * @number: how many were sent on the path before it
 * @late: it counts as lost already
 */
struct wgmesh_pending_probe {
	u64 sequence;
	u64 sent_ns;
	u32 number;
	bool late;
};

/**
 * struct wgmesh_record - what speaks against a path; one between the same addresses inherits it
 * @lost: of the last @recorded requests those without an answer; bit 0 is the last one
 * @recorded: at most WGMESH_RECORDED_MAX
 * @lossy: too much is lost
 * @hold_ms: how long it has to answer before it is used again
 * @failed_ns: when it failed last while it was in use; 0 is never
 */
struct wgmesh_record {
	u64 lost;
	u8 recorded;
	bool lossy;
	u32 hold_ms;
	u64 failed_ns;
};

/**
 * struct wgmesh_liveness - what is known of a path
 * @state: see enum wgmesh_path_state
 * @since_ns: when the state became what it is
 * @rtt_us: smoothed round-trip time, 0 before the first answer (RFC 6298)
 * @jitter_us: its smoothed deviation
 * @quick: how many answers in a row took less than half of @rtt_us
 * @sent: requests sent
 * @answered: how many requests were answered
 * @proven_ns: when the newest request that was answered was sent
 * @late: how many in a row were not answered in time
 * @silent: what is @late is no loss but a black-out: there were too many, or nothing can be sent
 * @revived: how many answers came in a row while it was dead
 * @record: see struct wgmesh_record
 * @held_until_ns: until when another path is preferred
 * @pending: requests that may be answered
 *
 * All times are those of one monotonic clock.
 */
struct wgmesh_liveness {
	enum wgmesh_path_state state;
	u64 since_ns;
	u32 rtt_us;
	u32 jitter_us;
	u8 quick;
	u64 sent;
	u64 answered;
	u64 proven_ns;
	u8 late;
	bool silent;
	u8 revived;
	struct wgmesh_record record;
	u64 held_until_ns;
	struct wgmesh_pending_probe pending[WGMESH_LIVENESS_PENDING];
};

bool wgmesh_liveness_can_send(const struct wgmesh_liveness *liveness);
void wgmesh_liveness_sent(struct wgmesh_liveness *liveness, u64 sequence, u64 now_ns);
bool wgmesh_liveness_answered(struct wgmesh_liveness *liveness, u64 sequence, u64 now_ns);
void wgmesh_liveness_expire(struct wgmesh_liveness *liveness, u8 attempts, u64 now_ns);
void wgmesh_liveness_doubt(struct wgmesh_liveness *liveness, u8 attempts, u64 now_ns);
void wgmesh_liveness_end(struct wgmesh_liveness *liveness, u64 now_ns);
void wgmesh_liveness_abandoned(struct wgmesh_liveness *liveness, u64 now_ns);
u64 wgmesh_liveness_timeout_ns(const struct wgmesh_liveness *liveness);
u64 wgmesh_liveness_next_late_ns(const struct wgmesh_liveness *liveness);
unsigned int wgmesh_liveness_loss_permille(const struct wgmesh_liveness *liveness);
bool wgmesh_liveness_losing(const struct wgmesh_liveness *liveness);
struct wgmesh_record wgmesh_liveness_record(const struct wgmesh_liveness *liveness);

/* Does anything speak against a path? */
static inline bool wgmesh_record_is_bad(const struct wgmesh_record *record)
{
	return record->lossy || record->failed_ns;
}

/* Is enough known of a path to say that nothing does? */
static inline bool wgmesh_record_is_good(const struct wgmesh_record *record)
{
	return !wgmesh_record_is_bad(record) && record->recorded == WGMESH_RECORDED_MAX;
}

/* Does another path come first for now, because this one failed? */
static inline bool wgmesh_liveness_held(const struct wgmesh_liveness *liveness, u64 now_ns)
{
	return now_ns < liveness->held_until_ns;
}

#endif /* WGMESH_LIVENESS_H */
