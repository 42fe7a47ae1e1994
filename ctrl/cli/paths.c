// SPDX-License-Identifier: GPL-2.0
/* meshctl paths: the paths of a peer, and which one an operator wants. */
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

#include "daemon.h"
#include "meshstatus.h"
#include "module.h"
#include "path-words.h"
#include "width.h"

/* Where what is said of a path begins. */
#define INDENT 12

static char *force;
static char *forbid;
static gboolean leave;

static const GOptionEntry options[] = {
	{ "force", 0, 0, G_OPTION_ARG_STRING, &force, "use this path, whatever its state",
	  "direct|relay|ID" },
	{ "forbid", 0, 0, G_OPTION_ARG_STRING, &forbid, "never use this path", "ID" },
	{ "auto", 0, 0, G_OPTION_ARG_NONE, &leave, "leave all paths to the selector again", NULL },
	{ NULL },
};

static const struct mesh_path *path_at(const struct mesh_peer *peer, guint i)
{
	return &g_array_index(peer->paths, struct mesh_path, i);
}

/* What is to be preferred: a path that answers, and of two the one with the higher priority. */
static bool is_better(const struct mesh_path *path, const struct mesh_path *than)
{
	bool alive = strcmp(path->state, "alive") == 0;

	if (alive != (strcmp(than->state, "alive") == 0))
		return alive;
	return path->priority > than->priority;
}

static const struct mesh_path *find_kind(const struct mesh_peer *peer, const char *kind)
{
	const struct mesh_path *best = NULL;

	for (guint i = 0; i < peer->paths->len; i++) {
		const struct mesh_path *path = path_at(peer, i);

		if (strcmp(path->kind, kind) == 0 && (!best || is_better(path, best)))
			best = path;
	}
	return best;
}

static const struct mesh_path *find_id(const struct mesh_peer *peer, guint32 id)
{
	for (guint i = 0; i < peer->paths->len; i++) {
		if (path_at(peer, i)->id == id)
			return path_at(peer, i);
	}
	return NULL;
}

/* Why there is no path of a kind. */
static const char *why_none(const struct mesh_peer *peer, const char *kind)
{
	if (strcmp(kind, "relay") == 0)
		return *peer->relay_error ? peer->relay_error : "no relay is in use yet";
	return *peer->ice.error ? peer->ice.error : "none was found yet";
}

static const struct mesh_path *find_meant(const struct mesh_peer *peer, const char *text,
					  GError **error)
{
	bool kind = strcmp(text, "direct") == 0 || strcmp(text, "relay") == 0;
	const struct mesh_path *path = NULL;
	guint32 id;

	if (kind)
		path = find_kind(peer, text);
	else if (module_parse_id(text, &id))
		path = find_id(peer, id);
	if (path)
		return path;
	if (kind)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s has no %s path: %s",
			    peer->hostname, text, why_none(peer, text));
	else
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
			    "%s has no path \"%s\"\n\"meshctl paths %s\" lists them.",
			    peer->hostname, text, peer->hostname);
	return NULL;
}

static bool send_policy(struct control_client *meshd, const struct mesh_peer *peer,
			const char *policy, const struct mesh_path *path, GError **error)
{
	JsonObject *request = daemon_request("path-policy");
	g_autoptr(JsonObject) answer = NULL;

	json_object_set_string_member(request, "peer", peer->public_key);
	json_object_set_string_member(request, "policy", policy);
	if (path)
		json_object_set_int_member(request, "path", path->id);
	answer = daemon_call(meshd, request, error);
	return answer;
}

/* What the options ask for, if they do. */
static bool change(struct control_client *meshd, const struct mesh_peer *peer, GError **error)
{
	const struct mesh_path *path;

	if (leave)
		return send_policy(meshd, peer, "auto", NULL, error);
	if (!force && !forbid)
		return true;
	path = find_meant(peer, force ?: forbid, error);
	return path && send_policy(meshd, peer, force ? "force" : "forbid", path, error);
}

static char *first_line(const struct mesh_peer *peer)
{
	const struct mesh_path *path = mesh_peer_selected(peer);

	if (!path)
		return g_strdup_printf("no path is in use: %s", why_none(peer, "direct"));
	if (strcmp(path->kind, "relay") == 0)
		return g_strdup_printf("packets are relayed, on path %" G_GINT64_FORMAT "%s%s",
				       path->id, *peer->why_relayed ? ": " : "",
				       peer->why_relayed);
	return g_strdup_printf("packets go directly, on path %" G_GINT64_FORMAT, path->id);
}

