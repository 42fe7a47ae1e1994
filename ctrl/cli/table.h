/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHCTL_TABLE_H
#define MESHCTL_TABLE_H

#include <glib.h>
#include <stdbool.h>

#include "style.h"

/**
 * struct table - rows of cells, in columns as wide as they have to be
 */
typedef struct table table;

/**
 * table_new() - begin a table
 * @titles: of its columns, separated by blanks. A ">" in front puts the cells to the right, as
 *	    numbers want; a "_" in a title is printed as a blank
 *
 * Return: (owned by the caller) the table; table_free() it.
 */
struct table *table_new(const char *titles);

void table_free(struct table *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(table, table_free)

/**
 * table_cell() - add a cell to the last row; a full row is followed by a new one
 * @table: the table
 * @style: how it looks
 * @format: printf's; an empty cell is shown as "-"
 */
void table_cell(struct table *table, enum style style, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

/**
 * table_format() - the table as text
 * @table: the table
 * @colours: whether the styles show
 * @width: that a line may take, or 0. Where that is not enough, texts are cut, the widest columns
 *	   first; numbers never are
 *
 * Return: (owned by the caller) lines, without blanks at their ends.
 */
char *table_format(const struct table *table, bool colours, guint width);

/**
 * table_print() - print a table to stdout
 * @table: the table
 * @none: printed in its place when it has no row
 */
void table_print(const struct table *table, const char *none);

#endif
