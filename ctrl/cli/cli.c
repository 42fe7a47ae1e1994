// SPDX-License-Identifier: GPL-2.0
/* What all commands need: failing with a reason, and printing what others wrote. */
#include "cli.h"

#include <stdio.h>
#include <string.h>

#include "style.h"

static void print_problem(const char *what, const char *hint)
{
	g_autofree char *clean = cli_clean(what);

	fprintf(stderr, "meshctl: %s%s%s\n", style_begin(stderr, STYLE_BAD), clean,
		style_end(stderr, STYLE_BAD));
	if (hint)
		fprintf(stderr, "%s\n", hint);
}

enum cli_status cli_fail(const char *hint, const char *format, ...)
{
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	print_problem(what, hint);
	return CLI_FAILED;
}

enum cli_status cli_misused(const char *format, ...)
{
	g_autofree char *what = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	print_problem(what, NULL);
	return CLI_USAGE;
}

/*
 * Where the message of an error goes over into what to do: "..., run this", which is one line in a
 * log, becomes two for a person. The errors of this program have a line break there.
 */
enum cli_status cli_fail_error(const GError *error)
{
	const char *run = strstr(error->message, ": run ");
	const char *end = strchr(error->message, '\n');
	g_autofree char *what = NULL;
	g_autofree char *hint = NULL;

	if (end) {
		hint = g_strdup(end + 1);
	} else if (run) {
		end = run;
		hint = cli_clean(run + strlen(": "));
		hint[0] = 'R';
	}
	what = end ? g_strndup(error->message, end - error->message) : g_strdup(error->message);
	return cli_fail(hint, "%s", what);
}

char *cli_clean(const char *text)
{
	g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;
	GString *clean;

	if (!valid)
		return NULL;
	clean = g_string_sized_new(strlen(valid));
	for (const char *c = valid; *c; c = g_utf8_next_char(c))
		g_string_append_unichar(clean, g_unichar_iscntrl(g_utf8_get_char(c)) ?
					'?' : g_utf8_get_char(c));
	return g_string_free(clean, FALSE);
}

void cli_print_json(JsonObject *object)
{
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
	g_autofree char *text = NULL;

	json_object_set_int_member(object, "version", 1);
	json_node_take_object(root, object);
	text = json_to_string(root, TRUE);
	puts(text);
}
