// SPDX-License-Identifier: GPL-2.0
#include "agent/candidate-choice.h"

#define ADDRESSES 16
#define TAKEN_MAX (CANDIDATE_CHOICE_PAIRS / ADDRESSES)

static guint offer(struct candidate_choice *choice, enum candidate_worth worth, bool complete,
		   guint count)
{
	guint taken = 0;

	for (guint i = 0; i < count; i++)
		taken += candidate_choice_offer(choice, worth, complete) == CANDIDATE_TAKE;
	return taken;
}

/* However many there are, of whatever kind: the pairs are bounded. */
static void test_bound(void)
{
	for (guint addresses = 1; addresses <= ADDRESSES; addresses++) {
		struct candidate_choice choice;
		guint taken = 0;

		candidate_choice_begin(&choice, addresses);
		for (guint worth = CANDIDATE_WORTHS; worth-- > 0;)
			taken += offer(&choice, worth, false, CANDIDATE_CHOICE_PAIRS);
		for (guint worth = 0; worth < CANDIDATE_WORTHS; worth++)
			taken += offer(&choice, worth, true, CANDIDATE_CHOICE_PAIRS);
		g_assert_cmpuint(taken, ==, CANDIDATE_CHOICE_PAIRS / addresses);
		g_assert_cmpint(candidate_choice_offer(&choice, CANDIDATE_REFLEXIVE, true), ==,
				CANDIDATE_CUT);
	}
}

/* Hosts come first, for a peer knows them at once; a NAT's endpoint has its place all the same. */
static void test_reflexive_last(void)
{
	struct candidate_choice choice;

	candidate_choice_begin(&choice, ADDRESSES);
	g_assert_cmpuint(offer(&choice, CANDIDATE_FAR, false, ADDRESSES), >=, 1);
	g_assert_cmpuint(offer(&choice, CANDIDATE_NEAR, false, ADDRESSES), >=, 1);
	g_assert_cmpuint(offer(&choice, CANDIDATE_REFLEXIVE, false, 1), ==, 1);
}

/* Where there is nothing worthier, nothing is lost. */
static void test_hosts_alone(void)
{
	struct candidate_choice choice;
	guint at_once;

	candidate_choice_begin(&choice, ADDRESSES);
	at_once = offer(&choice, CANDIDATE_FAR, false, ADDRESSES);
	g_assert_cmpuint(at_once, <, TAKEN_MAX);
	g_assert_cmpint(candidate_choice_offer(&choice, CANDIDATE_FAR, false), ==, CANDIDATE_WAIT);
	g_assert_cmpuint(offer(&choice, CANDIDATE_FAR, true, ADDRESSES), ==, TAKEN_MAX - at_once);
}

/* With few addresses nothing has to wait. */
static void test_few(void)
{
	struct candidate_choice choice;

	candidate_choice_begin(&choice, 2);
	g_assert_cmpuint(offer(&choice, CANDIDATE_FAR, false, ADDRESSES), ==, ADDRESSES);
	g_assert_cmpuint(offer(&choice, CANDIDATE_REFLEXIVE, false, ADDRESSES), ==, ADDRESSES);

	/* none yet: as many as with one */
	candidate_choice_begin(&choice, 0);
	g_assert_cmpuint(offer(&choice, CANDIDATE_FAR, false, ADDRESSES), ==, ADDRESSES);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/candidate-choice/bound", test_bound);
	g_test_add_func("/candidate-choice/reflexive-last", test_reflexive_last);
	g_test_add_func("/candidate-choice/hosts-alone", test_hosts_alone);
	g_test_add_func("/candidate-choice/few", test_few);
	return g_test_run();
}