static void print_path(const struct mesh_path *path)
{
	g_autofree char *where = path_words_where(path);
	g_autofree char *use = path_words_use(path);
	g_autofree char *state = path_words_state(path);
	enum style style = path_words_style(path);

	width_print(INDENT, "  path %-4" G_GINT64_FORMAT " %s", path->id, where);
	width_print(INDENT, "%*s%s", INDENT, "", use);
	width_print(INDENT, "%*s%s%s%s", INDENT, "", style_begin(stdout, style), state,
		    style_end(stdout, style));
}

static void print_peer(const struct mesh_peer *peer)
{
	g_autofree char *line = first_line(peer);
	g_autofree char *last = path_words_switch(peer);

	width_print(2, "%s%s%s: %s", style_begin(stdout, STYLE_TITLE), peer->hostname,
		    style_end(stdout, STYLE_TITLE), line);
	if (last)
		width_print(2, "last switch %s", last);
	if (*peer->selector && !peer->probing)
		puts("paths are not probed: the other end cannot, or no keys are agreed on yet");
	for (guint i = 0; i < peer->paths->len; i++)
		print_path(path_at(peer, i));
	if (!find_kind(peer, "direct"))
		width_print(INDENT, "  no direct path: %s", why_none(peer, "direct"));
	if (!find_kind(peer, "relay"))
		width_print(INDENT, "  no path through a relay: %s", why_none(peer, "relay"));
}

/* PEERSTATUS of docs/protocol.md section 6.1; NULL on error. Borrowed from @answer. */
static JsonObject *peer_object(JsonObject *answer, GError **error)
{
	JsonObject *status = answer ? message_get_object(answer, "status", error) : NULL;
	JsonArray *peers = status ? message_get_objects(status, "peers", 1, error) : NULL;

	if (!peers)
		return NULL;
	if (json_array_get_length(peers) == 1)
		return json_array_get_object_element(peers, 0);
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "the peer has just left the network");
	return NULL;
}

static enum cli_status print_json(struct control_client *meshd, const char *key)
{
	JsonObject *request = daemon_request("status");
	g_autoptr(JsonObject) answer = NULL;
	g_autoptr(GError) error = NULL;
	JsonObject *peer;

	json_object_set_string_member(request, "peer", key);
	answer = daemon_call(meshd, request, &error);
	peer = peer_object(answer, &error);
	if (!peer)
		return cli_fail_error(error);
	cli_print_json(json_object_ref(peer));
	return CLI_OK;
}

static enum cli_status print_as_it_is_now(struct control_client *meshd, const char *key)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(mesh_status) status = mesh_status_get(meshd, key, &error);
	const struct mesh_peer *peer = status ? mesh_status_find_peer(status, key, &error) : NULL;

	if (!peer)
		return cli_fail_error(error);
	print_peer(peer);
	return CLI_OK;
}

static enum cli_status run(const struct cli *cli, char **arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(control_client) meshd = NULL;
	g_autoptr(mesh_status) status = NULL;
	const struct mesh_peer *peer;

	if (!!force + !!forbid + !!leave > 1)
		return cli_misused("--force, --forbid and --auto exclude each other");
	meshd = daemon_open_meshd(cli, &error);
	status = meshd ? mesh_status_get(meshd, NULL, &error) : NULL;
	peer = status ? mesh_status_find_peer(status, arguments[0], &error) : NULL;
	if (!peer || !change(meshd, peer, &error))
		return cli_fail_error(error);
	return cli->json ? print_json(meshd, peer->public_key) :
			   print_as_it_is_now(meshd, peer->public_key);
}

const struct command command_paths = {
	.name = "paths",
	.arguments = "PEER",
	.summary = "tell which path packets to a peer take, and why not another",
	.description =
		"PEER is a hostname, an overlay address, or the beginning of a key.\n"
		"\n"
		"A path that is forced is used even when it is dead, and so is what replaces it later.\n"
		"\"direct\" and \"relay\" mean the best one there is now. Only one path of a peer can be\n"
		"forced: --auto comes before another --force.",
	.options = options,
	.has_json = true,
	.min = 1,
	.max = 1,
	.run = run,
};
