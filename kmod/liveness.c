// SPDX-License-Identifier: GPL-2.0
/*
 * Liveness: what the probes of one path say about it.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "liveness.h"

/* An answer is late after the smoothed round-trip time and four deviations (RFC 6298), but not
 * before it had time to wait for a processor at either end.
 */
#define MARGIN_MIN_US	12000
#define TIMEOUT_FIRST_US	250000
/* Far above what satellites take, and queues that are never empty. */
#define TIMEOUT_MAX_US	10000000
/* An answer that had to wait, for a neighbour to be resolved say, would keep the timeout at many
 * times the round trip for seconds: the smoothing begins anew after so many that are much quicker.
 */
#define QUICK_ANEW	2

/* Of 64: a fifth is too much; recovered when at most a twentieth was lost. 4 % for a round trip
 * (2 % each way) gets there once in millions of windows.
 */
#define LOSSY_ABOVE	12
#define LOSSY_BELOW	4
/* Worth a closer look: two of the last 16. */
#define LOSING_MASK	0xffff
#define LOSING		2

#define ANSWERS_TO_REVIVE	3

/* How long a path that failed has to answer before it is used again: twice as long with each
 * failure, so that a path that comes and goes is left alone after a few times.
 */
#define HOLD_MIN_MS	2000
#define HOLD_MAX_MS	64000
#define HOLD_FORGOTTEN_NS	(300 * (u64)NSEC_PER_SEC)

static void set_state(struct wgmesh_liveness *liveness, enum wgmesh_path_state state, u64 now_ns)
{
	if (liveness->state == state)
		return;
	liveness->state = state;
	liveness->since_ns = now_ns;
}

static void begin_hold(struct wgmesh_liveness *liveness, u64 now_ns)
{
	const struct wgmesh_record *record = &liveness->record;

	if (record->failed_ns && now_ns - record->failed_ns < HOLD_FORGOTTEN_NS)
		liveness->held_until_ns = now_ns + (u64)record->hold_ms * NSEC_PER_MSEC;
}

static void update_lossy(struct wgmesh_liveness *liveness, u64 now_ns)
{
	struct wgmesh_record *record = &liveness->record;
	unsigned int lost = hweight64(record->lost);

	if (liveness->state == WGMESH_PATH_STATE_DEAD ||
	    liveness->state == WGMESH_PATH_STATE_UNTESTED)
		return;
	if (!record->lossy && lost > LOSSY_ABOVE) {
		record->lossy = true;
	} else if (record->lossy && record->recorded == WGMESH_RECORDED_MAX && lost < LOSSY_BELOW) {
		record->lossy = false;
		begin_hold(liveness, now_ns);
	}
}

/* How many were sent after a request. */
static u32 sent_after(const struct wgmesh_liveness *liveness,
		      const struct wgmesh_pending_probe *probe)
{
	return (u32)liveness->sent - 1 - probe->number;
}

/* The bit of a request in what was lost. It may be long gone. */
static u64 lost_bit(const struct wgmesh_liveness *liveness,
		    const struct wgmesh_pending_probe *probe)
{
	const u32 behind = sent_after(liveness, probe);

	return behind < WGMESH_RECORDED_MAX ? BIT_ULL(behind) : 0;
}

/* Do the last losses in a row belong to a black-out? */
static bool was_silent(const struct wgmesh_liveness *liveness)
{
	return liveness->silent && liveness->late;
}

/* A black-out tells nothing about how much is lost when there is none: takes the last losses in a
 * row out of the record, but not the requests younger than they, nor its first @keep.
 */
static void forget_silence(struct wgmesh_record *record, u32 keep)
{
	u64 lost, before;
	u32 from, to;

	if (keep >= WGMESH_RECORDED_MAX || !(record->lost >> keep))
		return;
	from = keep + __ffs64(record->lost >> keep);
	lost = record->lost >> from;
	to = ~lost ? from + __ffs64(~lost) : WGMESH_RECORDED_MAX;
	before = to < WGMESH_RECORDED_MAX ? record->lost >> to : 0;
	record->lost = (before << from) | (record->lost & (BIT_ULL(from) - 1));
	record->recorded -= min_t(u32, record->recorded, to - from);
}

static struct wgmesh_pending_probe *slot_of(struct wgmesh_liveness *liveness)
{
	return &liveness->pending[liveness->sent % WGMESH_LIVENESS_PENDING];
}

/**
 * wgmesh_liveness_can_send() - is there room for another request?
 * @liveness: the path
 *
 * More than WGMESH_LIVENESS_PENDING requests are never on their way.
 */
