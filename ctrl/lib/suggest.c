// SPDX-License-Identifier: GPL-2.0
/* What may have been meant by a word that is not known. */
#include "suggest.h"

#include <string.h>

guint suggest_distance(const char *a, const char *b)
{
	gsize rows = strlen(a), columns = strlen(b);
	guint cost[SUGGEST_MAX_LENGTH + 1][SUGGEST_MAX_LENGTH + 1];

	if (rows > SUGGEST_MAX_LENGTH || columns > SUGGEST_MAX_LENGTH)
		return G_MAXUINT;
	for (gsize i = 0; i <= rows; i++)
		cost[i][0] = i;
	for (gsize j = 0; j <= columns; j++)
		cost[0][j] = j;
	for (gsize i = 1; i <= rows; i++) {
		for (gsize j = 1; j <= columns; j++) {
			cost[i][j] = MIN(cost[i - 1][j], cost[i][j - 1]) + 1;
			cost[i][j] = MIN(cost[i][j], cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				cost[i][j] = MIN(cost[i][j], cost[i - 2][j - 2] + 1);
		}
	}
	return cost[rows][columns];
}

guint suggest_close_enough(const char *typed, const char *word)
{
	guint distance = suggest_distance(typed, word);

	/* The beginning of a word is as good as the word. */
	if (strlen(typed) >= 2 && g_str_has_prefix(word, typed))
		return 0;
	return distance <= 1 + strlen(word) / 4 && distance < strlen(word) ? distance : G_MAXUINT;
}
