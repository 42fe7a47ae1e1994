// SPDX-License-Identifier: GPL-2.0
/* Reading and writing STUN messages. */
#include "stun.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "bigendian.h"

#define ATTRIBUTE_HEADER_LEN 4
#define FINGERPRINT_XOR 0x5354554e

/* The address families of STUN, RFC 8489 section 14.1. */
#define FAMILY_IPV4 0x01
#define FAMILY_IPV6 0x02

static gsize padded(gsize len)
{
	return (len + 3) & ~(gsize)3;
}

/* CRC-32 of ISO 3309, four bits at a time. */
static guint32 crc32(const guint8 *data, gsize len)
{
	static const guint32 table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	guint32 crc = 0xffffffff;

	for (; len; data++, len--) {
		crc = table[(crc ^ *data) & 0xf] ^ crc >> 4;
		crc = table[(crc ^ *data >> 4) & 0xf] ^ crc >> 4;
	}
	return ~crc;
}

/*
 * HMAC over a message as if it ended with the integrity attribute at offset, whose value is mac_len
 * long: the length field is counted so, whatever follows. RFC 8489 sections 14.5 and 14.6.
 */
static bool message_mac(gnutls_mac_algorithm_t algorithm, const guint8 *data, gsize offset,
			gsize mac_len, const void *key, gsize key_len, guint8 *mac)
{
	guint8 header[STUN_HEADER_LEN];
	gnutls_hmac_hd_t hmac;

	memcpy(header, data, sizeof(header));
	put16(header + 2, offset + ATTRIBUTE_HEADER_LEN + mac_len - STUN_HEADER_LEN);

	if (gnutls_hmac_init(&hmac, algorithm, key, key_len) < 0)
		return false;
	gnutls_hmac(hmac, header, sizeof(header));
	gnutls_hmac(hmac, data + STUN_HEADER_LEN, offset - STUN_HEADER_LEN);
	gnutls_hmac_deinit(hmac, mac);
	return true;
}

/* The class is two bits of the type, 4 and 8; the method is the others. RFC 8489 section 5. */
static void split_type(guint16 type, enum stun_class *class, guint16 *method)
{
	*class = (type >> 7 & 2) | (type >> 4 & 1);
	*method = (type & 0x000f) | (type >> 1 & 0x0070) | (type >> 2 & 0x0f80);
}

static guint16 join_type(enum stun_class class, guint16 method)
{
	return (method & 0x000f) | (method & 0x0070) << 1 | (method & 0x0f80) << 2 |
	       (class & 2) << 7 | (class & 1) << 4;
}

/* Whether the attribute at offset lies within the message, and which one it is. */
static bool read_attribute(const guint8 *data, gsize len, gsize offset,
			   struct stun_attribute *attr)
{
	if (len - offset < ATTRIBUTE_HEADER_LEN)
		return false;
	attr->type = get16(data + offset);
	attr->len = get16(data + offset + 2);
	attr->value = data + offset + ATTRIBUTE_HEADER_LEN;
	return padded(attr->len) <= len - offset - ATTRIBUTE_HEADER_LEN;
}

static enum stun_verdict check_fingerprint(struct stun_message *msg,
					   const struct stun_attribute *attr, gsize offset)
{
	if (attr->len != 4 || offset + ATTRIBUTE_HEADER_LEN + 4 != msg->len)
		return STUN_MALFORMED;
	if (get32(attr->value) != (crc32(msg->data, offset) ^ FINGERPRINT_XOR))
		return STUN_NOT_STUN;
	msg->fingerprint = true;
	return STUN_OK;
}

/*
 * Note where the attributes stand that guard the ones before them. What comes after one of these
 * is not covered by it and is ignored, but for the next stronger guard.
 */
