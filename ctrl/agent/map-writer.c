// SPDX-License-Identifier: GPL-2.0
/* The map is put on disk by a thread, which lives as long as it takes to write one. */
#include "map-writer.h"

/**
 * struct map_writer - the writer
 * @state: where the map belongs
 * @written: of the owner
 * @data: for @written
 * @thread: writes @map; NULL while nothing is written. The two below are its own until it has ended
 * @map: that it writes
 * @error: what is wrong; NULL: nothing
 * @ended: GLib source that says that it has
 * @next: the map to write after it, or NULL
 */
struct map_writer {
	const struct state *state;
	void (*written)(const GError *error, void *data);
	void *data;
	GThread *thread;
	JsonObject *map;
	GError *error;
	guint ended;
	JsonObject *next;
};

static gboolean on_ended(void *data);

static void *run(void *data)
{
	struct map_writer *writer = data;

	state_save_map(writer->state, writer->map, &writer->error);
	writer->ended = g_idle_add_full(G_PRIORITY_DEFAULT, on_ended, writer, NULL);
	return NULL;
}

static void begin(struct map_writer *writer)
{
	writer->map = g_steal_pointer(&writer->next);
	writer->thread = g_thread_new("map", run, writer);
}

/* Waits for the thread, and goes on with what has come meanwhile. */
static void end(struct map_writer *writer)
{
	g_autoptr(GError) error = NULL;

	g_thread_join(g_steal_pointer(&writer->thread));
	g_clear_handle_id(&writer->ended, g_source_remove);
	g_clear_pointer(&writer->map, json_object_unref);
	error = g_steal_pointer(&writer->error);
	if (writer->next)
		begin(writer);
	else
		writer->written(error, writer->data);
}

static gboolean on_ended(void *data)
{
	struct map_writer *writer = data;

	end(writer);
	return G_SOURCE_REMOVE;
}

struct map_writer *map_writer_new(const struct state *state,
				  void (*written)(const GError *error, void *data), void *data)
{
	struct map_writer *writer = g_new0(struct map_writer, 1);

	writer->state = state;
	writer->written = written;
	writer->data = data;
	return writer;
}

void map_writer_free(struct map_writer *writer)
{
	if (!writer)
		return;
	map_writer_wait(writer);
	g_free(writer);
}

void map_writer_write(struct map_writer *writer, JsonObject *map)
{
	g_clear_pointer(&writer->next, json_object_unref);
	writer->next = map;
	if (!writer->thread)
		begin(writer);
}

bool map_writer_is_busy(const struct map_writer *writer)
{
	return writer->thread;
}

void map_writer_wait(struct map_writer *writer)
{
	while (writer->thread)
		end(writer);
}
