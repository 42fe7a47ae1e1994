// SPDX-License-Identifier: GPL-2.0
#include "users.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_MAX 1024
#define SHA1_LEN 20

struct users {
	GHashTable *passwords; /* user name to password */
	char *secret;	       /* or NULL */
};

struct users *users_new(void)
{
	struct users *users = g_new0(struct users, 1);

	users->passwords = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
						 (GDestroyNotify)users_free_password);
	return users;
}

void users_free(struct users *users)
{
	if (!users)
		return;
	g_hash_table_unref(users->passwords);
	users_free_password(users->secret);
	g_free(users);
}

void users_free_password(char *password)
{
	if (password)
		sodium_memzero(password, strlen(password));
	g_free(password);
}

static bool refuse(GError **error, const char *why)
{
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, why);
	return false;
}

/* RFC 8265: a client composes what it sends, so what is compared with it has to be composed too. */
bool users_add(struct users *users, const char *text, GError **error)
{
	g_autofree char *normal = g_utf8_normalize(text, -1, G_NORMALIZE_NFC);
	char *colon = normal ? strchr(normal, ':') : NULL;
	bool good = colon && colon != normal && colon[1] && colon - normal <= USERS_NAME_MAX;

	if (good)
		g_hash_table_replace(users->passwords, g_strndup(normal, colon - normal),
				     g_strdup(colon + 1));
	if (normal)
		sodium_memzero(normal, strlen(normal));
	return good || refuse(error, "expected NAME:PASSWORD, in UTF-8, with a name of at most 508 "
				     "bytes and without a colon");
}

void users_clear(struct users *users)
{
	g_hash_table_remove_all(users->passwords);
}

/*
 * What systemd hands over as a credential belongs to root and has a group that is an access list
 * with the service's user in it, so the group may read.
 */
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

bool users_read_secret(struct users *users, const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char text[SECRET_MAX + 1];
	bool good = false;
	ssize_t len;

	if (fd < 0) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
			    "'%s' cannot be read: %s", path, g_strerror(errno));
		return false;
	}
	if (is_private(fd, error)) {
		len = read(fd, text, sizeof(text));
		good = len > 0 && len <= SECRET_MAX;
		if (good) {
			text[len] = '\0';
			text[strcspn(text, "\r\n")] = '\0';
			good = text[0];
		}
		if (!good)
			refuse(error, "expected a secret of at most 1024 bytes in the first line");
	}
	close(fd);
	if (good) {
		users_free_password(users->secret);
		users->secret = g_strdup(text);
	} else {
		g_prefix_error(error, "'%s': ", path);
	}
	sodium_memzero(text, sizeof(text));
	return good;
}

bool users_are_configured(const struct users *users)
{
	return users->secret || g_hash_table_size(users->passwords);
}

bool users_allow_hash(const struct users *users)
{
	return !users->secret;
}

/* Whether name is "EXPIRY" or "EXPIRY:ACCOUNT"; end is where EXPIRY ends. */
static bool parse_expiry(const char *name, gint64 *expiry_s, const char **end)
{
	char *rest;

	if (!g_ascii_isdigit(name[0]))
		return false;
	*expiry_s = g_ascii_strtoll(name, &rest, 10);
	*end = rest;
	return *rest == '\0' || *rest == ':';
}

static char *derive_password(const char *secret, const char *name)
{
	guint8 mac[SHA1_LEN];
	char *password;

	if (gnutls_hmac_fast(GNUTLS_MAC_SHA1, secret, strlen(secret), name, strlen(name), mac) < 0)
		return NULL;
	password = g_base64_encode(mac, sizeof(mac));
	sodium_memzero(mac, sizeof(mac));
	return password;
}

char *users_password(const struct users *users, const char *name, gint64 now_s)
{
	const char *password = g_hash_table_lookup(users->passwords, name);
	const char *end;
	gint64 expiry_s;

	if (password)
		return g_strdup(password);
	if (!users->secret || !parse_expiry(name, &expiry_s, &end) || expiry_s <= now_s)
		return NULL;
	return derive_password(users->secret, name);
}

const char *users_find_hash(const struct users *users, const char *realm, const guint8 *hash)
{
	GHashTableIter iter;
	gpointer name;

	g_hash_table_iter_init(&iter, users->passwords);
	while (g_hash_table_iter_next(&iter, &name, NULL)) {
		g_autofree char *text = g_strconcat(name, ":", realm, NULL);
		guint8 digest[crypto_hash_sha256_BYTES];

		crypto_hash_sha256(digest, (const guint8 *)text, strlen(text));
		if (sodium_memcmp(digest, hash, sizeof(digest)) == 0)
			return name;
	}
	return NULL;
}

const char *users_account(const struct users *users, const char *name)
{
	const char *end;
	gint64 expiry_s;

	if (g_hash_table_contains(users->passwords, name) ||
	    !parse_expiry(name, &expiry_s, &end) || !end[0] || !end[1])
		return name;
	return end + 1;
}