static enum stun_verdict note_guard(struct stun_message *msg, const struct stun_attribute *attr,
				    gsize offset)
{
	enum stun_verdict verdict = STUN_OK;

	switch (attr->type) {
	case STUN_MESSAGE_INTEGRITY:
		if (!msg->integrity && !msg->integrity_sha256)
			msg->integrity = offset;
		break;
	case STUN_MESSAGE_INTEGRITY_SHA256:
		if (!msg->integrity_sha256)
			msg->integrity_sha256 = offset;
		break;
	case STUN_FINGERPRINT:
		verdict = check_fingerprint(msg, attr, offset);
		break;
	default:
		return STUN_OK;
	}
	msg->attributes_end = MIN(msg->attributes_end, offset);
	return verdict;
}

static enum stun_verdict parse_attributes(struct stun_message *msg)
{
	struct stun_attribute attr;
	enum stun_verdict verdict;
	gsize offset;

	msg->attributes_end = msg->len;
	for (offset = STUN_HEADER_LEN; offset < msg->len;
	     offset += ATTRIBUTE_HEADER_LEN + padded(attr.len)) {
		if (!read_attribute(msg->data, msg->len, offset, &attr))
			return STUN_MALFORMED;
		verdict = note_guard(msg, &attr, offset);
		if (verdict != STUN_OK)
			return verdict;
	}
	return STUN_OK;
}

enum stun_verdict stun_parse(struct stun_message *msg, const void *data, gsize len)
{
	const guint8 *header = data;

	*msg = (struct stun_message){ .data = data, .len = len };

	if (len < STUN_HEADER_LEN || len % 4 || (header[0] & 0xc0) ||
	    get32(header + 4) != STUN_MAGIC_COOKIE ||
	    get16(header + 2) != len - STUN_HEADER_LEN)
		return STUN_NOT_STUN;

	split_type(get16(header), &msg->class, &msg->method);
	return parse_attributes(msg);
}

const guint8 *stun_transaction_id(const struct stun_message *msg)
{
	return msg->data + STUN_HEADER_LEN - STUN_TRANSACTION_ID_LEN;
}

bool stun_next(const struct stun_message *msg, struct stun_attribute *attr)
{
	gsize offset = STUN_HEADER_LEN;

	if (attr->value)
		offset = attr->value - msg->data + padded(attr->len);
	if (offset >= msg->attributes_end)
		return false;
	return read_attribute(msg->data, msg->attributes_end, offset, attr);
}

bool stun_find(const struct stun_message *msg, enum stun_type type, struct stun_attribute *attr)
{
	struct stun_attribute here = {};

	while (stun_next(msg, &here)) {
		if (here.type == type) {
			*attr = here;
			return true;
		}
	}
	return false;
}

static bool contains(const guint16 *types, gsize n, guint16 type)
{
	for (gsize i = 0; i < n; i++)
		if (types[i] == type)
			return true;
	return false;
}

gsize stun_unknown(const struct stun_message *msg, const guint16 *known, gsize n_known,
		   guint16 *unknown, gsize max)
{
	struct stun_attribute attr = {};
	gsize n = 0;

	while (n < max && stun_next(msg, &attr))
		if (attr.type < 0x8000 && !contains(known, n_known, attr.type) &&
		    !contains(unknown, n, attr.type))
			unknown[n++] = attr.type;
	return n;
}

/*
 * An address attribute: a byte to ignore, the family, the port, the address. In the xored form
 * the port and the address are xored with the cookie and the transaction id, which follow each
 * other in the header, so that NATs that rewrite addresses in payloads do not recognise them.
 */
static bool get_address(const struct stun_attribute *attr, const guint8 *mask, struct endpoint *ep)
{
	guint8 address[16], family;
	gsize len, i;

	if (attr->len < 4)
		return false;
	family = attr->value[1];
	len = family == FAMILY_IPV4 ? 4 : 16;
	if ((family != FAMILY_IPV4 && family != FAMILY_IPV6) || attr->len != 4 + len)
		return false;

	for (i = 0; i < len; i++)
		address[i] = attr->value[4 + i] ^ mask[i];
	return endpoint_from_address(ep, address, len, get16(attr->value + 2) ^ get16(mask));
}

static const guint8 no_mask[16];

