// SPDX-License-Identifier: GPL-2.0
/* What a node keeps on disk; each file is replaced as a whole. */
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/hostname.h"
#include "lib/log.h"
#include "lib/secretfile.h"
#include "mapmessage.h"
#include "overlay.h"

#define STATE_FILE "state.json"
#define MAX_STUN 16
#define MAX_STATE_SIZE (64 * 1024)
#define MAX_NETWORK_NAME 256
#define NETWORK_ID_LEN 32

static char *file_of(const struct state *state, const char *name)
{
	return g_build_filename(state->directory, name, NULL);
}

static bool refuse(GError **error, const char *what)
{
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s", what);
	return false;
}

/* Reading */

static bool parse_server(JsonObject *object, struct joinstring *server, GError **error)
{
	const char *host = message_get_string(object, "host", 1, JOINSTRING_MAX_HOST, error);
	const char *setup_key;
	gint64 port;

	if (!host || !message_get_int(object, "port", 1, G_MAXUINT16, &port, error))
		return false;
	g_strlcpy(server->host, host, sizeof(server->host));
	server->port = port;
	server->has_fingerprint = message_has(object, "fingerprint");
	if (server->has_fingerprint &&
	    !message_get_binary(object, "fingerprint", server->fingerprint,
				JOINSTRING_FINGERPRINT_SIZE, error))
		return false;
	if (!message_has(object, "setup_key"))
		return true;
	setup_key = message_get_string(object, "setup_key", JOINSTRING_SETUP_KEY_LEN,
				       JOINSTRING_SETUP_KEY_LEN, error);
	if (!setup_key)
		return false;
	g_strlcpy(server->setup_key, setup_key, sizeof(server->setup_key));
	return true;
}

static GArray *parse_stun(JsonObject *object, GError **error)
{
	g_autoptr(GArray) stun = g_array_new(FALSE, FALSE, sizeof(struct endpoint));
	JsonArray *texts = message_get_strings(object, "stun", MAX_STUN, ENDPOINT_STRLEN, error);

	if (!texts)
		return NULL;
	for (guint i = 0; i < json_array_get_length(texts); i++) {
		struct endpoint ep;

		if (!endpoint_parse(json_array_get_string_element(texts, i), &ep, error))
			return NULL;
		endpoint_canonicalise(&ep);
		g_array_append_val(stun, ep);
	}
	return g_steal_pointer(&stun);
}

static bool is_hexadecimal(const char *text)
{
	return text[strspn(text, "0123456789abcdefABCDEF")] == '\0';
}

static void forget_setup_key(struct state *state)
{
	memset(state->server.setup_key, 0, sizeof(state->server.setup_key));
}

/* Prefixes */

static bool are_of(const GArray *addresses, const GArray *prefixes)
{
	for (guint i = 0; i < addresses->len; i++) {
		if (!overlay_is_of(&g_array_index(addresses, struct prefix, i), prefixes))
			return false;
	}
	return true;
}

static void keep_prefixes(struct state *state, const GArray *told)
{
	g_autofree char *before = g_steal_pointer(&state->prefixes_refused);
	g_autofree char *said = NULL, *kept = NULL;

	if (!told || prefix_equal_lists(told, state->prefixes))
		return;
	said = overlay_print_prefixes(told);
	kept = overlay_print_prefixes(state->prefixes);
	state->prefixes_refused = g_strdup_printf(
		"the server says that the network has %s now; this node keeps to %s, which it had "
		"when this node joined. If its operator changed that, run \"meshctl up\" with the "
		"join string again", said, kept);
	if (g_strcmp0(before, state->prefixes_refused) != 0)
		log_limited(LOG_LEVEL_WARNING, "%s", state->prefixes_refused);
}

void state_unpin(struct state *state)
{
	state->prefixes_told = false;
	g_clear_pointer(&state->prefixes_refused, g_free);
	g_clear_pointer(&state->prefixes, g_array_unref);
	if (state->joined)
		state->prefixes = overlay_guess_prefixes(state->addresses);
}

static void pin(struct state *state, const GArray *told)
{
	state->prefixes_told = told;
	if (!told)
		return;
	g_array_set_size(state->prefixes, 0);
	g_array_append_vals(state->prefixes, told->data, told->len);
}

