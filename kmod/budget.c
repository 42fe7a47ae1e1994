// SPDX-License-Identifier: GPL-2.0
/*
 * The budget of a namespace for probes.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "budget.h"

/* Probes a second: each path gets one in five seconds at least, more often than any needs that
 * carries nothing; and some for the few paths of a small network.
 */
#define PER_SECOND	250
#define PATHS_PER_PROBE	5
/* How much may be sent at once, as the time that it takes at that rate. */
#define BURST_NS	(100 * (s64)NSEC_PER_MSEC)
/* All paths together have had their turn by then. If more turns were given out, for paths that came
 * and went, the next ones are mixed with those at the end.
 */
#define AHEAD_MAX_NS	(PATHS_PER_PROBE * (s64)NSEC_PER_SEC)

static s64 step_ns(unsigned int paths)
{
	return NSEC_PER_SEC / (PER_SECOND + paths / PATHS_PER_PROBE);
}

/**
 * wgmesh_budget_turn() - when may a probe be sent that can wait?
 * @budget: the budget
 * @paths: how many paths the namespace has
 * @now_ns: the time
 * @random: a random number
 *
 * Context: Any.
 * Return: the time of its turn, @now_ns for at once, at most 5 s later.
 */
u64 wgmesh_budget_turn(struct wgmesh_budget *budget, unsigned int paths, u64 now_ns, u32 random)
{
	const s64 now = now_ns, step = step_ns(paths);
	s64 next = atomic64_read(&budget->next_ns), turn;

	do {
		turn = max(next, now);
		if (turn - now > AHEAD_MAX_NS)
			return now + AHEAD_MAX_NS / 2 +
			       mul_u64_u32_shr(AHEAD_MAX_NS / 2, random, 32);
	} while (!atomic64_try_cmpxchg(&budget->next_ns, &next, turn + step));
	return max(turn - BURST_NS, now);
}

/**
 * wgmesh_budget_charge() - a probe is sent that cannot wait
 * @budget: the budget
 * @paths: how many paths the namespace has
 * @now_ns: the time
 *
 * Context: Any.
 */
void wgmesh_budget_charge(struct wgmesh_budget *budget, unsigned int paths, u64 now_ns)
{
	const s64 now = now_ns, step = step_ns(paths);
	s64 next = atomic64_read(&budget->next_ns), turn;

	do {
		/* what can wait is never put off for longer than half a second by these */
		turn = max(next, now);
		if (turn - now > AHEAD_MAX_NS / 10)
			return;
	} while (!atomic64_try_cmpxchg(&budget->next_ns, &next, turn + step));
}
