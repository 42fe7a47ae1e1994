// SPDX-License-Identifier: GPL-2.0
/*
 * What probes say about a path, at times that the tests say.
 */
#include <kunit/test.h>

#include "liveness.h"
#include "pace.h"

#define MS	((u64)NSEC_PER_MSEC)
#define ATTEMPTS	5

/* A path, and the clock. */
struct trial {
	struct wgmesh_liveness path;
	u64 sequence;
	u64 now;
};

static void begin(struct trial *trial)
{
	*trial = (struct trial){ .now = 1000 * MS };
}

static u64 request(struct trial *trial)
{
	wgmesh_liveness_sent(&trial->path, ++trial->sequence, trial->now);
	return trial->sequence;
}

static void pass(struct trial *trial, u64 ns)
{
	trial->now += ns;
	wgmesh_liveness_expire(&trial->path, ATTEMPTS, trial->now);
}

/* A request and its answer 10 ms later, then 90 ms of nothing. */
static void answered(struct trial *trial)
{
	u64 sequence = request(trial);

	pass(trial, 10 * MS);
	wgmesh_liveness_answered(&trial->path, sequence, trial->now);
	pass(trial, 90 * MS);
}

static void lost(struct trial *trial)
{
	request(trial);
	pass(trial, 100 * MS);
}

static void make_alive(struct trial *trial)
{
	int i;

	begin(trial);
	for (i = 0; i < 20; i++)
		answered(trial);
}

static void make_dead(struct trial *trial)
{
	int i;

	make_alive(trial);
	for (i = 0; i < ATTEMPTS; i++)
		lost(trial);
}

static void test_first_answer(struct kunit *test)
{
	struct trial trial;

	begin(&trial);
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_UNTESTED);
	answered(&trial);
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_ALIVE);
	KUNIT_EXPECT_EQ(test, trial.path.rtt_us, 10000);
	KUNIT_EXPECT_FALSE(test, wgmesh_liveness_held(&trial.path, trial.now));
}

/* Who never answered is not dead: the peer may not know the path yet. */
static void test_never_answered(struct kunit *test)
{
	struct trial trial;
	int i;

	begin(&trial);
	for (i = 0; i < 100; i++) {
		request(&trial);
		pass(&trial, 500 * MS);
	}
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_UNTESTED);
}

static void test_death(struct kunit *test)
{
	struct trial trial;
	int i;

	make_alive(&trial);
	for (i = 1; i < ATTEMPTS; i++) {
		lost(&trial);
		KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_SUSPECT);
	}
	lost(&trial);
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_DEAD);
}

static void test_one_answer_is_enough(struct kunit *test)
{
	struct trial trial;
	int i;

	make_alive(&trial);
	for (i = 1; i < ATTEMPTS; i++)
		lost(&trial);
	answered(&trial);
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_ALIVE);
	for (i = 1; i < ATTEMPTS; i++)
		lost(&trial);
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_SUSPECT);
}

/* Answers that come late still count, and what they answer was not lost. */
static void test_late_answer(struct kunit *test)
{
	struct trial trial;
	u64 sequence;

	make_alive(&trial);
	sequence = request(&trial);
	pass(&trial, 200 * MS);
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_SUSPECT);
	KUNIT_EXPECT_EQ(test, wgmesh_liveness_loss_permille(&trial.path), 1000 / 21);
	KUNIT_EXPECT_TRUE(test, wgmesh_liveness_answered(&trial.path, sequence, trial.now));
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_ALIVE);
	KUNIT_EXPECT_EQ(test, wgmesh_liveness_loss_permille(&trial.path), 0);
}

