/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_MENDED_H
#define WGMESH_MENDED_H

#include <glib.h>
#include <stdbool.h>

/*
 * What of ours somebody else took away or changed, and was put right: how often, and when. Where it
 * happens again and again, somebody else is sure to want it otherwise; then it is put right less
 * and less often, so that a fight does not become a storm.
 */

/**
 * enum mended_kind - what is put right together
 * @MENDED_INTERFACE: it was gone, down, renamed, or had another MTU
 * @MENDED_ADDRESSES: its addresses
 * @MENDED_ROUTES: routes to peers
 * @MENDED_WIREGUARD: private key and port
 * @MENDED_PEERS: peers of WireGuard with all that belongs to them
 * @MENDED_MODULE: what the module has: device, peers, paths
 * @MENDED_KINDS: how many there are
 */
enum mended_kind {
	MENDED_INTERFACE,
	MENDED_ADDRESSES,
	MENDED_ROUTES,
	MENDED_WIREGUARD,
	MENDED_PEERS,
	MENDED_MODULE,
	MENDED_KINDS,
};

/* So often in a row it is put right at once. */
#define MENDED_FREE 5

/* From then on after 1 s, doubling up to this. */
#define MENDED_MAX_DELAY_US (64 * G_USEC_PER_SEC)

/* What stayed right for so long, and the delay before, counts as settled. */
#define MENDED_QUIET_US (60 * G_USEC_PER_SEC)

/**
 * struct mended_record - what happened to one kind
 * @count: things put right since meshd started
 * @last_s: when something was put right last, seconds since 1970; 0: never
 * @last_us: when something was put right last, by the monotonic clock
 * @row: times in a row, without MENDED_QUIET_US between them
 * @not_before_us: it is not to be put right before, by the monotonic clock
 */
struct mended_record {
	guint64 count;
	gint64 last_s;
	gint64 last_us;
	guint row;
	gint64 not_before_us;
};

/**
 * struct mended - what happened to all kinds; zeroed at first
 */
struct mended {
	struct mended_record kinds[MENDED_KINDS];
};

/**
 * mended_note() - something was put right
 * @mended: the records
 * @kind: which of them
 * @count: how many things at once; > 0
 * @now_us: g_get_monotonic_time()
 * @now_s: seconds since 1970
 */
void mended_note(struct mended *mended, enum mended_kind kind, guint count, gint64 now_us,
		 gint64 now_s);

/**
 * mended_is_fight() - whether somebody takes it away again and again
 * @mended: the records
 * @kind: which of them
 * @now_us: g_get_monotonic_time()
 */
bool mended_is_fight(const struct mended *mended, enum mended_kind kind, gint64 now_us);

/**
 * mended_name() - what a kind is called in JSON
 * @kind: the kind
 */
const char *mended_name(enum mended_kind kind);

#endif
