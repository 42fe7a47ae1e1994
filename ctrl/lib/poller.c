// SPDX-License-Identifier: GPL-2.0
/* Thousands of sockets in the main loop as one epoll descriptor. */
#include "poller.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Sockets served before the rest of the main loop gets its turn. */
#define BATCH 64

/**
 * struct poller - see poller.h
 * @fd: of epoll
 * @source: GLib source of @fd
 * @events: what is being worked on, so that an entry that is removed meanwhile is not called
 * @n_events: how many of @events there are
 */
struct poller {
	int fd;
	guint source;
	struct epoll_event events[BATCH];
	int n_events;
};

static gboolean ready(gint fd, GIOCondition condition G_GNUC_UNUSED, void *data)
{
	struct poller *poller = data;

	poller->n_events = epoll_wait(fd, poller->events, BATCH, 0);
	for (int i = 0; i < poller->n_events; i++) {
		struct poll_entry *entry = poller->events[i].data.ptr;

		if (entry)
			entry->ready(entry, poller->events[i].events);
	}
	poller->n_events = 0;
	return G_SOURCE_CONTINUE;
}

struct poller *poller_new(GError **error)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);
	struct poller *poller;

	if (fd < 0) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
			    "cannot have epoll: %s", g_strerror(errno));
		return NULL;
	}
	poller = g_new0(struct poller, 1);
	poller->fd = fd;
	poller->source = g_unix_fd_add(fd, G_IO_IN, ready, poller);
	return poller;
}

void poller_free(struct poller *poller)
{
	if (!poller)
		return;
	g_source_remove(poller->source);
	close(poller->fd);
	g_free(poller);
}

bool poller_add(struct poller *poller, struct poll_entry *entry)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = entry };

	return epoll_ctl(poller->fd, EPOLL_CTL_ADD, entry->fd, &event) == 0;
}

void poller_change(struct poller *poller, struct poll_entry *entry, guint32 events)
{
	struct epoll_event event = { .events = events, .data.ptr = entry };

	epoll_ctl(poller->fd, EPOLL_CTL_MOD, entry->fd, &event);
}

void poller_remove(struct poller *poller, struct poll_entry *entry)
{
	epoll_ctl(poller->fd, EPOLL_CTL_DEL, entry->fd, NULL);
	for (int i = 0; i < poller->n_events; i++)
		if (poller->events[i].data.ptr == entry)
			poller->events[i].data.ptr = NULL;
}
