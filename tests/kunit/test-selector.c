// SPDX-License-Identifier: GPL-2.0
/*
 * The selectors, each as a state machine, and their registry.
 */
#include <kunit/test.h>

#include "selector.h"

#define MS	((u64)NSEC_PER_MSEC)

/* A relay, and a direct path that is preferred. */
enum { RELAY, DIRECT, PATHS };

struct trial {
	const struct wgmesh_selector *selector;
	struct wgmesh_selector_path paths[PATHS];
	u64 state[WGMESH_SELECTOR_STATE];
	int in_use;
	u64 now;
};

static void begin(struct trial *trial, const struct wgmesh_selector *selector)
{
	*trial = (struct trial){
		.selector = selector,
		.paths = {
			[RELAY] = {
				.id = 10,
				.kind = WGMESH_PATH_KIND_RELAY,
				.priority = 1,
				.standing = WGMESH_STANDING_GOOD,
				.rtt_us = 40000,
			},
			[DIRECT] = {
				.id = 11,
				.kind = WGMESH_PATH_KIND_DIRECT,
				.priority = 2,
				.standing = WGMESH_STANDING_GOOD,
				.rtt_us = 10000,
			},
		},
		.in_use = -1,
		.now = 1000 * MS,
	};
}

static struct wgmesh_selector_choice choose(struct trial *trial)
{
	const struct wgmesh_selector_view view = {
		.paths = trial->paths,
		.n = PATHS,
		.current_path = trial->in_use,
		.now_ns = trial->now,
	};
	struct wgmesh_selector_choice choice = trial->selector->choose(&view, trial->state);

	if (choice.path != trial->in_use)
		memset(trial->state, 0, sizeof(trial->state));
	trial->in_use = choice.path;
	return choice;
}

/* Whatever the standings of two paths: the better one, and of two equals the preferred one. */
static void test_standings(struct kunit *test)
{
	static struct wgmesh_selector *const selectors[] = {
		&wgmesh_selector_failover,
		&wgmesh_selector_latency,
		&wgmesh_selector_duplicate,
	};
	enum wgmesh_standing relay, direct;
	struct trial trial;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(selectors); i++) {
		for (relay = WGMESH_STANDING_DEAD; relay <= WGMESH_STANDING_GOOD; relay++) {
			for (direct = WGMESH_STANDING_DEAD; direct <= WGMESH_STANDING_GOOD;
			     direct++) {
				begin(&trial, selectors[i]);
				trial.paths[RELAY].standing = relay;
				trial.paths[DIRECT].standing = direct;
				KUNIT_EXPECT_EQ_MSG(test, choose(&trial).path,
						    relay > direct ? RELAY : DIRECT,
						    "%s: %d, %d", selectors[i]->name, relay,
						    direct);
			}
		}
	}
}

static void test_failover(struct kunit *test)
{
	struct trial trial;

	begin(&trial, &wgmesh_selector_failover);
	KUNIT_EXPECT_EQ(test, choose(&trial).path, DIRECT);
	KUNIT_EXPECT_EQ(test, choose(&trial).copy, -1);
	trial.paths[DIRECT].rtt_us = 500000;
	KUNIT_EXPECT_EQ_MSG(test, choose(&trial).path, DIRECT, "slower, but it works");
	trial.paths[DIRECT].standing = WGMESH_STANDING_DEAD;
	KUNIT_EXPECT_EQ(test, choose(&trial).path, RELAY);
	trial.paths[DIRECT].standing = WGMESH_STANDING_HELD;
	KUNIT_EXPECT_EQ_MSG(test, choose(&trial).path, RELAY, "it has to prove itself");
	trial.paths[DIRECT].standing = WGMESH_STANDING_GOOD;
	KUNIT_EXPECT_EQ(test, choose(&trial).path, DIRECT);
}

static void test_failover_tie(struct kunit *test)
{
	struct trial trial;

	begin(&trial, &wgmesh_selector_failover);
	trial.paths[RELAY].priority = trial.paths[DIRECT].priority;
	KUNIT_EXPECT_EQ_MSG(test, choose(&trial).path, 0, "the older one");
}

static void test_latency(struct kunit *test)
{
	struct trial trial;
	int i;

	begin(&trial, &wgmesh_selector_latency);
	KUNIT_EXPECT_EQ(test, choose(&trial).path, DIRECT);
	trial.paths[DIRECT].rtt_us = 60000;
	for (i = 0; i < 30; i++, trial.now += 100 * MS)
		KUNIT_EXPECT_EQ(test, choose(&trial).path, DIRECT);
	KUNIT_EXPECT_EQ_MSG(test, choose(&trial).path, RELAY, "faster for 3 s");
}

