/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_STUN_H
#define WGMESH_STUN_H

#include <glib.h>
#include <stdbool.h>

#include "endpoint.h"

/*
 * STUN messages, RFC 8489: reading without copying, writing without allocating.
 *
 * A message from the network goes through stun_parse() once; that checks every length in it, so
 * what the other functions read of it lies within the datagram.
 */

/* RFC 8489 section 8 */
#define STUN_DEFAULT_PORT 3478
#define STUN_DEFAULT_TLS_PORT 5349

#define STUN_HEADER_LEN 20
#define STUN_TRANSACTION_ID_LEN 12
#define STUN_MAGIC_COOKIE 0x2112a442
#define STUN_SHA1_LEN 20
#define STUN_SHA256_LEN 32
/* MESSAGE-INTEGRITY-SHA256 may be cut to this, RFC 8489 section 14.6. */
#define STUN_SHA256_MIN_LEN 16
/* The length field counts up to 0xfffc bytes after the header. */
#define STUN_MAX_LEN (STUN_HEADER_LEN + 0xfffc)

enum stun_class {
	STUN_CLASS_REQUEST = 0,
	STUN_CLASS_INDICATION = 1,
	STUN_CLASS_SUCCESS = 2,
	STUN_CLASS_ERROR = 3,
};

/* RFC 8489 section 18.2, RFC 8656 section 17 */
enum stun_method {
	STUN_METHOD_BINDING = 0x001,
	STUN_METHOD_ALLOCATE = 0x003,
	STUN_METHOD_REFRESH = 0x004,
	STUN_METHOD_SEND = 0x006,
	STUN_METHOD_DATA = 0x007,
	STUN_METHOD_CREATE_PERMISSION = 0x008,
	STUN_METHOD_CHANNEL_BIND = 0x009,
};

/* Below 0x8000: comprehension-required. RFC 8489 section 18.3, RFC 8656 section 18. */
enum stun_type {
	STUN_MAPPED_ADDRESS = 0x0001,
	STUN_USERNAME = 0x0006,
	STUN_MESSAGE_INTEGRITY = 0x0008,
	STUN_ERROR_CODE = 0x0009,
	STUN_UNKNOWN_ATTRIBUTES = 0x000a,
	STUN_CHANNEL_NUMBER = 0x000c,
	STUN_LIFETIME = 0x000d,
	STUN_XOR_PEER_ADDRESS = 0x0012,
	STUN_DATA = 0x0013,
	STUN_REALM = 0x0014,
	STUN_NONCE = 0x0015,
	STUN_XOR_RELAYED_ADDRESS = 0x0016,
	STUN_REQUESTED_ADDRESS_FAMILY = 0x0017,
	STUN_EVEN_PORT = 0x0018,
	STUN_REQUESTED_TRANSPORT = 0x0019,
	STUN_DONT_FRAGMENT = 0x001a,
	STUN_MESSAGE_INTEGRITY_SHA256 = 0x001c,
	STUN_PASSWORD_ALGORITHM = 0x001d,
	STUN_USERHASH = 0x001e,
	STUN_XOR_MAPPED_ADDRESS = 0x0020,
	STUN_RESERVATION_TOKEN = 0x0022,
	STUN_ADDITIONAL_ADDRESS_FAMILY = 0x8000,
	STUN_ADDRESS_ERROR_CODE = 0x8001,
	STUN_PASSWORD_ALGORITHMS = 0x8002,
	STUN_ALTERNATE_DOMAIN = 0x8003,
	STUN_ICMP = 0x8004,
	STUN_SOFTWARE = 0x8022,
	STUN_ALTERNATE_SERVER = 0x8023,
	STUN_FINGERPRINT = 0x8028,
	STUN_MOBILITY_TICKET = 0x8030,

	/* Of our own: the server is about to stop (docs/protocol.md section 5.7). */
	STUN_DRAINING = 0xc0d7,
	/* An account has ended, and in the answer: which run knows that (section 7). */
	STUN_REVOCATION = 0xc0d8,
};

/**
 * struct stun_message - a message that stun_parse() read
 * @data: (borrowed) the datagram
 * @len: length of @data in bytes
 * @attributes_end: offset where the attributes end that are to be looked at: nothing after
 *		    MESSAGE-INTEGRITY(-SHA256) counts but the other one and FINGERPRINT
 * @integrity: offset of MESSAGE-INTEGRITY, 0 when there is none
 * @integrity_sha256: offset of MESSAGE-INTEGRITY-SHA256, 0 when there is none
 * @method: 12 bits, an enum stun_method or another
 * @class: request, indication, success or error
 * @fingerprint: there is a FINGERPRINT, and it is right
 */