/* @prefixes: that the addresses have to be of; NULL: whatever they are */
static bool take_joined(struct state *state, JsonObject *message, const GArray *prefixes,
			GError **error)
{
	JsonObject *network = message_get_object(message, "network", error);
	g_autoptr(GArray) addresses = NULL, stun = NULL;
	const char *id, *name, *hostname;

	id = network ? message_get_string(network, "id", NETWORK_ID_LEN, NETWORK_ID_LEN, error) :
		       NULL;
	name = id ? message_get_string(network, "name", 0, MAX_NETWORK_NAME, error) : NULL;
	hostname = name ? message_get_string(message, "hostname", 1, PEER_HOSTNAME_SIZE - 1,
					     error) : NULL;
	if (!hostname)
		return false;
	if (!is_hexadecimal(id) || !hostname_is_valid(hostname))
		return refuse(error, "the network's id or our hostname is not one");
	addresses = mapmessage_parse_addresses(message, error);
	if (addresses && prefixes && !are_of(addresses, prefixes))
		return refuse(error, "the address that the server gives this node is of none of "
			      "the network's prefixes");
	stun = addresses ? parse_stun(message, error) : NULL;
	if (!stun)
		return false;

	g_free(state->network_id);
	g_free(state->network_name);
	g_clear_pointer(&state->addresses, g_array_unref);
	g_clear_pointer(&state->stun, g_array_unref);
	state->network_id = g_strdup(id);
	state->network_name = g_strdup(name);
	g_strlcpy(state->given_hostname, hostname, sizeof(state->given_hostname));
	state->addresses = g_steal_pointer(&addresses);
	state->stun = g_steal_pointer(&stun);
	state->joined = true;
	forget_setup_key(state);
	return true;
}

/* @anew: this node comes from elsewhere: what it knew of prefixes does not count */
static bool welcome(struct state *state, JsonObject *message, bool anew, GError **error)
{
	g_autoptr(GArray) told = NULL;

	anew |= !state->prefixes;
	if (message_has(message, "prefixes")) {
		told = mapmessage_parse_prefixes(message, error);
		if (!told)
			return false;
	}
	if (!take_joined(state, message, anew || !state->prefixes_told ? told : NULL, error))
		return false;
	if (anew)
		state_unpin(state);
	if (state->prefixes_told)
		keep_prefixes(state, told);
	else
		pin(state, told);
	return true;
}

bool state_welcome(struct state *state, JsonObject *message, GError **error)
{
	return welcome(state, message, false, error);
}

/* A state of before has no prefixes: the next welcome tells them. */
static bool parse_joined(struct state *state, JsonObject *object, GError **error)
{
	g_autoptr(GArray) prefixes = NULL;
	bool told = false;

	if (message_has(object, "prefixes")) {
		prefixes = mapmessage_parse_prefixes(object, error);
		if (!prefixes || !message_get_bool(object, "prefixes_told", &told, error))
			return false;
	}
	if (!take_joined(state, object, NULL, error))
		return false;
	state_unpin(state);
	if (!prefixes)
		return true;
	pin(state, prefixes);
	state->prefixes_told = told;
	return true;
}

static bool parse_state(struct state *state, JsonObject *object, GError **error)
{
	const char *hostname;
	gint64 version;

	if (!message_get_int(object, "version", 1, 1, &version, error) ||
	    !message_get_bool(object, "up", &state->up, error))
		return false;
	hostname = message_get_string(object, "hostname", 0, PEER_HOSTNAME_SIZE - 1, error);
	if (!hostname)
		return false;
	g_strlcpy(state->hostname, hostname, sizeof(state->hostname));

	if (message_has(object, "joined")) {
		JsonObject *joined = message_get_object(object, "joined", error);

		if (!joined || !parse_joined(state, joined, error))
			return false;
	}
	state->has_server = message_has(object, "server");
	if (state->has_server) {
		JsonObject *server = message_get_object(object, "server", error);

		return server && parse_server(server, &state->server, error);
	}
	return true;
}

static bool load(struct state *state, GError **error)
{
	g_autofree char *path = file_of(state, STATE_FILE);
	g_autoptr(JsonObject) object = NULL;
	g_autoptr(GError) failure = NULL;
	char *text;
	gsize size;

	text = secretfile_read(path, MAX_STATE_SIZE, &size, &failure);
	if (text) {
		object = message_parse(text, size, MAX_STATE_SIZE, NULL, &failure);
		secretfile_free(text);
		if (object && parse_state(state, object, &failure))
			return true;
		g_prefix_error(&failure, "%s: ", path);
		g_set_error(error, failure->domain, failure->code,
			    "%s; remove the file to begin without a network", failure->message);
		return false;
	}
	if (g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOENT))
		return true;
	g_propagate_error(error, g_steal_pointer(&failure));
	return false;
}

static bool make_directory(const char *directory, GError **error)
{
	int saved;

	if (g_mkdir_with_parents(directory, 0700) == 0)
		return true;
	saved = errno;
	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(saved),
		    "cannot make the directory %s: %s", directory, g_strerror(saved));
	return false;
}

/* Two processes with one key would take each other's place at the server, again and again. */
static bool lock_directory(struct state *state, GError **error)
{
	int saved;

	state->lock = open(state->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (state->lock >= 0 && flock(state->lock, LOCK_EX | LOCK_NB) == 0)
		return true;
	saved = errno;
	if (saved == EWOULDBLOCK)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_BUSY,
			    "another meshd runs with the directory %s; give this one its own, with "
			    "--state-dir",
			    state->directory);
	else
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(saved),
			    "cannot lock the directory %s: %s", state->directory,
			    g_strerror(saved));
	return false;
}

struct state *state_open(const char *directory, GError **error)
{
	g_autoptr(state) state = g_new0(struct state, 1);
	g_autofree char *path = NULL;

