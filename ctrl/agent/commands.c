// SPDX-License-Identifier: GPL-2.0
/* What meshctl asks of this node, and the answers. */
#include "commands.h"

#include <string.h>

#include "lib/control.h"
#include "lib/pathnl-names.h"
#include "path-policy.h"
#include "status.h"

/**
 * struct commands - requests and who waits for their answer
 * @server: the socket
 * @node: the node that requests are about
 * @waiting: requests `up` that are not finished
 * @leaving: the request `leave` that is not finished; or NULL
 * @left: called when the node has left its network for good
 * @left_data: for @left
 */
struct commands {
	struct control_server *server;
	struct node *node;
	GQueue waiting;
	struct control_request *leaving;
	void (*left)(void *data);
	void *left_data;
};

static void on_progress(const char *text, void *data)
{
	struct commands *commands = data;

	for (GList *i = commands->waiting.head; i; i = i->next)
		control_progress(i->data, "%s", text);
	if (commands->leaving)
		control_progress(commands->leaving, "%s", text);
}

static void finish(struct control_request *request, const char *error)
{
	if (error)
		control_fail(request, "%s", error);
	else
		control_finish(request, NULL);
}

static void on_settled(const char *error, void *data)
{
	struct commands *commands = data;
	struct control_request *request;

	while ((request = g_queue_pop_head(&commands->waiting)))
		finish(request, error);
}

static void on_left(const char *error, void *data)
{
	struct commands *commands = data;
	struct control_request *request = g_steal_pointer(&commands->leaving);

	if (request)
		finish(request, error);
	commands->left(commands->left_data);
}

const struct node_events commands_node_events = {
	.progress = on_progress,
	.settled = on_settled,
	.left = on_left,
};

/* An optional string of a request. */
static bool get_optional(JsonObject *message, const char *member, gsize max, const char **text,
			 GError **error)
{
	*text = NULL;
	if (!message_has(message, member))
		return true;
	*text = message_get_string(message, member, 1, max, error);
	return *text;
}

static void fail(struct control_request *request, GError *error)
{
	control_fail(request, "%s", error->message);
	g_error_free(error);
}

static void on_gone(struct control_request *request, void *data)
{
	struct commands *commands = data;

	g_queue_remove(&commands->waiting, request);
	control_finish(request, NULL);
}

/* The one before is not waited for any more: there is one network to be in. */
static void up(struct commands *commands, struct control_request *request)
{
	JsonObject *message = control_request_message(request);
	const char *text, *hostname;
	struct joinstring join;
	GError *error = NULL;
	bool begun;

	if (!get_optional(message, "join", JOINSTRING_MAX_LEN, &text, &error) ||
	    !get_optional(message, "hostname", PEER_HOSTNAME_SIZE, &hostname, &error) ||
	    (text && !joinstring_parse(text, &join, &error))) {
		fail(request, error);
		return;
	}
	on_settled("another \"up\" was requested in the meantime", commands);
	g_queue_push_tail(&commands->waiting, request);
	control_on_gone(request, on_gone, commands);
	begun = node_up(commands->node, text ? &join : NULL, hostname, &error);
	if (text)
		joinstring_wipe(&join);
	if (begun)
		return;
	g_queue_remove(&commands->waiting, request);
	fail(request, error);
}

static void down(struct commands *commands, struct control_request *request)
{
	GError *error = NULL;

	on_settled("\"down\" was requested in the meantime", commands);
	if (node_down(commands->node, &error))
		control_finish(request, NULL);
	else
		fail(request, error);
}

/* Whoever asked may go away: the node leaves all the same. */
static void on_leaver_gone(struct control_request *request, void *data)
{
	struct commands *commands = data;

	commands->leaving = NULL;
	control_finish(request, NULL);
}

static void leave(struct commands *commands, struct control_request *request)
{
	GError *error = NULL;

	if (commands->leaving) {
		control_fail(request, "this node is leaving its network already");
		return;
	}
	on_settled("\"leave\" was requested in the meantime", commands);
	commands->leaving = request;
	control_on_gone(request, on_leaver_gone, commands);
	if (node_leave(commands->node, &error))
		return;
	commands->leaving = NULL;
	fail(request, error);
}