static void test_answers_that_are_none(struct kunit *test)
{
	struct trial trial;
	u64 sequence;

	make_alive(&trial);
	sequence = request(&trial);
	KUNIT_EXPECT_FALSE(test, wgmesh_liveness_answered(&trial.path, 0, trial.now));
	KUNIT_EXPECT_FALSE(test, wgmesh_liveness_answered(&trial.path, sequence + 1, trial.now));
	KUNIT_EXPECT_TRUE(test, wgmesh_liveness_answered(&trial.path, sequence, trial.now));
	KUNIT_EXPECT_FALSE_MSG(test, wgmesh_liveness_answered(&trial.path, sequence, trial.now),
			       "the same answer again");
	KUNIT_EXPECT_FALSE_MSG(test, wgmesh_liveness_answered(&trial.path, 1, trial.now),
			       "an answer of long ago");
}

static void test_revival(struct kunit *test)
{
	struct trial trial;

	make_dead(&trial);
	answered(&trial);
	answered(&trial);
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_DEAD);
	answered(&trial);
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_ALIVE);

	make_dead(&trial);
	answered(&trial);
	answered(&trial);
	lost(&trial);
	answered(&trial);
	KUNIT_EXPECT_EQ_MSG(test, trial.path.state, WGMESH_PATH_STATE_DEAD,
			    "three answers, but not in a row");
}

/* The time that a path has to wait doubles with each failure, up to a bound. */
static void test_hold_doubles(struct kunit *test)
{
	u64 expected = 2000 * MS, begin_ns, held;
	struct trial trial;
	int i, j;

	make_alive(&trial);
	for (i = 0; i < 8; i++) {
		for (j = 0; j < ATTEMPTS; j++)
			lost(&trial);
		wgmesh_liveness_abandoned(&trial.path, trial.now);
		for (j = 0; j < 3; j++)
			answered(&trial);
		/* alive since the third answer, 90 ms ago */
		begin_ns = trial.now - 90 * MS;
		held = trial.path.held_until_ns - begin_ns;
		KUNIT_EXPECT_EQ_MSG(test, held, expected, "failure %d", i);
		KUNIT_EXPECT_TRUE(test, wgmesh_liveness_held(&trial.path, begin_ns + held - 1));
		KUNIT_EXPECT_FALSE(test, wgmesh_liveness_held(&trial.path, begin_ns + held));
		expected = min(2 * expected, 64000 * MS);
	}
	pass(&trial, 301 * 1000 * MS);
	for (j = 0; j < ATTEMPTS; j++)
		lost(&trial);
	wgmesh_liveness_abandoned(&trial.path, trial.now);
	for (j = 0; j < 3; j++)
		answered(&trial);
	KUNIT_EXPECT_EQ_MSG(test, trial.path.held_until_ns - (trial.now - 90 * MS), 2000 * MS,
			    "after five quiet minutes");
}

/* A new path between the same hosts begins where the one before ended. */
static void test_inherited_failure(struct kunit *test)
{
	struct trial trial;

	begin(&trial);
	trial.path.record = (struct wgmesh_record){ .hold_ms = 8000, .failed_ns = trial.now };
	answered(&trial);
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_ALIVE);
	KUNIT_EXPECT_TRUE(test, wgmesh_liveness_held(&trial.path, trial.now));
	KUNIT_EXPECT_FALSE(test, wgmesh_liveness_held(&trial.path, trial.now + 8000 * MS));
}

static void test_lossy(struct kunit *test)
{
	struct trial trial;
	int i;

	make_alive(&trial);
	for (i = 0; i < 64; i++) {
		if (i % 5 == 4)
			lost(&trial);
		else
			answered(&trial);
	}
	KUNIT_EXPECT_FALSE_MSG(test, trial.path.record.lossy, "12 of 64");
	lost(&trial);
	answered(&trial);
	lost(&trial);
	answered(&trial);
	KUNIT_EXPECT_TRUE_MSG(test, trial.path.record.lossy, "more than a fifth");
	for (i = 0; i < 50; i++)
		answered(&trial);
	KUNIT_EXPECT_TRUE_MSG(test, trial.path.record.lossy, "some of it is within the last 64");
	for (i = 0; i < 14; i++)
		answered(&trial);
	KUNIT_EXPECT_FALSE(test, trial.path.record.lossy);
}

