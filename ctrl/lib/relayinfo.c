// SPDX-License-Identifier: GPL-2.0
/* A relay as the map and the local sockets tell of it. */
#include "relayinfo.h"

#include <gio/gio.h>
#include <sodium.h>
#include <string.h>

#include "message.h"

#define MAX_TRANSPORTS 3
#define MAX_TIME G_GINT64_CONSTANT(999999999999)

static const char *const transport_names[MAX_TRANSPORTS] = { "udp", "tcp", "tls" };

static bool refuse(GError **error, const char *why)
{
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, why);
	return false;
}

static bool add_transport(const char *name, guint *transports)
{
	for (guint i = 0; i < MAX_TRANSPORTS; i++) {
		if (strcmp(name, transport_names[i]) == 0) {
			*transports |= 1 << i;
			return true;
		}
	}
	return false;
}

bool relayinfo_parse_transports(const char *text, guint *transports, GError **error)
{
	g_auto(GStrv) names = g_strsplit(text, ",", MAX_TRANSPORTS + 1);
	guint found = 0;

	for (guint i = 0; names[i]; i++) {
		if (!add_transport(names[i], &found)) {
			g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
				    "'%s' is no transport; expected: udp, tcp, tls, or several "
				    "with commas between them", names[i]);
			return false;
		}
	}
	if (!found) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
				    "at least one of udp, tcp, tls is expected");
		return false;
	}
	*transports = found;
	return true;
}

char *relayinfo_print_transports(guint transports)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < MAX_TRANSPORTS; i++)
		if (transports & 1 << i)
			g_string_append_printf(text, "%s%s", text->len ? "," : "",
					       transport_names[i]);
	return g_string_free(text, FALSE);
}

static bool parse_transports(JsonObject *object, guint *transports, GError **error)
{
	JsonArray *names = message_get_strings(object, "transports", MAX_TRANSPORTS,
					       strlen("udp"), error);

	if (!names)
		return false;
	for (guint i = 0; i < json_array_get_length(names); i++)
		if (!add_transport(json_array_get_string_element(names, i), transports))
			return refuse(error, "member 'transports' may hold udp, tcp and tls");
	return *transports ||
	       refuse(error, "member 'transports' has to hold at least one of udp, tcp, tls");
}

static bool parse_port(JsonObject *object, const char *member, guint16 *port, GError **error)
{
	gint64 number;

	if (!message_get_int(object, member, 1, 65535, &number, error))
		return false;
	*port = number;
	return true;
}

/* A host goes to a resolver, so it has the form of a name or an address and no other. */
static bool parse_host(JsonObject *object, struct relayinfo *info, GError **error)
{
	const char *host = message_get_string(object, "host", 1, JOINSTRING_MAX_HOST, error);
	g_autofree char *full = NULL;
	guint16 port;

	if (!host)
		return false;
	full = g_strdup_printf(strchr(host, ':') ? "[%s]:1" : "%s:1", host);
	return joinstring_parse_host(full, strlen(full), info->host, &port, NULL) ||
	       refuse(error, "member 'host' has to be a name or an address, without a port");
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (!g_ascii_isgraph(*text))
			return false;
	return true;
}

static bool parse_word(JsonObject *object, const char *member, char *word, GError **error)
{
	const char *text = message_get_string(object, member, 1, RELAYINFO_CREDENTIAL_SIZE - 1,
					      error);

	if (!text)
		return false;
	if (!is_printable(text)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
			    "member '%s' has to be of printable ASCII characters, without blanks",
			    member);
		return false;
	}
	g_strlcpy(word, text, RELAYINFO_CREDENTIAL_SIZE);
	return true;
}