bool stun_get_address(const struct stun_attribute *attr, struct endpoint *ep)
{
	return get_address(attr, no_mask, ep);
}

bool stun_get_xor_address(const struct stun_message *msg, const struct stun_attribute *attr,
			  struct endpoint *ep)
{
	return get_address(attr, msg->data + 4, ep);
}

bool stun_get_error(const struct stun_attribute *attr, guint *code, const char **reason,
		    gsize *reason_len)
{
	guint class, number;

	if (attr->len < 4)
		return false;
	class = attr->value[2] & 7;
	number = attr->value[3];
	if (class < 3 || class > 6 || number > 99)
		return false;
	*code = class * 100 + number;
	*reason = (const char *)attr->value + 4;
	*reason_len = attr->len - 4;
	return true;
}

gsize stun_get_unknown(const struct stun_attribute *attr, guint16 *types, gsize max)
{
	gsize n = MIN(attr->len / 2u, max);

	for (gsize i = 0; i < n; i++)
		types[i] = get16(attr->value + 2 * i);
	return n;
}

enum stun_integrity stun_check_integrity(const struct stun_message *msg, const void *key,
					 gsize key_len)
{
	struct stun_attribute attr;
	guint8 mac[STUN_SHA1_LEN];

	if (!msg->integrity)
		return STUN_INTEGRITY_ABSENT;
	if (!read_attribute(msg->data, msg->len, msg->integrity, &attr) ||
	    attr.len != STUN_SHA1_LEN || !key_len ||
	    !message_mac(GNUTLS_MAC_SHA1, msg->data, msg->integrity, attr.len, key, key_len, mac) ||
	    gnutls_memcmp(mac, attr.value, attr.len))
		return STUN_INTEGRITY_WRONG;
	return STUN_INTEGRITY_RIGHT;
}

static bool sha256_len_valid(gsize len)
{
	return len >= STUN_SHA256_MIN_LEN && len <= STUN_SHA256_LEN && len % 4 == 0;
}

enum stun_integrity stun_check_integrity_sha256(const struct stun_message *msg, const void *key,
						gsize key_len, gsize min_len)
{
	struct stun_attribute attr;
	guint8 mac[STUN_SHA256_LEN];

	if (!msg->integrity_sha256)
		return STUN_INTEGRITY_ABSENT;
	if (!read_attribute(msg->data, msg->len, msg->integrity_sha256, &attr) ||
	    !sha256_len_valid(attr.len) || attr.len < min_len || !key_len ||
	    !message_mac(GNUTLS_MAC_SHA256, msg->data, msg->integrity_sha256, attr.len, key,
			 key_len, mac) ||
	    gnutls_memcmp(mac, attr.value, attr.len))
		return STUN_INTEGRITY_WRONG;
	return STUN_INTEGRITY_RIGHT;
}

void stun_begin(struct stun_builder *b, void *buf, gsize size, enum stun_class class,
		guint16 method, const guint8 *transaction_id)
{
	*b = (struct stun_builder){ .buf = buf, .size = MIN(size, STUN_MAX_LEN) };

	if (b->size < STUN_HEADER_LEN || method > 0xfff) {
		b->failed = true;
		return;
	}
	put16(b->buf, join_type(class, method));
	put16(b->buf + 2, 0);
	put32(b->buf + 4, STUN_MAGIC_COOKIE);
	memcpy(b->buf + 8, transaction_id, STUN_TRANSACTION_ID_LEN);
	b->len = STUN_HEADER_LEN;
}

gsize stun_end(const struct stun_builder *b)
{
	return b->failed ? 0 : b->len;
}

/* Room for an attribute, its header and padding written; NULL when it does not fit. */
static guint8 *append(struct stun_builder *b, guint16 type, gsize len)
{
	guint8 *attribute = b->buf + b->len;

	if (b->failed || len > G_MAXUINT16 ||
	    b->size - b->len < ATTRIBUTE_HEADER_LEN + padded(len)) {
		b->failed = true;
		return NULL;
	}
	put16(attribute, type);
	put16(attribute + 2, len);
	memset(attribute + ATTRIBUTE_HEADER_LEN + len, 0, padded(len) - len);
	b->len += ATTRIBUTE_HEADER_LEN + padded(len);
	put16(b->buf + 2, b->len - STUN_HEADER_LEN);
	return attribute + ATTRIBUTE_HEADER_LEN;
}

