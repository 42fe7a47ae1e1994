// SPDX-License-Identifier: GPL-2.0
/* The client's side of the long-term credential mechanism. */
#include "turn-login.h"

#include <gnutls/crypto.h>
#include <sodium.h>
#include <string.h>

#include "turn-key.h"

/* Bytes; RFC 8489 sections 14.9 and 14.10 allow 127 characters. */
#define TEXT_MAX 763

/* At the beginning of a nonce: security features follow, so downgrading shows (section 9.2). */
#define NONCE_COOKIE "obMatJos2"

/* How many password algorithms of the server are looked at; more than that are not known. */
#define ALGORITHMS_MAX 64

/**
 * struct turn_login - see turn-login.h
 * @username: the user
 * @password: of the user
 * @realm: of the challenge; NULL before the first
 * @nonce: of the challenge
 * @algorithms: value of PASSWORD-ALGORITHMS, to be sent back; NULL when there was none
 * @algorithm: the one that was chosen
 * @key: made of user name, realm and password
 * @key_len: length of @key in bytes
 */
struct turn_login {
	char *username;
	char *password;
	GBytes *realm;
	GBytes *nonce;
	GBytes *algorithms;
	enum turn_key_algorithm algorithm;
	guint8 key[TURN_KEY_MAX];
	gsize key_len;
};

static void wipe(char *text)
{
	if (text)
		sodium_memzero(text, strlen(text));
	g_free(text);
}

struct turn_login *turn_login_new(const char *username, const char *password)
{
	struct turn_login *login = g_rc_box_new0(struct turn_login);

	login->username = g_strdup(username);
	login->password = g_strdup(password);
	return login;
}

static void clear_login(void *data)
{
	struct turn_login *login = data;

	g_free(login->username);
	wipe(login->password);
	g_clear_pointer(&login->realm, g_bytes_unref);
	g_clear_pointer(&login->nonce, g_bytes_unref);
	g_clear_pointer(&login->algorithms, g_bytes_unref);
	sodium_memzero(login->key, sizeof(login->key));
}

struct turn_login *turn_login_ref(struct turn_login *login)
{
	return g_rc_box_acquire(login);
}

void turn_login_free(struct turn_login *login)
{
	if (login)
		g_rc_box_release_full(login, clear_login);
}

static bool derive(struct turn_login *login)
{
	gsize len;
	const char *data = g_bytes_get_data(login->realm, &len);
	g_autofree char *realm = g_strndup(data, len);

	login->key_len = turn_key_derive(login->algorithm, login->username, realm, login->password,
					 login->key);
	return login->key_len;
}

static GBytes *share(GBytes *bytes)
{
	return bytes ? g_bytes_ref(bytes) : NULL;
}

struct turn_login *turn_login_renew(const struct turn_login *login, const char *username,
				    const char *password)
{
	struct turn_login *renewed = turn_login_new(username, password);

	renewed->realm = share(login->realm);
	renewed->nonce = share(login->nonce);
	renewed->algorithms = share(login->algorithms);
	renewed->algorithm = login->algorithm;
	if (renewed->realm)
		derive(renewed);
	return renewed;
}

static bool take(const struct stun_message *answer, enum stun_type type, GBytes **to)
{
	struct stun_attribute attr;

	if (!stun_find(answer, type, &attr) || !attr.len || attr.len > TEXT_MAX)
		return false;
	g_clear_pointer(to, g_bytes_unref);
	*to = g_bytes_new(attr.value, attr.len);
	return true;
}

/* The entry of an algorithm in PASSWORD-ALGORITHMS; all that we know have no parameters. */
static bool offers(const struct stun_attribute *attr, enum turn_key_algorithm algorithm)
{
	const guint8 wanted[] = { algorithm >> 8, algorithm, 0, 0 };
	gsize at = 0;

	while (at + 4 <= attr->len) {
		if (memcmp(attr->value + at, wanted, sizeof(wanted)) == 0)
			return true;
		at += 4 + (((attr->value[at + 2] << 8 | attr->value[at + 3]) + 3) & ~3);
	}
	return false;
}

/* Without the cookie the attribute may be somebody else's work, and does not count. */
static bool choose_algorithm(struct turn_login *login, const struct stun_message *answer)
{
	struct stun_attribute attr;
	gsize len;
	const char *nonce = g_bytes_get_data(login->nonce, &len);

	g_clear_pointer(&login->algorithms, g_bytes_unref);
	login->algorithm = TURN_KEY_MD5;
	if (len < strlen(NONCE_COOKIE) || memcmp(nonce, NONCE_COOKIE, strlen(NONCE_COOKIE)) != 0 ||
	    !stun_find(answer, STUN_PASSWORD_ALGORITHMS, &attr) || attr.len > ALGORITHMS_MAX)
		return true;
	if (offers(&attr, TURN_KEY_SHA256))
		login->algorithm = TURN_KEY_SHA256;
	else if (!offers(&attr, TURN_KEY_MD5))
		return false;
	login->algorithms = g_bytes_new(attr.value, attr.len);
	return true;
}

bool turn_login_challenge(struct turn_login *login, const struct stun_message *answer)
{
	return take(answer, STUN_REALM, &login->realm) && take(answer, STUN_NONCE, &login->nonce) &&
	       choose_algorithm(login, answer) && derive(login);
}

static void add(struct stun_builder *b, enum stun_type type, GBytes *value)
{
	gsize len;
	const void *data = g_bytes_get_data(value, &len);

	stun_add(b, type, data, len);
}

void turn_login_sign(const struct turn_login *login, struct stun_builder *b)
{
	const guint8 chosen[] = { login->algorithm >> 8, login->algorithm, 0, 0 };

	if (!login->realm)
		return;
	stun_add(b, STUN_USERNAME, login->username, strlen(login->username));
	add(b, STUN_REALM, login->realm);
	add(b, STUN_NONCE, login->nonce);
	if (login->algorithms) {
		add(b, STUN_PASSWORD_ALGORITHMS, login->algorithms);
		stun_add(b, STUN_PASSWORD_ALGORITHM, chosen, sizeof(chosen));
		stun_add_integrity_sha256(b, login->key, login->key_len, STUN_SHA256_LEN);
	} else {
		stun_add_integrity(b, login->key, login->key_len);
	}
}

bool turn_login_verify(const struct turn_login *login, const struct stun_message *answer)
{
	if (!login->key_len)
		return false;
	if (login->algorithms)
		return stun_check_integrity_sha256(answer, login->key, login->key_len,
						   STUN_SHA256_LEN) == STUN_INTEGRITY_RIGHT;
	return stun_check_integrity(answer, login->key, login->key_len) == STUN_INTEGRITY_RIGHT;
}
