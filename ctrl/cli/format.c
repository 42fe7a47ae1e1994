// SPDX-License-Identifier: GPL-2.0
/* Numbers and times, for people and from people. */
#include "format.h"

#include <gio/gio.h>
#include <string.h>

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define WEEK (7 * DAY)

/* Nobody means more: a hundred years. */
#define MAX_DURATION (36500ll * DAY)

/* Three digits say enough: 1.23, 12.3, 123. */
static int decimals(double value)
{
	if (value < 9.995)
		return 2;
	return value < 99.95 ? 1 : 0;
}

const char *format_bytes(guint64 bytes, char buf[static FORMAT_STRLEN])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = bytes / 1024.0;
	guint unit = 0;

	if (bytes < 1024) {
		g_snprintf(buf, FORMAT_STRLEN, "%u B", (guint)bytes);
		return buf;
	}
	while (value >= 1023.5 && unit + 1 < G_N_ELEMENTS(units)) {
		value /= 1024;
		unit++;
	}
	g_snprintf(buf, FORMAT_STRLEN, "%.*f %s", decimals(value), value, units[unit]);
	return buf;
}

const char *format_us(gint64 us, char buf[static FORMAT_STRLEN])
{
	double ms = us / 1000.0;

	if (ms < 999.5)
		g_snprintf(buf, FORMAT_STRLEN, "%.*f ms", decimals(ms), ms);
	else
		g_snprintf(buf, FORMAT_STRLEN, "%.*f s", decimals(ms / 1000), ms / 1000);
	return buf;
}

const char *format_duration(gint64 seconds, char buf[static FORMAT_STRLEN])
{
	static const struct {
		gint64 seconds;
		const char *name;
	} units[] = {
		{ DAY, "days" }, { HOUR, "h" }, { MINUTE, "min" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
		if (seconds < 2 * units[i].seconds)
			continue;
		g_snprintf(buf, FORMAT_STRLEN, "%" G_GINT64_FORMAT " %s",
			   (seconds + units[i].seconds / 2) / units[i].seconds, units[i].name);
		return buf;
	}
	g_snprintf(buf, FORMAT_STRLEN, "%d s", (int)MAX(seconds, 0));
	return buf;
}

const char *format_ms(gint64 ms, char buf[static FORMAT_STRLEN])
{
	if (ms >= 1000)
		return format_duration(ms / 1000, buf);
	g_snprintf(buf, FORMAT_STRLEN, "%d ms", (int)MAX(ms, 0));
	return buf;
}

const char *format_ago(gint64 when, gint64 now, char buf[static FORMAT_STRLEN])
{
	if (when <= 0) {
		g_strlcpy(buf, "never", FORMAT_STRLEN);
		return buf;
	}
	format_duration(now - when, buf);
	g_strlcat(buf, " ago", FORMAT_STRLEN);
	return buf;
}

static gint64 unit_seconds(const char *unit)
{
	static const struct {
		const char *name;
		gint64 seconds;
	} units[] = {
		{ "", 1 },	{ "s", 1 },   { "m", MINUTE },
		{ "h", HOUR }, { "d", DAY }, { "w", WEEK },
	};

	for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
		if (strcmp(units[i].name, unit) == 0)
			return units[i].seconds;
	}
	return 0;
}

bool format_parse_duration(const char *text, gint64 *seconds, GError **error)
{
	gsize digits = strspn(text, G_CSET_DIGITS);
	g_autofree char *number = g_strndup(text, digits);
	gint64 unit = unit_seconds(text + digits);
	guint64 value;

	if (strcmp(text, "never") == 0) {
		*seconds = 0;
		return true;
	}
	if (unit && g_ascii_string_to_unsigned(number, 10, 1, MAX_DURATION / unit, &value, NULL)) {
		*seconds = value * unit;
		return true;
	}
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
		    "'%s' is not a duration: a number of seconds, or one with s, m, h, d or w "
		    "behind it, or \"never\"",
		    text);
	return false;
}

bool format_parse_ms(const char *text, gint64 *ms, GError **error)
{
	static const struct {
		const char *name;
		gint64 ms;
	} units[] = {
		{ "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 1000 * MINUTE },
	};
	gsize digits = strspn(text, G_CSET_DIGITS);
	g_autofree char *number = g_strndup(text, digits);
	guint64 value;

	for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
		if (strcmp(units[i].name, text + digits) != 0 ||
		    !g_ascii_string_to_unsigned(number, 10, 1, G_MAXINT32, &value, NULL))
			continue;
		*ms = value * units[i].ms;
		return true;
	}
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
		    "'%s' is not a time: a number of seconds, or one with ms, s or m behind it", text);
	return false;
}
