// SPDX-License-Identifier: GPL-2.0
/* Relayed endpoints on ports that nobody can predict. */
#include "ports.h"

#include <errno.h>
#include <sodium.h>

/* With nine of ten ports taken, all of these fail once in 700 000 times. */
#define TRIES 128

bool ports_parse(const char *text, struct ports *ports, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(text, "-", 2);
	guint64 min, max;

	if (g_strv_length(parts) != 2 ||
	    !g_ascii_string_to_unsigned(parts[0], 10, 1024, G_MAXUINT16, &min, NULL) ||
	    !g_ascii_string_to_unsigned(parts[1], 10, min, G_MAXUINT16, &max, NULL)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			    "'%s' is not a range of ports: expected MIN-MAX, from 1024 to 65535",
			    text);
		return false;
	}
	*ports = (struct ports){ min, max };
	return true;
}

static struct relay_socket *open_port(const struct endpoint *address, guint port)
{
	struct endpoint local = *address;

	endpoint_set_port(&local, port);
	return relay_socket_open(&local);
}

/* Another port helps only where the port was the trouble. */
static bool worth_another_try(void)
{
	return errno == EADDRINUSE;
}

struct relay_socket *ports_draw(const struct ports *ports, const struct endpoint *address)
{
	struct relay_socket *relay = NULL;
	guint size = ports->max - ports->min + 1;

	errno = EADDRINUSE;
	for (guint i = 0; i < TRIES && !relay && worth_another_try(); i++)
		relay = open_port(address, ports->min + randombytes_uniform(size));
	return relay;
}

static struct relay_socket *open_pair(const struct endpoint *address, guint port,
				      struct relay_socket **next)
{
	struct relay_socket *relay = open_port(address, port);

	if (!relay || !next)
		return relay;
	*next = open_port(address, port + 1);
	if (!*next) {
		int err = errno;

		relay_socket_free(relay);
		errno = err;
		return NULL;
	}
	return relay;
}

struct relay_socket *ports_draw_even(const struct ports *ports, const struct endpoint *address,
				     struct relay_socket **next)
{
	guint first = (ports->min + 1) & ~1u;
	guint last = next ? ports->max - 1 : ports->max;
	struct relay_socket *relay = NULL;

	errno = EADDRINUSE;
	if (last < first)
		return NULL;
	for (guint i = 0; i < TRIES && !relay && worth_another_try(); i++)
		relay = open_pair(address, first + 2 * randombytes_uniform((last - first) / 2 + 1),
				  next);
	return relay;
}
