// SPDX-License-Identifier: GPL-2.0
/* Colours, where the terminal has them and the user wants them. */
#include "style.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool style_wanted(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	return isatty(fileno(stream)) && !(no_color && *no_color) && terminal &&
	       strcmp(terminal, "dumb") != 0;
}

const char *style_code(enum style style)
{
	static const char *const codes[] = {
		[STYLE_PLAIN] = "",
		[STYLE_TITLE] = "\033[1m",
		[STYLE_GOOD] = "\033[32m",
		[STYLE_PENDING] = "\033[33m",
		[STYLE_BAD] = "\033[31m",
		[STYLE_FAINT] = "\033[2m",
	};

	return codes[style];
}

const char *style_begin(FILE *stream, enum style style)
{
	return style != STYLE_PLAIN && style_wanted(stream) ? style_code(style) : "";
}

const char *style_end(FILE *stream, enum style style)
{
	return style != STYLE_PLAIN && style_wanted(stream) ? STYLE_RESET : "";
}
