// SPDX-License-Identifier: GPL-2.0
/* The map gets to the disk while the main loop goes on. */
#include "agent/map-writer.h"

#include <glib/gstdio.h>
#include <string.h>

#include "daemon.h"
#include "directory.h"

#define MANY 50

struct fixture {
	char *directory;
	struct state *state;
	struct map_writer *writer;
	guint written; /* how often that was told */
	char *error;   /* what was told last */
};

static void on_written(const GError *error, void *data)
{
	struct fixture *f = data;

	f->written++;
	g_free(f->error);
	f->error = error ? g_strdup(error->message) : NULL;
}

static void set_up(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	g_autoptr(GError) error = NULL;

	f->directory = g_dir_make_tmp("test-map-writer-XXXXXX", NULL);
	f->state = state_open(f->directory, &error);
	g_assert_no_error(error);
	f->writer = map_writer_new(f->state, on_written, f);
}

static void tear_down(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	map_writer_free(f->writer);
	state_free(f->state);
	directory_remove(f->directory);
	g_free(f->directory);
	g_free(f->error);
}

static void put(struct fixture *f, gint64 generation)
{
	JsonObject *map = message_new("map");

	json_object_set_int_member(map, "generation", generation);
	map_writer_write(f->writer, map);
}

static void expect_on_disk(struct fixture *f, gint64 generation)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) map = state_load_map(f->state, &error);

	g_assert_no_error(error);
	g_assert_cmpint(json_object_get_int_member(map, "generation"), ==, generation);
}

static void wait_for(struct fixture *f, guint written)
{
	guint impatience = daemon_impatience_new();

	while (f->written < written)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(impatience);
	g_assert_false(map_writer_is_busy(f->writer));
}

/* It is told from the main loop, when the disk has it. */
static void test_written(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	g_assert_false(map_writer_is_busy(f->writer));
	put(f, 1);
	g_assert_true(map_writer_is_busy(f->writer));
	g_assert_cmpuint(f->written, ==, 0);
	wait_for(f, 1);
	g_assert_null(f->error);
	expect_on_disk(f, 1);
}

/* Of those that come while one is written only the last is. */
static void test_many(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	for (guint i = 1; i <= MANY; i++)
		put(f, i);
	wait_for(f, 1);
	expect_on_disk(f, MANY);
	g_assert_cmpuint(f->written, ==, 1);
}

static void test_wait(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	put(f, 1);
	put(f, 2);
	map_writer_wait(f->writer);
	g_assert_cmpuint(f->written, ==, 1);
	expect_on_disk(f, 2);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_cmpuint(f->written, ==, 1);
}

/* What is wrong is told, and the next one is written all the same. */
static void test_failure(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	g_autofree char *in_the_way = g_build_filename(f->directory, "map.json.new", NULL);

	g_assert_cmpint(g_mkdir(in_the_way, 0700), ==, 0);
	put(f, 1);
	wait_for(f, 1);
	g_assert_nonnull(strstr(f->error, in_the_way));
	g_assert_cmpint(g_rmdir(in_the_way), ==, 0);
	put(f, 2);
	wait_for(f, 2);
	g_assert_null(f->error);
	expect_on_disk(f, 2);
}

/* Nothing is lost when the process ends. */
static void test_end(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	put(f, 1);
	put(f, 2);
	g_clear_pointer(&f->writer, map_writer_free);
	expect_on_disk(f, 2);
}

#define ADD(path, test) g_test_add(path, struct fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("/map-writer/written", test_written);
	ADD("/map-writer/many", test_many);
	ADD("/map-writer/wait", test_wait);
	ADD("/map-writer/failure", test_failure);
	ADD("/map-writer/end", test_end);
	return g_test_run();
}
