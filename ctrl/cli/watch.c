// SPDX-License-Identifier: GPL-2.0
/* meshctl watch: what the module does, as it happens. */
#include <errno.h>
#include <glib-unix.h>
#include <stdio.h>

#include "lib/pathnl-events.h"
#include "lib/pathnl-names.h"
#include "module.h"
#include "path-words.h"
#include "peer-names.h"

/**
 * struct watch - what is printed, and how
 * @cli: as JSON, or in words
 * @names: of peers, for the words
 */
struct watch {
	const struct cli *cli;
	struct peer_names *names;
};

static const char *event_name(enum pathnl_event_type type)
{
	static const char *const names[] = {
		[PATHNL_DEVICE] = "device",
		[PATHNL_DEVICE_DEL] = "device-removed",
		[PATHNL_PEER] = "peer",
		[PATHNL_PEER_DEL] = "peer-removed",
		[PATHNL_PATH] = "path",
		[PATHNL_PATH_DEL] = "path-removed",
		[PATHNL_SELECTION] = "selection",
		[PATHNL_BOUNCE] = "bounce",
		[PATHNL_BOUNCE_DEL] = "bounce-removed",
		[PATHNL_LOST] = "lost",
		[PATHNL_MODULE_LOADED] = "module-loaded",
		[PATHNL_MODULE_GONE] = "module-gone",
	};

	return names[type];
}

static void print_json(const struct pathnl_event *event)
{
	g_autoptr(JsonObject) object = json_object_new();
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
	g_autofree char *text = NULL;

	json_object_set_int_member(object, "version", 1);
	json_object_set_string_member(object, "event", event_name(event->type));
	switch (event->type) {
	case PATHNL_DEVICE:
	case PATHNL_DEVICE_DEL:
		json_object_set_object_member(object, "device", module_device_json(&event->device));
		break;
	case PATHNL_PEER:
	case PATHNL_PEER_DEL:
		json_object_set_object_member(object, "peer", module_peer_json(&event->peer));
		break;
	case PATHNL_PATH:
	case PATHNL_PATH_DEL:
		json_object_set_object_member(object, "path", module_path_json(&event->path));
		break;
	case PATHNL_SELECTION:
		json_object_set_object_member(object, "selection",
					      module_selection_json(&event->selection));
		break;
	case PATHNL_BOUNCE:
	case PATHNL_BOUNCE_DEL:
		json_object_set_object_member(object, "bounce", module_bounce_json(&event->bounce));
		break;
	default:
		break;
	}
	json_node_set_object(root, object);
	text = json_to_string(root, FALSE);
	puts(text);
}

static void print_peer(const struct pathnl_event *event)
{
	char key[KEY_STRLEN], endpoint[ENDPOINT_STRLEN];

	printf("%s %u: %s on device %u, virtual endpoint %s\n", event_name(event->type),
	       event->peer.id, key_print(&event->peer.public_key, key), event->peer.device,
	       endpoint_print(&event->peer.virtual_endpoint, endpoint));
}

/* "peer 2", or "peer 2 (office)" when meshd knows it. */
static char *describe_peer(struct watch *watch, guint32 id)
{
	const char *name = peer_names_find(watch->names, id);

	return name ? g_strdup_printf("peer %u (%s)", id, name) : g_strdup_printf("peer %u", id);
}

static void print_path(struct watch *watch, const struct pathnl_event *event)
{
	const struct pathnl_path *path = &event->path;
	g_autofree char *peer = describe_peer(watch, path->peer);
	char local[ENDPOINT_STRLEN], remote[ENDPOINT_STRLEN];

	printf("%s %u: %s, %s %s -> %s, priority %u, %s%s%s%s%s%s\n", event_name(event->type),
	       path->id, peer, pathnl_kind_name(path->kind), endpoint_print(&path->local, local),
	       endpoint_print(&path->remote, remote), path->priority,
	       pathnl_state_name(path->state), path->lossy ? ", lossy" : "",
	       path->held ? ", held" : "",
	       path->policy == WGMESH_PATH_POLICY_AUTO ? "" : ", policy ",
	       path->policy == WGMESH_PATH_POLICY_AUTO ? "" : pathnl_policy_name(path->policy),
	       path->selected ? ", in use" : "");
}

static void print_selection(struct watch *watch, const struct pathnl_selection *selection)
{
	g_autofree char *peer = describe_peer(watch, selection->peer);
	g_autofree char *from = g_strdup_printf("path %u", selection->from);
	g_autofree char *to = g_strdup_printf("path %u", selection->to);
	const char *reason = pathnl_reason_name(selection->reason);

	printf("selection: %s, from %s to %s (%s): %s\n", peer, selection->from ? from : "none",
	       selection->to ? to : "none", reason, path_words_reason(reason));
}

static void print_line(struct watch *watch, const struct pathnl_event *event)
{
	switch (event->type) {
	case PATHNL_DEVICE:
	case PATHNL_DEVICE_DEL:
		printf("%s %u: %s\n", event_name(event->type), event->device.id,
		       event->device.ifname);
		break;
	case PATHNL_PEER:
	case PATHNL_PEER_DEL:
		print_peer(event);
		break;
	case PATHNL_PATH:
	case PATHNL_PATH_DEL:
		print_path(watch, event);
		break;
	case PATHNL_SELECTION:
		print_selection(watch, &event->selection);
		break;
	case PATHNL_BOUNCE:
	case PATHNL_BOUNCE_DEL:
		printf("%s: %s\n", event_name(event->type), event->bounce.ifname);
		break;
	case PATHNL_MODULE_GONE:
		peer_names_forget(watch->names);
		puts(event_name(event->type));
		break;
	default:
		puts(event_name(event->type));
		break;
	}
}

static void on_event(const struct pathnl_event *event, void *data)
{
	struct watch *watch = data;

	if (watch->cli->json)
		print_json(event);
	else
		print_line(watch, event);
	fflush(stdout);
}

static gboolean on_signal(void *loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_CONTINUE;
}

static enum cli_status run(const struct cli *cli, G_GNUC_UNUSED char **arguments)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autoptr(peer_names) names = peer_names_new(cli);
	struct watch watch = { .cli = cli, .names = names };
	g_autoptr(GError) error = NULL;
	g_autoptr(pathnl_events) events = pathnl_events_new(on_event, &watch, &error);

	if (!events)
		return cli_fail_error(error);
	g_unix_signal_add(SIGINT, on_signal, loop);
	g_unix_signal_add(SIGTERM, on_signal, loop);
	g_printerr("watching; Ctrl-C ends\n");
	g_main_loop_run(loop);
	return CLI_OK;
}

const struct command command_watch = {
	.name = "watch",
	.arguments = "",
	.summary = "print what happens in the kernel module as it happens",
	.description =
		"One line an event; with --json one object a line. \"selection\" is a switch to another\n"
		"path, with its reason. \"lost\" says that events came faster than they were read: look\n"
		"at the lists again.",
	.has_json = true,
	.run = run,
};
