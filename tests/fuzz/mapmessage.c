// SPDX-License-Identifier: GPL-2.0

/*
 * Any message as a map, as a delta, and for its prefixes. What was accepted holds to the bounds, and
 * its relays read the same after they were written.
 */
#include "agent/mapmessage.h"

#include <stdlib.h>
#include <string.h>

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_relays(const GArray *relays)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autoptr(GArray) again = NULL;

	require(relays->len <= RELAYINFO_MAX);
	relayinfo_set_list(object, relays);
	again = relayinfo_parse_list(object, true, NULL);
	require(again && again->len == relays->len);
	for (guint i = 0; i < relays->len; i++) {
		const struct relayinfo *info = &g_array_index(relays, struct relayinfo, i);
		const struct relayinfo *same = &g_array_index(again, struct relayinfo, i);

		require(hostname_is_valid(info->name) && info->port && info->tls_port &&
			info->transports && info->username[0] && info->password[0]);
		require(!strcmp(info->name, same->name) && !strcmp(info->host, same->host) &&
			info->port == same->port && info->transports == same->transports &&
			!strcmp(info->username, same->username) &&
			!strcmp(info->password, same->password) && info->expires == same->expires);
	}
}

static void check(JsonObject *object, bool delta)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(mapmessage) message = mapmessage_parse(object, delta, &error);

	require(!message == (error != NULL));
	if (!message)
		return;
	require(delta || message->relays);
	if (message->relays)
		check_relays(message->relays);
}

/* Those of a welcome: none is of more than private addresses. */
static void check_prefixes(JsonObject *object)
{
	g_autoptr(GArray) prefixes = mapmessage_parse_prefixes(object, NULL);

	for (guint i = 0; prefixes && i < prefixes->len; i++)
		require(prefix_private_block(&g_array_index(prefixes, struct prefix, i)));
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize len);

int LLVMFuzzerTestOneInput(const guint8 *data, gsize len)
{
	g_autoptr(JsonObject) object = message_parse((const char *)data, len,
						     MESSAGE_MAX_FROM_SERVER, "type", NULL);

	if (!object)
		return 0;
	check(object, false);
	check(object, true);
	check_prefixes(object);
	return 0;
}
