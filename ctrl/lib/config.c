// SPDX-License-Identifier: GPL-2.0
/* Settings, from a configuration file and from the command line. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suggest.h"
#include "version.h"

static gsize count_keys(const struct config_key *keys)
{
	gsize n = 0;

	while (keys[n].name)
		n++;
	return n;
}

static const struct config_key *find_key(const struct config_key *keys, const char *name)
{
	for (; keys->name; keys++)
		if (!strcmp(keys->name, name))
			return keys;
	return NULL;
}

/* The key that was meant if one or two letters of it were mistyped, or NULL. */
static const struct config_key *guess_key(const struct config_key *keys, const char *name)
{
	const struct config_key *best = NULL;
	guint best_distance = 3;

	for (; keys->name; keys++) {
		guint d = suggest_distance(name, keys->name);

		if (d < best_distance && d < strlen(keys->name)) {
			best = keys;
			best_distance = d;
		}
	}
	return best;
}

static bool refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static bool refuse(GError **error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (error)
		*error = g_error_new_valist(G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, format, args);
	va_end(args);
	return false;
}

/* "key = value": both are cut out of line in place. */
static bool split_line(char *line, char **name, char **value)
{
	char *equals = strchr(line, '=');

	if (!equals)
		return false;
	*equals = '\0';
	*name = g_strstrip(line);
	*value = g_strstrip(equals + 1);
	return **name && **value;
}

static bool read_line(char *line, guint number, const struct config_key *keys, guint *set_in_line,
		      void *target, GError **error)
{
	const struct config_key *key, *guess;
	char *name, *value;
	guint *set_in;

	g_strstrip(line);
	if (!*line || *line == '#')
		return true;
	if (!split_line(line, &name, &value))
		return refuse(error, "expected 'key = value'");

	key = find_key(keys, name);
	if (!key) {
		guess = guess_key(keys, name);
		if (!guess)
			return refuse(error, "unknown key '%s'", name);
		return refuse(error, "unknown key '%s'; did you mean '%s'?", name, guess->name);
	}

	set_in = &set_in_line[key - keys];
	if (*set_in && !key->clear)
		return refuse(error, "'%s' is already set in line %u; remove one of them", name,
			      *set_in);
	*set_in = number;

	if (!key->set(value, target, error)) {
		g_prefix_error(error, "%s: ", name);
		return false;
	}
	return true;
}

/* The whole file, terminated; @len is without the terminator. */
static char *read_bounded(const char *path, gsize *len, GError **error)
{
	g_autofree char *text = g_malloc(CONFIG_MAX_SIZE + 1);
	ssize_t n = 0;
	int fd;

	*len = 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0) {
		do {
			n = read(fd, text + *len, CONFIG_MAX_SIZE + 1 - *len);
			if (n > 0)
				*len += n;
		} while (n > 0 || (n < 0 && errno == EINTR));
	}
	if (fd < 0 || n < 0) {
		int err = errno;

		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(err), "%s: cannot be read: %s",
			    path, g_strerror(err));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	close(fd);

	if (*len > CONFIG_MAX_SIZE) {
		refuse(error, "%s: larger than %d bytes; is it a configuration file?", path,
		       CONFIG_MAX_SIZE);
		return NULL;
	}
	text[*len] = '\0';
	return g_steal_pointer(&text);
}

bool config_read_file(const char *path, const struct config_key *keys, void *target,
		      GError **error)
{
	g_autofree guint *set_in_line = g_new0(guint, count_keys(keys) + 1);
	g_autofree char *text = NULL;
	char *line, *end, *newline;
	guint number;
	gsize len;

	text = read_bounded(path, &len, error);
	if (!text)
		return false;

	end = text + len;
	for (line = text, number = 1; line < end; line = newline + 1, number++) {
		newline = memchr(line, '\n', end - line);
		if (!newline)
			newline = end;
		*newline = '\0';
		if (strlen(line) != (gsize)(newline - line))
			return refuse(error, "%s:%u: a zero byte; is it a text file?", path, number);
		if (!read_line(line, number, keys, set_in_line, target, error)) {
			g_prefix_error(error, "%s:%u: ", path, number);
			return false;
		}
	}
	return true;
}

/* What the command line says, kept until the file has been read. */
struct flag {
	const struct config_key *key;
	char *value;
};

