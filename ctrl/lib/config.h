/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_CONFIG_H
#define WGMESH_CONFIG_H

#include <glib.h>
#include <stdbool.h>

/* A configuration file larger than this is refused. */
#define CONFIG_MAX_SIZE (64 * 1024)

/**
 * struct config_key - a setting, in the configuration file ("name = value") and as a flag (--name)
 * @name: lower case, words joined by "-"
 * @argument: what stands for the value in --help, e.g. "ADDR:PORT"
 * @help: one line for --help
 * @set: checks @value and stores it in @target; a message in @error says what is wrong with the
 *	 value and what is expected, without naming file, line or key: the caller puts those in front
 * @clear: empties the list the key adds to; NULL for a key that may be given only once
 *
 * Tables end with an element whose name is NULL.
 */
struct config_key {
	const char *name;
	const char *argument;
	const char *help;
	bool (*set)(const char *value, void *target, GError **error);
	void (*clear)(void *target);
};

/**
 * struct config_program - what config_load() needs to know about a program
 * @name: e.g. "mesh-relayd"
 * @summary: one line for --help: what the program is
 * @file: the configuration file that is read when it exists and --config names no other
 * @file_key: the setting of the command line that stands for the "*" in @file; NULL when there is none
 * @file_word: what stands there when it is not set
 * @keys: the settings
 */
struct config_program {
	const char *name;
	const char *summary;
	const char *file;
	const char *file_key;
	const char *file_word;
	const struct config_key *keys;
};

/**
 * config_load() - take a program's settings from its configuration file and its command line
 * @program: the program
 * @argc: how many words the command line has; how many are left goes here
 * @argv: the words of the command line; what was understood is removed
 * @target: handed to the setters
 * @error: what is wrong, with "FILE:LINE: " or "--FLAG: " in front
 *
 * Understands --config FILE, --version, --help and every key of the table as a long flag. --version
 * and --help print and end the process. The file is read first, then the flags: a flag replaces
 * what the file says for the same key, for a list too. Words that are not flags stay in @argv.
 *
 * Return: false on error; @target may then hold some of the settings.
 */
bool config_load(const struct config_program *program, int *argc, char ***argv, void *target,
		 GError **error);

/**
 * config_read_file() - read a configuration file
 * @path: the file; at most CONFIG_MAX_SIZE bytes
 * @keys: the settings
 * @target: handed to the setters
 * @error: "PATH:LINE: what, why" for what the file says; "PATH: why" when it cannot be read
 *
 * The form of a line: blank, "# comment", or "key = value". Blanks around key and value do not
 * count; a value goes to the end of the line, "#" included, and may not be empty.
 *
 * Return: false on the first error; @target may then hold the settings of the lines before.
 */
bool config_read_file(const char *path, const struct config_key *keys, void *target,
		      GError **error);

#endif