static void status(struct commands *commands, struct control_request *request)
{
	JsonObject *message = control_request_message(request), *answer;
	GError *error = NULL;
	const char *peer;

	if (!get_optional(message, "peer", PEER_HOSTNAME_SIZE, &peer, &error)) {
		fail(request, error);
		return;
	}
	answer = json_object_new();
	json_object_set_object_member(answer, "status", status_build(commands->node, peer));
	control_finish(request, answer);
}

static void reconnect(struct commands *commands, struct control_request *request)
{
	JsonObject *message = control_request_message(request);
	GError *error = NULL;
	const char *peer;

	if (!get_optional(message, "peer", PEER_HOSTNAME_SIZE, &peer, &error))
		fail(request, error);
	else if (node_condition(commands->node) == NODE_DOWN)
		control_fail(request, "this node is down; \"meshctl up\" first");
	else if (!mesh_renew(node_mesh(commands->node), peer, PEERMESSAGE_ASKED, false))
		control_fail(request, "no peer is called \"%s\"; \"meshctl status\" lists them",
			     peer);
	else
		control_finish(request, NULL);
}

/* What the request asks of the peer; a path is missing when all are meant. */
static bool set_policy(struct dataplane_peer *peer, JsonObject *message, GError **error)
{
	const char *name = message_get_string(message, "policy", 1, MESSAGE_MAX_NAME, error);
	enum wgmesh_path_policy policy;
	gint64 id;

	if (!name)
		return false;
	if (!pathnl_parse_policy(name, &policy)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
			    "\"policy\" has to be \"auto\", \"force\" or \"forbid\"");
		return false;
	}
	if (policy == WGMESH_PATH_POLICY_AUTO && !message_has(message, "path"))
		return path_policy_clear(peer, error);
	return message_get_int(message, "path", 1, G_MAXUINT32, &id, error) &&
	       path_policy_set(peer, id, policy, error);
}

static void path_policy(struct commands *commands, struct control_request *request)
{
	JsonObject *message = control_request_message(request);
	GError *error = NULL;
	const char *name = message_get_string(message, "peer", 1, PEER_HOSTNAME_SIZE, &error);
	const struct peer *peer = name ? mesh_find(node_mesh(commands->node), name) : NULL;

	if (!name)
		fail(request, error);
	else if (!peer || !peer_dataplane(peer))
		control_fail(request, "no peer is called \"%s\"; \"meshctl status\" lists them",
			     name);
	else if (!set_policy(peer_dataplane(peer), message, &error))
		fail(request, error);
	else
		control_finish(request, NULL);
}

static void relays(struct commands *commands, struct control_request *request)
{
	JsonObject *answer = json_object_new();

	json_object_set_array_member(answer, "relays",
				     relays_list(mesh_relays(node_mesh(commands->node))));
	control_finish(request, answer);
}

static const struct {
	const char *name;
	void (*run)(struct commands *commands, struct control_request *request);
} table[] = {
	{ "up", up },
	{ "down", down },
	{ "leave", leave },
	{ "status", status },
	{ "reconnect", reconnect },
	{ "path-policy", path_policy },
	{ "relays", relays },
};

static void on_request(struct control_request *request, void *data)
{
	struct commands *commands = data;
	const char *name = control_request_name(request);

	for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
		if (strcmp(table[i].name, name) == 0) {
			table[i].run(commands, request);
			return;
		}
	}
	control_fail(request, "meshd does not know the request \"%s\"; is meshctl newer?", name);
}

/* Whoever may look sees all that "meshctl status", "paths", "ping" and "wait" show. */
static const char *const views[] = { "status", "relays", NULL };

struct commands *commands_new(const char *path, const char *group, const char *viewers,
			      GError **error)
{
	const struct control_access access = { group, viewers, views };
	struct commands *commands = g_new0(struct commands, 1);

	g_queue_init(&commands->waiting);
	commands->server = control_server_new(path, &access, on_request, commands, error);
	if (commands->server)
		return commands;
	g_free(commands);
	return NULL;
}

void commands_set_node(struct commands *commands, struct node *node)
{
	commands->node = node;
}

void commands_on_left(struct commands *commands, void (*left)(void *data), void *data)
{
	commands->left = left;
	commands->left_data = data;
}

void commands_free(struct commands *commands)
{
	if (!commands)
		return;
	on_settled("meshd was stopped", commands);
	if (commands->leaving)
		finish(g_steal_pointer(&commands->leaving), "meshd was stopped");
	control_server_free(commands->server);
	g_free(commands);
}
