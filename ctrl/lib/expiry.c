// SPDX-License-Identifier: GPL-2.0
/* Things that end at some time: a heap of them and one timer. */
#include "expiry.h"

/* A binary heap: the children of place p are at 2p and 2p + 1, and expire no earlier than it. */
struct expiry_queue {
	GPtrArray *heap; /* of struct expiry; element 0 is not used */
	GSource *timer;
};

static struct expiry *at(const struct expiry_queue *queue, guint place)
{
	return g_ptr_array_index(queue->heap, place);
}

static void put(struct expiry_queue *queue, guint place, struct expiry *expiry)
{
	queue->heap->pdata[place] = expiry;
	expiry->place = place;
}

/* Find the place of expiry, beginning with a free one. */
static void settle(struct expiry_queue *queue, guint place, struct expiry *expiry)
{
	guint child;

	for (; place > 1 && at(queue, place / 2)->at_us > expiry->at_us; place /= 2)
		put(queue, place, at(queue, place / 2));
	for (; (child = 2 * place) < queue->heap->len; place = child) {
		if (child + 1 < queue->heap->len &&
		    at(queue, child + 1)->at_us < at(queue, child)->at_us)
			child++;
		if (at(queue, child)->at_us >= expiry->at_us)
			break;
		put(queue, place, at(queue, child));
	}
	put(queue, place, expiry);
}

static void set_timer(struct expiry_queue *queue)
{
	gint64 next_us = queue->heap->len > 1 ? at(queue, 1)->at_us : -1;

	if (g_source_get_ready_time(queue->timer) != next_us)
		g_source_set_ready_time(queue->timer, next_us);
}

static gboolean timer_fired(void *data)
{
	expiry_run(data, g_get_monotonic_time());
	return G_SOURCE_CONTINUE;
}

static gboolean dispatch_timer(GSource *source G_GNUC_UNUSED, GSourceFunc callback, void *data)
{
	return callback(data);
}

struct expiry_queue *expiry_queue_new(void)
{
	static GSourceFuncs functions = { .dispatch = dispatch_timer };
	struct expiry_queue *queue = g_new0(struct expiry_queue, 1);

	queue->heap = g_ptr_array_new();
	g_ptr_array_add(queue->heap, NULL);
	queue->timer = g_source_new(&functions, sizeof(GSource));
	g_source_set_callback(queue->timer, timer_fired, queue, NULL);
	g_source_attach(queue->timer, NULL);
	return queue;
}

void expiry_queue_free(struct expiry_queue *queue)
{
	if (!queue)
		return;
	g_source_destroy(queue->timer);
	g_source_unref(queue->timer);
	g_ptr_array_unref(queue->heap);
	g_free(queue);
}

void expiry_set(struct expiry_queue *queue, struct expiry *expiry, gint64 at_us)
{
	expiry->at_us = at_us;
	if (!expiry->place) {
		g_ptr_array_add(queue->heap, expiry);
		expiry->place = queue->heap->len - 1;
	}
	settle(queue, expiry->place, expiry);
	set_timer(queue);
}

static void take_out(struct expiry_queue *queue, struct expiry *expiry)
{
	guint last_place = queue->heap->len - 1;
	struct expiry *last = at(queue, last_place);

	g_ptr_array_set_size(queue->heap, last_place);
	if (last != expiry)
		settle(queue, expiry->place, last);
	expiry->place = 0;
}

void expiry_cancel(struct expiry_queue *queue, struct expiry *expiry)
{
	if (!expiry->place)
		return;
	take_out(queue, expiry);
	set_timer(queue);
}

void expiry_run(struct expiry_queue *queue, gint64 now_us)
{
	struct expiry *expiry;

	while (queue->heap->len > 1 && at(queue, 1)->at_us <= now_us) {
		expiry = at(queue, 1);
		take_out(queue, expiry);
		expiry->expired(expiry);
	}
	set_timer(queue);
}
