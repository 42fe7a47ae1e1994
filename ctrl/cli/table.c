// SPDX-License-Identifier: GPL-2.0
/* Tables whose columns fit what is in them. */
#include "table.h"

#include <string.h>

#include "width.h"

/* Between two columns. */
#define GAP 2

/* A column that is cut keeps this much. */
#define MIN_WIDTH 6

struct cell {
	enum style style;
	char *text;
};

/**
 * struct table - rows of cells
 * @columns: how many there are
 * @right: for each column, whether its cells go to the right
 * @cells: row after row; the first row are the titles
 */
struct table {
	guint columns;
	bool *right;
	GArray *cells;
};

static void clear_cell(void *cell)
{
	g_free(((struct cell *)cell)->text);
}

static void add_cell(struct table *table, enum style style, char *text)
{
	struct cell cell = { .style = style, .text = text };

	g_array_append_val(table->cells, cell);
}

struct table *table_new(const char *titles)
{
	g_auto(GStrv) words = g_strsplit(titles, " ", -1);
	struct table *table = g_new0(struct table, 1);

	table->columns = g_strv_length(words);
	table->right = g_new0(bool, table->columns);
	table->cells = g_array_new(FALSE, FALSE, sizeof(struct cell));
	g_array_set_clear_func(table->cells, clear_cell);
	for (guint i = 0; i < table->columns; i++) {
		table->right[i] = words[i][0] == '>';
		add_cell(table, STYLE_TITLE, g_strdelimit(g_strdup(words[i] + table->right[i]),
							  "_", ' '));
	}
	return table;
}

void table_free(struct table *table)
{
	g_array_unref(table->cells);
	g_free(table->right);
	g_free(table);
}

void table_cell(struct table *table, enum style style, const char *format, ...)
{
	char *text;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	if (!*text) {
		g_free(text);
		text = g_strdup("-");
	}
	add_cell(table, style, text);
}

static glong *column_widths(const struct table *table)
{
	glong *widths = g_new0(glong, table->columns);
	const struct cell *cell;
	glong width;

	for (guint i = 0; i < table->cells->len; i++) {
		cell = &g_array_index(table->cells, struct cell, i);
		width = g_utf8_strlen(cell->text, -1);
		widths[i % table->columns] = MAX(widths[i % table->columns], width);
	}
	return widths;
}

/* The widest of those that may be cut; -1 when none may. */
static int widest_text(const struct table *table, const glong *widths)
{
	int found = -1;

	for (guint i = 0; i < table->columns; i++) {
		if (!table->right[i] && widths[i] > MIN_WIDTH &&
		    (found < 0 || widths[i] > widths[found]))
			found = i;
	}
	return found;
}

static void fit(const struct table *table, glong *widths, guint width)
{
	glong total = GAP * (table->columns - 1);
	int column;

	for (guint i = 0; i < table->columns; i++)
		total += widths[i];
	for (; width && total > (glong)width; total--) {
		column = widest_text(table, widths);
		if (column < 0)
			return;
		widths[column]--;
	}
}

/* Return: (owned by the caller) as much of a text as fits. */
static char *cut(const char *text, glong width)
{
	const char *mark = g_get_charset(NULL) ? "\u2026" : "~";
	g_autofree char *begin = NULL;

	if (g_utf8_strlen(text, -1) <= width)
		return g_strdup(text);
	begin = g_utf8_substring(text, 0, width - 1);
	return g_strconcat(begin, mark, NULL);
}

static void append_cell(GString *out, const struct cell *cell, glong width, bool right,
			bool last, bool colours)
{
	bool styled = colours && cell->style != STYLE_PLAIN;
	g_autofree char *text = cut(cell->text, width);
	int padding = width - g_utf8_strlen(text, -1);

	if (right)
		g_string_append_printf(out, "%*s", padding, "");
	g_string_append_printf(out, "%s%s%s", styled ? style_code(cell->style) : "", text,
			       styled ? STYLE_RESET : "");
	if (!last)
		g_string_append_printf(out, "%*s", GAP + (right ? 0 : padding), "");
}

char *table_format(const struct table *table, bool colours, guint width)
{
	g_autofree glong *widths = column_widths(table);
	GString *out = g_string_new(NULL);
	guint column;
	bool last;

	fit(table, widths, width);
	for (guint i = 0; i < table->cells->len; i++) {
		column = i % table->columns;
		last = column == table->columns - 1 || i == table->cells->len - 1;
		append_cell(out, &g_array_index(table->cells, struct cell, i), widths[column],
			    table->right[column], last, colours);
		if (last)
			g_string_append_c(out, '\n');
	}
	return g_string_free(out, FALSE);
}

void table_print(const struct table *table, const char *none)
{
	g_autofree char *text = NULL;

	if (table->cells->len == table->columns) {
		width_print(0, "%s", none);
		return;
	}
	text = table_format(table, style_wanted(stdout), width_of(stdout));
	fputs(text, stdout);
}
