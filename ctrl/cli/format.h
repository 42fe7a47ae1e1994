/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHCTL_FORMAT_H
#define MESHCTL_FORMAT_H

#include <glib.h>
#include <stdbool.h>

/* Numbers as people like to read them, and back. */

/* Room for whatever is written here, and the final zero. */
#define FORMAT_STRLEN 32

/**
 * format_bytes() - "0 B", "1023 B", "1.5 KiB", "120 MiB"
 * @bytes: the number
 * @buf: at least FORMAT_STRLEN bytes
 *
 * Return: @buf, as of all functions here.
 */
const char *format_bytes(guint64 bytes, char buf[static FORMAT_STRLEN]);

/**
 * format_us() - "0.85 ms", "9.1 ms", "120 ms", "1.25 s"
 * @us: microseconds
 * @buf: at least FORMAT_STRLEN bytes
 */
const char *format_us(gint64 us, char buf[static FORMAT_STRLEN]);

/**
 * format_duration() - "12 s", "3 min", "5 h", "2 days", rounded
 * @seconds: how many; a negative number counts as 0
 * @buf: at least FORMAT_STRLEN bytes
 */
const char *format_duration(gint64 seconds, char buf[static FORMAT_STRLEN]);

/**
 * format_ms() - "850 ms", "12 s", "3 min", "5 h", "2 days", rounded
 * @ms: milliseconds; a negative number counts as 0
 * @buf: at least FORMAT_STRLEN bytes
 */
const char *format_ms(gint64 ms, char buf[static FORMAT_STRLEN]);

/**
 * format_ago() - "12 s ago", "never"
 * @when: seconds since 1970; 0 or less is never
 * @now: seconds since 1970; a time after it counts as now
 * @buf: at least FORMAT_STRLEN bytes
 */
const char *format_ago(gint64 when, gint64 now, char buf[static FORMAT_STRLEN]);

/**
 * format_parse_duration() - read "30", "30s", "15m", "12h", "1d", "2w" or "never"
 * @text: the text
 * @seconds: where it goes; 0 for "never"
 * @error: G_IO_ERROR_INVALID_ARGUMENT with what is expected
 */
bool format_parse_duration(const char *text, gint64 *seconds, GError **error);

/**
 * format_parse_ms() - read "100ms", "20", "20s" or "2m"
 * @text: the text
 * @ms: where it goes, in milliseconds
 * @error: G_IO_ERROR_INVALID_ARGUMENT with what is expected
 */
bool format_parse_ms(const char *text, gint64 *ms, GError **error);

#endif
