/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_POLLER_H
#define WGMESH_POLLER_H

#include <glib.h>
#include <stdbool.h>

/*
 * Thousands of sockets in the default main loop as one epoll descriptor: the main loop itself
 * looks at each of its sources in each round.
 */

struct poller;

/**
 * struct poll_entry - a socket that is waited for
 * @ready: called with the events of epoll; may remove any entry
 * @fd: the socket
 */
struct poll_entry {
	void (*ready)(struct poll_entry *entry, guint32 events);
	int fd;
};

/**
 * poller_new() - make an empty poller in the default main loop
 * @error: G_IO_ERROR: why epoll cannot be had
 *
 * Return: (owned by the caller) the poller; free with poller_free(). NULL on error.
 */
struct poller *poller_new(GError **error);

/**
 * poller_free() - free a poller
 * @poller: the poller, or NULL
 */
void poller_free(struct poller *poller);

/**
 * poller_add() - wait for a socket to be readable, or to have an error queued
 * @poller: the poller
 * @entry: the socket; must stay until poller_remove()
 *
 * Return: false, with errno, when the kernel cannot.
 */
bool poller_add(struct poller *poller, struct poll_entry *entry);

/**
 * poller_change() - wait for other events
 * @poller: the poller
 * @entry: the socket, which is waited for
 * @events: of epoll; that there is an error or that the other end has hung up is always told
 */
void poller_change(struct poller *poller, struct poll_entry *entry, guint32 events);

/**
 * poller_remove() - stop waiting; to be called before the socket is closed
 * @poller: the poller
 * @entry: the socket; not called any more
 */
void poller_remove(struct poller *poller, struct poll_entry *entry);

#endif
