// SPDX-License-Identifier: GPL-2.0
/*
 * What waits for a node, counted by kind and by sender. The connection keeps the frames themselves;
 * a frame is counted for as long as it exists there.
 */
#include "outbox.h"

/* A sender of which something waits. */
struct sender {
	struct key key;
	gsize waiting;
};

struct outbox {
	struct websocket *websocket; /* NULL when the outbox is freed, and frames of it still wait */
	void (*caught_up)(void *data);
	void *data;
	gsize waiting[OUTBOX_KINDS];
	gsize map_size; /* of the last map */
	GHashTable *senders; /* a set: struct sender is its own key */
	bool awaited;
	guint caught_up_due; /* source that calls the owner */
};

/* A frame that waits; it may be one of many nodes. */
struct waiting {
	struct outbox *outbox;
	enum outbox_kind kind;
	struct sender *sender; /* of a signal */
	GPtrArray *frame;
	gsize size;
};

static void outbox_clear(struct outbox *outbox)
{
	g_hash_table_unref(outbox->senders);
}

struct outbox *outbox_new(struct websocket *websocket, void (*caught_up)(void *data), void *data)
{
	struct outbox *outbox = g_rc_box_new0(struct outbox);

	outbox->websocket = websocket;
	outbox->caught_up = caught_up;
	outbox->data = data;
	outbox->senders = g_hash_table_new_full(key_hash, key_equal, g_free, NULL);
	return outbox;
}

void outbox_free(struct outbox *outbox)
{
	outbox->websocket = NULL;
	g_clear_handle_id(&outbox->caught_up_due, g_source_remove);
	g_rc_box_release_full(outbox, (GDestroyNotify)outbox_clear);
}

static gboolean caught_up(gpointer data)
{
	struct outbox *outbox = data;

	outbox->caught_up_due = 0;
	outbox->awaited = false;
	outbox->caught_up(outbox->data);
	return G_SOURCE_REMOVE;
}

/* Not at once: the connection is in the midst of its queue. */
static void check_caught_up(struct outbox *outbox)
{
	if (outbox->websocket && outbox->awaited && !outbox->caught_up_due &&
	    outbox_has_caught_up(outbox))
		outbox->caught_up_due = g_timeout_add(0, caught_up, outbox);
}

/* The frame was sent, or will never be. */
static void left(gpointer data)
{
	struct waiting *waiting = data;
	struct outbox *outbox = waiting->outbox;
	struct sender *sender = waiting->sender;

	outbox->waiting[waiting->kind] -= waiting->size;
	if (sender) {
		sender->waiting -= waiting->size;
		if (sender->waiting == 0)
			g_hash_table_remove(outbox->senders, sender);
	}
	check_caught_up(outbox);
	g_ptr_array_unref(waiting->frame);
	g_free(waiting);
	g_rc_box_release_full(outbox, (GDestroyNotify)outbox_clear);
}

static struct sender *find_sender(struct outbox *outbox, const struct key *key)
{
	struct sender *sender = g_hash_table_lookup(outbox->senders, key);

	if (!sender) {
		sender = g_new0(struct sender, 1);
		sender->key = *key;
		g_hash_table_add(outbox->senders, sender);
	}
	return sender;
}

/*
 * However many senders fill their shares, something is left for the next one: with n of them each
 * has an n+1st part.
 */
static bool has_room_for_signal(const struct outbox *outbox, gsize size, const struct key *from)
{
	const struct sender *sender = g_hash_table_lookup(outbox->senders, from);
	gsize left = OUTBOX_MAX_SIGNALS - outbox->waiting[OUTBOX_SIGNAL];
	gsize own = (sender ? sender->waiting : 0) + size;

	return size <= left && own <= MIN(OUTBOX_MAX_PAIR, left - size);
}

static bool has_room(const struct outbox *outbox, enum outbox_kind kind, gsize size,
		     const struct key *from)
{
	gsize waiting = outbox->waiting[kind];

	switch (kind) {
	case OUTBOX_MAP:
		return waiting == 0;
	case OUTBOX_DELTA:
		return waiting + size <= MAX(OUTBOX_MAX_DELTAS, outbox->map_size);
	case OUTBOX_SIGNAL:
		return has_room_for_signal(outbox, size, from);
	case OUTBOX_FAILED:
		return waiting + size <= OUTBOX_MAX_FAILED;
	default:
		return false;
	}
}

bool outbox_put(struct outbox *outbox, enum outbox_kind kind, GPtrArray *frame,
		const struct key *from)
{
	gsize size = websocket_frame_size(frame);
	struct waiting *waiting;

	if (!has_room(outbox, kind, size, from))
		return false;
	waiting = g_new0(struct waiting, 1);
	waiting->outbox = g_rc_box_acquire(outbox);
	waiting->kind = kind;
	waiting->frame = g_ptr_array_ref(frame);
	waiting->size = size;
	if (from) {
		waiting->sender = find_sender(outbox, from);
		waiting->sender->waiting += size;
	}
	outbox->waiting[kind] += size;
	if (kind == OUTBOX_MAP)
		outbox->map_size = size;
	websocket_send(outbox->websocket, frame, left, waiting);
	return true;
}

bool outbox_has_caught_up(const struct outbox *outbox)
{
	return outbox->waiting[OUTBOX_MAP] == 0 && outbox->waiting[OUTBOX_DELTA] == 0;
}

void outbox_await(struct outbox *outbox)
{
	outbox->awaited = true;
	check_caught_up(outbox);
}
