// SPDX-License-Identifier: GPL-2.0
#include "lib/config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

struct settings {
	GPtrArray *listen;
	char *realm;
};

static bool set_listen(const char *value, void *target, GError **error)
{
	struct settings *settings = target;

	if (strchr(value, '!')) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "'%s' has a '!'", value);
		return false;
	}
	g_ptr_array_add(settings->listen, g_strdup(value));
	return true;
}

static void clear_listen(void *target)
{
	g_ptr_array_set_size(((struct settings *)target)->listen, 0);
}

static bool set_realm(const char *value, void *target, GError **error G_GNUC_UNUSED)
{
	struct settings *settings = target;

	g_free(settings->realm);
	settings->realm = g_strdup(value);
	return true;
}

static const struct config_key keys[] = {
	{ "listen", "ADDR:PORT", "where to listen", set_listen, clear_listen },
	{ "realm", "NAME", "the realm", set_realm, NULL },
	{}
};

struct fixture {
	struct settings settings;
	char *path;
};

static void setup(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autofree char *dir = g_dir_make_tmp("test-config-XXXXXX", NULL);

	f->settings.listen = g_ptr_array_new_with_free_func(g_free);
	f->path = g_build_filename(dir, "x.conf", NULL);
}

static void teardown(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autofree char *dir = g_path_get_dirname(f->path);

	g_unlink(f->path);
	g_assert_cmpint(g_rmdir(dir), ==, 0);
	g_ptr_array_unref(f->settings.listen);
	g_free(f->settings.realm);
	g_free(f->path);
}

static void write_file(struct fixture *f, const char *text, gssize len)
{
	g_autoptr(GError) error = NULL;

	g_file_set_contents(f->path, text, len, &error);
	g_assert_no_error(error);
}

static void assert_listen(struct fixture *f, const char *expected)
{
	g_autofree char *joined = NULL;

	g_ptr_array_add(f->settings.listen, NULL);
	joined = g_strjoinv("|", (char **)f->settings.listen->pdata);
	g_assert_cmpstr(joined, ==, expected);
}

static void test_good(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autoptr(GError) error = NULL;

	write_file(f, "# a comment\n\n \t \n  # another = one\nlisten=a\r\n\tlisten \t=  b c # d \n"
		      "realm = x = y\nlisten = last", -1);
	config_read_file(f->path, keys, &f->settings, &error);
	g_assert_no_error(error);
	assert_listen(f, "a|b c # d|last");
	g_assert_cmpstr(f->settings.realm, ==, "x = y");
}

static void test_empty(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	write_file(f, "", 0);
	g_assert_true(config_read_file(f->path, keys, &f->settings, NULL));
	assert_listen(f, "");
}