bool wgmesh_liveness_can_send(const struct wgmesh_liveness *liveness)
{
	const struct wgmesh_pending_probe *next = slot_of((struct wgmesh_liveness *)liveness);

	return !next->sequence || next->late;
}

/**
 * wgmesh_liveness_sent() - a request leaves
 * @liveness: the path; wgmesh_liveness_can_send()
 * @sequence: its sequence, not 0
 * @now_ns: when
 */
void wgmesh_liveness_sent(struct wgmesh_liveness *liveness, u64 sequence, u64 now_ns)
{
	*slot_of(liveness) = (struct wgmesh_pending_probe){
		.sequence = sequence,
		.sent_ns = now_ns,
		.number = liveness->sent,
	};
	liveness->sent++;
	liveness->record.lost <<= 1;
	liveness->record.recorded = min(liveness->record.recorded + 1, WGMESH_RECORDED_MAX);
}

static void liveness_measure(struct wgmesh_liveness *liveness, u64 rtt_ns)
{
	u32 sample = clamp_t(u64, div_u64(rtt_ns, NSEC_PER_USEC), 1, INT_MAX);
	u32 deviation;

	liveness->quick = sample < liveness->rtt_us / 2 ? liveness->quick + 1 : 0;
	if (!liveness->rtt_us || liveness->quick == QUICK_ANEW) {
		liveness->rtt_us = sample;
		liveness->jitter_us = sample / 2;
		liveness->quick = 0;
		return;
	}
	deviation = abs((s32)(liveness->rtt_us - sample));
	liveness->jitter_us = liveness->jitter_us - liveness->jitter_us / 4 + deviation / 4;
	liveness->rtt_us = max(liveness->rtt_us - liveness->rtt_us / 8 + sample / 8, 1U);
}

static void come_alive(struct wgmesh_liveness *liveness, u64 now_ns)
{
	if (liveness->state == WGMESH_PATH_STATE_DEAD &&
	    ++liveness->revived < ANSWERS_TO_REVIVE)
		return;
	if (liveness->state == WGMESH_PATH_STATE_DEAD ||
	    liveness->state == WGMESH_PATH_STATE_UNTESTED)
		begin_hold(liveness, now_ns);
	set_state(liveness, WGMESH_PATH_STATE_ALIVE, now_ns);
}

/**
 * wgmesh_liveness_answered() - an authentic answer came on this path
 * @liveness: the path
 * @sequence: that of the request it answers
 * @now_ns: when
 *
 * Return: false when no request with that sequence waits for an answer: it was answered
 * before, or was sent long ago or on another path.
 */
bool wgmesh_liveness_answered(struct wgmesh_liveness *liveness, u64 sequence, u64 now_ns)
{
	struct wgmesh_pending_probe *probe = liveness->pending;

	if (!sequence)
		return false;
	while (probe->sequence != sequence)
		if (++probe == liveness->pending + WGMESH_LIVENESS_PENDING)
			return false;
	probe->sequence = 0;
	liveness->record.lost &= ~lost_bit(liveness, probe);
	if (was_silent(liveness))
		forget_silence(&liveness->record, sent_after(liveness, probe));
	liveness->answered++;
	liveness->proven_ns = max(liveness->proven_ns, probe->sent_ns);
	liveness->late = 0;
	liveness->silent = false;
	liveness_measure(liveness, now_ns - probe->sent_ns);
	come_alive(liveness, now_ns);
	update_lossy(liveness, now_ns);
	return true;
}

static void liveness_miss(struct wgmesh_liveness *liveness, u8 attempts, u64 now_ns)
{
	liveness->revived = 0;
	if (liveness->late < U8_MAX)
		liveness->late++;
	liveness->silent |= liveness->late >= attempts;
	if (liveness->state == WGMESH_PATH_STATE_UNTESTED)
		return;
	if (liveness->late >= attempts)
		set_state(liveness, WGMESH_PATH_STATE_DEAD, now_ns);
	else if (liveness->state == WGMESH_PATH_STATE_ALIVE)
		set_state(liveness, WGMESH_PATH_STATE_SUSPECT, now_ns);
}

/**
 * wgmesh_liveness_expire() - note what was not answered in time
 * @liveness: the path
 * @attempts: how many in a row make it dead
 * @now_ns: the time
 */
