// SPDX-License-Identifier: GPL-2.0
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

bool turn_credential_is_secret(const char *text)
{
	return text[0] && strlen(text) <= TURN_CREDENTIAL_SECRET_MAX && !strpbrk(text, "\r\n");
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
	char text[TURN_CREDENTIAL_SECRET_MAX + 1];
	ssize_t len = read(fd, text, sizeof(text));
	char *secret = NULL;

	if (len > 0 && len <= TURN_CREDENTIAL_SECRET_MAX) {
		text[len] = '\0';
		text[strcspn(text, "\r\n")] = '\0';
		if (text[0])
			secret = g_strdup(text);
	}
	sodium_memzero(text, sizeof(text));
	if (!secret)
		refuse(error, "expected a secret of at most 1024 bytes in the first line");
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
