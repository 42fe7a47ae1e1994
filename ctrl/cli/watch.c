// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <glib-unix.h>
#include <stdio.h>

#include "module.h"
#include "pathnl-names.h"

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

static void print_path(const struct pathnl_event *event)
{
	const struct pathnl_path *path = &event->path;
	char local[ENDPOINT_STRLEN], remote[ENDPOINT_STRLEN];

	printf("%s %u: peer %u, %s %s -> %s, priority %u%s\n", event_name(event->type), path->id,
	       path->peer, pathnl_kind_name(path->kind), endpoint_print(&path->local, local),
	       endpoint_print(&path->remote, remote), path->priority,
	       path->selected ? ", in use" : "");
}

static void print_selection(const struct pathnl_selection *selection)
{
	g_autofree char *from = g_strdup_printf("path %u", selection->from);
	g_autofree char *to = g_strdup_printf("path %u", selection->to);

	printf("selection: peer %u, from %s to %s (%s)\n", selection->peer,
	       selection->from ? from : "none", selection->to ? to : "none",
	       pathnl_reason_name(selection->reason));
}

static void print_line(const struct pathnl_event *event)
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
		print_path(event);
		break;
	case PATHNL_SELECTION:
		print_selection(&event->selection);
		break;
	default:
		puts(event_name(event->type));
		break;
	}
}

static void on_event(const struct pathnl_event *event, void *data)
{
	const struct cli *cli = data;

	if (cli->json)
		print_json(event);
	else
		print_line(event);
	fflush(stdout);
}

static gboolean on_signal(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_CONTINUE;
}

static enum cli_status run(const struct cli *cli, G_GNUC_UNUSED char **arguments)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	g_autoptr(GError) error = NULL;
	g_autoptr(pathnl_events) events = pathnl_events_new(on_event, (void *)cli, &error);

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
		"One line an event; with --json one object a line. \"lost\" says that events came\n"
		"faster than they were read: look at the lists again.",
	.has_json = true,
	.run = run,
};