/* Nothing arrives for a while, then everything does: nothing speaks against the path. */
static void test_silence_is_no_loss(struct kunit *test)
{
	static const int lengths[] = { ATTEMPTS, 30, 63, 64, 200 };
	struct trial trial;
	unsigned int i;
	int j;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		make_alive(&trial);
		lost(&trial);
		answered(&trial);
		for (j = 0; j < lengths[i]; j++)
			lost(&trial);
		KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_DEAD);
		for (j = 0; j < 3; j++)
			answered(&trial);
		KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_ALIVE);
		KUNIT_EXPECT_FALSE_MSG(test, trial.path.record.lossy, "%d lost", lengths[i]);
		KUNIT_EXPECT_EQ_MSG(test, wgmesh_liveness_loss_permille(&trial.path),
				    lengths[i] + 5 > 64 ? 0 : 1000 / min(25, 64 - lengths[i]),
				    "%d lost", lengths[i]);
	}
}

/* A link that comes and goes loses nothing while it is there. */
static void test_link_comes_and_goes(struct kunit *test)
{
	struct trial trial;
	int i, j;

	make_alive(&trial);
	lost(&trial);
	answered(&trial);
	for (i = 0; i < 6; i++) {
		wgmesh_liveness_end(&trial.path, trial.now);
		for (j = 0; j < i % ATTEMPTS; j++)
			lost(&trial);
		for (j = 0; j < 3; j++)
			answered(&trial);
		KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_ALIVE);
		KUNIT_EXPECT_FALSE(test, trial.path.record.lossy);
		KUNIT_EXPECT_EQ_MSG(test, hweight64(trial.path.record.lost), 1, "%d", i);
	}
}

/* So is one that the peer did not know yet. */
static void test_silence_before_the_first_answer(struct kunit *test)
{
	struct trial trial;
	int i;

	begin(&trial);
	for (i = 0; i < 20; i++) {
		request(&trial);
		pass(&trial, 500 * MS);
	}
	answered(&trial);
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_ALIVE);
	KUNIT_EXPECT_FALSE(test, trial.path.record.lossy);
	KUNIT_EXPECT_EQ(test, wgmesh_liveness_loss_permille(&trial.path), 0);
}

static void make_lossy(struct trial *trial)
{
	int i;

	make_alive(trial);
	for (i = 0; i < 15; i++) {
		lost(trial);
		answered(trial);
	}
}

/* Half of what is sent gets lost, and now and then it is so much in a row that the path dies. When
 * it lives again it is as lossy as it was, until a whole record says something else.
 */
static void test_lossy_beyond_death(struct kunit *test)
{
	struct trial trial;
	int i;

	make_lossy(&trial);
	KUNIT_EXPECT_TRUE(test, trial.path.record.lossy);
	for (i = 0; i < 100; i++)
		lost(&trial);
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_DEAD);
	for (i = 0; i < 63; i++)
		answered(&trial);
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_ALIVE);
	KUNIT_EXPECT_TRUE_MSG(test, trial.path.record.lossy, "63 of 64 are known");
	answered(&trial);
	KUNIT_EXPECT_FALSE(test, trial.path.record.lossy);
}

/* What is lost while it is dead counts, once something arrives. */
static void test_loss_of_the_dead(struct kunit *test)
{
	struct trial trial;
	int i;

	make_dead(&trial);
	for (i = 0; i < 7; i++) {
		answered(&trial);
		lost(&trial);
		lost(&trial);
	}
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_DEAD);
	for (i = 0; i < 3; i++)
		answered(&trial);
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_ALIVE);
	KUNIT_EXPECT_TRUE(test, trial.path.record.lossy);
}

