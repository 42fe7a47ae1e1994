// SPDX-License-Identifier: GPL-2.0
/* Lines on stderr, with a limit on those that a remote host can cause. */
#include "log.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_LEN 1000
#define REPORT_AFTER_S 60

static const struct ratelimit_rule site_rule = {
	.interval_us = 12 * G_USEC_PER_SEC,
	.burst = 5,
};

static enum log_level threshold = LOG_LEVEL_INFO;

void log_set_level(enum log_level level)
{
	threshold = level;
}

/* Inherited as it is, JOURNAL_STREAM need not be about our stderr; see systemd.exec(5). */
static bool stderr_is_journal(void)
{
	static int known = -1;
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	if (known < 0)
		known = stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
			fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
	return known;
}

/* Append text to line, with everything that is not a printable character made visible. */
static void append_clean(GString *line, const char *text)
{
	while (*text) {
		gunichar c = g_utf8_get_char_validated(text, -1);

		/* What is not UTF-8 comes as a number that is no character, so not printable. */
		if (g_unichar_isprint(c)) {
			g_string_append_unichar(line, c);
			text = g_utf8_next_char(text);
		} else {
			g_string_append_printf(line, "\\x%02x", (guchar)*text++);
		}
	}
}

static void write_line(enum log_level level, const char *format, va_list args)
{
	g_autoptr(GString) line = g_string_sized_new(LINE_MAX_LEN);
	char text[LINE_MAX_LEN];
	int len;

	len = g_vsnprintf(text, sizeof(text), format, args);
	if (stderr_is_journal())
		g_string_append_printf(line, "<%d>", level);
	append_clean(line, text);
	g_string_append(line, len >= (int)sizeof(text) ? "...\n" : "\n");

	/* One write, so that lines of several processes do not mix; no one to tell if it fails. */
	if (write(STDERR_FILENO, line->str, line->len) < 0)
		return;
}

void log_line(enum log_level level, const char *format, ...)
{
	va_list args;

	if (level > threshold)
		return;
	va_start(args, format);
	write_line(level, format, args);
	va_end(args);
}

void log_site_report(struct log_site *site)
{
	if (site->left_out)
		log_line(site->level, "left out %u more lines like '%s'", site->left_out,
			 site->format);
	site->left_out = 0;
	if (site->report)
		g_source_remove(site->report);
	site->report = 0;
}

static gboolean report_timeout(void *data)
{
	struct log_site *site = data;

	site->report = 0;
	log_site_report(site);
	return G_SOURCE_REMOVE;
}

void log_site_line(struct log_site *site, enum log_level level, const char *format, ...)
{
	va_list args;

	if (level > threshold)
		return;

	if (!ratelimit_allow(&site->limit, &site_rule, g_get_monotonic_time())) {
		site->format = format;
		site->level = level;
		site->left_out++;
		if (!site->report)
			site->report = g_timeout_add_seconds(REPORT_AFTER_S, report_timeout, site);
		return;
	}

	log_site_report(site);
	va_start(args, format);
	write_line(level, format, args);
	va_end(args);
}