	state->directory = g_strdup(directory);
	state->lock = -1;
	key_guard(&state->private_key);
	path = file_of(state, "private-key");
	if (!make_directory(directory, error) || !lock_directory(state, error) ||
	    !key_load_or_create(path, &state->private_key, NULL, error) || !load(state, error))
		return NULL;
	return g_steal_pointer(&state);
}

void state_free(struct state *state)
{
	if (!state)
		return;
	key_wipe(&state->private_key);
	joinstring_wipe(&state->server);
	if (state->lock >= 0)
		close(state->lock);
	g_free(state->directory);
	g_free(state->network_id);
	g_free(state->network_name);
	g_clear_pointer(&state->addresses, g_array_unref);
	g_clear_pointer(&state->prefixes, g_array_unref);
	g_free(state->prefixes_refused);
	g_clear_pointer(&state->stun, g_array_unref);
	g_free(state);
}

/* Writing */

static JsonObject *build_server(const struct joinstring *server)
{
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "host", server->host);
	json_object_set_int_member(object, "port", server->port);
	if (server->has_fingerprint)
		message_set_binary(object, "fingerprint", server->fingerprint,
				   JOINSTRING_FINGERPRINT_SIZE);
	if (server->setup_key[0])
		json_object_set_string_member(object, "setup_key", server->setup_key);
	return object;
}

static JsonObject *build_joined(const struct state *state)
{
	JsonObject *object = json_object_new(), *network = json_object_new();
	JsonArray *stun = json_array_new();
	char text[ENDPOINT_STRLEN];

	json_object_set_string_member(network, "id", state->network_id);
	json_object_set_string_member(network, "name", state->network_name);
	json_object_set_object_member(object, "network", network);
	json_object_set_string_member(object, "hostname", state->given_hostname);
	mapmessage_set_addresses(object, state->addresses);
	mapmessage_set_prefixes(object, state->prefixes);
	json_object_set_boolean_member(object, "prefixes_told", state->prefixes_told);
	for (guint i = 0; i < state->stun->len; i++)
		json_array_add_string_element(
			stun,
			endpoint_print(&g_array_index(state->stun, struct endpoint, i), text));
	json_object_set_array_member(object, "stun", stun);
	return object;
}

static bool save(const struct state *state, const char *name, JsonObject *object, GError **error)
{
	g_autofree char *path = file_of(state, name);
	gsize size;
	char *text = message_serialise(object, &size);
	bool saved = secretfile_write(path, text, size, error);

	secretfile_free(text);
	return saved;
}

static JsonObject *build_state(const struct state *state)
{
	JsonObject *object = json_object_new();

	json_object_set_int_member(object, "version", 1);
	json_object_set_boolean_member(object, "up", state->up);
	json_object_set_string_member(object, "hostname", state->hostname);
	if (state->has_server)
		json_object_set_object_member(object, "server", build_server(&state->server));
	if (state->joined)
		json_object_set_object_member(object, "joined", build_joined(state));
	return object;
}

bool state_save(const struct state *state, GError **error)
{
	g_autoptr(JsonObject) object = build_state(state);

	return save(state, STATE_FILE, object, error);
}

bool state_is_stored(const struct state *state)
{
	g_autofree char *path = file_of(state, STATE_FILE);
	g_autoptr(JsonObject) object = build_state(state);
	gsize size, stored_size;
	char *text = message_serialise(object, &size);
	char *stored = secretfile_read(path, MAX_STATE_SIZE, &stored_size, NULL);
	bool same = stored && size == stored_size && memcmp(text, stored, size) == 0;

	secretfile_free(text);
	secretfile_free(stored);
	return same;
}

static void set_server(struct state *state, const struct joinstring *join)
{
	g_autofree char *map = file_of(state, "map.json");

	g_unlink(map);
	state->has_server = true;
	state->server = *join;
}

/* The key comes last: without it the rest would be somebody else's. */
bool state_forget(const struct state *state, GError **error)
{
	static const char *const names[] = { "map.json", STATE_FILE, "private-key" };

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = file_of(state, names[i]);

		if (!secretfile_remove(path, error))
			return false;
	}
	return true;
}

void state_join(struct state *state, const struct joinstring *join)
{
	set_server(state, join);
	state->joined = false;
	state_unpin(state);
}

bool state_change(struct state *state, const struct joinstring *join, JsonObject *message,
		  GError **error)
{
	if (!welcome(state, message, true, error))
		return false;
	set_server(state, join);
	forget_setup_key(state);
	return true;
}

bool state_save_map(const struct state *state, JsonObject *map, GError **error)
{
	return save(state, "map.json", map, error);
}

JsonObject *state_load_map(const struct state *state, GError **error)
{
	g_autofree char *path = file_of(state, "map.json");
	JsonObject *map;
	char *text;
	gsize size;

	text = secretfile_read(path, MESSAGE_MAX_FROM_SERVER, &size, error);
	if (!text)
		return NULL;
	map = message_parse(text, size, MESSAGE_MAX_FROM_SERVER, "type", error);
	secretfile_free(text);
	return map;
}
