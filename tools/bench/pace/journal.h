/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PACE_JOURNAL_H
#define WGMESH_PACE_JOURNAL_H

#include <glib.h>
#include <stdbool.h>

/* What became of every datagram of one direction. Times are nanoseconds of one clock. */
struct journal;

/**
 * journal_new() - an empty journal
 *
 * Return: the journal; it lives as long as the program.
 */
struct journal *journal_new(void);

/**
 * journal_sent() - note that a datagram is sent
 * @journal: the journal
 * @when: now
 *
 * Return: its number, from 0 on.
 */
guint64 journal_sent(struct journal *journal, gint64 when);

/**
 * journal_refused() - note that the system did not take the datagram noted last
 * @journal: the journal
 */
void journal_refused(struct journal *journal);

/**
 * journal_received() - note that a datagram has arrived
 * @journal: the journal
 * @number: its number; one that was not sent is left out
 * @when: now, not before anything that was noted
 * @marked: it was marked on its way
 */
void journal_received(struct journal *journal, guint64 number, gint64 when, bool marked);

/**
 * journal_mark() - end a period, and begin the next one
 * @journal: the journal
 * @when: now
 *
 * Period 0 begins with the first datagram. What comes after the last mark is no period: what is
 * received there is known to have arrived, nothing else.
 */
void journal_mark(struct journal *journal, gint64 when);

/**
 * journal_length() - how many datagrams were sent
 * @journal: the journal
 *
 * Return: their number.
 */
guint64 journal_length(const struct journal *journal);

/** journal_report_head() - print the names of the columns */
void journal_report_head(void);

/**
 * journal_report() - print a line for each period
 * @journal: the journal
 * @direction: its name, for the second column
 *
 * The columns, with times in microseconds from the beginning of the period on, -1 when there was
 * no such thing:
 *
 * period, direction;
 * sent: datagrams that were sent in it; of these
 * refused: those that the system did not take,
 * lost: those that never arrived, refused ones too, and
 * last_lost: when the last one of them was sent;
 * twice: those that arrived more than once;
 * late: those that arrived after one that was sent after them;
 * gap: the longest time between two arrivals, the second of which is in the period, or the end
 * of the period;
 * gap_at: when that gap began (before the period: less than 0);
 * switches: how often what arrived was marked and its predecessor was not, or the other way
 * round, in the order of sending;
 * first_switch, last_switch: when the first datagram after a switch was sent;
 * way: how the last one arrived, "plain", "marked" or "none".
 */
void journal_report(const struct journal *journal, const char *direction);

#endif
