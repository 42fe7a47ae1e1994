/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHCTL_WIDTH_H
#define MESHCTL_WIDTH_H

#include <glib.h>
#include <stdio.h>

/* Nothing that is printed to a terminal is wider than it. */

/**
 * width_of() - how many columns a stream has
 * @stream: of a terminal that is $COLUMNS, or what the terminal says
 *
 * Return: 0 when there is no limit: into a pipe or a file, or when nobody knows.
 */
guint width_of(FILE *stream);

/**
 * width_wrap() - break a line at blanks
 * @text: one line; what begins with an escape and ends with "m" takes no room
 * @indent: blanks in front of what does not fit into the first line
 * @columns: that it may take, or 0. A word that is wider stays whole: it may be a key
 *
 * Return: (owned by the caller) the lines, without a newline at the end.
 */
char *width_wrap(const char *text, guint indent, guint columns);

/**
 * width_print() - print a line to stdout, as many as it takes
 * @indent: blanks in front of all but the first
 * @format: printf's; without a newline at the end
 */
void width_print(guint indent, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
