// SPDX-License-Identifier: GPL-2.0
#include "journal.h"

#include <stdio.h>

#define NS_PER_US 1000

struct datagram {
	gint64 sent;
	guint16 copies;
	bool refused, marked, late;
};

struct journal {
	GArray *datagrams; /* of struct datagram, by number */
	GArray *arrivals; /* of gint64, when one arrived */
	GArray *marks; /* of gint64 */
	guint64 newest; /* number of the last sent of those that have arrived */
};

/* What is told of a period. */
struct summary {
	gint64 begin, end;
	guint64 sent, refused, lost, twice, late, switches;
	gint64 last_lost, gap, gap_at, first_switch, last_switch;
	const char *way;
};

struct journal *journal_new(void)
{
	struct journal *journal = g_new0(struct journal, 1);

	journal->datagrams = g_array_new(FALSE, TRUE, sizeof(struct datagram));
	journal->arrivals = g_array_new(FALSE, FALSE, sizeof(gint64));
	journal->marks = g_array_new(FALSE, FALSE, sizeof(gint64));
	return journal;
}

static struct datagram *datagram_of(const struct journal *journal, guint64 number)
{
	return &g_array_index(journal->datagrams, struct datagram, number);
}

guint64 journal_sent(struct journal *journal, gint64 when)
{
	const struct datagram datagram = { .sent = when };

	g_array_append_val(journal->datagrams, datagram);
	return journal->datagrams->len - 1;
}

void journal_refused(struct journal *journal)
{
	datagram_of(journal, journal->datagrams->len - 1)->refused = true;
}

void journal_received(struct journal *journal, guint64 number, gint64 when, bool marked)
{
	struct datagram *datagram;

	if (number >= journal->datagrams->len)
		return;
	datagram = datagram_of(journal, number);
	g_array_append_val(journal->arrivals, when);
	if (datagram->copies++)
		return;
	datagram->marked = marked;
	datagram->late = number < journal->newest;
	journal->newest = MAX(journal->newest, number);
}

void journal_mark(struct journal *journal, gint64 when)
{
	g_array_append_val(journal->marks, when);
}

guint64 journal_length(const struct journal *journal)
{
	return journal->datagrams->len;
}

static void count_switch(struct summary *summary, const struct datagram *before,
			 const struct datagram *datagram)
{
	if (!before || before->marked == datagram->marked)
		return;
	if (!summary->switches++)
		summary->first_switch = datagram->sent;
	summary->last_switch = datagram->sent;
}

/* Returns the last datagram that arrived, of those sent in the period and of @before. */
static const struct datagram *count_datagram(struct summary *summary, const struct datagram *before,
					     const struct datagram *datagram)
{
	summary->sent++;
	summary->refused += datagram->refused;
	summary->twice += datagram->copies > 1;
	summary->late += datagram->late;
	if (!datagram->copies) {
		summary->lost++;
		summary->last_lost = datagram->sent;
		return before;
	}
	count_switch(summary, before, datagram);
	summary->way = datagram->marked ? "marked" : "plain";
	return datagram;
}

static void count_datagrams(const struct journal *journal, struct summary *summary)
{
	const struct datagram *before = NULL;

	for (guint i = 0; i < journal->datagrams->len; i++) {
		const struct datagram *datagram = datagram_of(journal, i);

		if (datagram->sent >= summary->end)
			return;
		if (datagram->sent >= summary->begin)
			before = count_datagram(summary, before, datagram);
		else if (datagram->copies)
			before = datagram;
	}
}

static void consider_gap(struct summary *summary, gint64 from, gint64 to)
{
	if (to - from <= summary->gap)
		return;
	summary->gap = to - from;
	summary->gap_at = from;
}

static void find_gap(const struct journal *journal, struct summary *summary)
{
	gint64 from = datagram_of(journal, 0)->sent;

	for (guint i = 0; i < journal->arrivals->len; i++) {
		const gint64 arrival = g_array_index(journal->arrivals, gint64, i);

		if (arrival >= summary->end)
			break;
		if (arrival >= summary->begin)
			consider_gap(summary, from, arrival);
		from = arrival;
	}
	consider_gap(summary, from, summary->end);
}

void journal_report_head(void)
{
	puts("period direction sent refused lost last_lost twice late gap gap_at switches "
	     "first_switch last_switch way");
}

/* -1 for 0, which means never */
static gint64 relative(const struct summary *summary, gint64 when)
{
	return when ? (when - summary->begin) / NS_PER_US : -1;
}

static void print(guint period, const char *direction, const struct summary *summary)
{
	printf("%u %s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
	       " %" G_GINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
	       " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GUINT64_FORMAT
	       " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s\n",
	       period, direction, summary->sent, summary->refused, summary->lost,
	       relative(summary, summary->last_lost), summary->twice, summary->late,
	       summary->gap / NS_PER_US, relative(summary, summary->gap_at), summary->switches,
	       relative(summary, summary->first_switch), relative(summary, summary->last_switch),
	       summary->way);
}

void journal_report(const struct journal *journal, const char *direction)
{
	gint64 begin;

	if (!journal->datagrams->len)
		return;
	begin = datagram_of(journal, 0)->sent;
	for (guint i = 0; i < journal->marks->len; i++) {
		struct summary summary = {
			.begin = begin,
			.end = g_array_index(journal->marks, gint64, i),
			.way = "none",
		};

		count_datagrams(journal, &summary);
		find_gap(journal, &summary);
		print(i, direction, &summary);
		begin = summary.end;
	}
}
