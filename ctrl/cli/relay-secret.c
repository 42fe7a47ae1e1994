// SPDX-License-Identifier: GPL-2.0
/* meshctl relay secret: draws the secret of a relay. */
#include <errno.h>
#include <gio/gio.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/secretfile.h"
#include "lib/turn-credential.h"
#include "relay.h"

static bool make_directory(const char *path, GError **error)
{
	g_autofree char *directory = g_path_get_dirname(path);

	if (g_mkdir_with_parents(directory, 0755) == 0)
		return true;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "%s: %s", directory,
		    g_strerror(errno));
	return false;
}

static bool make_secret(const char *path, GError **error)
{
	char *secret = turn_credential_new_secret();
	char *line = g_strconcat(secret, "\n", NULL);
	bool made = make_directory(path, error) &&
		    secretfile_write(path, line, strlen(line), error);

	turn_credential_free(line);
	turn_credential_free(secret);
	return made;
}

static enum cli_status run(G_GNUC_UNUSED const struct cli *cli, char **arguments)
{
	const char *path = arguments[0] ?: RELAY_SECRET_FILE;
	g_autoptr(GError) error = NULL;
	char *secret = NULL;

	if (g_file_test(path, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK)) {
		secret = turn_credential_read_secret(path, &error);
		if (!secret)
			return cli_fail_error(error);
		printf("%s: there is a secret already, it stays\n", path);
		turn_credential_free(secret);
		return CLI_OK;
	}
	if (sodium_init() < 0)
		return cli_fail(NULL, "there is no source of random numbers");
	if (!make_secret(path, &error))
		return cli_fail_error(error);
	printf("made a secret: %s\n", path);
	return CLI_OK;
}

const struct command command_relay_secret = {
	.name = "secret",
	.arguments = "[FILE]",
	.summary = "make the secret that a relay and mesh-server share, if there is none",
	.description =
		"FILE is " RELAY_SECRET_FILE " if it is not named: that is where the unit of\n"
		"mesh-relayd looks for it, and where it makes one at its first start.",
	.max = 1,
	.run = run,
};
