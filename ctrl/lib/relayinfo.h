/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAYINFO_H
#define WGMESH_RELAYINFO_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "hostname.h"
#include "joinstring.h"

/* A network has at most so many relays (docs/protocol.md section 1). */
#define RELAYINFO_MAX 16

/* Bytes of a user name and of a password, with the final zero. */
#define RELAYINFO_CREDENTIAL_SIZE 128

/* RFC 8656 section 18, of "turns". */
#define RELAYINFO_DEFAULT_TLS_PORT 5349

/**
 * enum relayinfo_transport - how a client may talk to a relay; a set of bits
 */
enum relayinfo_transport {
	RELAYINFO_UDP = 1 << 0,
	RELAYINFO_TCP = 1 << 1,
	RELAYINFO_TLS = 1 << 2,
};

/**
 * struct relayinfo - a relay of the network: RELAY of docs/protocol.md section 3
 * @name: what the operator calls it
 * @host: a name, an IPv4 address or an IPv6 address without brackets; empty for the host at which a
 *	  node reaches mesh-server
 * @port: for UDP and TCP, host byte order, never 0
 * @transports: RELAYINFO_* bits, at least one
 * @tls_port: for TLS, host byte order, never 0
 * @username: empty where it says nothing about credentials
 * @password: a secret
 * @expires: until when they are good, seconds since 1970
 *
 * A plain value with a secret in it.
 */
struct relayinfo {
	char name[HOSTNAME_SIZE];
	char host[JOINSTRING_MAX_HOST + 1];
	guint16 port;
	guint transports;
	guint16 tls_port;
	char username[RELAYINFO_CREDENTIAL_SIZE];
	char password[RELAYINFO_CREDENTIAL_SIZE];
	gint64 expires;
};

/**
 * relayinfo_parse() - read one
 * @object: the object
 * @credentials: whether user name, password and expiry have to be there, as in a map, where the
 *		 host may be missing; else they are not read, and the host has to be there
 * @info: where it goes; in any state after an error
 * @error: G_IO_ERROR_INVALID_DATA: which member is wrong, and what is expected. No secret in it
 */
bool relayinfo_parse(JsonObject *object, bool credentials, struct relayinfo *info,
		     GError **error);

/**
 * relayinfo_parse_list() - read the member `relays`
 * @object: a message that has it
 * @credentials: see relayinfo_parse()
 * @error: G_IO_ERROR_INVALID_DATA: what is wrong; also more than RELAYINFO_MAX, or two of one name
 *
 * Return: (owned by the caller) array of struct relayinfo; NULL on error. Freeing it overwrites
 * what it held.
 */
GArray *relayinfo_parse_list(JsonObject *object, bool credentials, GError **error);

/**
 * relayinfo_equal_lists() - whether two lists say the same, credentials included
 * @a: array of struct relayinfo
 * @b: another
 */
bool relayinfo_equal_lists(const GArray *a, const GArray *b);

/**
 * relayinfo_new_list() - an empty list, as relayinfo_parse_list() returns it
 */
GArray *relayinfo_new_list(void);

/**
 * relayinfo_build() - write what relayinfo_parse() reads
 * @info: the relay; with its credentials when it has a user name
 *
 * Return: (owned by the caller) the object.
 */
JsonObject *relayinfo_build(const struct relayinfo *info);

/**
 * relayinfo_set_list() - add the member `relays`
 * @object: the message
 * @relays: array of struct relayinfo
 */
void relayinfo_set_list(JsonObject *object, const GArray *relays);

/**
 * relayinfo_parse_transports() - read "udp,tcp,tls"
 * @text: the words, separated by commas
 * @transports: where they go; untouched on error
 * @error: G_IO_ERROR_INVALID_ARGUMENT
 */
bool relayinfo_parse_transports(const char *text, guint *transports, GError **error);

/**
 * relayinfo_print_transports() - write what relayinfo_parse_transports() reads
 * @transports: RELAYINFO_* bits
 *
 * Return: (owned by the caller) the text.
 */
char *relayinfo_print_transports(guint transports);

#endif
