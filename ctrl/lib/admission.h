/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_ADMISSION_H
#define WGMESH_ADMISSION_H

#include <glib.h>
#include <stdbool.h>

#include "endpoint.h"

/*
 * Who may take up how many connections. A connection is a guest until its node has proved who it
 * is, and again while it is being closed. Everybody in the world can be a guest, so there is room
 * for few. When all places are taken, the oldest guest goes: a node needs a place for a few round
 * trips, an attacker for long. A caller that can make newcomers wait asks for how long; otherwise
 * the guests that are nearly done would go.
 */

/* Guests at a time: in all, and from one source (an IPv4 address, an IPv6 /56). */
#define ADMISSION_MAX_GUESTS 512
#define ADMISSION_MAX_GUESTS_PER_SOURCE 64

/* A guest is in nobody's way for so long. */
#define ADMISSION_PATIENCE_US (3 * G_USEC_PER_SEC)

/* Connections at a time from one source, guests and others. */
#define ADMISSION_MAX_PER_SOURCE 4096

struct admissions;
struct admission;

/**
 * typedef admission_evict - called when a guest has to go; the callee releases the admission
 * @data: what admission_request() was given
 */
typedef void (*admission_evict)(void *data);

/**
 * admissions_new() - begin to count
 *
 * Return: (owned by the caller) the counts.
 */
struct admissions *admissions_new(void);

/**
 * admissions_free() - stop counting
 * @admissions: the counts, of no connection; NULL does nothing
 */
void admissions_free(struct admissions *admissions);

/**
 * admission_request() - let a new connection in, as a guest
 * @admissions: the counts
 * @from: where it comes from
 *
 * May evict another one.
 *
 * Return: (owned by the caller) its admission; NULL when its source has too many.
 */
struct admission *admission_request(struct admissions *admissions, const struct endpoint *from);

/**
 * admissions_on_room() - say what to do when there is room for a guest again
 * @admissions: the counts
 * @room: called whenever the last place for guests becomes free; must not use @admissions
 * @data: for @room
 */
void admissions_on_room(struct admissions *admissions, void (*room)(void *data), void *data);

/**
 * admissions_wait_us() - for how long not to let anybody in, so that guests can finish
 * @admissions: the counts
 * @now_us: a monotonic clock in microseconds
 *
 * When all have come at once, evicting the oldest would end those that are furthest, who come back.
 *
 * Return: microseconds until the oldest guest has had ADMISSION_PATIENCE_US; 0 while there is room.
 */
gint64 admissions_wait_us(const struct admissions *admissions, gint64 now_us);

/**
 * admission_on_evict() - say what to do when this guest has to go
 * @admission: the admission
 * @evict: called at most once
 * @data: for @evict
 */
void admission_on_evict(struct admission *admission, admission_evict evict, void *data);

/**
 * admission_set_guest() - count a connection as a guest, or not
 * @admission: the admission
 * @guest: whether it is one
 */
void admission_set_guest(struct admission *admission, bool guest);

/**
 * admission_release() - the connection is gone
 * @admission: the admission; NULL does nothing
 */
void admission_release(struct admission *admission);

#endif
