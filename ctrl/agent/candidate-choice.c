// SPDX-License-Identifier: GPL-2.0
/* Which of a peer's candidates are tried: so many that ICE gets to the worthy ones in time. */
#include "candidate-choice.h"

/* With that many addresses of our own each, a quarter is one. */
#define MIN_CANDIDATES 4

void candidate_choice_begin(struct candidate_choice *choice, guint addresses)
{
	*choice = (struct candidate_choice){
		.max = MAX(CANDIDATE_CHOICE_PAIRS / MAX(addresses, 1), MIN_CANDIDATES),
	};
}

/* How many may be taken in all while more may come that are worthier. */
static guint room_for(const struct candidate_choice *choice, enum candidate_worth worth)
{
	guint reserved = choice->max / 4;

	switch (worth) {
	case CANDIDATE_REFLEXIVE:
		return choice->max;
	case CANDIDATE_NEAR:
		return choice->max - reserved;
	default:
		return choice->max - 2 * reserved;
	}
}

enum candidate_verdict candidate_choice_offer(struct candidate_choice *choice,
					      enum candidate_worth worth, bool complete)
{
	bool host = worth != CANDIDATE_REFLEXIVE;

	if (choice->taken == choice->max)
		return CANDIDATE_CUT;
	if (!complete && host && choice->hosts >= room_for(choice, worth))
		return CANDIDATE_WAIT;
	choice->taken++;
	choice->hosts += host;
	return CANDIDATE_TAKE;
}
