// SPDX-License-Identifier: GPL-2.0
/*
 * How long a path may be silent: two ends, and NATs in front of them that forget, at times that the
 * tests say.
 */
#include <kunit/test.h>
#include <linux/math64.h>

#include "keep.h"

#define MS	((u64)NSEC_PER_MSEC)
#define S	((u64)NSEC_PER_SEC)
#define MOST_MS	20000

/**
 * struct end - one end of a path
 * @keep: what it knows
 * @next_ns: when it sends
 * @opened_ns: when its NAT saw a packet of the path
 * @dead: none of its requests was answered
 * @dead_ns: since when
 * @failures: how often
 * @longest_ns: how long at most
 */
struct end {
	struct wgmesh_keep keep;
	u64 next_ns;
	u64 opened_ns;
	bool dead;
	u64 dead_ns;
	unsigned int failures;
	u64 longest_ns;
};

/* @forgets_ns: after so much silence; 0 is no NAT */
struct couple {
	struct end ends[2];
	u64 forgets_ns[2];
	u64 now_ns;
	u32 random;
	unsigned int probes;
};

static void begin(struct couple *couple, unsigned int s_a, unsigned int s_b)
{
	unsigned int i;

	*couple = (struct couple){ .forgets_ns = { s_a * S, s_b * S }, .now_ns = S };
	for (i = 0; i < 2; i++) {
		wgmesh_keep_init(&couple->ends[i].keep, couple->now_ns);
		couple->ends[i].opened_ns = couple->now_ns;
		couple->ends[i].next_ns = couple->now_ns + (5 + i) * S;
	}
}

/* Up to an eighth earlier, as the prober does it. */
static void arrange(struct couple *couple, struct end *end)
{
	const u64 ns = wgmesh_keep_ms(&end->keep) * MS;

	couple->random = couple->random * 1664525 + 1013904223;
	end->next_ns = couple->now_ns + ns - mul_u64_u32_shr(ns / 8, couple->random, 32);
}

static void revive(struct couple *couple, struct end *end)
{
	if (!end->dead)
		return;
	end->dead = false;
	end->longest_ns = max(end->longest_ns, couple->now_ns - end->dead_ns);
	arrange(couple, end);
}

static void sends(struct couple *couple, unsigned int i)
{
	struct end *end = &couple->ends[i], *other = &couple->ends[!i];
	const u64 forgets_ns = couple->forgets_ns[!i];

	couple->probes++;
	if (!end->dead)
		wgmesh_keep_sent(&end->keep, couple->now_ns);
	end->opened_ns = couple->now_ns;
	if (forgets_ns && couple->now_ns - other->opened_ns > forgets_ns) {
		if (!end->dead) {
			end->failures++;
			end->dead_ns = couple->now_ns;
			wgmesh_keep_failed(&end->keep, couple->now_ns);
		}
		end->dead = true;
		end->next_ns = couple->now_ns + MOST_MS * MS;
		return;
	}
	other->opened_ns = couple->now_ns;
	if (wgmesh_keep_heard(&other->keep, MOST_MS, couple->now_ns))
		arrange(couple, other);
	revive(couple, other);
	wgmesh_keep_answered(&end->keep, MOST_MS, couple->now_ns);
	revive(couple, end);
	arrange(couple, end);
}

static void passes(struct couple *couple, unsigned int s)
{
	const u64 end_ns = couple->now_ns + s * S;
	unsigned int i;

	couple->probes = 0;
	for (; couple->now_ns < end_ns; couple->now_ns += 20 * MS)
		for (i = 0; i < 2; i++)
			if (couple->now_ns >= couple->ends[i].next_ns)
				sends(couple, i);
}

static unsigned int failures(const struct couple *couple)
{
	return couple->ends[0].failures + couple->ends[1].failures;
}

/* Before anything is known, NATs that keep a path for a few seconds more than usual checks of ICE
 * take are kept open; and nothing that forgets later is ever closed for long.
 */