static void assert_refused(struct fixture *f, const char *text, gssize len, const char *why)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *expected = g_strconcat(f->path, why, NULL);

	write_file(f, text, len);
	g_assert_false(config_read_file(f->path, keys, &f->settings, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
	g_assert_cmpstr(error->message, ==, expected);
}

static void test_bad_lines(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	assert_refused(f, "listen = a\n\nlistne = b\n", -1,
		       ":3: unknown key 'listne'; did you mean 'listen'?");
	assert_refused(f, "relm = b", -1, ":1: unknown key 'relm'; did you mean 'realm'?");
	assert_refused(f, "Listen = b", -1, ":1: unknown key 'Listen'; did you mean 'listen'?");
	assert_refused(f, "colour = b", -1, ":1: unknown key 'colour'");
	assert_refused(f, "x = b", -1, ":1: unknown key 'x'");
	assert_refused(f, "\nlisten\n", -1, ":2: expected 'key = value'");
	assert_refused(f, "listen =\n", -1, ":1: expected 'key = value'");
	assert_refused(f, "= b\n", -1, ":1: expected 'key = value'");
	assert_refused(f, "realm = a\n\nrealm = a\n", -1,
		       ":3: 'realm' is already set in line 1; remove one of them");
	assert_refused(f, "#\nlisten = a!\n", -1, ":2: listen: 'a!' has a '!'");
	assert_refused(f, "#\nlisten = a\0b\n", 14, ":2: a zero byte; is it a text file?");
}

static void test_huge_name(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autofree char *name = g_strnfill(60000, 'x');
	g_autofree char *line = g_strconcat(name, "=1", NULL);

	write_file(f, line, -1);
	g_assert_false(config_read_file(f->path, keys, &f->settings, NULL));
}

static void test_size(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autofree char *text = g_strnfill(CONFIG_MAX_SIZE + 1, '#');

	write_file(f, text, CONFIG_MAX_SIZE);
	g_assert_true(config_read_file(f->path, keys, &f->settings, NULL));
	assert_refused(f, text, CONFIG_MAX_SIZE + 1,
		       ": larger than 65536 bytes; is it a configuration file?");
}

static void test_unreadable(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autofree char *dir = g_path_get_dirname(f->path);
	g_autoptr(GError) missing = NULL, directory = NULL;

	g_assert_false(config_read_file(f->path, keys, &f->settings, &missing));
	g_assert_error(missing, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
	g_assert_true(g_str_has_prefix(missing->message, f->path));

	g_assert_false(config_read_file(dir, keys, &f->settings, &directory));
	g_assert_error(directory, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
}

static bool load(struct fixture *f, const char *file, const char *flags, GError **error)
{
	const struct config_program program = {
		.name = "test-config",
		.summary = "A test.",
		.file = file,
		.file_key = "realm",
		.file_word = "x",
		.keys = keys,
	};
	g_autofree char *line = g_strconcat("test-config ", flags, NULL);
	g_auto(GStrv) words = g_strsplit(line, " ", -1);
	g_autofree char **argv = g_memdup2(words, sizeof(char *) * (g_strv_length(words) + 1));
	char **rest = argv;
	int argc = g_strv_length(words);

	return config_load(&program, &argc, &rest, &f->settings, error);
}

static void test_flags_replace(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autofree char *flags = g_strdup_printf("--listen c --config %s --listen=d", f->path);
	g_autoptr(GError) error = NULL;

	write_file(f, "listen = a\nlisten = b\nrealm = r\n", -1);
	load(f, NULL, flags, &error);
	g_assert_no_error(error);
	assert_listen(f, "c|d");
	g_assert_cmpstr(f->settings.realm, ==, "r");
}

/* The file of a name is read by itself, that of another one is not; a path is no name. */
static void test_file_of_name(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	static const struct {
		const char *flags, *realm, *listen;
	} cases[] = {
		{ "", "x", "of-x" }, { "--realm x", "x", "of-x" }, { "--realm y", "y", "" },
		{ "--realm ../x", "../x", "" },
	};
	g_autofree char *dir = g_path_get_dirname(f->path);
	g_autofree char *file = g_build_filename(dir, "*.conf", NULL);

	write_file(f, "listen = of-x\nrealm = x\n", -1);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;

		g_ptr_array_set_size(f->settings.listen, 0);
		load(f, file, cases[i].flags, &error);
		g_assert_no_error(error);
		assert_listen(f, cases[i].listen);
		g_assert_cmpstr(f->settings.realm, ==, cases[i].realm);
	}
}

static void test_flag_replaces_value(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autoptr(GError) error = NULL;

	write_file(f, "listen = a\nrealm = r\n", -1);
	load(f, f->path, "--realm s", &error);
	g_assert_no_error(error);
	assert_listen(f, "a");
	g_assert_cmpstr(f->settings.realm, ==, "s");
}

static void test_own_file_is_optional(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autofree char *flags = g_strconcat("--config ", f->path, NULL);

	g_assert_true(load(f, f->path, "--listen a", NULL));
	assert_listen(f, "a");
	g_assert_false(load(f, NULL, flags, NULL));
}

static void assert_flags_refused(struct fixture *f, const char *flags, const char *why)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(load(f, NULL, flags, &error));
	g_assert_cmpstr(error->message, ==, why);
}

static void test_bad_flags(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	assert_flags_refused(f, "--realm a --realm b", "--realm: given twice");
	assert_flags_refused(f, "--listen a!", "--listen: 'a!' has a '!'");
	assert_flags_refused(f, "--listne a", "Unknown option --listne");
}

/* Without the fixture: the process that prints ends before it could be torn down. */
static void test_prints(gconstpointer flag)
{
	struct fixture f = {};

	if (g_test_subprocess()) {
		load(&f, NULL, flag, NULL);
		g_assert_not_reached();
	}
	g_test_trap_subprocess(NULL, 0, 0);
	g_test_trap_assert_passed();
	g_test_trap_assert_stdout(g_str_equal(flag, "--help") ?
				  "*--listen=ADDR:PORT*where to listen*" : "test-config *\n");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add(name, struct fixture, NULL, setup, function, teardown)
	ADD("/config/good", test_good);
	ADD("/config/empty", test_empty);
	ADD("/config/bad-lines", test_bad_lines);
	ADD("/config/huge-name", test_huge_name);
	ADD("/config/size", test_size);
	ADD("/config/unreadable", test_unreadable);
	ADD("/config/flags-replace", test_flags_replace);
	ADD("/config/file-of-name", test_file_of_name);
	ADD("/config/flag-replaces-value", test_flag_replaces_value);
	ADD("/config/own-file-is-optional", test_own_file_is_optional);
	ADD("/config/bad-flags", test_bad_flags);
	g_test_add_data_func("/config/help", "--help", test_prints);
	g_test_add_data_func("/config/version", "--version", test_prints);
	return g_test_run();
}
