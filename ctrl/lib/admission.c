// SPDX-License-Identifier: GPL-2.0
/* Who may take up how many connections: counts of guests and of sources. */
#include "admission.h"

#include <string.h>

#include "key.h"

/* The part of an address that one party has to itself: a whole IPv4 address, an IPv6 /56. */
#define SOURCE_SIZE 7

struct source {
	guint8 address[SOURCE_SIZE];
	guint guests;
	guint connections;
};

/**
 * struct admissions - see admission.h
 * @sources: set of struct source, each of which is its own key
 * @guests: struct admission of each guest, the oldest first
 * @room: called when there is room for a guest again
 * @data: for @room
 */
struct admissions {
	GHashTable *sources;
	GQueue guests;
	void (*room)(void *data);
	void *data;
};

/**
 * struct admission - see admission.h
 * @admissions: where it is counted
 * @source: where the connection comes from
 * @guest: its place in @guests of @admissions; NULL when it is no guest
 * @guest_since_us: when it became a guest
 * @evict: called when it has to go
 * @data: for @evict
 */
struct admission {
	struct admissions *admissions;
	struct source *source;
	GList *guest;
	gint64 guest_since_us;
	admission_evict evict;
	void *data;
};

/* Keyed: whoever has a large IPv6 prefix chooses its /56s. */
static guint source_hash(gconstpointer key)
{
	return key_hash_bytes(((const struct source *)key)->address, SOURCE_SIZE);
}

static gboolean source_equal(gconstpointer a, gconstpointer b)
{
	return memcmp(((const struct source *)a)->address, ((const struct source *)b)->address,
		      SOURCE_SIZE) == 0;
}

struct admissions *admissions_new(void)
{
	struct admissions *admissions = g_new0(struct admissions, 1);

	admissions->sources = g_hash_table_new_full(source_hash, source_equal, g_free, NULL);
	g_queue_init(&admissions->guests);
	return admissions;
}

void admissions_free(struct admissions *admissions)
{
	if (!admissions)
		return;
	g_hash_table_unref(admissions->sources);
	g_free(admissions);
}

static struct source *find_source(struct admissions *admissions, const struct endpoint *from)
{
	struct endpoint canonical = *from;
	struct source wanted = {};
	struct source *source;
	const void *address;
	gsize size;

	endpoint_canonicalise(&canonical);
	address = endpoint_address(&canonical, &size);
	if (address)
		memcpy(wanted.address, address, MIN(size, SOURCE_SIZE));
	source = g_hash_table_lookup(admissions->sources, &wanted);
	if (!source) {
		source = g_memdup2(&wanted, sizeof(wanted));
		g_hash_table_add(admissions->sources, source);
	}
	return source;
}

static void evict_oldest(struct admissions *admissions)
{
	struct admission *oldest = g_queue_peek_head(&admissions->guests);

	oldest->evict(oldest->data);
}

struct admission *admission_request(struct admissions *admissions, const struct endpoint *from)
{
	struct source *source = find_source(admissions, from);
	struct admission *admission;

	if (source->guests >= ADMISSION_MAX_GUESTS_PER_SOURCE ||
	    source->connections >= ADMISSION_MAX_PER_SOURCE)
		return NULL;
	admission = g_new0(struct admission, 1);
	admission->admissions = admissions;
	admission->source = source;
	source->connections++;
	/* only now: with its last connection a source is forgotten */
	if (admissions->guests.length >= ADMISSION_MAX_GUESTS)
		evict_oldest(admissions);
	admission_set_guest(admission, true);
	return admission;
}

void admissions_on_room(struct admissions *admissions, void (*room)(void *data), void *data)
{
	admissions->room = room;
	admissions->data = data;
}

gint64 admissions_wait_us(const struct admissions *admissions, gint64 now_us)
{
	const struct admission *oldest = admissions->guests.head ? admissions->guests.head->data :
								   NULL;

	if (admissions->guests.length < ADMISSION_MAX_GUESTS)
		return 0;
	return MAX(oldest->guest_since_us + ADMISSION_PATIENCE_US - now_us, 0);
}

void admission_on_evict(struct admission *admission, admission_evict evict, void *data)
{
	admission->evict = evict;
	admission->data = data;
}

void admission_set_guest(struct admission *admission, bool guest)
{
	struct admissions *admissions = admission->admissions;
	GQueue *guests = &admissions->guests;

	if (guest == (admission->guest != NULL))
		return;
	if (guest) {
		g_queue_push_tail(guests, admission);
		admission->guest = guests->tail;
		admission->guest_since_us = g_get_monotonic_time();
		admission->source->guests++;
	} else {
		g_queue_delete_link(guests, admission->guest);
		admission->guest = NULL;
		admission->source->guests--;
		if (guests->length == ADMISSION_MAX_GUESTS - 1 && admissions->room)
			admissions->room(admissions->data);
	}
}

void admission_release(struct admission *admission)
{
	if (!admission)
		return;
	admission_set_guest(admission, false);
	if (--admission->source->connections == 0)
		g_hash_table_remove(admission->admissions->sources, admission->source);
	g_free(admission);
}
