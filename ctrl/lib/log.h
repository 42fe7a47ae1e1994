/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_LOG_H
#define WGMESH_LOG_H

#include <glib.h>

#include "ratelimit.h"

/* The numbers are syslog's, which is what the journal wants. */
enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

/**
 * log_set_level() - print lines of this level and of more serious ones; LOG_LEVEL_INFO at start
 * @level: the level
 */
void log_set_level(enum log_level level);

/**
 * log_line() - write one line to stderr
 * @level: how serious; under the journal the line carries it as its priority
 * @format: printf's; no newline at the end
 *
 * Control characters and what is not UTF-8 come out as \xNN: text from the network can neither
 * begin a new line nor drive a terminal. A line longer than about 1000 bytes is cut.
 */
void log_line(enum log_level level, const char *format, ...) G_GNUC_PRINTF(2, 3);

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

/**
 * struct log_site - how often one place in the code has logged
 * @limit: its tokens
 * @format: of the newest line left out
 * @level: of the newest line left out
 * @left_out: lines not printed since the last report
 * @report: GLib source that will report them; 0 when there is nothing to report
 */
struct log_site {
	struct ratelimit limit;
	const char *format;
	enum log_level level;
	guint left_out;
	guint report;
};

/**
 * log_site_line() - log_line() within the limit of a site; use log_limited()
 * @site: zeroed at first, and never freed: the report comes from the main loop
 * @level: how serious
 * @format: printf's; kept, so a literal
 */
void log_site_line(struct log_site *site, enum log_level level, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

/**
 * log_site_report() - tell now how many lines of a site were left out, if any were
 * @site: the site
 */
void log_site_report(struct log_site *site);

/**
 * log_limited() - log what a remote host can cause
 * @level: an enum log_level
 *
 * At most 5 lines at once from this call, then 1 in 12 s. Before the next line, or after a minute
 * from the default main loop, one line tells how many were left out.
 */
#define log_limited(level, ...) \
	do { \
		static struct log_site log_site_; \
		log_site_line(&log_site_, level, __VA_ARGS__); \
	} while (0)

#endif
