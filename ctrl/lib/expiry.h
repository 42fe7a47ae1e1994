/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_EXPIRY_H
#define WGMESH_EXPIRY_H

#include <glib.h>

/*
 * Things that end at some time: a heap of them and one timer in the default main loop, however
 * many there are.
 */

struct expiry_queue;

/**
 * struct expiry - part of what expires
 * @expired: called when its time has come, when it is no longer in the queue; may free it
 * @at_us: when, g_get_monotonic_time(); valid while it is in the queue
 * @place: in the heap, counted from 1; 0 when it is not in the queue, and at first
 */
struct expiry {
	void (*expired)(struct expiry *expiry);
	gint64 at_us;
	guint place;
};

/**
 * expiry_owner() - what a struct expiry is part of
 * @expiry: pointer to it
 * @type: of the whole
 * @member: its name there
 *
 * Return: pointer to the whole.
 */
#define expiry_owner(expiry, type, member)                                                         \
	((type *)((guint8 *)(expiry) - G_STRUCT_OFFSET(type, member)))

/**
 * expiry_queue_new() - make an empty queue and its timer
 *
 * Return: (owned by the caller) the queue; free with expiry_queue_free().
 */
struct expiry_queue *expiry_queue_new(void);

/**
 * expiry_queue_free() - free a queue; what is in it is left alone and must not be touched again
 * @queue: the queue, or NULL
 */
void expiry_queue_free(struct expiry_queue *queue);

/**
 * expiry_set() - let something expire then, whether or not it is in the queue already
 * @queue: the queue; always the same for one @expiry
 * @expiry: the thing
 * @at_us: when, g_get_monotonic_time()
 */
void expiry_set(struct expiry_queue *queue, struct expiry *expiry, gint64 at_us);

/**
 * expiry_cancel() - take something out; nothing happens when it is not in the queue
 * @queue: the queue
 * @expiry: the thing
 */
void expiry_cancel(struct expiry_queue *queue, struct expiry *expiry);

/**
 * expiry_run() - let everything expire whose time has come
 * @queue: the queue
 * @now_us: what time it is
 *
 * The timer does this.
 */
void expiry_run(struct expiry_queue *queue, gint64 now_us);

#endif