/* A path that is faster now and then is not faster. */
static void test_latency_varies(struct kunit *test)
{
	struct trial trial;
	int i;

	begin(&trial, &wgmesh_selector_latency);
	choose(&trial);
	for (i = 0; i < 1000; i++, trial.now += 100 * MS) {
		trial.paths[DIRECT].rtt_us = i % 25 ? 60000 : 10000;
		KUNIT_ASSERT_EQ(test, choose(&trial).path, DIRECT);
	}
}

static void test_latency_hardly_faster(struct kunit *test)
{
	struct trial trial;
	int i;

	begin(&trial, &wgmesh_selector_latency);
	choose(&trial);
	trial.paths[DIRECT].rtt_us = 49000;
	for (i = 0; i < 100; i++, trial.now += 100 * MS)
		KUNIT_ASSERT_EQ_MSG(test, choose(&trial).path, DIRECT, "by less than a fifth");

	begin(&trial, &wgmesh_selector_latency);
	trial.paths[DIRECT].rtt_us = 500;
	choose(&trial);
	trial.paths[DIRECT].rtt_us = 2500;
	trial.paths[RELAY].rtt_us = 600;
	for (i = 0; i < 100; i++, trial.now += 100 * MS)
		KUNIT_ASSERT_EQ_MSG(test, choose(&trial).path, DIRECT, "by less than 2 ms");
}

static void test_latency_loss(struct kunit *test)
{
	struct trial trial;

	begin(&trial, &wgmesh_selector_latency);
	trial.paths[DIRECT].loss_permille = 160;
	KUNIT_EXPECT_EQ_MSG(test, choose(&trial).path, RELAY, "10 ms, but 160 of 1000 are lost");
}

static void test_latency_death(struct kunit *test)
{
	struct trial trial;

	begin(&trial, &wgmesh_selector_latency);
	choose(&trial);
	trial.paths[DIRECT].standing = WGMESH_STANDING_DEAD;
	KUNIT_EXPECT_EQ_MSG(test, choose(&trial).path, RELAY, "at once");
}

static void test_duplicate(struct kunit *test)
{
	struct wgmesh_selector_choice choice;
	struct trial trial;

	begin(&trial, &wgmesh_selector_duplicate);
	choice = choose(&trial);
	KUNIT_EXPECT_EQ(test, choice.path, DIRECT);
	KUNIT_EXPECT_EQ(test, choice.copy, RELAY);
	trial.paths[DIRECT].standing = WGMESH_STANDING_DEAD;
	choice = choose(&trial);
	KUNIT_EXPECT_EQ(test, choice.path, RELAY);
	KUNIT_EXPECT_EQ_MSG(test, choice.copy, -1, "nothing is sent on a dead path");
}

static struct wgmesh_selector_choice first(const struct wgmesh_selector_view *view, u64 *state)
{
	return (struct wgmesh_selector_choice){ .path = 0, .copy = -1 };
}

static void test_registry(struct kunit *test)
{
	struct wgmesh_selector good = { .name = "kunit", .choose = first };
	struct wgmesh_selector again = { .name = "kunit", .choose = first };
	struct wgmesh_selector built_in = { .name = "failover", .choose = first };
	struct wgmesh_selector unnamed = { .choose = first };
	struct wgmesh_selector unable = { .name = "unable" };
	struct wgmesh_selector endless = { .choose = first };

	memset(endless.name, 'x', sizeof(endless.name));
	KUNIT_EXPECT_NULL(test, wgmesh_selector_get("kunit"));
	KUNIT_ASSERT_EQ(test, wgmesh_selector_register(&good), 0);
	KUNIT_EXPECT_PTR_EQ(test, wgmesh_selector_get("kunit"),
			    (const struct wgmesh_selector *)&good);
	wgmesh_selector_put(&good);
	KUNIT_EXPECT_EQ(test, wgmesh_selector_register(&again), -EEXIST);
	KUNIT_EXPECT_EQ(test, wgmesh_selector_register(&built_in), -EEXIST);
	KUNIT_EXPECT_EQ(test, wgmesh_selector_register(&unnamed), -EINVAL);
	KUNIT_EXPECT_EQ(test, wgmesh_selector_register(&unable), -EINVAL);
	KUNIT_EXPECT_EQ(test, wgmesh_selector_register(&endless), -EINVAL);
	wgmesh_selector_unregister(&good);
	KUNIT_EXPECT_NULL(test, wgmesh_selector_get("kunit"));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(test_standings),
	KUNIT_CASE(test_failover),
	KUNIT_CASE(test_failover_tie),
	KUNIT_CASE(test_latency),
	KUNIT_CASE(test_latency_varies),
	KUNIT_CASE(test_latency_hardly_faster),
	KUNIT_CASE(test_latency_loss),
	KUNIT_CASE(test_latency_death),
	KUNIT_CASE(test_duplicate),
	KUNIT_CASE(test_registry),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-selector",
	.test_cases = cases,
};

kunit_test_suite(suite);