/* A new path begins with the losses of the one before, but not with its last silence. */
static void test_inherited_loss(struct kunit *test)
{
	struct trial trial, heir;
	int i;

	make_lossy(&trial);
	for (i = 0; i < 20; i++)
		lost(&trial);
	request(&trial);
	begin(&heir);
	heir.path.record = wgmesh_liveness_record(&trial.path);
	KUNIT_EXPECT_TRUE(test, heir.path.record.lossy);
	KUNIT_EXPECT_EQ(test, hweight64(heir.path.record.lost), 15);
	KUNIT_EXPECT_EQ(test, heir.path.record.recorded, 64 - 20);
	for (i = 0; i < 50; i++)
		answered(&heir);
	KUNIT_EXPECT_TRUE_MSG(test, heir.path.record.lossy, "it has to show that it is not");
	for (i = 0; i < 14; i++)
		answered(&heir);
	KUNIT_EXPECT_FALSE(test, heir.path.record.lossy);
}

/* 4 % for the round trip, evenly spread, for an hour: nothing happens. */
static void test_some_loss(struct kunit *test)
{
	struct trial trial;
	int i;

	make_alive(&trial);
	for (i = 0; i < 36000; i++) {
		if (i % 25 == 0)
			lost(&trial);
		else
			answered(&trial);
		KUNIT_ASSERT_NE(test, trial.path.state, WGMESH_PATH_STATE_DEAD);
		KUNIT_ASSERT_FALSE(test, trial.path.record.lossy);
	}
}

static void test_doubt(struct kunit *test)
{
	struct trial trial;

	make_alive(&trial);
	wgmesh_liveness_doubt(&trial.path, ATTEMPTS, trial.now);
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_SUSPECT);
	lost(&trial);
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_SUSPECT);
	lost(&trial);
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_DEAD);

	make_alive(&trial);
	wgmesh_liveness_doubt(&trial.path, ATTEMPTS, trial.now);
	answered(&trial);
	KUNIT_EXPECT_EQ_MSG(test, trial.path.state, WGMESH_PATH_STATE_ALIVE, "it was not true");

	begin(&trial);
	wgmesh_liveness_doubt(&trial.path, ATTEMPTS, trial.now);
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_UNTESTED);
}

static void test_end(struct kunit *test)
{
	struct trial trial;

	make_alive(&trial);
	wgmesh_liveness_end(&trial.path, trial.now);
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_DEAD);
	KUNIT_EXPECT_EQ(test, trial.path.since_ns, trial.now);
}

/* Requests without an answer do not pile up. */
static void test_bounded(struct kunit *test)
{
	struct trial trial;
	int i;

	make_alive(&trial);
	for (i = 0; i < WGMESH_LIVENESS_PENDING; i++) {
		KUNIT_EXPECT_TRUE(test, wgmesh_liveness_can_send(&trial.path));
		request(&trial);
	}
	KUNIT_EXPECT_FALSE(test, wgmesh_liveness_can_send(&trial.path));
	pass(&trial, 2000 * MS);
	KUNIT_EXPECT_TRUE(test, wgmesh_liveness_can_send(&trial.path));
	KUNIT_EXPECT_EQ(test, wgmesh_liveness_next_late_ns(&trial.path), U64_MAX);
}

/* A request, and its answer so much later. */
static void answered_after(struct trial *trial, u64 ns)
{
	u64 sequence = request(trial);

	trial->now += ns;
	wgmesh_liveness_answered(&trial->path, sequence, trial->now);
}

/* One answer that took long is soon forgotten, be it the first one or a later one. */
static void test_slow_answer(struct kunit *test)
{
	struct trial trial;
	int i;

	begin(&trial);
	for (i = 0; i < 2; i++) {
		answered_after(&trial, 1000 * MS);
		KUNIT_EXPECT_GT(test, wgmesh_liveness_timeout_ns(&trial.path), 900 * MS);
		answered_after(&trial, 10 * MS);
		answered_after(&trial, 10 * MS);
		KUNIT_EXPECT_EQ(test, trial.path.rtt_us, 10000);
		KUNIT_EXPECT_LE(test, wgmesh_liveness_timeout_ns(&trial.path), 30 * MS);
	}
}

