/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PATHNL_EVENTS_H
#define WGMESH_PATHNL_EVENTS_H

#include "pathnl-bounce.h"
#include "pathnl.h"

/* What happens in the module, as it happens, in the network namespace of the subscriber. */

/**
 * enum pathnl_event_type - what happened
 * @PATHNL_DEVICE: a device was attached or changed
 * @PATHNL_DEVICE_DEL: a device was detached
 * @PATHNL_PEER: a peer was added or changed
 * @PATHNL_PEER_DEL: a peer was removed
 * @PATHNL_PATH: a path was added or changed; also when its state did, or its endpoints moved
 * @PATHNL_PATH_DEL: a path was removed
 * @PATHNL_SELECTION: another path was selected for a peer
 * @PATHNL_BOUNCE: an interface forwards between its peers from now on, or in another way
 * @PATHNL_BOUNCE_DEL: an interface forwards no longer
 * @PATHNL_LOST: events came faster than they were read, some are missing: dump again
 * @PATHNL_MODULE_LOADED: the module is there again, with no device: attach again
 * @PATHNL_MODULE_GONE: the module was unloaded, everything that it had with it
 */
enum pathnl_event_type {
	PATHNL_DEVICE,
	PATHNL_DEVICE_DEL,
	PATHNL_PEER,
	PATHNL_PEER_DEL,
	PATHNL_PATH,
	PATHNL_PATH_DEL,
	PATHNL_SELECTION,
	PATHNL_BOUNCE,
	PATHNL_BOUNCE_DEL,
	PATHNL_LOST,
	PATHNL_MODULE_LOADED,
	PATHNL_MODULE_GONE,
};

/**
 * struct pathnl_event - what happened, and to whom
 * @type: says which member of the union counts; none for the last three types
 */
struct pathnl_event {
	enum pathnl_event_type type;
	union {
		struct pathnl_device device;
		struct pathnl_peer peer;
		struct pathnl_path path;
		struct pathnl_selection selection;
		struct pathnl_bounce bounce;
	};
};

/**
 * struct pathnl_events - a subscription to the events of the module
 */
typedef struct pathnl_events pathnl_events;

/**
 * pathnl_events_new() - subscribe to the events of the module
 * @event: called from the thread-default main context; may not free the subscription
 * @data: for @event
 * @error: NETLINK_ERROR
 *
 * Works while the module is not loaded, too: then PATHNL_MODULE_LOADED comes first. Subscribe
 * before dumping, and no change is missed.
 *
 * Return: (owned by the caller) the subscription; NULL on error.
 */
struct pathnl_events *pathnl_events_new(void (*event)(const struct pathnl_event *event, void *data),
					void *data, GError **error);

/**
 * pathnl_module_watch() - the same, but for nothing but PATHNL_MODULE_GONE and
 *	PATHNL_MODULE_LOADED, for who causes many of the others
 * @event: called from the thread-default main context of the caller
 * @data: for @event
 * @error: NETLINK_ERROR
 *
 * Return: (owned by the caller) the subscription; NULL on error. pathnl_events_free() it.
 */
struct pathnl_events *pathnl_module_watch(void (*event)(const struct pathnl_event *event,
							void *data),
					  void *data, GError **error);

/**
 * pathnl_events_free() - end it
 * @events: a subscription, or NULL
 */
void pathnl_events_free(struct pathnl_events *events);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pathnl_events, pathnl_events_free)

#endif
