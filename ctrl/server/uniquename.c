// SPDX-License-Identifier: GPL-2.0
/* Hostnames of nodes that want the same one. */
#include "uniquename.h"

struct search {
	const char *wanted;
	uniquename_taken taken;
	void *data;
	char *hostname;
};

/* Whether the name with a number is free; it is the one that was asked for last, then. */
static bool is_free(const struct search *search, guint number)
{
	char suffix[16] = "";
	int len = 0;

	if (number > 1)
		len = g_snprintf(suffix, sizeof(suffix), "-%u", number);
	g_snprintf(search->hostname, HOSTNAME_SIZE, "%.*s%s", HOSTNAME_MAX - len, search->wanted,
		   suffix);
	return !search->taken(search->hostname, search->data);
}

/* Return: a number twice as large as a taken one at most, which is free; 0 when it exceeds @max. */
static guint leap(const struct search *search, guint max)
{
	guint number = 2;

	while (number <= max && !is_free(search, number))
		number *= 2;
	return number <= max ? number : 0;
}

/* Somebody has chosen names that the leaps meet. */
static bool try_all(const struct search *search, guint max)
{
	for (guint number = 2; number <= max; number++) {
		if (is_free(search, number))
			return true;
	}
	return false;
}

bool uniquename_choose(const char *wanted, guint max, uniquename_taken taken, void *data,
		       char hostname[static HOSTNAME_SIZE])
{
	struct search search = { wanted, taken, data, hostname };
	guint low, high;

	if (is_free(&search, 1))
		return true;
	/* up to twice as far as is needed, for the last leap goes beyond what is taken */
	high = leap(&search, 2 * max);
	if (!high)
		return try_all(&search, max);
	for (low = high / 2; high - low > 1;) {
		guint middle = low + (high - low) / 2;

		if (is_free(&search, middle))
			high = middle;
		else
			low = middle;
	}
	return is_free(&search, high);
}
