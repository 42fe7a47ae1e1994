// SPDX-License-Identifier: GPL-2.0
/* Receiving what the kernel multicasts. */
#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink-socket.h"
#include "netlink.h"

/* Room for a burst of events while the main loop is busy, in bytes as the kernel counts them. */
#define RECEIVE_BUFFER (4 * 1024 * 1024)

/* Datagrams read before other sources of the main loop get their turn. */
#define READ_AT_ONCE 64

struct netlink_watch {
	int fd;
	GSource *source;
	guint8 *buffer;
	netlink_event_fn event;
	void *data;
};

static void read_events(struct netlink_watch *watch, int size)
{
	const struct nlmsghdr *event;

	for (event = (void *)watch->buffer; nlmsg_ok(event, size);
	     event = nlmsg_next((void *)event, &size)) {
		if (event->nlmsg_type >= NLMSG_MIN_TYPE)
			watch->event(event, watch->data);
	}
}

static gboolean on_readable(G_GNUC_UNUSED gint fd, G_GNUC_UNUSED GIOCondition condition,
			    void *data)
{
	struct netlink_watch *watch = data;
	ssize_t size;

	for (int i = 0; i < READ_AT_ONCE; i++) {
		size = netlink_socket_receive(watch->fd, watch->buffer, MSG_DONTWAIT);
		if (size >= 0)
			read_events(watch, size);
		else if (errno == ENOBUFS || errno == EMSGSIZE)
			watch->event(NULL, watch->data);
		else if (errno != EINTR)
			break;
	}
	return G_SOURCE_CONTINUE;
}

struct netlink_watch *netlink_watch_new(int protocol, netlink_event_fn event, void *data,
					GError **error)
{
	int fd = netlink_socket(protocol, error);
	int size = RECEIVE_BUFFER;
	struct netlink_watch *watch;

	if (fd < 0)
		return NULL;
	/* Beyond the system's limit only with CAP_NET_ADMIN; less works, too: see ENOBUFS. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));

	watch = g_new0(struct netlink_watch, 1);
	watch->fd = fd;
	watch->buffer = g_malloc(NETLINK_BUFFER_SIZE);
	watch->event = event;
	watch->data = data;
	watch->source = g_unix_fd_source_new(fd, G_IO_IN | G_IO_ERR);
	g_source_set_callback(watch->source, G_SOURCE_FUNC(on_readable), watch, NULL);
	g_source_attach(watch->source, g_main_context_get_thread_default());
	return watch;
}

bool netlink_watch_join(struct netlink_watch *watch, guint32 group, GError **error)
{
	int number = group;

	if (setsockopt(watch->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &number,
		       sizeof(number)) == 0)
		return true;
	if (errno == EPERM)
		return netlink_fail(error, errno, "events of the kernel: not permitted: run as "
				    "root, or with CAP_NET_ADMIN");
	return netlink_fail(error, errno, "cannot subscribe to netlink group %d: %s", number,
			    g_strerror(errno));
}

void netlink_watch_free(struct netlink_watch *watch)
{
	if (!watch)
		return;
	g_source_destroy(watch->source);
	g_source_unref(watch->source);
	close(watch->fd);
	g_free(watch->buffer);
	g_free(watch);
}
