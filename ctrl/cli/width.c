// SPDX-License-Identifier: GPL-2.0
/* How wide a line may be, and breaking it. */
#include "width.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Who has less gets lines that are too wide, rather than a word in each. */
#define MIN_COLUMNS 40

guint width_of(FILE *stream)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	guint64 width;

	if (!isatty(fileno(stream)))
		return 0;
	if (!columns ||
	    !g_ascii_string_to_unsigned(columns, 10, 1, G_MAXUINT16, &width, NULL)) {
		if (ioctl(fileno(stream), TIOCGWINSZ, &size) < 0 || !size.ws_col)
			return 0;
		width = size.ws_col;
	}
	return MAX(width, MIN_COLUMNS);
}

/* Of a word, in columns. */
static gsize word_width(const char *word, gsize len)
{
	const char *end = word + len;
	gsize width = 0;

	while (word < end) {
		if (*word == '\033') {
			while (word < end && *word != 'm')
				word++;
			word += word < end;
			continue;
		}
		word = g_utf8_next_char(word);
		width++;
	}
	return width;
}

char *width_wrap(const char *text, guint indent, guint columns)
{
	GString *out = g_string_new(NULL);
	gsize column = 0, blanks, len, width;

	if (!columns)
		return g_string_free(g_string_append(out, text), FALSE);
	while (*text) {
		blanks = strspn(text, " ");
		len = strcspn(text + blanks, " ");
		width = word_width(text + blanks, len);
		if (column > indent && column + blanks + width > columns) {
			g_string_append_printf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else {
			g_string_append_len(out, text, blanks);
			column += blanks;
		}
		g_string_append_len(out, text + blanks, len);
		column += width;
		text += blanks + len;
	}
	return g_string_free(out, FALSE);
}

void width_print(guint indent, const char *format, ...)
{
	g_autofree char *text = NULL;
	g_autofree char *lines = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	lines = width_wrap(text, indent, width_of(stdout));
	puts(lines);
}
