// SPDX-License-Identifier: GPL-2.0
/* Ports that are kept without being used. */
#include "agent/port.h"

#include <errno.h>
#include <glib.h>
#include <sys/socket.h>
#include <unistd.h>

/* So much would fill a socket that nobody reads. */
#define MANY 2000

static int new_socket(const char *text, struct endpoint *local)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(local->in);

	g_assert_true(endpoint_parse(text, local, NULL));
	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(bind(fd, &local->sa, endpoint_socklen(local)), ==, 0);
	g_assert_cmpint(getsockname(fd, &local->sa, &size), ==, 0);
	return fd;
}

static bool can_be_bound(const struct endpoint *local)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool bound = bind(fd, &local->sa, endpoint_socklen(local)) == 0;

	g_assert_true(bound || errno == EADDRINUSE);
	close(fd);
	return bound;
}

/* On the loopback an ICMP error has come when send() returns: the next one tells. */
static bool is_refused(const struct endpoint *remote)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool refused = false;

	g_assert_cmpint(connect(fd, &remote->sa, endpoint_socklen(remote)), ==, 0);
	for (guint i = 0; i < MANY; i++)
		refused |= send(fd, "check", 5, 0) < 0 && errno == ECONNREFUSED;
	close(fd);
	return refused;
}

static void test_take(void)
{
	struct endpoint local, other;
	int fd = new_socket("127.0.0.1:0", &local);
	struct port *port = port_take(fd);
	char bytes[16];

	g_assert_nonnull(port);
	g_assert_true(port_is_at(port, &local));
	g_assert_false(is_refused(&local));
	g_assert_cmpint(recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT), ==, -1);
	g_assert_cmpint(errno, ==, EAGAIN);

	close(fd);
	g_assert_false(can_be_bound(&local));
	g_assert_null(port_bind(&local));
	g_assert_false(is_refused(&local));
	close(new_socket("127.0.0.1:0", &other));
	g_assert_false(port_is_at(port, &other));

	port_free(port);
	g_assert_true(is_refused(&local));
	g_assert_true(can_be_bound(&local));
}

static void test_bind(void)
{
	struct endpoint local;
	struct port *port;

	close(new_socket("127.0.0.1:0", &local));
	g_assert_true(is_refused(&local));
	port = port_bind(&local);
	g_assert_nonnull(port);
	g_assert_true(port_is_at(port, &local));
	g_assert_false(can_be_bound(&local));
	g_assert_false(is_refused(&local));
	port_free(port);
	g_assert_true(can_be_bound(&local));
}

/* It is not an address of this machine. */
static void test_elsewhere(void)
{
	struct endpoint local;

	g_assert_true(endpoint_parse("203.0.113.1:4000", &local, NULL));
	g_assert_null(port_bind(&local));
	port_free(NULL);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/port/take", test_take);
	g_test_add_func("/port/bind", test_bind);
	g_test_add_func("/port/elsewhere", test_elsewhere);
	return g_test_run();
}
