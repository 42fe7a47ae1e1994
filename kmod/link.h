/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Watching interfaces and addresses: a path that lost its link is dead at once.
 */
#ifndef WGMESH_LINK_H
#define WGMESH_LINK_H

#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct wgmesh_net;

/* More interfaces than that change at once when a machine boots, or half of it is rebuilt. */
#define WGMESH_LINK_EVENTS	16

/**
 * struct wgmesh_link_events - interfaces that changed, or whose addresses did
 * @ifindices: their indices, each once
 * @n: how many
 * @overflow: there were more: any may have changed
 */
struct wgmesh_link_events {
	int ifindices[WGMESH_LINK_EVENTS];
	unsigned int n;
	bool overflow;
};

/**
 * struct wgmesh_link - watching the interfaces of a namespace
 * @work: looks at the paths that @events concern
 * @lock: for @events
 * @events: since it did so last
 */
struct wgmesh_link {
	struct work_struct work;
	spinlock_t lock; /* see @lock */
	struct wgmesh_link_events events;
};

int wgmesh_link_register(void);
void wgmesh_link_unregister(void);
void wgmesh_link_init(struct wgmesh_net *wn);
void wgmesh_link_exit(struct wgmesh_net *wn);
void wgmesh_link_look(struct wgmesh_net *wn);

#endif /* WGMESH_LINK_H */
