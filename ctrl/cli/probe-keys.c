// SPDX-License-Identifier: GPL-2.0
/* Reading the keys of probes from a file. */
#include "probe-keys.h"

#include <gio/gio.h>
#include <string.h>

#include "lib/secretfile.h"

/* Two keys, and blanks around them. */
#define FILE_MAX 256

/* A word of *@text, which goes on behind it; NULL when there is none. */
static char *next_word(char **text)
{
	char *word = *text + strspn(*text, " \t\r\n");
	gsize length = strcspn(word, " \t\r\n");

	*text = word + length;
	if (**text)
		*(*text)++ = '\0';
	return length ? word : NULL;
}

static bool parse(char *contents, struct pathnl_probe_keys *keys)
{
	const char *tx = next_word(&contents);
	const char *rx = tx ? next_word(&contents) : NULL;

	return rx && !next_word(&contents) && key_parse(tx, &keys->tx, NULL) &&
	       key_parse(rx, &keys->rx, NULL);
}

bool probe_keys_read(const char *path, struct pathnl_probe_keys *keys, GError **error)
{
	char *contents = secretfile_read(path, FILE_MAX, NULL, error);
	bool parsed;

	if (!contents)
		return false;
	parsed = parse(contents, keys);
	secretfile_free(contents);
	if (!parsed) {
		probe_keys_wipe(keys);
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
			    "%s: there have to be two keys, one a line: of probes to the peer, and "
			    "of probes from it\n\"wg genkey\" makes one.", path);
	}
	return parsed;
}

void probe_keys_wipe(struct pathnl_probe_keys *keys)
{
	key_wipe(&keys->tx);
	key_wipe(&keys->rx);
}
