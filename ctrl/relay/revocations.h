/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_REVOCATIONS_H
#define WGMESH_RELAY_REVOCATIONS_H

#include "lib/revocation.h"

/*
 * Accounts that have ended, each until what was made for it has expired. They are kept in memory
 * alone: the server tells them anew to each run of this program.
 */

/* An account needs about 100 bytes. */
#define REVOCATIONS_MAX 65536

struct revocations;

/**
 * revocations_new() - make an empty set, which is that of a new run
 *
 * Return: (owned by the caller) the set; free with revocations_free().
 */
struct revocations *revocations_new(void);

/**
 * revocations_free() - free a set
 * @set: the set, or NULL
 */
void revocations_free(struct revocations *set);

/**
 * revocations_run() - what names this run
 * @set: the set
 *
 * Return: (borrowed from @set) REVOCATION_RUN_SIZE random bytes.
 */
const guint8 *revocations_run(const struct revocations *set);

/**
 * revocations_add() - an account has ended
 * @set: the set
 * @revocation: which, until when; nothing happens when that is over
 * @now_s: seconds since 1970
 * @is_new: whether it was not known before
 *
 * Return: false when there is no room.
 */
bool revocations_add(struct revocations *set, const struct revocation *revocation, gint64 now_s,
		     bool *is_new);

/**
 * revocations_has() - whether an account has ended
 * @set: the set
 * @account: the account
 */
bool revocations_has(const struct revocations *set, const char *account);

#endif
