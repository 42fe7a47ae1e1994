/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The budget of a namespace for probes: one word of state that counts in time (GCRA), no timer.
 *
 * What can wait gets a turn, and the turns follow each other at the rate of the budget: so what
 * wants to be sent all at once, for a thousand peers were added or lost their link, leaves one
 * after the other. What cannot wait is sent, and moves the turns that are not given out yet.
 */
#ifndef WGMESH_BUDGET_H
#define WGMESH_BUDGET_H

#include <linux/atomic.h>
#include <linux/types.h>

/**
 * struct wgmesh_budget - the budget
 * @next_ns: when all turns that were given out have passed
 */
struct wgmesh_budget {
	atomic64_t next_ns;
};

u64 wgmesh_budget_turn(struct wgmesh_budget *budget, unsigned int paths, u64 now_ns, u32 random);
void wgmesh_budget_charge(struct wgmesh_budget *budget, unsigned int paths, u64 now_ns);

#endif /* WGMESH_BUDGET_H */