static void test_forgetful(struct kunit *test)
{
	static const unsigned int kept_s[] = { 7, 8, 10, 12, 15, 18 };
	struct couple couple;
	unsigned int i, both;

	for (i = 0; i < ARRAY_SIZE(kept_s); i++) {
		for (both = 0; both < 2; both++) {
			begin(&couple, kept_s[i], both ? kept_s[i] : 0);
			passes(&couple, 90);
			KUNIT_EXPECT_EQ_MSG(test, failures(&couple), 0, "%u s", kept_s[i]);
			passes(&couple, 2910);
			KUNIT_EXPECT_LE_MSG(test, failures(&couple), 4, "%u s", kept_s[i]);
			KUNIT_EXPECT_LE(test, couple.ends[0].longest_ns, 4 * S);
			KUNIT_EXPECT_LE(test, couple.ends[1].longest_ns, 4 * S);
			/* it was learned: for the rest of the hour nothing fails */
			couple.ends[0].failures = 0;
			couple.ends[1].failures = 0;
			passes(&couple, 500);
			KUNIT_EXPECT_EQ_MSG(test, failures(&couple), 0, "%u s", kept_s[i]);
			KUNIT_EXPECT_FALSE(test, couple.ends[0].dead || couple.ends[1].dead);
		}
	}
}

/* Where nothing forgets, fewer probes are sent than without any of this. */
static void test_keeps(struct kunit *test)
{
	static const unsigned int kept_s[] = { 0, 30, 120 };
	struct couple couple;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kept_s); i++) {
		begin(&couple, kept_s[i], 0);
		passes(&couple, 600);
		KUNIT_EXPECT_EQ(test, failures(&couple), 0);
		KUNIT_EXPECT_EQ(test, couple.ends[0].keep.ms, MOST_MS);
		KUNIT_EXPECT_EQ(test, couple.ends[1].keep.ms, MOST_MS);
		passes(&couple, 2000);
		KUNIT_EXPECT_LE(test, couple.probes, 2 * 2000 / (MOST_MS / 1000));
	}
}

/* A new path between the same hosts begins with what was known. */
static void test_inherited(struct kunit *test)
{
	struct couple couple;
	struct wgmesh_keep heir;

	begin(&couple, 10, 0);
	passes(&couple, 600);
	wgmesh_keep_init(&heir, couple.now_ns);
	wgmesh_keep_inherit(&heir, &couple.ends[1].keep);
	KUNIT_EXPECT_EQ(test, wgmesh_keep_ms(&heir), couple.ends[1].keep.ms);
	KUNIT_EXPECT_LE(test, wgmesh_keep_ms(&heir), 10000);
	wgmesh_keep_sent(&heir, couple.now_ns + 9 * S);
	wgmesh_keep_answered(&heir, MOST_MS, couple.now_ns + 9 * S);
	KUNIT_EXPECT_LE(test, wgmesh_keep_ms(&heir), 10000);
}

/* Many of them, with so many requests after each, of which the last one is answered. */
static void pass_silences(struct wgmesh_keep *keep, u64 *now_ns, unsigned int requests, u32 most_ms)
{
	unsigned int i, j;

	for (i = 0; i < 40; i++) {
		*now_ns += wgmesh_keep_ms(keep) * MS;
		for (j = 0; j < requests; j++)
			wgmesh_keep_sent(keep, *now_ns + j * 20 * MS);
		wgmesh_keep_answered(keep, most_ms, *now_ns + (j - 1) * 20 * MS + MS);
	}
}

/* Only the first request after a silence tells that it did no harm: before the second, the peer may
 * have opened the way.
 */
static void test_second_request(struct kunit *test)
{
	struct wgmesh_keep keep;
	u64 now_ns = S;

	wgmesh_keep_init(&keep, now_ns);
	pass_silences(&keep, &now_ns, 2, MOST_MS);
	KUNIT_EXPECT_LE(test, wgmesh_keep_ms(&keep), 6000);
	pass_silences(&keep, &now_ns, 1, MOST_MS);
	KUNIT_EXPECT_EQ(test, wgmesh_keep_ms(&keep), MOST_MS);
}

/* An operator's bound is one. */
static void test_bound(struct kunit *test)
{
	struct wgmesh_keep keep;
	u64 now_ns = S;

	wgmesh_keep_init(&keep, now_ns);
	pass_silences(&keep, &now_ns, 1, 9000);
	KUNIT_EXPECT_EQ(test, wgmesh_keep_ms(&keep), 9000);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(test_forgetful),
	KUNIT_CASE(test_keeps),
	KUNIT_CASE(test_inherited),
	KUNIT_CASE(test_second_request),
	KUNIT_CASE(test_bound),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-keep",
	.test_cases = cases,
};

kunit_test_suite(suite);