struct command_line {
	const struct config_key *keys;
	GArray *flags;
	char *file;
	gboolean version;
};

static void clear_flag(void *flag)
{
	g_free(((struct flag *)flag)->value);
}

static void free_command_line(struct command_line *line)
{
	g_array_unref(line->flags);
	g_free(line->file);
}

static gboolean keep_flag(const char *option, const char *value, void *data, GError **error)
{
	struct command_line *line = data;
	struct flag flag = { .key = find_key(line->keys, option + strlen("--")) };

	for (guint i = 0; i < line->flags->len; i++)
		if (g_array_index(line->flags, struct flag, i).key == flag.key && !flag.key->clear)
			return refuse(error, "%s: given twice", option);
	flag.value = g_strdup(value);
	g_array_append_val(line->flags, flag);
	return TRUE;
}

static GOptionContext *option_context(const struct config_program *program,
				      struct command_line *line)
{
	const GOptionEntry common[] = {
		{ "config", 0, 0, G_OPTION_ARG_FILENAME, &line->file,
		  "Read settings from FILE, lines of the form 'key = value'", "FILE" },
		{ "version", 0, 0, G_OPTION_ARG_NONE, &line->version, "Print the version", NULL },
		{}
	};
	GOptionContext *context = g_option_context_new(NULL);
	GOptionGroup *group = g_option_group_new(program->name, "", "", line, NULL);

	for (const struct config_key *key = program->keys; key->name; key++) {
		const GOptionEntry flag[] = {
			{ key->name, 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, keep_flag,
			  key->help, key->argument },
			{}
		};

		g_option_group_add_entries(group, flag);
	}
	g_option_group_add_entries(group, common);
	g_option_context_set_main_group(context, group);
	g_option_context_set_summary(context, program->summary);
	return context;
}

static bool apply_flags(const struct command_line *line, void *target, GError **error)
{
	const struct flag *flags = (const struct flag *)line->flags->data;

	/* All clearing first: the flags of a list add to each other, not to the file's. */
	for (guint i = 0; i < line->flags->len; i++)
		if (flags[i].key->clear)
			flags[i].key->clear(target);
	for (guint i = 0; i < line->flags->len; i++) {
		if (!flags[i].key->set(flags[i].value, target, error)) {
			g_prefix_error(error, "--%s: ", flags[i].key->name);
			return false;
		}
	}
	return true;
}

static const char *file_word(const struct config_program *program, const struct command_line *line)
{
	const struct flag *flags = (const struct flag *)line->flags->data;

	for (guint i = 0; i < line->flags->len; i++) {
		if (strcmp(flags[i].key->name, program->file_key) == 0)
			return flags[i].value;
	}
	return program->file_word;
}

/* Return: (owned by the caller) the file that is read when it exists; NULL when it does not. */
static char *usual_file(const struct config_program *program, const struct command_line *line)
{
	g_autofree char *file = NULL;
	const char *star, *word;

	if (!program->file)
		return NULL;
	star = program->file_key ? strchr(program->file, '*') : NULL;
	word = star ? file_word(program, line) : "";

	/* one that is no word is refused later: no other directory is looked into for it */
	if (strchr(word, '/'))
		return NULL;
	if (star)
		file = g_strdup_printf("%.*s%s%s", (int)(star - program->file), program->file, word,
				       star + 1);
	else
		file = g_strdup(program->file);
	return g_file_test(file, G_FILE_TEST_EXISTS) ? g_steal_pointer(&file) : NULL;
}

bool config_load(const struct config_program *program, int *argc, char ***argv, void *target,
		 GError **error)
{
	__attribute__((cleanup(free_command_line))) struct command_line line = {
		.keys = program->keys,
		.flags = g_array_new(FALSE, FALSE, sizeof(struct flag)),
	};
	g_autoptr(GOptionContext) context = NULL;

	g_array_set_clear_func(line.flags, clear_flag);

	context = option_context(program, &line);
	if (!g_option_context_parse(context, argc, argv, error))
		return false;
	if (line.version) {
		g_print("%s %s\n", program->name, WGMESH_VERSION);
		exit(EXIT_SUCCESS);
	}

	if (!line.file)
		line.file = usual_file(program, &line);
	if (line.file && !config_read_file(line.file, program->keys, target, error))
		return false;
	return apply_flags(&line, target, error);
}
