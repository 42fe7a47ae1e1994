// SPDX-License-Identifier: GPL-2.0
#include "agent/handshake.h"

#define S G_GINT64_CONSTANT(1000000)
#define DAY (24 * 3600)

/* The machine started ten hours ago, and the wall clock is right. */
#define UP_US (36000 * S)
#define WALL_S 1790000000

static struct handshake noted(gint64 told_s, gint64 wall_s)
{
	struct handshake handshake = {};

	handshake_note(&handshake, told_s, wall_s, UP_US);
	return handshake;
}

/* It is found out two seconds later, as it happened, by whatever the wall clock says then. */
static void shake(struct handshake *handshake, gint64 told_s, gint64 wall_s)
{
	handshake_note(handshake, told_s, wall_s, handshake->looked_us + 2 * S);
}

static void test_none(void)
{
	struct handshake handshake = {};

	g_assert_false(handshake_has_session(&handshake, UP_US));
	handshake = noted(0, WALL_S);
	g_assert_false(handshake_has_session(&handshake, UP_US));
}

static void test_ages(void)
{
	struct handshake handshake = noted(WALL_S - 100, WALL_S);

	g_assert_true(handshake_has_session(&handshake, UP_US + 79 * S));
	g_assert_false(handshake_has_session(&handshake, UP_US + 80 * S));

	/* looking again makes it no younger */
	handshake_note(&handshake, WALL_S - 100, WALL_S + 79, UP_US + 79 * S);
	g_assert_false(handshake_has_session(&handshake, UP_US + 80 * S));

	/* but the next one does */
	handshake_note(&handshake, WALL_S + 80, WALL_S + 81, UP_US + 81 * S);
	g_assert_true(handshake_has_session(&handshake, UP_US + 259 * S));
	g_assert_false(handshake_has_session(&handshake, UP_US + 260 * S));
}

static void test_old(void)
{
	struct handshake handshake = noted(WALL_S - 200, WALL_S);

	g_assert_false(handshake_has_session(&handshake, UP_US));
}

static void test_clock_set_forward(void)
{
	struct handshake handshake = noted(WALL_S, WALL_S);

	handshake_note(&handshake, WALL_S, WALL_S + DAY, UP_US + S);
	g_assert_true(handshake_has_session(&handshake, UP_US + 179 * S));

	/* between a handshake and the next look */
	shake(&handshake, WALL_S + 1, WALL_S + DAY);
	g_assert_true(handshake_has_session(&handshake, handshake.looked_us + 179 * S));
	g_assert_false(handshake_has_session(&handshake, handshake.looked_us + 180 * S));
}

static void test_clock_set_back(void)
{
	struct handshake handshake = noted(WALL_S, WALL_S);

	handshake_note(&handshake, WALL_S, WALL_S - DAY, UP_US + S);
	g_assert_true(handshake_has_session(&handshake, UP_US + 179 * S));
	g_assert_false(handshake_has_session(&handshake, UP_US + 180 * S));
	shake(&handshake, WALL_S + 1, WALL_S - DAY);
	g_assert_true(handshake_has_session(&handshake, handshake.looked_us + 179 * S));
	g_assert_false(handshake_has_session(&handshake, handshake.looked_us + 180 * S));
}

/* The first look is by a program that was just started; what it contradicts is no guide. */
static void test_clock_set_before(void)
{
	struct handshake handshake = noted(WALL_S - DAY, WALL_S);

	g_assert_true(handshake_has_session(&handshake, UP_US + 179 * S));
	g_assert_false(handshake_has_session(&handshake, UP_US + 180 * S));
	handshake = noted(WALL_S + DAY, WALL_S);
	g_assert_true(handshake_has_session(&handshake, UP_US + 179 * S));
	g_assert_false(handshake_has_session(&handshake, UP_US + 180 * S));
}

static void test_lost(void)
{
	struct handshake handshake = noted(WALL_S, WALL_S);

	g_assert_false(handshake_lose(&handshake));
	g_assert_true(handshake_has_session(&handshake, UP_US));
	handshake_doubt(&handshake);
	g_assert_true(handshake_has_session(&handshake, UP_US));
	g_assert_true(handshake_lose(&handshake));
	g_assert_false(handshake_has_session(&handshake, UP_US));

	/* looking again does not bring it back; the next handshake counts, and is not lost as well */
	handshake_note(&handshake, WALL_S, WALL_S + 1, UP_US + S);
	g_assert_false(handshake_has_session(&handshake, UP_US + S));
	shake(&handshake, WALL_S + 3, WALL_S + 3);
	g_assert_true(handshake_has_session(&handshake, handshake.looked_us));
	g_assert_false(handshake_lose(&handshake));
}

/* What the peer says may be older than the handshake. */
static void test_lost_and_found(void)
{
	struct handshake handshake = noted(WALL_S, WALL_S);

	handshake_doubt(&handshake);
	shake(&handshake, WALL_S + 1, WALL_S + 1);
	g_assert_false(handshake_lose(&handshake));
	g_assert_true(handshake_has_session(&handshake, handshake.looked_us));
}

static void test_forgotten(void)
{
	struct handshake handshake = noted(WALL_S, WALL_S);

	shake(&handshake, 0, WALL_S);
	g_assert_false(handshake_has_session(&handshake, handshake.looked_us));

	/* another one in the same second */
	shake(&handshake, WALL_S, WALL_S);
	g_assert_true(handshake_has_session(&handshake, handshake.looked_us));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/handshake/none", test_none);
	g_test_add_func("/handshake/ages", test_ages);
	g_test_add_func("/handshake/old", test_old);
	g_test_add_func("/handshake/clock-set-forward", test_clock_set_forward);
	g_test_add_func("/handshake/clock-set-back", test_clock_set_back);
	g_test_add_func("/handshake/clock-set-before", test_clock_set_before);
	g_test_add_func("/handshake/lost", test_lost);
	g_test_add_func("/handshake/lost-and-found", test_lost_and_found);
	g_test_add_func("/handshake/forgotten", test_forgotten);
	return g_test_run();
}
