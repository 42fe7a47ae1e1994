// SPDX-License-Identifier: GPL-2.0
/* Checking a candidate that a peer sent. */
#include "candidate.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <string.h>

/* "candidate:" foundation component transport priority address port "typ" type, then extensions */
enum {
	FIELD_FOUNDATION,
	FIELD_COMPONENT,
	FIELD_TRANSPORT,
	FIELD_PRIORITY,
	FIELD_ADDRESS,
	FIELD_PORT,
	FIELD_TYP,
	FIELD_TYPE,
	FIELD_EXTENSIONS,
};

#define PREFIX "candidate:"
#define MAX_FOUNDATION 32
#define MAX_PRIORITY G_MAXINT32

static bool refuse(GError **error, const char *what)
{
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "candidate: %s", what);
	return false;
}

/* RFC 8839 section 5.1: ice-char */
static bool is_foundation(const char *text)
{
	gsize len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

	return len >= 1 && len <= MAX_FOUNDATION && text[len] == '\0';
}

static bool is_number(const char *text, guint64 min, guint64 max, guint64 *value)
{
	return g_ascii_string_to_unsigned(text, 10, min, max, value, NULL);
}

static bool is_type(const char *text)
{
	return strcmp(text, "host") == 0 || strcmp(text, "srflx") == 0 ||
	       strcmp(text, "prflx") == 0;
}

static bool parse_address(const char *address, guint16 port, struct endpoint *ep, GError **error)
{
	struct endpoint parsed;
	struct in6_addr in6;
	struct in_addr in;

	if (inet_pton(AF_INET, address, &in) == 1)
		endpoint_from_address(&parsed, &in, sizeof(in), port);
	else if (inet_pton(AF_INET6, address, &in6) == 1)
		endpoint_from_address(&parsed, &in6, sizeof(in6), port);
	else
		return refuse(error, "the address has to be a number");
	endpoint_canonicalise(&parsed);
	if (!candidate_address_allowed(&parsed))
		return refuse(error, "nothing is sent to such an address");
	*ep = parsed;
	return true;
}

bool candidate_parse(const char *text, struct candidate *candidate, GError **error)
{
	g_auto(GStrv) fields = NULL;
	guint64 priority, port;
	guint count;

	if (strlen(text) > CANDIDATE_MAX_LEN || !g_str_has_prefix(text, PREFIX) ||
	    !g_str_is_ascii(text))
		return refuse(error, "not a candidate");
	fields = g_strsplit(text + strlen(PREFIX), " ", 0);
	count = g_strv_length(fields);
	if (count < FIELD_EXTENSIONS || count % 2 || strcmp(fields[FIELD_TYP], "typ") != 0)
		return refuse(error, "fields are missing");
	if (!is_foundation(fields[FIELD_FOUNDATION]))
		return refuse(error, "the foundation is not one");
	if (strcmp(fields[FIELD_COMPONENT], "1") != 0)
		return refuse(error, "there is one component, 1");
	if (g_ascii_strcasecmp(fields[FIELD_TRANSPORT], "UDP") != 0)
		return refuse(error, "the transport is UDP");
	if (!is_number(fields[FIELD_PRIORITY], 1, MAX_PRIORITY, &priority))
		return refuse(error, "the priority is out of range");
	if (!is_number(fields[FIELD_PORT], 1, G_MAXUINT16, &port))
		return refuse(error, "the port is out of range");
	if (!is_type(fields[FIELD_TYPE]))
		return refuse(error, "the type is unknown");
	candidate->reflexive = strcmp(fields[FIELD_TYPE], "host") != 0;
	return parse_address(fields[FIELD_ADDRESS], port, &candidate->at, error);
}

static bool ipv4_allowed(const struct in_addr *in)
{
	guint32 address = ntohl(in->s_addr);

	return address >> 24 != 0 &&		/* this network */
	       address >> 24 != 127 &&		/* loopback */
	       address >> 16 != 0xa9fe &&	/* 169.254.0.0/16, link-local */
	       address >> 28 < 0xe;		/* multicast, virtual endpoints, broadcast */
}

static bool ipv6_allowed(const struct in6_addr *in6)
{
	return !IN6_IS_ADDR_UNSPECIFIED(in6) && !IN6_IS_ADDR_LOOPBACK(in6) &&
	       !IN6_IS_ADDR_LINKLOCAL(in6) && !IN6_IS_ADDR_MULTICAST(in6) &&
	       !IN6_IS_ADDR_V4MAPPED(in6) && !IN6_IS_ADDR_V4COMPAT(in6);
}

bool candidate_address_allowed(const struct endpoint *ep)
{
	if (endpoint_port(ep) == 0)
		return false;
	switch (ep->sa.sa_family) {
	case AF_INET:
		return ipv4_allowed(&ep->in.sin_addr);
	case AF_INET6:
		return ipv6_allowed(&ep->in6.sin6_addr);
	default:
		return false;
	}
}