struct stun_message {
	const guint8 *data;
	gsize len;
	gsize attributes_end;
	gsize integrity;
	gsize integrity_sha256;
	guint16 method;
	enum stun_class class;
	bool fingerprint;
};

/**
 * struct stun_attribute - an attribute of a parsed message; zeroed, the place before the first
 * @value: (borrowed from the datagram) the value, unpadded
 * @len: length of @value in bytes
 * @type: an enum stun_type or another
 */
struct stun_attribute {
	const guint8 *value;
	guint16 len;
	guint16 type;
};

enum stun_verdict {
	STUN_OK,	/* well-formed throughout */
	STUN_NOT_STUN,	/* something else, or FINGERPRINT says so: drop it */
	STUN_MALFORMED, /* the header is STUN's and was read; the attributes do not fit together */
};

/**
 * stun_parse() - check a whole datagram and read its header
 * @msg: the result, which borrows @data; usable after STUN_OK, and for method, class and
 *	 transaction id after STUN_MALFORMED
 * @data: the datagram
 * @len: length of @data in bytes
 *
 * RFC 8489 section 6.3, with the cookie required (no RFC 3489 clients), the length field equal to
 * the rest of the datagram, and FINGERPRINT right and last where there is one.
 */
enum stun_verdict stun_parse(struct stun_message *msg, const void *data, gsize len);

/**
 * stun_transaction_id() - the transaction id of a message
 * @msg: the message
 *
 * Return: (borrowed from the datagram) STUN_TRANSACTION_ID_LEN bytes.
 */
const guint8 *stun_transaction_id(const struct stun_message *msg);

/**
 * stun_next() - go to the next attribute
 * @msg: the message
 * @attr: where we are; zero it to begin
 *
 * MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256 and FINGERPRINT do not show up, nor does what a
 * receiver has to ignore because it comes after them.
 *
 * Return: false after the last one.
 */
bool stun_next(const struct stun_message *msg, struct stun_attribute *attr);

/**
 * stun_find() - the first attribute of a type, the only one that counts of several
 * @msg: the message
 * @type: the type; none of those that stun_next() leaves out
 * @attr: the result
 */
bool stun_find(const struct stun_message *msg, enum stun_type type, struct stun_attribute *attr);

/**
 * stun_unknown() - collect the comprehension-required attributes a receiver does not know
 * @msg: the message
 * @known: the types it knows; those stun_next() leaves out need not be among them
 * @n_known: their number
 * @unknown: the result, each type once, in the order of the message
 * @max: how many fit there; more than that are not told
 *
 * Return: the number of elements in @unknown.
 */
gsize stun_unknown(const struct stun_message *msg, const guint16 *known, gsize n_known,
		   guint16 *unknown, gsize max);

/**
 * stun_get_address() - read MAPPED-ADDRESS, ALTERNATE-SERVER
 * @attr: the attribute
 * @ep: the result, as it was sent (see endpoint_canonicalise())
 *
 * RFC 8489 section 14.1.
 */
bool stun_get_address(const struct stun_attribute *attr, struct endpoint *ep);

/**
 * stun_get_xor_address() - read XOR-MAPPED-ADDRESS and its kin
 * @msg: the message it stands in
 * @attr: the attribute
 * @ep: the result, as it was sent (see endpoint_canonicalise())
 *
 * RFC 8489 section 14.2.
 */
bool stun_get_xor_address(const struct stun_message *msg, const struct stun_attribute *attr,
			  struct endpoint *ep);

/**
 * stun_get_error() - read ERROR-CODE
 * @attr: the attribute
 * @code: 300 to 699
 * @reason: (borrowed from the datagram, not terminated, any bytes) for people
 * @reason_len: length of @reason in bytes
 *
 * RFC 8489 section 14.8.
 */
bool stun_get_error(const struct stun_attribute *attr, guint *code, const char **reason,
		    gsize *reason_len);

/**
 * stun_get_unknown() - read UNKNOWN-ATTRIBUTES
 * @attr: the attribute
 * @types: the types go here, host byte order
 * @max: how many fit there; more than that are not read
 *
 * Return: the number of elements in @types. RFC 8489 section 14.13.
 */
gsize stun_get_unknown(const struct stun_attribute *attr, guint16 *types, gsize max);

enum stun_integrity {
	STUN_INTEGRITY_ABSENT,
	STUN_INTEGRITY_WRONG,
	STUN_INTEGRITY_RIGHT,
};

/**
 * stun_check_integrity() - verify MESSAGE-INTEGRITY (HMAC-SHA1), in constant time
 * @msg: the message
 * @key: the key; not empty
 * @key_len: length of @key in bytes
 *
 * RFC 8489 section 14.5.
 */
