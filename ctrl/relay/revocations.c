// SPDX-License-Identifier: GPL-2.0
/* The accounts that have ended, each until what was made for it has expired. */
#include "revocations.h"

#include <sodium.h>

/* How often those that are over are looked for. */
#define SWEEP_S 60

/**
 * struct revocations - see revocations.h
 * @run: random bytes that name this run of the program
 * @until: gint64 by account: when all that was made for it has expired
 * @swept_s: when those that are over were looked for last
 */
struct revocations {
	guint8 run[REVOCATION_RUN_SIZE];
	GHashTable *until;
	gint64 swept_s;
};

struct revocations *revocations_new(void)
{
	struct revocations *set = g_new0(struct revocations, 1);

	randombytes_buf(set->run, sizeof(set->run));
	set->until = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return set;
}

void revocations_free(struct revocations *set)
{
	if (!set)
		return;
	g_hash_table_unref(set->until);
	g_free(set);
}

const guint8 *revocations_run(const struct revocations *set)
{
	return set->run;
}

static gboolean is_over(G_GNUC_UNUSED void *account, void *until_s, void *now_s)
{
	return *(gint64 *)until_s <= *(gint64 *)now_s;
}

/* The set grows here alone, so this is where it shrinks. The clock may be set back. */
static void sweep(struct revocations *set, gint64 now_s)
{
	if (now_s >= set->swept_s && now_s < set->swept_s + SWEEP_S)
		return;
	set->swept_s = now_s;
	g_hash_table_foreach_remove(set->until, is_over, &now_s);
}

bool revocations_add(struct revocations *set, const struct revocation *revocation, gint64 now_s,
		     bool *is_new)
{
	gint64 *known = g_hash_table_lookup(set->until, revocation->account);

	*is_new = false;
	if (revocation->until_s <= now_s)
		return true;
	if (known) {
		*known = MAX(*known, revocation->until_s);
		return true;
	}
	sweep(set, now_s);
	if (g_hash_table_size(set->until) >= REVOCATIONS_MAX)
		return false;
	*is_new = true;
	g_hash_table_insert(set->until, g_strdup(revocation->account),
			    g_memdup2(&revocation->until_s, sizeof(revocation->until_s)));
	return true;
}

bool revocations_has(const struct revocations *set, const char *account)
{
	return g_hash_table_contains(set->until, account);
}
