/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PREFIX_H
#define WGMESH_PREFIX_H

#include <glib.h>
#include <netinet/in.h>
#include <stdbool.h>

struct endpoint;

/**
 * struct prefix - an IP address with a prefix length
 * @family: AF_INET or AF_INET6; AF_UNSPEC for one that is not set
 * @length: of the prefix, in bits: at most 32 or 128
 * @in: the address when @family is AF_INET, in network byte order
 * @in6: the address when @family is AF_INET6
 *
 * A plain value: an overlay address, an allowed IP of WireGuard, the destination of a route. Bits
 * behind the prefix may be set, as in the address of an interface.
 */
struct prefix {
	sa_family_t family;
	guint8 length;
	union {
		struct in_addr in;
		struct in6_addr in6;
	};
};

/* Room for an IPv6 address, "/128" and the final zero. */
#define PREFIX_STRLEN (INET6_ADDRSTRLEN + 4)

/**
 * prefix_parse() - read "100.64.0.3", "100.64.0.0/10", "fd00::1" or "fd00::/64"
 * @text: numbers only; without a length the whole address counts: /32 or /128
 * @prefix: where the result goes; left as it was on failure
 * @error: G_IO_ERROR_INVALID_ARGUMENT with what is wrong and what is expected
 */
bool prefix_parse(const char *text, struct prefix *prefix, GError **error);

/**
 * prefix_print() - write a prefix as text that prefix_parse() reads back
 * @prefix: the prefix; "unset" is written for one that is not set
 * @buf: at least PREFIX_STRLEN bytes
 *
 * The length is left out when the whole address counts.
 *
 * Return: @buf, so that it can stand in an argument list.
 */
const char *prefix_print(const struct prefix *prefix, char buf[static PREFIX_STRLEN]);

/**
 * prefix_from_address() - make a prefix of address bytes
 * @prefix: where the result goes
 * @address: 4 (IPv4) or 16 (IPv6) bytes in network byte order
 * @size: their number
 * @length: of the prefix, in bits
 *
 * Return: false when @size is neither 4 nor 16, or @length exceeds the address.
 */
bool prefix_from_address(struct prefix *prefix, const void *address, gsize size, guint8 length);

/**
 * prefix_from_endpoint() - the same for the whole address of an endpoint
 * @prefix: where the result goes
 * @ep: the endpoint; its port does not count
 *
 * Return: false when it has no address.
 */
bool prefix_from_endpoint(struct prefix *prefix, const struct endpoint *ep);

/**
 * prefix_address() - the bytes of the address, as netlink attributes carry them
 * @prefix: the prefix
 * @size: 4 or 16 goes here; 0 when not set
 *
 * Return: (borrowed from @prefix) the address in network byte order, NULL when not set.
 */
const void *prefix_address(const struct prefix *prefix, gsize *size);

/**
 * prefix_contains() - whether all addresses of a prefix are of a network
 * @network: prefix of the network; bits behind it do not count
 * @prefix: the prefix, or an address
 */
bool prefix_contains(const struct prefix *network, const struct prefix *prefix);

/**
 * prefix_private_block() - the block of addresses that many networks have (RFC 1918, RFC 6598,
 * RFC 4193), of which a prefix is
 * @prefix: the prefix, or an address
 *
 * Return: the block; NULL when it is of none.
 */
const struct prefix *prefix_private_block(const struct prefix *prefix);

/**
 * prefix_equal_address() - whether family and all bits of the address are the same
 * @a: a prefix; its length does not count
 * @b: another
 */
bool prefix_equal_address(const struct prefix *a, const struct prefix *b);

/**
 * prefix_equal() - whether family, length and all bits of the address are the same
 * @a: a prefix
 * @b: another
 */
bool prefix_equal(const struct prefix *a, const struct prefix *b);

/**
 * prefix_equal_lists() - whether two arrays have the same prefixes, in whatever order
 * @a: array of struct prefix, none twice
 * @b: another
 */
bool prefix_equal_lists(const GArray *a, const GArray *b);

/* GHashFunc, keyed as key_hash_bytes() is, and GEqualFunc of struct prefix. */
guint prefix_hash(gconstpointer prefix);
gboolean prefix_same(gconstpointer a, gconstpointer b);

#endif