void wgmesh_liveness_expire(struct wgmesh_liveness *liveness, u8 attempts, u64 now_ns)
{
	const u64 timeout_ns = wgmesh_liveness_timeout_ns(liveness);
	struct wgmesh_pending_probe *probe;

	for (probe = liveness->pending; probe < liveness->pending + WGMESH_LIVENESS_PENDING;
	     probe++) {
		if (!probe->sequence || probe->late || now_ns - probe->sent_ns < timeout_ns)
			continue;
		probe->late = true;
		liveness->record.lost |= lost_bit(liveness, probe);
		/* they are not the last in a row when a younger one was answered */
		if (probe->sent_ns >= liveness->proven_ns)
			liveness_miss(liveness, attempts, now_ns);
	}
	update_lossy(liveness, now_ns);
}

/**
 * wgmesh_liveness_doubt() - somebody says that the path does not work
 * @liveness: the path
 * @attempts: how many requests in a row without an answer make it dead
 * @now_ns: the time
 *
 * Anybody may have sent an ICMP error: two requests more have to stay without an answer.
 */
void wgmesh_liveness_doubt(struct wgmesh_liveness *liveness, u8 attempts, u64 now_ns)
{
	if (liveness->state != WGMESH_PATH_STATE_ALIVE &&
	    liveness->state != WGMESH_PATH_STATE_SUSPECT)
		return;
	liveness->late = max_t(u8, liveness->late, attempts - 2);
	set_state(liveness, WGMESH_PATH_STATE_SUSPECT, now_ns);
}

/**
 * wgmesh_liveness_end() - nothing can be sent on the path
 * @liveness: the path
 * @now_ns: the time
 */
void wgmesh_liveness_end(struct wgmesh_liveness *liveness, u64 now_ns)
{
	liveness->revived = 0;
	liveness->silent = true;
	set_state(liveness, WGMESH_PATH_STATE_DEAD, now_ns);
}

/**
 * wgmesh_liveness_abandoned() - another path is used now, because this one failed
 * @liveness: the path, dead or lossy
 * @now_ns: the time
 */
void wgmesh_liveness_abandoned(struct wgmesh_liveness *liveness, u64 now_ns)
{
	struct wgmesh_record *record = &liveness->record;

	if (!record->failed_ns || now_ns - record->failed_ns > HOLD_FORGOTTEN_NS)
		record->hold_ms = HOLD_MIN_MS;
	else
		record->hold_ms = min_t(u32, 2 * record->hold_ms, HOLD_MAX_MS);
	record->failed_ns = now_ns;
}

/**
 * wgmesh_liveness_timeout_ns() - how long an answer may take
 * @liveness: the path
 */
u64 wgmesh_liveness_timeout_ns(const struct wgmesh_liveness *liveness)
{
	u64 us = TIMEOUT_FIRST_US;

	if (liveness->rtt_us)
		us = (u64)liveness->rtt_us + max_t(u64, 4 * (u64)liveness->jitter_us,
						   MARGIN_MIN_US);
	return min_t(u64, us, TIMEOUT_MAX_US) * NSEC_PER_USEC;
}

/**
 * wgmesh_liveness_next_late_ns() - when wgmesh_liveness_expire() has something to do
 * @liveness: the path
 *
 * Return: the time, or U64_MAX when nothing is on its way.
 */
u64 wgmesh_liveness_next_late_ns(const struct wgmesh_liveness *liveness)
{
	const u64 timeout_ns = wgmesh_liveness_timeout_ns(liveness);
	u64 next = U64_MAX;
	unsigned int i;

	for (i = 0; i < WGMESH_LIVENESS_PENDING; i++)
		if (liveness->pending[i].sequence && !liveness->pending[i].late)
			next = min(next, liveness->pending[i].sent_ns + timeout_ns);
	return next;
}

/**
 * wgmesh_liveness_loss_permille() - how much of the last 64 requests was lost
 * @liveness: the path
 */
unsigned int wgmesh_liveness_loss_permille(const struct wgmesh_liveness *liveness)
{
	const struct wgmesh_record *record = &liveness->record;

	return hweight64(record->lost) * 1000 / max_t(u8, record->recorded, 1);
}

/**
 * wgmesh_liveness_losing() - is it worth to look more closely?
 * @liveness: the path
 */
bool wgmesh_liveness_losing(const struct wgmesh_liveness *liveness)
{
	return hweight64(liveness->record.lost & LOSING_MASK) >= LOSING;
}

/**
 * wgmesh_liveness_record() - what a path between the same addresses inherits
 * @liveness: the path
 */
struct wgmesh_record wgmesh_liveness_record(const struct wgmesh_liveness *liveness)
{
	struct wgmesh_record record = liveness->record;

	if (was_silent(liveness))
		forget_silence(&record, 0);
	return record;
}
