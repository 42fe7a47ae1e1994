// SPDX-License-Identifier: GPL-2.0
/*
 * The budget for probes, and which ones have to wait, at times that the tests say.
 */
#include <kunit/test.h>

#include "budget.h"
#include "liveness.h"
#include "pace.h"

#define MS	((u64)NSEC_PER_MSEC)
#define S	((u64)NSEC_PER_SEC)
#define MANY	1000

static u64 turn(struct wgmesh_budget *budget, u64 now_ns)
{
	return wgmesh_budget_turn(budget, MANY, now_ns, 0);
}

/* All want to be sent now: each has its turn, a few at once, then one after the other, and within
 * five seconds all were sent.
 */
static void test_crowd(struct kunit *test)
{
	struct wgmesh_budget budget = {};
	unsigned int first_s = 0, at_once = 0, i;
	u64 last = 0, at;

	for (i = 0; i < MANY; i++) {
		at = turn(&budget, S);
		KUNIT_ASSERT_GE(test, at, max(last, S));
		at_once += at == S;
		first_s += at < 2 * S;
		last = at;
	}
	KUNIT_EXPECT_GT(test, at_once, 0);
	KUNIT_EXPECT_LE(test, at_once, MANY / 10);
	KUNIT_EXPECT_LE(test, first_s, MANY);
	KUNIT_EXPECT_LE(test, last, 6 * S);
}

/* Who comes when nothing is to be sent does not wait. */
static void test_calm(struct kunit *test)
{
	struct wgmesh_budget budget = {};
	u64 now = S;
	int i;

	for (i = 0; i < 100; i++) {
		KUNIT_EXPECT_EQ(test, turn(&budget, now), now);
		now += 10 * MS;
	}
}

/* Paths that come and go use up turns; nobody waits longer for that than for all others. */
static void test_churn(struct kunit *test)
{
	struct wgmesh_budget budget = {};
	int i;

	for (i = 0; i < 100 * MANY; i++)
		KUNIT_ASSERT_LE(test, wgmesh_budget_turn(&budget, MANY, S, ~0U), 6 * S);
}

/* What cannot wait delays what can, but not for ever. */
static void test_charge(struct kunit *test)
{
	struct wgmesh_budget budget = {};
	int i;

	for (i = 0; i < 10; i++)
		wgmesh_budget_charge(&budget, 0, S);
	KUNIT_EXPECT_EQ(test, wgmesh_budget_turn(&budget, 0, S, 0), S);
	for (i = 0; i < 100 * MANY; i++)
		wgmesh_budget_charge(&budget, 0, S);
	KUNIT_EXPECT_GT(test, wgmesh_budget_turn(&budget, 0, S, 0), S);
	KUNIT_EXPECT_LE(test, wgmesh_budget_turn(&budget, 0, S, 0), S + 500 * MS);
}

static void test_who_waits(struct kunit *test)
{
	struct wgmesh_liveness liveness = { .state = WGMESH_PATH_STATE_ALIVE };
	struct wgmesh_pace_path path = { .liveness = &liveness, .in_use = true };

	KUNIT_EXPECT_TRUE(test, wgmesh_pace_can_wait(&path));
	path.awake = true;
	KUNIT_EXPECT_FALSE(test, wgmesh_pace_can_wait(&path));
	path.in_use = false;
	KUNIT_EXPECT_FALSE(test, wgmesh_pace_can_wait(&path));
	liveness.state = WGMESH_PATH_STATE_DEAD;
	KUNIT_EXPECT_FALSE(test, wgmesh_pace_can_wait(&path));
	liveness.state = WGMESH_PATH_STATE_UNTESTED;
	KUNIT_EXPECT_TRUE(test, wgmesh_pace_can_wait(&path));
	path.in_use = true;
	KUNIT_EXPECT_FALSE(test, wgmesh_pace_can_wait(&path));
}

/* A path that never answers is asked less and less often, but not less often than any other. */
static void test_never_answers(struct kunit *test)
{
	const struct wgmesh_pace pace = {
		.active_ms = WGMESH_PROBE_ACTIVE_MS,
		.standby_ms = WGMESH_PROBE_STANDBY_MS,
		.idle_ms = WGMESH_PROBE_IDLE_MS,
		.attempts = WGMESH_PROBE_ATTEMPTS,
	};
	struct wgmesh_liveness liveness = { .state = WGMESH_PATH_STATE_UNTESTED };
	struct wgmesh_pace_path path = { .liveness = &liveness };
	u64 idle_ns = 0, active_ns = 0, last = 0, next;

	for (liveness.sent = 0; liveness.sent < 100; liveness.sent++) {
		next = wgmesh_pace_interval_ns(&pace, &path, 0, 0);
		KUNIT_EXPECT_GE(test, next, last);
		KUNIT_EXPECT_LE(test, next, 20 * S);
		if (liveness.sent < 30)
			idle_ns += next;
		last = next;
		path.awake = true;
		active_ns = wgmesh_pace_interval_ns(&pace, &path, 0, 0);
		KUNIT_EXPECT_LE(test, active_ns, 1 * S);
		path.awake = false;
	}
	KUNIT_EXPECT_GT(test, idle_ns, 20 * S);
	KUNIT_EXPECT_EQ(test, last, 20 * S);
}

/* A peer that says it is here and there makes little be sent there, a peer that moves enough. */
static void test_allowance(struct kunit *test)
{
	struct wgmesh_allowance allowance = {};
	unsigned int at_once = 0, later = 0;
	int i;

	for (i = 0; i < MANY; i++)
		at_once += wgmesh_allowance_take(&allowance, S);
	KUNIT_EXPECT_GE(test, at_once, 16);
	KUNIT_EXPECT_LT(test, at_once, 50);
	for (i = 0; i < 100; i++)
		later += wgmesh_allowance_take(&allowance, (2 + i / 10) * S);
	KUNIT_EXPECT_EQ(test, later, 10);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(test_crowd),
	KUNIT_CASE(test_calm),
	KUNIT_CASE(test_churn),
	KUNIT_CASE(test_charge),
	KUNIT_CASE(test_who_waits),
	KUNIT_CASE(test_never_answers),
	KUNIT_CASE(test_allowance),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-budget",
	.test_cases = cases,
};

kunit_test_suite(suite);
