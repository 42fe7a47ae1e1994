// SPDX-License-Identifier: GPL-2.0
/* What was put right, counted, and how long to wait before it is put right again. */
#include "mended.h"

static const char *const names[] = {
	[MENDED_INTERFACE] = "interface",
	[MENDED_ADDRESSES] = "addresses",
	[MENDED_ROUTES] = "routes",
	[MENDED_WIREGUARD] = "wireguard",
	[MENDED_PEERS] = "peers",
	[MENDED_MODULE] = "module",
};

static bool has_settled(const struct mended_record *record, gint64 now_us)
{
	return now_us - MAX(record->last_us, record->not_before_us) >= MENDED_QUIET_US;
}

static gint64 delay_us(guint row)
{
	if (row <= MENDED_FREE)
		return 0;
	if (row - MENDED_FREE > 6)
		return MENDED_MAX_DELAY_US;
	return G_USEC_PER_SEC << (row - MENDED_FREE - 1);
}

void mended_note(struct mended *mended, enum mended_kind kind, guint count, gint64 now_us,
		 gint64 now_s)
{
	struct mended_record *record = &mended->kinds[kind];

	if (has_settled(record, now_us))
		record->row = 0;
	record->row++;
	record->count += count;
	record->last_s = now_s;
	record->last_us = now_us;
	record->not_before_us = now_us + delay_us(record->row);
}

bool mended_is_fight(const struct mended *mended, enum mended_kind kind, gint64 now_us)
{
	const struct mended_record *record = &mended->kinds[kind];

	return record->row > MENDED_FREE && !has_settled(record, now_us);
}

const char *mended_name(enum mended_kind kind)
{
	return names[kind];
}
