/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_JOINSTRING_H
#define WGMESH_JOINSTRING_H

#include <glib.h>
#include <stdbool.h>

/* The longest name in the DNS, as text (RFC 1035 section 2.3.4). */
#define JOINSTRING_MAX_HOST 253

/* Characters of base32 for 160 random bits. */
#define JOINSTRING_SETUP_KEY_LEN 32

/* SHA-256 */
#define JOINSTRING_FINGERPRINT_SIZE 32

/* What an administrator may have pasted at most, in bytes. */
#define JOINSTRING_MAX_LEN 512

/**
 * struct joinstring - where a network's server is and how to get in (docs/protocol.md section 2.1)
 * @host: a name, an IPv4 address or an IPv6 address without brackets
 * @port: host byte order, never 0
 * @setup_key: base32, lower case
 * @has_fingerprint: whether the server's certificate is pinned
 * @fingerprint: SHA-256 of the server's certificate (DER)
 *
 * A plain value with a secret in it: overwrite it with joinstring_wipe().
 */
struct joinstring {
	char host[JOINSTRING_MAX_HOST + 1];
	guint16 port;
	char setup_key[JOINSTRING_SETUP_KEY_LEN + 1];
	bool has_fingerprint;
	guint8 fingerprint[JOINSTRING_FINGERPRINT_SIZE];
};

/**
 * joinstring_parse() - read "mesh://HOST:PORT/SETUPKEY[/FINGERPRINT]"
 * @text: the text
 * @join: where it goes; untouched on error
 * @error: G_IO_ERROR_INVALID_ARGUMENT with the part that is wrong; the setup key is not repeated
 */
bool joinstring_parse(const char *text, struct joinstring *join, GError **error);

/**
 * joinstring_format() - write what joinstring_parse() reads
 * @join: all set
 *
 * Return: (owned by the caller) the text; it holds a secret.
 */
char *joinstring_format(const struct joinstring *join);

/**
 * joinstring_parse_host() - read "HOST:PORT", as in a join string
 * @text: the text
 * @len: how much of it, in bytes
 * @host: where the host goes, without brackets; untouched on error
 * @port: where the port goes, host byte order; untouched on error
 * @error: G_IO_ERROR_INVALID_ARGUMENT with what is wrong
 */
bool joinstring_parse_host(const char *text, gsize len, char host[static JOINSTRING_MAX_HOST + 1],
			   guint16 *port, GError **error);

/**
 * joinstring_parse_address() - read HOST or HOST:PORT
 * @text: the text; an IPv6 address stands in brackets when a port follows
 * @host: where the host goes, without brackets; untouched on error
 * @port: where the port goes, host byte order; 0 when there is none
 * @error: G_IO_ERROR_INVALID_ARGUMENT with what is wrong
 */
bool joinstring_parse_address(const char *text, char host[static JOINSTRING_MAX_HOST + 1],
			      guint16 *port, GError **error);

/**
 * joinstring_is_setup_key() - whether a text has the form of a setup key
 * @text: the text
 */
bool joinstring_is_setup_key(const char *text);

/**
 * joinstring_wipe() - overwrite a join string that is no longer needed
 * @join: the join string
 */
void joinstring_wipe(struct joinstring *join);

#endif
