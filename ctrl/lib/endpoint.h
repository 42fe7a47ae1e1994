/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_ENDPOINT_H
#define WGMESH_ENDPOINT_H

#include <gio/gio.h>
#include <netinet/in.h>
#include <stdbool.h>

/**
 * struct endpoint - an address and UDP port of the underlay
 *
 * A plain value: copy it by assignment, nothing to free. A zeroed endpoint is "not set" (family
 * AF_UNSPEC). Every function below accepts an endpoint that is not set, and says so or compares it
 * as smaller than any other. Port and address are in network byte order, as the kernel wants them;
 * use endpoint_port() for the number.
 *
 * The functions that read an endpoint leave *ep as it was when they fail.
 */
struct endpoint {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	};
};

/* Room for "[" address "%" interface "]:" port and the final zero. */
#define ENDPOINT_STRLEN (INET6_ADDRSTRLEN + 16 + 10)

/**
 * endpoint_parse() - read "1.2.3.4:5" or "[fe80::1%eth0]:5"
 * @text: the text; surrounding blanks are not accepted
 * @ep: where the result goes
 * @error: G_IO_ERROR_INVALID_ARGUMENT with what is wrong and what is expected
 *
 * Numbers only: no name is ever looked up (an interface name after % is). The port is required and
 * may be 0, which for a socket to bind means "any".
 */
bool endpoint_parse(const char *text, struct endpoint *ep, GError **error);

/**
 * endpoint_parse_default() - endpoint_parse(), but the port may be left out
 * @text: also "1.2.3.4", "::1" and "[::1]"
 * @default_port: the port of an endpoint that names none, host byte order
 * @ep: where the result goes
 * @error: G_IO_ERROR_INVALID_ARGUMENT
 */
bool endpoint_parse_default(const char *text, guint16 default_port, struct endpoint *ep,
			    GError **error);

/**
 * endpoint_print() - write an endpoint as text that endpoint_parse() reads back
 * @ep: the endpoint; "unset" is written for one that is not set
 * @buf: at least ENDPOINT_STRLEN bytes
 *
 * Return: @buf, so that it can stand in an argument list.
 */
const char *endpoint_print(const struct endpoint *ep, char buf[static ENDPOINT_STRLEN]);

/**
 * endpoint_format() - endpoint_print() into a new string
 * @ep: the endpoint
 *
 * Return: (owned by the caller) the text; free with g_free().
 */
char *endpoint_format(const struct endpoint *ep);

/**
 * endpoint_is_set() - whether it holds an IPv4 or IPv6 endpoint
 * @ep: the endpoint
 */
bool endpoint_is_set(const struct endpoint *ep);

/**
 * endpoint_is_wildcard() - whether the address is 0.0.0.0 or ::
 * @ep: the endpoint
 */
bool endpoint_is_wildcard(const struct endpoint *ep);

/**
 * endpoint_port() - the port in host byte order; 0 when not set
 * @ep: the endpoint
 */
guint16 endpoint_port(const struct endpoint *ep);

/**
 * endpoint_set_port() - change the port; nothing happens to an endpoint that is not set
 * @ep: the endpoint
 * @port: host byte order
 */
void endpoint_set_port(struct endpoint *ep, guint16 port);

/**
 * endpoint_address() - the bytes of the address, as netlink attributes and STUN carry them
 * @ep: the endpoint
 * @len: 4 or 16 goes here; 0 when not set
 *
 * Return: (borrowed from @ep) the address in network byte order, NULL when not set.
 */
const void *endpoint_address(const struct endpoint *ep, gsize *len);

/**
 * endpoint_from_address() - make an endpoint of address bytes
 * @ep: where the result goes
 * @address: 4 (IPv4) or 16 (IPv6) bytes in network byte order
 * @len: their number
 * @port: host byte order
 *
 * Return: false when @len is neither 4 nor 16.
 */
bool endpoint_from_address(struct endpoint *ep, const void *address, gsize len, guint16 port);

/**
 * endpoint_compare() - a total order: family, address, scope, port
 * @a: an endpoint
 * @b: another
 *
 * Compare what was canonicalised: ::ffff:1.2.3.4 and 1.2.3.4 differ here. An IPv6 flow label
 * (sin6_flowinfo) does not count.
 *
 * Return: less than, equal to or greater than 0, as memcmp() does.
 */
int endpoint_compare(const struct endpoint *a, const struct endpoint *b);

/**
 * endpoint_equal() - whether two endpoints are the same
 * @a: an endpoint
 * @b: another
 */
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);

/**
 * endpoint_equal_address() - whether two endpoints have the same address, whatever their ports
 * @a: an endpoint
 * @b: another
 */
bool endpoint_equal_address(const struct endpoint *a, const struct endpoint *b);

/**
 * endpoint_canonicalise() - turn ::ffff:a.b.c.d into the IPv4 endpoint it stands for
 * @ep: the endpoint, changed in place; any other endpoint stays as it is
 *
 * Rules about addresses (allow, deny, equal) hold only for canonical endpoints; do this first with
 * whatever came from outside. RFC 4291 section 2.5.5.2.
 */
void endpoint_canonicalise(struct endpoint *ep);

/**
 * endpoint_from_sockaddr() - take over a socket address
 * @ep: where the result goes
 * @sa: the address
 * @len: length of @sa in bytes
 *
 * Return: false when it is neither IPv4 nor IPv6, or @len is too short for its family.
 */
bool endpoint_from_sockaddr(struct endpoint *ep, const struct sockaddr *sa, socklen_t len);

/**
 * endpoint_socklen() - how many bytes of ep->sa a socket call may read; 0 when not set
 * @ep: the endpoint
 */
socklen_t endpoint_socklen(const struct endpoint *ep);

/**
 * endpoint_from_gsocket_address() - take over a GLib socket address
 * @ep: where the result goes
 * @address: the address
 * @error: G_IO_ERROR_INVALID_ARGUMENT when it is neither IPv4 nor IPv6
 */
bool endpoint_from_gsocket_address(struct endpoint *ep, GSocketAddress *address, GError **error);

/**
 * endpoint_to_gsocket_address() - make a GLib socket address
 * @ep: the endpoint
 *
 * Return: (owned by the caller) a GInetSocketAddress; NULL when @ep is not set.
 */
GSocketAddress *endpoint_to_gsocket_address(const struct endpoint *ep);

#endif
