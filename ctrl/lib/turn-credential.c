// SPDX-License-Identifier: GPL-2.0
/* Credentials for a TURN server that a shared secret makes. */
#include "turn-credential.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHA1_LEN 20
#define NEW_SECRET_LEN 32

char *turn_credential_name(gint64 expires_s, const char *account)
{
	return g_strdup_printf("%" G_GINT64_FORMAT ":%s", expires_s, account);
}

bool turn_credential_parse(const char *name, gint64 *expires_s, const char **account)
{
	gint64 number;
	char *end;

	if (!g_ascii_isdigit(name[0]))
		return false;
	number = g_ascii_strtoll(name, &end, 10);
	if (*end != '\0' && *end != ':')
		return false;
	*expires_s = number;
	*account = end[0] && end[1] ? end + 1 : NULL;
	return true;
}

char *turn_credential_password(const char *secret, const char *name)
{
	guint8 mac[SHA1_LEN];
	char *password;

	if (gnutls_hmac_fast(GNUTLS_MAC_SHA1, secret, strlen(secret), name, strlen(name), mac) < 0)
		return NULL;
	password = g_base64_encode(mac, sizeof(mac));
	sodium_memzero(mac, sizeof(mac));
	return password;
}

char *turn_credential_new_secret(void)
{
	guint8 bytes[NEW_SECRET_LEN];
	char *secret;

	randombytes_buf(bytes, sizeof(bytes));
	secret = g_base64_encode(bytes, sizeof(bytes));
	sodium_memzero(bytes, sizeof(bytes));
	return secret;
}

static bool refuse(GError **error, const char *why)
{
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, why);
	return false;
}

bool turn_credential_check_secret(const char *text, GError **error)
{
	gsize len = strlen(text);

	if (strpbrk(text, "\r\n") || len > TURN_CREDENTIAL_SECRET_MAX)
		return refuse(error, "a secret is one line of at most 1024 bytes; \"meshctl relay "
				     "secret FILE\" makes one");
	if (len >= TURN_CREDENTIAL_SECRET_MIN)
		return true;
	if (!len)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
			    "expected a secret in the first line; \"meshctl relay secret FILE\" "
			    "makes one");
	else
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			    "a secret of %zu bytes can be guessed by whoever hears one request; it has "
			    "to have %d at least, and \"meshctl relay secret FILE\" makes one, in a "
			    "file that is not there yet", len, TURN_CREDENTIAL_SECRET_MIN);
	return false;
}

static bool is_private(int fd, GError **error)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return refuse(error, "not a regular file");
	if (st.st_mode & 027)
		return refuse(error, "others have access, so the secret may be known to them; "
				     "chmod 640 it and put another secret in");
	return true;
}

static char *read_first_line(int fd, GError **error)
{
	/* one byte more shows a line that is too long */
	char text[TURN_CREDENTIAL_SECRET_MAX + 2];
	ssize_t len = read(fd, text, sizeof(text) - 1);
	char *secret = NULL;

	text[MAX(len, 0)] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	if (turn_credential_check_secret(text, error))
		secret = g_strdup(text);
	sodium_memzero(text, sizeof(text));
	return secret;
}

char *turn_credential_read_secret(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char *secret = NULL;

	if (fd < 0) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
			    "'%s' cannot be read: %s", path, g_strerror(errno));
		return NULL;
	}
	if (is_private(fd, error))
		secret = read_first_line(fd, error);
	close(fd);
	if (!secret)
		g_prefix_error(error, "'%s': ", path);
	return secret;
}

void turn_credential_free(char *text)
{
	if (text)
		sodium_memzero(text, strlen(text));
	g_free(text);
}
