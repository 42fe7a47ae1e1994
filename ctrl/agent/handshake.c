// SPDX-License-Identifier: GPL-2.0
/* Whether WireGuard has a session with a peer, from what it tells of the last handshake. */
#include "handshake.h"

/* A session is of no use to WireGuard after that (REJECT_AFTER_TIME). */
#define SESSION_US (180 * G_USEC_PER_SEC)

/*
 * The wall clock is believed where it does not contradict the other: the handshake was after we
 * looked last, or after the machine started. Else it was set: the handshake may be new.
 */
static gint64 time_of(const struct handshake *handshake, gint64 told_s, gint64 wall_s,
		      gint64 now_us)
{
	gint64 unseen_us = now_us - handshake->looked_us;

	if (wall_s < told_s || wall_s - told_s > unseen_us / G_USEC_PER_SEC)
		return now_us;
	return now_us - (wall_s - told_s) * G_USEC_PER_SEC;
}

void handshake_note(struct handshake *handshake, gint64 told_s, gint64 wall_s, gint64 now_us)
{
	if (told_s != handshake->told_s) {
		handshake->at_us = time_of(handshake, told_s, wall_s, now_us);
		handshake->told_s = told_s;
		handshake->doubted = handshake->lost = false;
	}
	handshake->looked_us = now_us;
}

bool handshake_has_session(const struct handshake *handshake, gint64 now_us)
{
	return handshake->told_s && !handshake->lost && now_us - handshake->at_us < SESSION_US;
}

void handshake_doubt(struct handshake *handshake)
{
	handshake->doubted = true;
}

bool handshake_lose(struct handshake *handshake)
{
	if (!handshake->doubted)
		return false;
	handshake->doubted = false;
	handshake->lost = true;
	return true;
}
