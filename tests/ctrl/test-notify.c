// SPDX-License-Identifier: GPL-2.0
#include "lib/notify.h"

#include <glib/gstdio.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A service manager's socket; name as NOTIFY_SOCKET has it. */
static int manager_socket(const char *name)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	g_assert_cmpint(fd, >=, 0);
	memcpy(un.sun_path, name, strlen(name));
	if (name[0] == '@')
		un.sun_path[0] = '\0';
	g_assert_cmpint(bind(fd, (struct sockaddr *)&un,
			     offsetof(struct sockaddr_un, sun_path) + strlen(name)), ==, 0);
	return fd;
}

static void check_delivery(const char *name)
{
	int fd = manager_socket(name);
	char got[64];

	g_setenv("NOTIFY_SOCKET", name, TRUE);
	notify_service_manager("READY=1\nSTATUS=up");
	g_assert_cmpmem(got, recv(fd, got, sizeof(got), 0), "READY=1\nSTATUS=up", 17);
	g_unsetenv("NOTIFY_SOCKET");
	notify_service_manager("STOPPING=1");
	g_assert_cmpint(recv(fd, got, sizeof(got), 0), ==, -1);
	close(fd);
}

static void test_path(void)
{
	g_autofree char *dir = g_dir_make_tmp("test-notify-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "socket", NULL);

	check_delivery(path);
	g_assert_cmpint(g_unlink(path), ==, 0);
	g_assert_cmpint(g_rmdir(dir), ==, 0);
}

static void test_abstract(void)
{
	g_autofree char *name = g_strdup_printf("@wgmesh-test-notify-%d", getpid());

	check_delivery(name);
}

static void test_unusable(void)
{
	g_autofree char *long_name = g_strnfill(200, '/');
	const char *const names[] = { "", "relative", "/no/such/socket", long_name };

	if (g_test_subprocess()) {
		for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
			g_setenv("NOTIFY_SOCKET", names[i], TRUE);
			notify_service_manager("READY=1");
		}
		return;
	}
	g_test_trap_subprocess(NULL, 0, 0);
	g_test_trap_assert_passed();
	g_test_trap_assert_stderr("NOTIFY_SOCKET='relative' is neither*\n"
				  "cannot notify the service manager at /no/such/socket: *\n"
				  "NOTIFY_SOCKET='//*' is neither*\n");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/notify/path", test_path);
	g_test_add_func("/notify/abstract", test_abstract);
	g_test_add_func("/notify/unusable", test_unusable);
	return g_test_run();
}
