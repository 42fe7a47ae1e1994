// SPDX-License-Identifier: GPL-2.0
/* A candidate of ICE in words. */
#include "candidate-text.h"

#include <glib.h>
#include <string.h>

/* Where the words of a candidate stand. */
enum word {
	WORD_ADDRESS = 4,
	WORD_PORT,
	WORD_TYP,
	WORD_TYPE,
	WORD_FIRST_EXTENSION,
};

static char *join(const char *address, const char *port)
{
	return g_strdup_printf(strchr(address, ':') ? "[%s]:%s" : "%s:%s", address, port);
}

/* Extensions are pairs of a name and a value. */
static const char *extension(char **words, guint count, const char *name)
{
	for (guint i = WORD_FIRST_EXTENSION; i + 1 < count; i += 2) {
		if (strcmp(words[i], name) == 0)
			return words[i + 1];
	}
	return NULL;
}

char *candidate_describe(const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", -1);
	guint count = g_strv_length(words);
	g_autofree char *endpoint = NULL;
	g_autofree char *base = NULL;
	const char *address, *port;

	if (count < WORD_FIRST_EXTENSION || strcmp(words[WORD_TYP], "typ") != 0)
		return g_strdup(line);
	endpoint = join(words[WORD_ADDRESS], words[WORD_PORT]);
	address = extension(words, count, "raddr");
	port = extension(words, count, "rport");
	if (!address || !port)
		return g_strdup_printf("%s %s", endpoint, words[WORD_TYPE]);
	base = join(address, port);
	return g_strdup_printf("%s %s of %s", endpoint, words[WORD_TYPE], base);
}
