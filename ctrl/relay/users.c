// SPDX-License-Identifier: GPL-2.0
/* Who may allocate: named users, and those that a shared secret vouches for. */
#include "users.h"

#include <gio/gio.h>
#include <sodium.h>
#include <string.h>

#include "lib/revocation.h"
#include "lib/turn-credential.h"

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
	turn_credential_free(password);
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

bool users_read_secret(struct users *users, const char *path, GError **error)
{
	char *secret = turn_credential_read_secret(path, error);

	if (!secret)
		return false;
	turn_credential_free(users->secret);
	users->secret = secret;
	return true;
}

bool users_are_configured(const struct users *users)
{
	return users->secret || g_hash_table_size(users->passwords);
}

bool users_allow_hash(const struct users *users)
{
	return !users->secret;
}

char *users_password(const struct users *users, const char *name, gint64 now_s)
{
	const char *password = g_hash_table_lookup(users->passwords, name);
	const char *account;
	gint64 expires_s;

	if (password)
		return g_strdup(password);
	if (!users->secret || !turn_credential_parse(name, &expires_s, &account) ||
	    expires_s <= now_s)
		return NULL;
	return turn_credential_password(users->secret, name);
}

bool users_revocation_key(const struct users *users, guint8 *key)
{
	if (users->secret)
		revocation_key(users->secret, key);
	return users->secret;
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
	const char *account;
	gint64 expires_s;

	if (g_hash_table_contains(users->passwords, name) ||
	    !turn_credential_parse(name, &expires_s, &account) || !account)
		return name;
	return account;
}
