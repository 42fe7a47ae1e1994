/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_HANDSHAKE_H
#define WGMESH_HANDSHAKE_H

#include <glib.h>
#include <stdbool.h>

/*
 * Whether WireGuard has a session with a peer. It tells when the two shook hands last, by the wall
 * clock, which may have been set since. That it tells something else than before is a handshake,
 * whatever the clock says; so its age is known by a clock that nobody sets.
 */

/**
 * struct handshake - what is known of the last one with a peer
 * @told_s: when it was, as WireGuard tells it; 0: there was none
 * @at_us: when it was, or was found out, by the clock of handshake_note()
 * @looked_us: when WireGuard was asked last
 * @doubted: the peer has started since, and may have lost the session
 * @lost: it has
 *
 * Zeros are the beginning: nothing is known.
 */
struct handshake {
	gint64 told_s;
	gint64 at_us;
	gint64 looked_us;
	bool doubted;
	bool lost;
};

/**
 * handshake_note() - WireGuard was asked
 * @handshake: with the peer
 * @told_s: when it was, as WireGuard tells it: seconds since 1970; 0: there was none
 * @wall_s: what the wall clock says now
 * @now_us: microseconds since the machine started, those that it slept included
 */
void handshake_note(struct handshake *handshake, gint64 told_s, gint64 wall_s, gint64 now_us);

/**
 * handshake_has_session() - whether both ends have a session, as far as is known
 * @handshake: with the peer
 * @now_us: as for handshake_note()
 */
bool handshake_has_session(const struct handshake *handshake, gint64 now_us);

/**
 * handshake_doubt() - the peer has started anew: what it says of its WireGuard counts
 * @handshake: with the peer
 */
void handshake_doubt(struct handshake *handshake);

/**
 * handshake_lose() - the peer says that its WireGuard knows of no handshake
 * @handshake: with the peer
 *
 * It may have said so just before there was one: it counts once, for the session that was there
 * when the peer started.
 *
 * Return: whether there is no session because of that.
 */
bool handshake_lose(struct handshake *handshake);

#endif