/* Where each second answer is slow, the timeout is that of the slow ones. */
static void test_uneven_answers(struct kunit *test)
{
	struct trial trial;
	int i;

	begin(&trial);
	for (i = 0; i < 100; i++) {
		answered_after(&trial, 100 * MS);
		KUNIT_EXPECT_GT(test, wgmesh_liveness_timeout_ns(&trial.path), 100 * MS);
		answered_after(&trial, 10 * MS);
		KUNIT_EXPECT_GT(test, wgmesh_liveness_timeout_ns(&trial.path), 100 * MS);
	}
}

/* The timeout follows the round-trip time, within its bounds. */
static void test_timeout(struct kunit *test)
{
	struct trial trial;

	begin(&trial);
	KUNIT_EXPECT_EQ(test, wgmesh_liveness_timeout_ns(&trial.path), 250 * MS);
	make_alive(&trial);
	KUNIT_EXPECT_LT(test, wgmesh_liveness_timeout_ns(&trial.path), 25 * MS);
	KUNIT_EXPECT_GE(test, wgmesh_liveness_timeout_ns(&trial.path), 22 * MS);
	trial.path.rtt_us = 3000000;
	KUNIT_EXPECT_GE(test, wgmesh_liveness_timeout_ns(&trial.path), 3000 * MS);
	trial.path.rtt_us = 30000000;
	KUNIT_EXPECT_EQ(test, wgmesh_liveness_timeout_ns(&trial.path), 10000 * MS);
}

/* A path whose answers take a while, probed at the pace of one that is in use. */
struct far {
	struct trial trial;
	u64 sequences[64];
	u64 arrive_ns[64];
	unsigned int n;
	u64 last_ns;
	int deaths;
};

/* For so long the round trip takes between @rtt_ms and a tenth more. */
static void far_passes(struct far *far, unsigned int s, unsigned int rtt_ms)
{
	static const struct wgmesh_pace pace = {
		.active_ms = WGMESH_PROBE_ACTIVE_MS,
		.standby_ms = WGMESH_PROBE_STANDBY_MS,
		.idle_ms = WGMESH_PROBE_IDLE_MS,
		.attempts = WGMESH_PROBE_ATTEMPTS,
	};
	struct wgmesh_liveness *path = &far->trial.path;
	const struct wgmesh_pace_path view = { .liveness = path, .awake = true, .in_use = true };
	const u64 end = far->trial.now + s * 1000 * MS;
	enum wgmesh_path_state before;
	unsigned int i;

	while (far->trial.now < end) {
		const u64 now = far->trial.now;

		for (i = 0; i < ARRAY_SIZE(far->sequences); i++) {
			if (!far->sequences[i] || far->arrive_ns[i] > now)
				continue;
			wgmesh_liveness_answered(path, far->sequences[i], now);
			far->sequences[i] = 0;
		}
		if (now - far->last_ns >= wgmesh_pace_interval_ns(&pace, &view, now, 0) &&
		    wgmesh_liveness_can_send(path)) {
			i = far->n++ % ARRAY_SIZE(far->sequences);
			far->last_ns = now;
			far->sequences[i] = request(&far->trial);
			far->arrive_ns[i] = now + (rtt_ms + far->n * 7919 % (rtt_ms / 10 + 1)) * MS;
		}
		before = path->state;
		pass(&far->trial, MS);
		if (before != WGMESH_PATH_STATE_DEAD && path->state == WGMESH_PATH_STATE_DEAD)
			far->deaths++;
	}
}