void stun_add(struct stun_builder *b, guint16 type, const void *value, gsize len)
{
	guint8 *to = append(b, type, len);

	if (to && len)
		memcpy(to, value, len);
}

void stun_add_in_place(struct stun_builder *b, guint16 type, gsize len)
{
	append(b, type, len);
}

static void add_address(struct stun_builder *b, guint16 type, const guint8 *mask,
			const struct endpoint *ep)
{
	const guint8 *address;
	guint8 *to;
	gsize len, i;

	address = endpoint_address(ep, &len);
	to = address ? append(b, type, 4 + len) : NULL;
	if (!to) {
		b->failed = true;
		return;
	}
	to[0] = 0;
	to[1] = len == 4 ? FAMILY_IPV4 : FAMILY_IPV6;
	put16(to + 2, endpoint_port(ep) ^ get16(mask));
	for (i = 0; i < len; i++)
		to[4 + i] = address[i] ^ mask[i];
}

void stun_add_address(struct stun_builder *b, guint16 type, const struct endpoint *ep)
{
	add_address(b, type, no_mask, ep);
}

void stun_add_xor_address(struct stun_builder *b, guint16 type, const struct endpoint *ep)
{
	add_address(b, type, b->failed ? no_mask : b->buf + 4, ep);
}

void stun_add_error(struct stun_builder *b, guint code, const char *reason)
{
	gsize reason_len = strlen(reason);
	guint8 *to = NULL;

	if (code >= 300 && code <= 699 && g_utf8_validate(reason, reason_len, NULL) &&
	    g_utf8_strlen(reason, reason_len) < 128)
		to = append(b, STUN_ERROR_CODE, 4 + reason_len);
	if (!to) {
		b->failed = true;
		return;
	}
	put16(to, 0);
	to[2] = code / 100;
	to[3] = code % 100;
	memcpy(to + 4, reason, reason_len);
}

void stun_add_unknown(struct stun_builder *b, const guint16 *types, gsize n)
{
	guint8 *to = append(b, STUN_UNKNOWN_ATTRIBUTES, n * 2);

	for (gsize i = 0; to && i < n; i++)
		put16(to + 2 * i, types[i]);
}

static void add_mac(struct stun_builder *b, guint16 type, gnutls_mac_algorithm_t algorithm,
		    const void *key, gsize key_len, gsize mac_len)
{
	gsize offset = b->len;
	guint8 mac[STUN_SHA256_LEN];
	guint8 *to = append(b, type, mac_len);

	if (!to)
		return;
	if (!key_len || !message_mac(algorithm, b->buf, offset, mac_len, key, key_len, mac)) {
		b->failed = true;
		return;
	}
	memcpy(to, mac, mac_len);
}

void stun_add_integrity(struct stun_builder *b, const void *key, gsize key_len)
{
	add_mac(b, STUN_MESSAGE_INTEGRITY, GNUTLS_MAC_SHA1, key, key_len, STUN_SHA1_LEN);
}

void stun_add_integrity_sha256(struct stun_builder *b, const void *key, gsize key_len,
			       gsize mac_len)
{
	if (!sha256_len_valid(mac_len)) {
		b->failed = true;
		return;
	}
	add_mac(b, STUN_MESSAGE_INTEGRITY_SHA256, GNUTLS_MAC_SHA256, key, key_len, mac_len);
}

void stun_add_fingerprint(struct stun_builder *b)
{
	gsize offset = b->len;
	guint8 *to = append(b, STUN_FINGERPRINT, 4);

	/* The length field counts the attribute itself already, as section 14.7 wants it. */
	if (to)
		put32(to, crc32(b->buf, offset) ^ FINGERPRINT_XOR);
}
