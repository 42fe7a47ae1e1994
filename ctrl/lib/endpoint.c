// SPDX-License-Identifier: GPL-2.0
/* Endpoints: an address and a port, as text, as a socket address and compared. */
#include "endpoint.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>

static bool refuse(GError **error, const char *text, const char *why)
{
	g_autofree char *shown = g_strescape(text, NULL);

	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
		    "'%s' is not an endpoint: %s", shown, why);
	return false;
}

/* Decimal digits and nothing else; g_ascii_strtoull() would take blanks and signs too. */
static bool parse_number(const char *text, guint64 max, guint64 *number)
{
	guint64 n = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (!g_ascii_isdigit(*text))
			return false;
		n = n * 10 + g_ascii_digit_value(*text);
		if (n > max)
			return false;
	}
	*number = n;
	return true;
}

static bool parse_scope(const char *text, guint32 *scope)
{
	guint64 number;

	if (parse_number(text, G_MAXUINT32, &number))
		*scope = number;
	else
		*scope = if_nametoindex(text);
	return *scope != 0;
}

static bool parse_v4(const char *address, struct endpoint *ep)
{
	ep->in.sin_family = AF_INET;
	return inet_pton(AF_INET, address, &ep->in.sin_addr) == 1;
}

static bool parse_v6(const char *address, struct endpoint *ep)
{
	const char *percent = strchr(address, '%');
	g_autofree char *bare = percent ? g_strndup(address, percent - address) : g_strdup(address);

	ep->in6.sin6_family = AF_INET6;
	if (percent && !parse_scope(percent + 1, &ep->in6.sin6_scope_id))
		return false;
	return inet_pton(AF_INET6, bare, &ep->in6.sin6_addr) == 1;
}

/*
 * Cut text into address and port. More than one colon outside brackets is an IPv6 address without
 * a port; one colon parts an IPv4 address from its port.
 */
static const char *split(const char *text, char **address, bool *v6, GError **error)
{
	const char *colon, *end;

	if (*text == '[') {
		end = strchr(text, ']');
		if (!end || (end[1] && end[1] != ':')) {
			refuse(error, text, "expected [IPV6-ADDRESS]:PORT");
			return NULL;
		}
		*v6 = true;
		*address = g_strndup(text + 1, end - text - 1);
		return end + 1;
	}

	colon = strchr(text, ':');
	*v6 = colon && strchr(colon + 1, ':');
	end = colon && !*v6 ? colon : text + strlen(text);
	*address = g_strndup(text, end - text);
	return end;
}

static bool parse(const char *text, const guint16 *default_port, struct endpoint *ep,
		  GError **error)
{
	g_autofree char *address = NULL;
	struct endpoint result = {};
	guint64 port;
	const char *rest;
	bool v6;

	rest = split(text, &address, &v6, error);
	if (!rest)
		return false;
	if (v6 ? !parse_v6(address, &result) : !parse_v4(address, &result))
		return refuse(error, text,
			      v6 ? "no IPv6 address, or its interface does not exist" :
				   "expected IPV4-ADDRESS:PORT or [IPV6-ADDRESS]:PORT, in numbers");

	if (*rest) {
		if (!parse_number(rest + 1, G_MAXUINT16, &port))
			return refuse(error, text, "a port is a number from 0 to 65535");
	} else if (default_port) {
		port = *default_port;
	} else {
		return refuse(error, text, v6 ? "the port is missing; write [ADDRESS]:PORT" :
						"the port is missing; write ADDRESS:PORT");
	}

	endpoint_set_port(&result, port);
	*ep = result;
	return true;
}

bool endpoint_parse(const char *text, struct endpoint *ep, GError **error)
{
	return parse(text, NULL, ep, error);
}

bool endpoint_parse_default(const char *text, guint16 default_port, struct endpoint *ep,
			    GError **error)
{
	return parse(text, &default_port, ep, error);
}

static const char *print_scope(guint32 scope, char buf[static IF_NAMESIZE + 1])
{
	buf[0] = '\0';
	if (!scope)
		return buf;
	buf[0] = '%';
	if (!if_indextoname(scope, buf + 1))
		g_snprintf(buf, IF_NAMESIZE + 1, "%%%u", scope);
	return buf;
}

const char *endpoint_print(const struct endpoint *ep, char buf[static ENDPOINT_STRLEN])
{
	char address[INET6_ADDRSTRLEN], scope[IF_NAMESIZE + 1];

	switch (ep->sa.sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &ep->in.sin_addr, address, sizeof(address));
		g_snprintf(buf, ENDPOINT_STRLEN, "%s:%u", address, endpoint_port(ep));
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &ep->in6.sin6_addr, address, sizeof(address));
		g_snprintf(buf, ENDPOINT_STRLEN, "[%s%s]:%u", address,
			   print_scope(ep->in6.sin6_scope_id, scope), endpoint_port(ep));
		break;
	default:
		g_strlcpy(buf, "unset", ENDPOINT_STRLEN);
	}
	return buf;
}

