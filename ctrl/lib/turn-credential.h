/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_TURN_CREDENTIAL_H
#define WGMESH_TURN_CREDENTIAL_H

#include <glib.h>
#include <stdbool.h>

/*
 * Credentials that one server makes for users of another, a TURN server, by a secret that both
 * know: user name "EXPIRY[:ACCOUNT]" with EXPIRY in seconds since 1970, password the base64 of
 * HMAC-SHA1(secret, user name). The TURN server stores nothing of its users.
 */

/* Bytes. */
#define TURN_CREDENTIAL_SECRET_MAX 1024

/*
 * The shortest. A user name and what is signed with its password cross the net in the clear, so whoever
 * hears one request can try out secrets at home.
 */
#define TURN_CREDENTIAL_SECRET_MIN 16

/**
 * turn_credential_name() - the user name of an account until some time
 * @expires_s: the time, seconds since 1970
 * @account: the account, which stays the same when credentials are renewed
 *
 * Return: (owned by the caller) the name; g_free() it.
 */
char *turn_credential_name(gint64 expires_s, const char *account);

/**
 * turn_credential_parse() - take a user name apart
 * @name: the name, as it was sent
 * @expires_s: EXPIRY goes here
 * @account: (borrowed from @name) ACCOUNT goes here; NULL when there is none
 *
 * Return: whether it is a name of this form; nothing is set when it is not.
 */
bool turn_credential_parse(const char *name, gint64 *expires_s, const char **account);

/**
 * turn_credential_password() - the password that belongs to a user name
 * @secret: what both servers know
 * @name: the user name
 *
 * Return: (owned by the caller) the password; turn_credential_free() it. NULL when the library
 * that computes it fails.
 */
char *turn_credential_password(const char *secret, const char *name);

/**
 * turn_credential_check_secret() - whether a text can be a secret that a file's first line holds
 * @text: the text
 * @error: G_IO_ERROR_NOT_FOUND: there is none; G_IO_ERROR_INVALID_ARGUMENT: why it cannot, and what
 *	   makes a better one
 */
bool turn_credential_check_secret(const char *text, GError **error);

/**
 * turn_credential_new_secret() - draw a secret
 *
 * Return: (owned by the caller) 32 random bytes in base64; turn_credential_free() it.
 */
char *turn_credential_new_secret(void);

/**
 * turn_credential_read_secret() - take a secret from a file
 * @path: a file that only its owner and its group may read; the secret is its first line
 * @error: G_IO_ERROR: what is wrong with it; NOT_FOUND when there is no secret
 *
 * What systemd hands over as a credential belongs to root and has a group that is an access list
 * with the service's user in it, so the group may read.
 *
 * Return: (owned by the caller) the secret; turn_credential_free() it. NULL on error.
 */
char *turn_credential_read_secret(const char *path, GError **error);

/**
 * turn_credential_free() - overwrite and free a secret or a password
 * @text: the text, or NULL
 */
void turn_credential_free(char *text);

#endif
