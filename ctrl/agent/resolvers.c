// SPDX-License-Identifier: GPL-2.0
/* Whom this machine asks for names, as resolv.conf says. */
#include "resolvers.h"

#include <stdio.h>
#include <string.h>

#include "lib/prefix.h"

#define KEYWORD "nameserver"

/* An IPv6 address may be followed by the interface that it is to be reached by. */
static void take_line(char *line, GArray *resolvers)
{
	gsize length = strlen(KEYWORD);
	struct prefix address;
	char *text;

	if (strncmp(line, KEYWORD, length) != 0 || !g_ascii_isspace(line[length]))
		return;
	text = g_strchug(line + length);
	text[strcspn(text, " \t\r\n%/")] = '\0';
	if (prefix_parse(text, &address, NULL))
		g_array_append_val(resolvers, address);
}

static void read_file(const char *path, GArray *resolvers)
{
	FILE *file = fopen(path, "re");
	char line[256];

	while (file && resolvers->len < RESOLVERS_MAX && fgets(line, sizeof(line), file))
		take_line(line, resolvers);
	if (file)
		fclose(file);
}

GArray *resolvers_read(const char *const *paths)
{
	GArray *resolvers = g_array_new(FALSE, TRUE, sizeof(struct prefix));

	for (; *paths; paths++)
		read_file(*paths, resolvers);
	return resolvers;
}
