// SPDX-License-Identifier: GPL-2.0
#include "lib/log.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * What is logged is looked at from outside: every case runs once more in a process of its own,
 * whose stderr is compared.
 */
static bool in_child(void)
{
	if (g_test_subprocess())
		return true;
	g_unsetenv("JOURNAL_STREAM");
	g_test_trap_subprocess(NULL, 0, 0);
	g_test_trap_assert_passed();
	return false;
}

static void test_levels(void)
{
	if (in_child()) {
		log_error("an error, number %d", 1);
		log_warning("a warning");
		log_info("a note");
		log_debug("not to be seen");
		log_set_level(LOG_LEVEL_DEBUG);
		log_debug("a detail");
		log_set_level(LOG_LEVEL_WARNING);
		log_info("not to be seen");
		return;
	}
	g_test_trap_assert_stderr("an error, number 1\na warning\na note\na detail\n");
}

static void test_hostile_text(void)
{
	if (in_child()) {
		log_info("%s", "line\nforged\r\x1b[2J\x7f tab\t umlaut \xc3\xa4 "
			       "lone \xff\xc3( c1 \xc2\x9b bidi \xe2\x80\xae end");
		return;
	}
	g_test_trap_assert_stderr("line\\x0aforged\\x0d\\x1b[2J\\x7f tab\\x09 umlaut \xc3\xa4 "
				  "lone \\xff\\xc3( c1 \\xc2\\x9b bidi \\xe2\\x80\\xae end\n");
}

static void test_long_line(void)
{
	if (in_child()) {
		g_autofree char *text = g_strnfill(5000, 'x');

		log_info("%s", text);
		log_info("next");
		return;
	}
	g_autofree char *xs = g_strnfill(999, 'x');
	g_autofree char *expected = g_strconcat(xs, "...\nnext\n", NULL);

	g_test_trap_assert_stderr(expected);
}

static void flood(struct log_site *site, int n)
{
	for (int i = 0; i < n; i++)
		log_site_line(site, LOG_LEVEL_WARNING, "dropped %s", "it");
}

static void test_limited(void)
{
	static struct log_site site, other;

	if (in_child()) {
		flood(&site, 1000);
		flood(&other, 2);
		log_site_report(&site);
		log_site_report(&site);
		log_site_report(&other);
		return;
	}
	g_test_trap_assert_stderr("dropped it\ndropped it\ndropped it\ndropped it\ndropped it\n"
				  "dropped it\ndropped it\n"
				  "left out 995 more lines like 'dropped %s'\n");
}

/* The first line after a silence comes with the count of those left out before it. */
static void test_limited_resumes(void)
{
	static struct log_site site;

	if (in_child()) {
		flood(&site, 7);
		memset(&site.limit, 0, sizeof(site.limit));
		flood(&site, 1);
		g_assert_cmpuint(site.report, ==, 0);
		return;
	}
	g_test_trap_assert_stderr("dropped it\ndropped it\ndropped it\ndropped it\ndropped it\n"
				  "left out 2 more lines like 'dropped %s'\ndropped it\n");
}

static void test_call_sites(void)
{
	if (in_child()) {
		for (int i = 0; i < 20; i++) {
			log_limited(LOG_LEVEL_INFO, "one");
			log_limited(LOG_LEVEL_DEBUG, "not to be seen");
		}
		return;
	}
	g_test_trap_assert_stderr("one\none\none\none\none\n");
}

static void test_journal(void)
{
	if (in_child()) {
		struct stat st;
		g_autofree char *stream = NULL;

		g_assert_cmpint(fstat(STDERR_FILENO, &st), ==, 0);
		stream = g_strdup_printf("%lu:%lu", (gulong)st.st_dev, (gulong)st.st_ino);
		g_setenv("JOURNAL_STREAM", stream, TRUE);
		log_warning("a warning");
		log_info("a note");
		return;
	}
	g_test_trap_assert_stderr("<4>a warning\n<6>a note\n");
}

static void test_journal_of_another(void)
{
	if (in_child()) {
		g_setenv("JOURNAL_STREAM", "1:1", TRUE);
		log_warning("a warning");
		return;
	}
	g_test_trap_assert_stderr("a warning\n");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/log/levels", test_levels);
	g_test_add_func("/log/hostile-text", test_hostile_text);
	g_test_add_func("/log/long-line", test_long_line);
	g_test_add_func("/log/limited", test_limited);
	g_test_add_func("/log/limited-resumes", test_limited_resumes);
	g_test_add_func("/log/call-sites", test_call_sites);
	g_test_add_func("/log/journal", test_journal);
	g_test_add_func("/log/journal-of-another", test_journal_of_another);
	return g_test_run();
}