/* By satellite: it does not flap. */
static void test_far(struct kunit *test)
{
	static const unsigned int rtts_ms[] = { 900, 1500, 2000, 3000, 6000 };
	struct far *far = kunit_kzalloc(test, sizeof(*far), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, far);
	for (i = 0; i < ARRAY_SIZE(rtts_ms); i++) {
		memset(far, 0, sizeof(*far));
		begin(&far->trial);
		far_passes(far, 120, rtts_ms[i]);
		KUNIT_EXPECT_EQ_MSG(test, far->deaths, 0, "%u ms", rtts_ms[i]);
		KUNIT_EXPECT_NE(test, far->trial.path.state, WGMESH_PATH_STATE_UNTESTED);
		KUNIT_EXPECT_FALSE(test, far->trial.path.record.lossy);
	}
}

/* A queue on the way fills and empties: the path may die once, for nobody can know, and then it
 * lives with what it takes.
 */
static void test_queue_on_the_way(struct kunit *test)
{
	struct far *far = kunit_kzalloc(test, sizeof(*far), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, far);
	begin(&far->trial);
	far_passes(far, 20, 20);
	KUNIT_EXPECT_EQ(test, far->deaths, 0);
	far_passes(far, 60, 2000);
	KUNIT_EXPECT_LE(test, far->deaths, 1);
	KUNIT_EXPECT_EQ(test, far->trial.path.state, WGMESH_PATH_STATE_ALIVE);
	far_passes(far, 60, 20);
	KUNIT_EXPECT_LE(test, far->deaths, 1);
	KUNIT_EXPECT_EQ(test, far->trial.path.state, WGMESH_PATH_STATE_ALIVE);
	KUNIT_EXPECT_FALSE(test, far->trial.path.record.lossy);
	KUNIT_EXPECT_LT(test, wgmesh_liveness_timeout_ns(&far->trial.path), 100 * MS);
}

/* The way became shorter: what is still on the longer one does not make the path die. */
static void test_overtaken(struct kunit *test)
{
	struct trial trial;
	u64 sequence;
	int i;

	begin(&trial);
	for (i = 0; i < 3; i++)
		answered_after(&trial, 1000 * MS);
	for (i = 0; i < 2 * ATTEMPTS; i++) {
		request(&trial);
		pass(&trial, 10 * MS);
	}
	for (i = 0; i < 2; i++) {
		sequence = request(&trial);
		pass(&trial, 10 * MS);
		wgmesh_liveness_answered(&trial.path, sequence, trial.now);
	}
	pass(&trial, 100 * MS);
	KUNIT_EXPECT_EQ(test, trial.path.state, WGMESH_PATH_STATE_ALIVE);
	KUNIT_EXPECT_EQ(test, hweight64(trial.path.record.lost), 2 * ATTEMPTS);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(test_first_answer),
	KUNIT_CASE(test_never_answered),
	KUNIT_CASE(test_death),
	KUNIT_CASE(test_one_answer_is_enough),
	KUNIT_CASE(test_late_answer),
	KUNIT_CASE(test_answers_that_are_none),
	KUNIT_CASE(test_revival),
	KUNIT_CASE(test_hold_doubles),
	KUNIT_CASE(test_inherited_failure),
	KUNIT_CASE(test_lossy),
	KUNIT_CASE(test_silence_is_no_loss),
	KUNIT_CASE(test_link_comes_and_goes),
	KUNIT_CASE(test_silence_before_the_first_answer),
	KUNIT_CASE(test_lossy_beyond_death),
	KUNIT_CASE(test_loss_of_the_dead),
	KUNIT_CASE(test_inherited_loss),
	KUNIT_CASE(test_some_loss),
	KUNIT_CASE(test_doubt),
	KUNIT_CASE(test_end),
	KUNIT_CASE(test_bounded),
	KUNIT_CASE(test_slow_answer),
	KUNIT_CASE(test_uneven_answers),
	KUNIT_CASE(test_timeout),
	KUNIT_CASE(test_far),
	KUNIT_CASE(test_overtaken),
	KUNIT_CASE(test_queue_on_the_way),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-liveness",
	.test_cases = cases,
};

kunit_test_suite(suite);