bool relayinfo_parse(JsonObject *object, bool credentials, struct relayinfo *info, GError **error)
{
	const char *name = message_get_string(object, "name", 1, HOSTNAME_MAX, error);

	*info = (struct relayinfo){ .tls_port = RELAYINFO_DEFAULT_TLS_PORT };
	if (!name)
		return false;
	if (!hostname_is_valid(name))
		return refuse(error, "member 'name' has to be of a-z, 0-9 and '-', with no '-' at "
				     "its ends");
	g_strlcpy(info->name, name, sizeof(info->name));
	if (!(credentials && !message_has(object, "host")) && !parse_host(object, info, error))
		return false;
	if (!parse_port(object, "port", &info->port, error) ||
	    !parse_transports(object, &info->transports, error))
		return false;
	if (message_has(object, "tls_port") &&
	    !parse_port(object, "tls_port", &info->tls_port, error))
		return false;
	return !credentials ||
	       (parse_word(object, "username", info->username, error) &&
		parse_word(object, "password", info->password, error) &&
		message_get_int(object, "expires", 0, MAX_TIME, &info->expires, error));
}

static void wipe(void *info)
{
	sodium_memzero(info, sizeof(struct relayinfo));
}

static bool is_equal(const struct relayinfo *a, const struct relayinfo *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->host, b->host) == 0 &&
	       a->port == b->port && a->transports == b->transports && a->tls_port == b->tls_port &&
	       strcmp(a->username, b->username) == 0 && strcmp(a->password, b->password) == 0 &&
	       a->expires == b->expires;
}

bool relayinfo_equal_lists(const GArray *a, const GArray *b)
{
	for (guint i = 0; i < MIN(a->len, b->len); i++) {
		if (!is_equal(&g_array_index(a, struct relayinfo, i),
			      &g_array_index(b, struct relayinfo, i)))
			return false;
	}
	return a->len == b->len;
}

GArray *relayinfo_new_list(void)
{
	GArray *relays = g_array_sized_new(FALSE, FALSE, sizeof(struct relayinfo),
					   RELAYINFO_MAX);

	g_array_set_clear_func(relays, wipe);
	return relays;
}

static bool has_name(const GArray *relays, const char *name)
{
	for (guint i = 0; i < relays->len; i++)
		if (strcmp(g_array_index(relays, struct relayinfo, i).name, name) == 0)
			return true;
	return false;
}

GArray *relayinfo_parse_list(JsonObject *object, bool credentials, GError **error)
{
	JsonArray *array = message_get_objects(object, "relays", RELAYINFO_MAX, error);
	g_autoptr(GArray) relays = relayinfo_new_list();

	if (!array)
		return NULL;
	for (guint i = 0; i < json_array_get_length(array); i++) {
		struct relayinfo info;

		if (!relayinfo_parse(json_array_get_object_element(array, i), credentials, &info,
				     error)) {
			g_prefix_error(error, "relay %u: ", i);
			return NULL;
		}
		if (has_name(relays, info.name)) {
			refuse(error, "member 'relays' names one relay twice");
			return NULL;
		}
		g_array_append_val(relays, info);
	}
	return g_steal_pointer(&relays);
}

JsonObject *relayinfo_build(const struct relayinfo *info)
{
	JsonObject *object = json_object_new();
	JsonArray *transports = json_array_new();

	for (guint i = 0; i < MAX_TRANSPORTS; i++)
		if (info->transports & 1 << i)
			json_array_add_string_element(transports, transport_names[i]);
	json_object_set_string_member(object, "name", info->name);
	if (info->host[0])
		json_object_set_string_member(object, "host", info->host);
	json_object_set_int_member(object, "port", info->port);
	json_object_set_array_member(object, "transports", transports);
	if (info->transports & RELAYINFO_TLS)
		json_object_set_int_member(object, "tls_port", info->tls_port);
	if (info->username[0]) {
		json_object_set_string_member(object, "username", info->username);
		json_object_set_string_member(object, "password", info->password);
		json_object_set_int_member(object, "expires", info->expires);
	}
	return object;
}

void relayinfo_set_list(JsonObject *object, const GArray *relays)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < relays->len; i++)
		json_array_add_object_element(
			array, relayinfo_build(&g_array_index(relays, struct relayinfo, i)));
	json_object_set_array_member(object, "relays", array);
}
