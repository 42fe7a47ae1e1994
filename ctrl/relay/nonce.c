// SPDX-License-Identifier: GPL-2.0
/* Nonces that need not be stored: the time, and a keyed hash of time and client. */
#include "nonce.h"

#include <sodium.h>
#include <string.h>

#define COOKIE "obMatJos2"
#define COOKIE_LEN (sizeof(COOKIE) - 1)
#define FEATURES_LEN 4
#define PREFIX_LEN (COOKIE_LEN + FEATURES_LEN)

/*
 * The 24 bits of features in base64: bit 0 is "password algorithms", bit 1 "username anonymity".
 * RFC 8489 section 18.1 as erratum 6290 corrects it, and as the example in appendix B.1 has it:
 * bit 0 is the rightmost.
 */
#define PASSWORD_ALGORITHMS "AAAB"
#define PASSWORD_ALGORITHMS_AND_ANONYMITY "AAAD"

#define MAC_LEN crypto_shorthash_BYTES

/**
 * struct nonces - see nonce.h
 * @key: of the hash
 * @prefix: of each nonce: the cookie, and security features
 */
struct nonces {
	guint8 key[NONCE_KEY_LEN];
	char prefix[PREFIX_LEN + 1];
};

/**
 * struct stamp - what is behind the prefix of a nonce, before base64
 * @time: when the nonce was made: seconds, big endian
 * @mac: keyed hash of that time and the client
 */
struct stamp {
	guint8 time[4];
	guint8 mac[MAC_LEN];
};

G_STATIC_ASSERT(NONCE_KEY_LEN == crypto_shorthash_KEYBYTES);
G_STATIC_ASSERT(NONCE_LEN == PREFIX_LEN + sizeof(struct stamp) / 3 * 4);
G_STATIC_ASSERT(sizeof(struct stamp) % 3 == 0);

struct nonces *nonces_new(const guint8 *key, bool anonymity)
{
	struct nonces *nonces = g_new0(struct nonces, 1);

	memcpy(nonces->key, key, sizeof(nonces->key));
	g_strlcpy(nonces->prefix, anonymity ? COOKIE PASSWORD_ALGORITHMS_AND_ANONYMITY :
					      COOKIE PASSWORD_ALGORITHMS, sizeof(nonces->prefix));
	return nonces;
}

void nonces_free(struct nonces *nonces)
{
	if (nonces)
		sodium_memzero(nonces->key, sizeof(nonces->key));
	g_free(nonces);
}

static void compute_mac(const struct nonces *nonces, const struct endpoint *client,
			const guint8 time[static 4], guint8 mac[static MAC_LEN])
{
	const guint16 port = GUINT16_TO_BE(endpoint_port(client));
	guint8 input[4 + 2 + 16] = {};
	const guint8 *address;
	gsize len;

	/* The length tells the families apart. */
	address = endpoint_address(client, &len);
	memcpy(input, time, 4);
	memcpy(input + 4, &port, 2);
	if (address)
		memcpy(input + 6, address, len);
	crypto_shorthash(mac, input, 6 + len, nonces->key);
}

void nonce_make(const struct nonces *nonces, const struct endpoint *client, gint64 now_us,
		char *nonce)
{
	const guint32 now_s = GUINT32_TO_BE((guint32)(now_us / G_USEC_PER_SEC));
	char encoded[sizeof(struct stamp) / 3 * 4 + 1];
	struct stamp stamp;

	memcpy(stamp.time, &now_s, sizeof(stamp.time));
	compute_mac(nonces, client, stamp.time, stamp.mac);
	sodium_bin2base64(encoded, sizeof(encoded), (const guint8 *)&stamp, sizeof(stamp),
			  sodium_base64_VARIANT_ORIGINAL);
	memcpy(nonce, nonces->prefix, PREFIX_LEN);
	memcpy(nonce + PREFIX_LEN, encoded, sizeof(encoded) - 1);
}

bool nonce_is_valid(const struct nonces *nonces, const struct endpoint *client, gint64 now_us,
		    const void *nonce, gsize len)
{
	guint8 mac[MAC_LEN];
	struct stamp stamp;
	guint32 time;
	gsize decoded;

	if (len != NONCE_LEN || memcmp(nonce, nonces->prefix, PREFIX_LEN) != 0 ||
	    sodium_base642bin((guint8 *)&stamp, sizeof(stamp), (const char *)nonce + PREFIX_LEN,
			      len - PREFIX_LEN, NULL, &decoded, NULL,
			      sodium_base64_VARIANT_ORIGINAL) < 0 ||
	    decoded != sizeof(stamp))
		return false;
	compute_mac(nonces, client, stamp.time, mac);
	memcpy(&time, stamp.time, sizeof(time));
	return sodium_memcmp(mac, stamp.mac, sizeof(mac)) == 0 &&
	       (guint32)(now_us / G_USEC_PER_SEC) - GUINT32_FROM_BE(time) < NONCE_LIFETIME_S;
}

bool nonce_has_cookie(const void *nonce, gsize len)
{
	guint8 features[3];
	gsize decoded;

	return len >= PREFIX_LEN && memcmp(nonce, COOKIE, COOKIE_LEN) == 0 &&
	       sodium_base642bin(features, sizeof(features), (const char *)nonce + COOKIE_LEN,
				 FEATURES_LEN, NULL, &decoded, NULL,
				 sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       decoded == sizeof(features) && (features[2] & 0x01);
}
