/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_USERS_H
#define WGMESH_RELAY_USERS_H

#include <glib.h>
#include <stdbool.h>

/*
 * Who may allocate. Users are named one by one with their passwords, or a shared secret lets
 * another server make users that expire (lib/turn-credential.h). Nothing is stored for the latter.
 */

/* Bytes; RFC 8489 section 14.3. */
#define USERS_NAME_MAX 508
#define USERS_HASH_LEN 32

struct users;

/**
 * users_new() - make an empty set of users
 *
 * Return: (owned by the caller) the set; free with users_free().
 */
struct users *users_new(void);

/**
 * users_free() - overwrite and free a set of users
 * @users: the set, or NULL
 */
void users_free(struct users *users);

/**
 * users_add() - add a user, or give one another password
 * @users: the set
 * @text: "NAME:PASSWORD", UTF-8; neither may be empty
 * @error: G_IO_ERROR_INVALID_ARGUMENT; never quotes the password
 */
bool users_add(struct users *users, const char *text, GError **error);

/**
 * users_clear() - remove the users that users_add() added
 * @users: the set
 */
void users_clear(struct users *users);

/**
 * users_read_secret() - take the shared secret from a file
 * @users: the set
 * @path: a file that only its owner and its group may read; the secret is its first line
 * @error: what is wrong with it; the secret there was before stays
 */
bool users_read_secret(struct users *users, const char *path, GError **error);

/**
 * users_are_configured() - whether there is anybody who may allocate
 * @users: the set
 */
bool users_are_configured(const struct users *users);

/**
 * users_allow_hash() - whether users_find_hash() can find everybody
 * @users: the set
 *
 * The user names of a shared secret are not known beforehand, so their hashes are not either.
 */
bool users_allow_hash(const struct users *users);

/**
 * users_password() - what a user has to know
 * @users: the set
 * @name: the user name, as it was sent
 * @now_s: seconds since 1970
 *
 * Return: (owned by the caller) the password; free with users_free_password(). NULL when there is
 * no such user, or not any more.
 */
char *users_password(const struct users *users, const char *name, gint64 now_s);

/**
 * users_revocation_key() - what whoever gives out credentials signs with; see lib/revocation.h
 * @users: the set
 * @key: REVOCATION_KEY_SIZE bytes; to be overwritten with sodium_memzero() after use
 *
 * Return: false when there is no shared secret.
 */
bool users_revocation_key(const struct users *users, guint8 *key);

/**
 * users_free_password() - overwrite and free a password
 * @password: the password, or NULL
 */
void users_free_password(char *password);

/**
 * users_find_hash() - the user behind USERHASH
 * @users: the set
 * @realm: the realm
 * @hash: USERS_HASH_LEN bytes
 *
 * RFC 8489 section 14.4: SHA-256 of "name:realm".
 *
 * Return: (borrowed from @users) the user name, or NULL.
 */
const char *users_find_hash(const struct users *users, const char *realm, const guint8 *hash);

/**
 * users_account() - the part of a user name that stays when credentials are renewed
 * @users: the set
 * @name: a user name that users_password() knows
 *
 * Return: (borrowed from @name) ACCOUNT of "EXPIRY:ACCOUNT", else the whole name.
 */
const char *users_account(const struct users *users, const char *name);

#endif