enum stun_integrity stun_check_integrity(const struct stun_message *msg, const void *key,
					 gsize key_len);

/**
 * stun_check_integrity_sha256() - verify MESSAGE-INTEGRITY-SHA256, in constant time
 * @msg: the message
 * @key: the key; not empty
 * @key_len: length of @key in bytes
 * @min_len: the shortest value the usage allows: STUN_SHA256_LEN unless it says that it may be cut;
 *	     less than STUN_SHA256_MIN_LEN is never allowed
 *
 * RFC 8489 section 14.6.
 */
enum stun_integrity stun_check_integrity_sha256(const struct stun_message *msg, const void *key,
						gsize key_len, gsize min_len);

/**
 * struct stun_builder - a message being written
 * @buf: (borrowed) the caller's buffer, a complete message after every step
 * @size: size of @buf in bytes
 * @len: bytes written
 * @failed: something did not fit or could not be expressed; later steps do nothing
 */
struct stun_builder {
	guint8 *buf;
	gsize size;
	gsize len;
	bool failed;
};

/**
 * stun_begin() - write the header
 * @b: the builder, initialised here
 * @buf: where the message goes; must outlive @b
 * @size: room there in bytes; what is above STUN_MAX_LEN is not used
 * @class: request, indication, success or error
 * @method: 12 bits
 * @transaction_id: STUN_TRANSACTION_ID_LEN bytes, random for a new request, else the request's
 *
 * Write attributes in the order: all others, stun_add_integrity(), stun_add_integrity_sha256(),
 * stun_add_fingerprint(). Check only stun_end().
 */
void stun_begin(struct stun_builder *b, void *buf, gsize size, enum stun_class class,
		guint16 method, const guint8 *transaction_id);

/**
 * stun_end() - finish a message
 * @b: the builder
 *
 * Return: the length of the message in bytes; 0 when a step failed.
 */
gsize stun_end(const struct stun_builder *b);

/**
 * stun_add() - append an attribute
 * @b: the builder
 * @type: its type
 * @value: its value
 * @len: length of @value in bytes; it is padded with zeros
 */
void stun_add(struct stun_builder *b, guint16 type, const void *value, gsize len);

/**
 * stun_add_in_place() - append an attribute whose value stands where it has to
 * @b: the builder
 * @type: its type
 * @len: length of the value, which the buffer holds behind what was written and the 4 bytes of the
 *	 attribute's header
 *
 * For large payloads, which need not be copied.
 */
void stun_add_in_place(struct stun_builder *b, guint16 type, gsize len);

/**
 * stun_add_address() - append MAPPED-ADDRESS, ALTERNATE-SERVER; see stun_get_address()
 * @b: the builder
 * @type: its type
 * @ep: the endpoint; must be set
 */
void stun_add_address(struct stun_builder *b, guint16 type, const struct endpoint *ep);

/**
 * stun_add_xor_address() - append XOR-MAPPED-ADDRESS and its kin; see stun_get_xor_address()
 * @b: the builder
 * @type: its type
 * @ep: the endpoint; must be set
 */
void stun_add_xor_address(struct stun_builder *b, guint16 type, const struct endpoint *ep);

/**
 * stun_add_error() - append ERROR-CODE
 * @b: the builder
 * @code: 300 to 699
 * @reason: for people, UTF-8, fewer than 128 characters; may be ""
 */
void stun_add_error(struct stun_builder *b, guint code, const char *reason);

/**
 * stun_add_unknown() - append UNKNOWN-ATTRIBUTES
 * @b: the builder
 * @types: the types, host byte order
 * @n: their number
 */
void stun_add_unknown(struct stun_builder *b, const guint16 *types, gsize n);

/**
 * stun_add_integrity() - append MESSAGE-INTEGRITY (HMAC-SHA1) over what is there so far
 * @b: the builder
 * @key: the key; not empty
 * @key_len: length of @key in bytes
 */
void stun_add_integrity(struct stun_builder *b, const void *key, gsize key_len);

/**
 * stun_add_integrity_sha256() - append MESSAGE-INTEGRITY-SHA256 over what is there so far
 * @b: the builder
 * @key: the key; not empty
 * @key_len: length of @key in bytes
 * @mac_len: bytes of the HMAC to send: STUN_SHA256_LEN, or less where the usage allows it, a
 *	     multiple of 4 from STUN_SHA256_MIN_LEN on
 */
void stun_add_integrity_sha256(struct stun_builder *b, const void *key, gsize key_len,
			       gsize mac_len);

/**
 * stun_add_fingerprint() - append FINGERPRINT; the last attribute
 * @b: the builder
 *
 * RFC 8489 section 14.7.
 */
void stun_add_fingerprint(struct stun_builder *b);

#endif