char *endpoint_format(const struct endpoint *ep)
{
	char buf[ENDPOINT_STRLEN];

	return g_strdup(endpoint_print(ep, buf));
}

bool endpoint_is_set(const struct endpoint *ep)
{
	return endpoint_socklen(ep) != 0;
}

bool endpoint_is_wildcard(const struct endpoint *ep)
{
	switch (ep->sa.sa_family) {
	case AF_INET:
		return ep->in.sin_addr.s_addr == INADDR_ANY;
	case AF_INET6:
		return IN6_IS_ADDR_UNSPECIFIED(&ep->in6.sin6_addr);
	default:
		return false;
	}
}

guint16 endpoint_port(const struct endpoint *ep)
{
	switch (ep->sa.sa_family) {
	case AF_INET:
		return ntohs(ep->in.sin_port);
	case AF_INET6:
		return ntohs(ep->in6.sin6_port);
	default:
		return 0;
	}
}

void endpoint_set_port(struct endpoint *ep, guint16 port)
{
	if (ep->sa.sa_family == AF_INET)
		ep->in.sin_port = htons(port);
	else if (ep->sa.sa_family == AF_INET6)
		ep->in6.sin6_port = htons(port);
}

const void *endpoint_address(const struct endpoint *ep, gsize *len)
{
	switch (ep->sa.sa_family) {
	case AF_INET:
		*len = sizeof(ep->in.sin_addr);
		return &ep->in.sin_addr;
	case AF_INET6:
		*len = sizeof(ep->in6.sin6_addr);
		return &ep->in6.sin6_addr;
	default:
		*len = 0;
		return NULL;
	}
}

bool endpoint_from_address(struct endpoint *ep, const void *address, gsize len, guint16 port)
{
	struct endpoint result = {};

	if (len == sizeof(result.in.sin_addr)) {
		result.in.sin_family = AF_INET;
		memcpy(&result.in.sin_addr, address, len);
	} else if (len == sizeof(result.in6.sin6_addr)) {
		result.in6.sin6_family = AF_INET6;
		memcpy(&result.in6.sin6_addr, address, len);
	} else {
		return false;
	}
	endpoint_set_port(&result, port);
	*ep = result;
	return true;
}

static guint32 scope_of(const struct endpoint *ep)
{
	return ep->sa.sa_family == AF_INET6 ? ep->in6.sin6_scope_id : 0;
}

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int compare_address(const struct endpoint *a, const struct endpoint *b)
{
	gsize a_len, b_len;
	const void *a_bytes = endpoint_address(a, &a_len);
	const void *b_bytes = endpoint_address(b, &b_len);
	int order = COMPARE(a_len, b_len);

	if (!order && a_len)
		order = memcmp(a_bytes, b_bytes, a_len);
	return order ? order : COMPARE(scope_of(a), scope_of(b));
}

int endpoint_compare(const struct endpoint *a, const struct endpoint *b)
{
	int order = compare_address(a, b);

	return order ? order : COMPARE(endpoint_port(a), endpoint_port(b));
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return endpoint_compare(a, b) == 0;
}

bool endpoint_equal_address(const struct endpoint *a, const struct endpoint *b)
{
	return compare_address(a, b) == 0;
}

void endpoint_canonicalise(struct endpoint *ep)
{
	struct in6_addr v6;

	if (ep->sa.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&ep->in6.sin6_addr))
		return;
	v6 = ep->in6.sin6_addr;
	endpoint_from_address(ep, &v6.s6_addr[12], 4, endpoint_port(ep));
}

bool endpoint_from_sockaddr(struct endpoint *ep, const struct sockaddr *sa, socklen_t len)
{
	struct endpoint result = {};

	if (len < sizeof(sa->sa_family))
		return false;
	result.sa.sa_family = sa->sa_family;
	if (!endpoint_is_set(&result) || len < endpoint_socklen(&result))
		return false;
	memcpy(&result, sa, endpoint_socklen(&result));
	*ep = result;
	return true;
}

socklen_t endpoint_socklen(const struct endpoint *ep)
{
	switch (ep->sa.sa_family) {
	case AF_INET:
		return sizeof(ep->in);
	case AF_INET6:
		return sizeof(ep->in6);
	default:
		return 0;
	}
}

bool endpoint_from_gsocket_address(struct endpoint *ep, GSocketAddress *address, GError **error)
{
	struct sockaddr_storage native;
	gssize size = g_socket_address_get_native_size(address);

	if (size < 0 || (gsize)size > sizeof(native) ||
	    !g_socket_address_to_native(address, &native, sizeof(native), NULL) ||
	    !endpoint_from_sockaddr(ep, (struct sockaddr *)&native, size)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			    "a %s is neither an IPv4 nor an IPv6 endpoint",
			    G_OBJECT_TYPE_NAME(address));
		return false;
	}
	return true;
}

GSocketAddress *endpoint_to_gsocket_address(const struct endpoint *ep)
{
	if (!endpoint_is_set(ep))
		return NULL;
	return g_socket_address_new_from_native((void *)&ep->sa, endpoint_socklen(ep));
}
