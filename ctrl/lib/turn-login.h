/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_TURN_LOGIN_H
#define WGMESH_TURN_LOGIN_H

#include "stun.h"

/*
 * The client's side of the long-term credential mechanism, RFC 8489 section 9.2: the server's
 * challenge, and requests that are signed with what it asks for.
 */

/**
 * struct turn_login - credentials, and what the server last said it wants of them
 */
typedef struct turn_login turn_login;

/**
 * turn_login_new() - credentials that no server has challenged yet
 * @username: UTF-8
 * @password: UTF-8
 *
 * Return: (owned by the caller) the login; turn_login_free() it.
 */
struct turn_login *turn_login_new(const char *username, const char *password);

/**
 * turn_login_ref() - keep a login for another user of it
 * @login: the login
 *
 * Return: (owned by the caller) the same login; turn_login_free() it once more.
 */
struct turn_login *turn_login_ref(struct turn_login *login);

/**
 * turn_login_free() - overwrite and free it, unless others still use it
 * @login: a login, or NULL
 */
void turn_login_free(struct turn_login *login);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(turn_login, turn_login_free)

/**
 * turn_login_renew() - other credentials for the same server
 * @login: a login, which stays what it is: answers to what it signed may still come
 * @username: UTF-8
 * @password: UTF-8
 *
 * Return: (owned by the caller) a login with the challenge of @login; turn_login_free() it.
 */
struct turn_login *turn_login_renew(const struct turn_login *login, const char *username,
				    const char *password);

/**
 * turn_login_challenge() - read what the server wants from its answer 401 or 438
 * @login: the login
 * @answer: the answer
 *
 * Return: false when it does not say, so that trying again is of no use.
 */
bool turn_login_challenge(struct turn_login *login, const struct stun_message *answer);

/**
 * turn_login_sign() - sign a request
 * @login: the login; without a challenge nothing is added: the answer brings one
 * @b: the request, complete but for FINGERPRINT
 *
 * With SHA-256 when the server knows it.
 */
void turn_login_sign(const struct turn_login *login, struct stun_builder *b);

/**
 * turn_login_verify() - whether an answer to a signed request is the server's
 * @login: the login
 * @answer: the answer
 */
bool turn_login_verify(const struct turn_login *login, const struct stun_message *answer);

#endif
