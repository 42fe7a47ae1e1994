// SPDX-License-Identifier: GPL-2.0
/* The events of the module, and its coming and going. */
#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/genl/genl.h>

#include "log.h"
#include "pathnl-message.h"

/**
 * struct pathnl_events - a subscription to the events of the module
 * @watch: receives them, and the comings and goings of netlink families
 * @family: number of the module's family; 0 while the module is not loaded
 * @module_only: nothing but the comings and goings of the module is of interest
 * @event: the subscriber
 * @data: for @event
 */
struct pathnl_events {
	struct netlink_watch *watch;
	guint16 family;
	bool module_only;
	void (*event)(const struct pathnl_event *event, void *data);
	void *data;
};

static void tell(struct pathnl_events *events, enum pathnl_event_type type)
{
	struct pathnl_event event = { .type = type };

	events->event(&event, events->data);
}

static bool attach(struct pathnl_events *events, const struct netlink_family *family,
		   GError **error)
{
	if (!family->events && !events->module_only)
		return netlink_fail(error, EPROTONOSUPPORT,
				    "the loaded module wgmesh has no multicast group \"%s\": "
				    "it is of another version than this program",
				    WGMESH_MCGRP_EVENTS);
	if (!events->module_only && !netlink_watch_join(events->watch, family->events, error))
		return false;
	events->family = family->id;
	return true;
}

/* Reads which family is there now, without loading the module. */
static bool find_family(struct netlink_family *family, GError **error)
{
	g_autoptr(netlink) socket = netlink_open(NETLINK_GENERIC, error);
	g_autoptr(GError) problem = NULL;

	if (!socket)
		return false;
	*family = (struct netlink_family){ 0 };
	if (netlink_family(socket, WGMESH_FAMILY_NAME, WGMESH_MCGRP_EVENTS, false, family,
			   &problem) ||
	    g_error_matches(problem, NETLINK_ERROR, ENOENT))
		return true;
	g_propagate_error(error, g_steal_pointer(&problem));
	return false;
}

static void follow_module(struct pathnl_events *events, const struct netlink_family *family)
{
	g_autoptr(GError) error = NULL;

	if (family->id == events->family)
		return;
	if (events->family) {
		events->family = 0;
		tell(events, PATHNL_MODULE_GONE);
	}
	if (!family->id)
		return;
	if (attach(events, family, &error))
		tell(events, PATHNL_MODULE_LOADED);
	else
		log_error("%s", error->message);
}

/* Among the lost events may have been that the module went or came. */
static void on_lost(struct pathnl_events *events)
{
	struct netlink_family family;
	g_autoptr(GError) error = NULL;

	if (find_family(&family, &error))
		follow_module(events, &family);
	else
		log_error("%s", error->message);
	tell(events, PATHNL_LOST);
}

static void on_family(struct pathnl_events *events, const struct nlmsghdr *message)
{
	struct netlink_family family;
	const struct netlink_family none = { 0 };

	if (!netlink_family_parse(message, WGMESH_FAMILY_NAME, WGMESH_MCGRP_EVENTS, &family))
		return;
	switch (genlmsg_hdr((void *)message)->cmd) {
	case CTRL_CMD_NEWFAMILY:
		follow_module(events, &family);
		break;
	case CTRL_CMD_DELFAMILY:
		if (family.id == events->family)
			follow_module(events, &none);
		break;
	}
}

static void on_message(const struct nlmsghdr *message, void *data)
{
	struct pathnl_events *events = data;
	struct pathnl_event event;

	if (!message)
		on_lost(events);
	else if (message->nlmsg_type == GENL_ID_CTRL)
		on_family(events, message);
	else if (message->nlmsg_type == events->family && pathnl_parse_event(message, &event))
		events->event(&event, events->data);
}

static guint32 notify_group(GError **error)
{
	g_autoptr(netlink) socket = netlink_open(NETLINK_GENERIC, error);
	struct netlink_family control;

	if (!socket || !netlink_family(socket, "nlctrl", "notify", false, &control, error))
		return 0;
	return control.events;
}

static struct pathnl_events *subscribe(bool module_only,
				       void (*event)(const struct pathnl_event *event, void *data),
				       void *data, GError **error)
{
	g_autoptr(pathnl_events) events = g_new0(struct pathnl_events, 1);
	struct netlink_family family;
	guint32 notify = notify_group(error);

	if (!notify)
		return NULL;
	events->module_only = module_only;
	events->event = event;
	events->data = data;
	events->watch = netlink_watch_new(NETLINK_GENERIC, on_message, events, error);
	/* Before looking whether the module is there: it may come in between. */
	if (!events->watch || !netlink_watch_join(events->watch, notify, error) ||
	    !find_family(&family, error) || (family.id && !attach(events, &family, error)))
		return NULL;
	return g_steal_pointer(&events);
}

struct pathnl_events *pathnl_events_new(void (*event)(const struct pathnl_event *event, void *data),
					void *data, GError **error)
{
	return subscribe(false, event, data, error);
}

struct pathnl_events *pathnl_module_watch(void (*event)(const struct pathnl_event *event,
							void *data),
					  void *data, GError **error)
{
	return subscribe(true, event, data, error);
}

void pathnl_events_free(struct pathnl_events *events)
{
	if (!events)
		return;
	netlink_watch_free(events->watch);
	g_free(events);
}
