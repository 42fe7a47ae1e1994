// SPDX-License-Identifier: GPL-2.0
#include "lib/key.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
	char *dir, *path;
};

static void setup(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	f->dir = g_dir_make_tmp("test-key-XXXXXX", NULL);
	f->path = g_build_filename(f->dir, "private.key", NULL);
}

static void teardown(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_unlink(f->path);
	g_assert_cmpint(g_rmdir(f->dir), ==, 0); /* nothing else was left there */
	g_free(f->path);
	g_free(f->dir);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	g_assert_cmpint(stat(path, &st), ==, 0);
	return st.st_mode & 0777;
}

static void assert_refused(const char *path, const char *why)
{
	g_autoptr(GError) error = NULL;
	struct key key;

	g_assert_false(key_load_or_create(path, &key, NULL, &error));
	g_assert_nonnull(error);
	if (!strstr(error->message, why) || !strstr(error->message, path))
		g_error("'%s' does not say '%s'", error->message, why);
}

/* RFC 7748 section 6.1, in the base64 of `wg`. */
static void test_text(void)
{
	static const char private_text[] = "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=";
	static const char public_text[] = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=";
	struct key private_key, public_key;
	char buf[KEY_STRLEN];

	g_assert_true(key_parse(private_text, &private_key, NULL));
	key_derive_public(&private_key, &public_key);
	g_assert_cmpstr(key_print(&public_key, buf), ==, public_text);
	g_assert_cmpstr(key_print(&private_key, buf), ==, private_text);
}

static void test_bad_text(void)
{
	static const char *const bad[] = {
		"", "x", "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo",
		"dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo= ",
		"dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCp=",
		"dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LC==",
		"dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCoA",
		"dwdtCnMYpX08FsFyUbJmRd9ML4frwJkq-_f7pR25LCo=",
		"dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25L\nCo=",
	};
	const struct key before = { { 1, 2, 3 } };

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		struct key key = before;

		g_assert_false(key_parse(bad[i], &key, &error));
		g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
		g_assert_null(strstr(error->message, "dwdt"));
		g_assert_true(key_equal(&key, &before));
	}
}

static void test_values(void)
{
	struct key a, b, shared_a, shared_b, public_a, public_b;

	key_generate(&a);
	key_generate(&b);
	g_assert_cmpint(a.bytes[0] & 7, ==, 0);
	g_assert_cmpint(a.bytes[31] & 0xc0, ==, 0x40);
	g_assert_false(key_equal(&a, &b));
	g_assert_cmpint(key_hash(&a), ==, key_hash(&a));
	g_assert_true((key_compare(&a, &b) < 0) == (key_compare(&b, &a) > 0));
	key_derive_public(&a, &public_a);
	key_derive_public(&b, &public_b);
	g_assert_true(key_agree(&a, &public_b, &shared_a, NULL));
	g_assert_true(key_agree(&b, &public_a, &shared_b, NULL));
	g_assert_true(key_equal(&shared_a, &shared_b));
	g_assert_false(key_is_zero(&a));
	key_wipe(&a);
	g_assert_true(key_is_zero(&a));
	g_assert_false(key_agree(&b, &a, &shared_a, NULL));
	g_assert_true(key_is_zero(&shared_a));
}

static void test_created(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autofree char *contents = NULL;
	g_autofree char *expected = NULL;
	mode_t mask = umask(0);
	struct key first, again;
	char buf[KEY_STRLEN];
	bool created;

	g_assert_true(key_load_or_create(f->path, &first, &created, NULL));
	umask(mask);
	g_assert_true(created);
	g_assert_cmpint(mode_of(f->path), ==, 0600);
	g_assert_true(g_file_get_contents(f->path, &contents, NULL, NULL));
	expected = g_strconcat(key_print(&first, buf), "\n", NULL);
	g_assert_cmpstr(contents, ==, expected);

	g_assert_true(key_load_or_create(f->path, &again, &created, NULL));
	g_assert_false(created);
	g_assert_true(key_equal(&first, &again));
}

/* What a crash left behind is in nobody's way, and nobody is led elsewhere by it. */
static void test_leftover(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autofree char *leftover = g_strconcat(f->path, ".new", NULL);
	g_autofree char *elsewhere = g_build_filename(f->dir, "elsewhere", NULL);
	struct key key;

	g_assert_cmpint(symlink(elsewhere, leftover), ==, 0);
	g_assert_true(key_load_or_create(f->path, &key, NULL, NULL));
	g_assert_false(g_file_test(elsewhere, G_FILE_TEST_EXISTS));
	g_assert_false(g_file_test(leftover, G_FILE_TEST_IS_SYMLINK));
}

static void test_open_to_others(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	static const mode_t modes[] = { 0640, 0604, 0660, 0666, 0610, 0602 };
	struct key key, same;

	g_assert_true(key_load_or_create(f->path, &key, NULL, NULL));
	for (gsize i = 0; i < G_N_ELEMENTS(modes); i++) {
		g_chmod(f->path, modes[i]);
		assert_refused(f->path, "chmod 600");
		g_assert_cmpint(mode_of(f->path), ==, modes[i]);
	}
	g_chmod(f->path, 0600);
	g_assert_true(key_load_or_create(f->path, &same, NULL, NULL));
	g_assert_true(key_equal(&key, &same));
}

/* A file that is damaged is reported, and never replaced by a new key. */
static void test_damaged(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	static const char *const damaged[] = {
		"", "\n", "x", "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LC\n",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(damaged); i++) {
		g_autofree char *contents = NULL;

		g_assert_true(g_file_set_contents_full(f->path, damaged[i], -1,
						       G_FILE_SET_CONTENTS_NONE, 0600, NULL));
		assert_refused(f->path, "not a key");
		g_assert_true(g_file_get_contents(f->path, &contents, NULL, NULL));
		g_assert_cmpstr(contents, ==, damaged[i]);
	}
	g_assert_cmpint(truncate(f->path, 1000000), ==, 0);
	assert_refused(f->path, "too large");
}

static void test_no_file(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autofree char *missing = g_build_filename(f->dir, "missing", "private.key", NULL);

	g_assert_cmpint(g_mkdir(f->path, 0700), ==, 0);
	assert_refused(f->path, "not a regular file");
	g_rmdir(f->path);
	g_assert_cmpint(symlink("/dev/null", f->path), ==, 0);
	assert_refused(f->path, "cannot open it");
	g_unlink(f->path);
	g_assert_cmpint(mkfifo(f->path, 0600), ==, 0);
	assert_refused(f->path, "not a regular file");
	assert_refused(missing, "cannot make it");
}

#define ADD(path, test) g_test_add(path, struct fixture, NULL, setup, test, teardown)

int main(int argc, char **argv)
{
	g_assert_cmpint(sodium_init(), >=, 0);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/key/text", test_text);
	g_test_add_func("/key/bad-text", test_bad_text);
	g_test_add_func("/key/values", test_values);
	ADD("/key/created", test_created);
	ADD("/key/leftover", test_leftover);
	ADD("/key/open-to-others", test_open_to_others);
	ADD("/key/damaged", test_damaged);
	ADD("/key/no-file", test_no_file);
	return g_test_run();
}
