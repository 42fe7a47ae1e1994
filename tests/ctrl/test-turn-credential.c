// SPDX-License-Identifier: GPL-2.0
#include "lib/turn-credential.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

/* Computed with openssl dgst -sha1 -hmac. */
static void test_password(void)
{
	g_autofree char *name = turn_credential_name(1790000000, "alice");
	char *password = turn_credential_password("swordfish", name);

	g_assert_cmpstr(name, ==, "1790000000:alice");
	g_assert_cmpstr(password, ==, "102Y50XQ6n9xMHsU4KqR0SL2IIA=");
	turn_credential_free(password);
}

static void check_name(const char *name, gint64 expires, const char *account)
{
	const char *found = "unset";
	gint64 found_s = -1;

	g_assert_true(turn_credential_parse(name, &found_s, &found));
	g_assert_cmpint(found_s, ==, expires);
	g_assert_cmpstr(found, ==, account);
}

static void test_names(void)
{
	static const char *const bad[] = { "", ":", ":a", "a", "-1:a", "+1:a", " 1:a", "1x", "1 :a" };
	const char *account;
	gint64 expires_s;

	check_name("1", 1, NULL);
	check_name("1:", 1, NULL);
	check_name("1:a", 1, "a");
	check_name("1:a:b", 1, "a:b");
	check_name("99999999999999999999:a", G_MAXINT64, "a");
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
		g_assert_false(turn_credential_parse(bad[i], &expires_s, &account));
}

#define SHORTEST "sixteen letters!"

/* What a file of these contents and this mode is read as; NULL when it is refused. */
static char *read_file(const char *contents, gsize size, mode_t mode)
{
	g_autofree char *dir = g_dir_make_tmp("test-turn-credential-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "secret", NULL);
	g_autoptr(GError) error = NULL;
	char *secret;

	g_assert_true(g_file_set_contents(path, contents, size, NULL));
	g_assert_cmpint(chmod(path, mode), ==, 0);
	secret = turn_credential_read_secret(path, &error);
	g_assert_true(!secret == !!error);
	if (error)
		g_assert_nonnull(strstr(error->message, path));
	g_unlink(path);
	g_rmdir(dir);
	return secret;
}

static void test_file(void)
{
	g_autofree char *longest = g_strnfill(TURN_CREDENTIAL_SECRET_MAX, 'x');
	g_autofree char *longer = g_strnfill(TURN_CREDENTIAL_SECRET_MAX + 1, 'x');
	g_autofree char *first = read_file(SHORTEST "\r\ntwo\n", 22, 0600);
	g_autofree char *for_group = read_file(SHORTEST, 16, 0640);
	g_autofree char *whole = read_file(longest, strlen(longest), 0600);

	g_assert_cmpstr(first, ==, SHORTEST);
	g_assert_cmpstr(for_group, ==, SHORTEST);
	g_assert_cmpstr(whole, ==, longest);
	g_assert_null(read_file(longer, strlen(longer), 0600));
	g_assert_null(read_file("", 0, 0600));
	g_assert_null(read_file(SHORTEST, 15, 0600));
	g_assert_null(read_file("\n" SHORTEST "\n", 18, 0600));
	g_assert_null(read_file(SHORTEST, 16, 0644));
	g_assert_null(read_file(SHORTEST, 16, 0660));
	g_assert_null(turn_credential_read_secret("/", NULL));
	g_assert_null(turn_credential_read_secret("/nowhere", NULL));
}

/* Why it is no secret; each time with what makes one. */
static int why_not(const char *text)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(turn_credential_check_secret(text, &error));
	g_assert_nonnull(strstr(error->message, "\"meshctl relay secret FILE\" makes one"));
	return error->code;
}

static void test_secret(void)
{
	char *one = turn_credential_new_secret(), *other = turn_credential_new_secret();

	g_assert_true(turn_credential_check_secret(one, NULL));
	g_assert_true(turn_credential_check_secret(SHORTEST, NULL));
	g_assert_cmpint(why_not(""), ==, G_IO_ERROR_NOT_FOUND);
	g_assert_cmpint(why_not(SHORTEST + 1), ==, G_IO_ERROR_INVALID_ARGUMENT);
	g_assert_cmpint(why_not("a line\nand another one"), ==, G_IO_ERROR_INVALID_ARGUMENT);
	g_assert_cmpint(why_not(SHORTEST "\r"), ==, G_IO_ERROR_INVALID_ARGUMENT);
	g_assert_cmpint(strlen(one), ==, 44);
	g_assert_cmpstr(one, !=, other);
	turn_credential_free(one);
	turn_credential_free(other);
	turn_credential_free(NULL);
}

int main(int argc, char **argv)
{
	g_assert_cmpint(sodium_init(), >=, 0);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/turn-credential/password", test_password);
	g_test_add_func("/turn-credential/names", test_names);
	g_test_add_func("/turn-credential/file", test_file);
	g_test_add_func("/turn-credential/secret", test_secret);
	return g_test_run();
}
