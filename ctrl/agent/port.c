// SPDX-License-Identifier: GPL-2.0
/* A port that ICE has left, kept for the path that sends from it. */
#include "port.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <sys/socket.h>
#include <unistd.h>

struct port {
	int fd;
	struct endpoint local;
};

static bool drop_everything(int fd)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { .len = 1, .filter = &drop };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0;
}

static bool read_endpoint(int fd, struct endpoint *local)
{
	union {
		struct sockaddr sa;
		struct sockaddr_storage storage;
	} name;
	socklen_t size = sizeof(name);

	return getsockname(fd, &name.sa, &size) == 0 &&
	       endpoint_from_sockaddr(local, &name.sa, size);
}

/* Takes the socket. */
static struct port *keep(int fd)
{
	struct port *port;
	struct endpoint local;

	if (!drop_everything(fd) || !read_endpoint(fd, &local)) {
		close(fd);
		return NULL;
	}
	port = g_new0(struct port, 1);
	port->fd = fd;
	port->local = local;
	return port;
}

struct port *port_take(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	return copy < 0 ? NULL : keep(copy);
}

struct port *port_bind(const struct endpoint *local)
{
	int fd = socket(local->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return NULL;
	if (bind(fd, &local->sa, endpoint_socklen(local)) < 0) {
		close(fd);
		return NULL;
	}
	return keep(fd);
}

void port_free(struct port *port)
{
	if (!port)
		return;
	close(port->fd);
	g_free(port);
}

static void free_element(void *port)
{
	port_free(port);
}

GPtrArray *port_array_new(void)
{
	return g_ptr_array_new_with_free_func(free_element);
}

bool port_is_at(const struct port *port, const struct endpoint *local)
{
	return endpoint_equal(&port->local, local);
}
