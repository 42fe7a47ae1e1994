// SPDX-License-Identifier: GPL-2.0
/* What the relay does if nothing is configured: its secret and its addresses. */
#include "defaults.h"

#include <arpa/inet.h>

#include "lib/link.h"
#include "lib/log.h"

void defaults_secret(struct users *users)
{
	const char *directory = g_getenv("CREDENTIALS_DIRECTORY");
	g_autofree char *path = directory ? g_build_filename(directory, "secret", NULL) : NULL;
	g_autoptr(GError) error = NULL;

	if (path && !users_read_secret(users, path, &error))
		log_line(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ?
				 LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
			 "relaying for nobody: %s", error->message);
}

/* What the default of the policy would not relay to, nobody from outside can send to. */
static bool is_public(const struct endpoint *address)
{
	struct peer_policy *policy = peer_policy_new();
	bool public = peer_policy_allows(policy, address);

	peer_policy_free(policy);
	return public;
}

void defaults_relay_addresses(GArray *relay)
{
	/* any address that the default route leads to will do */
	static const char *const far[] = { "192.0.2.1:9", "[2001:db8::1]:9" };

	for (guint i = 0; i < G_N_ELEMENTS(far); i++) {
		struct endpoint target;
		struct link_way way;

		endpoint_parse(far[i], &target, NULL);
		if (link_way_outside(&target, &way, NULL) && endpoint_is_set(&way.source))
			g_array_append_val(relay, way.source);
	}
}

void defaults_warn_of_private(const GArray *relay)
{
	char buf[INET6_ADDRSTRLEN];
	gsize len;

	for (guint i = 0; i < relay->len; i++) {
		const struct endpoint *source = &g_array_index(relay, struct endpoint, i);

		if (!is_public(source))
			log_warning("%s is no public address; when this host has one by a NAT, say "
				    "which with external-address",
				    inet_ntop(source->sa.sa_family, endpoint_address(source, &len),
					      buf, sizeof(buf)));
	}
}
