/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHCTL_STYLE_H
#define MESHCTL_STYLE_H

#include <stdbool.h>
#include <stdio.h>

/* What a piece of text means to the reader; the colour follows from it. */
enum style {
	STYLE_PLAIN,
	STYLE_TITLE,
	STYLE_GOOD,
	STYLE_PENDING,
	STYLE_BAD,
	STYLE_FAINT,
};

/**
 * style_wanted() - whether a stream gets colours
 * @stream: stdout or stderr
 *
 * A terminal that is not "dumb" does, unless NO_COLOR is in the environment and not empty.
 */
bool style_wanted(FILE *stream);

/**
 * style_code() - the terminal's sequence for a style, whatever the stream
 * @style: the style
 *
 * Return: "" for STYLE_PLAIN.
 */
const char *style_code(enum style style);

/**
 * style_begin() - what to print in front of styled text; "" when the stream gets no colours
 * @stream: where it is printed
 * @style: the style
 */
const char *style_begin(FILE *stream, enum style style);

/**
 * style_end() - what to print behind it
 * @stream: where it is printed
 * @style: the style
 */
const char *style_end(FILE *stream, enum style style);

#define STYLE_RESET "\033[0m"

#endif
