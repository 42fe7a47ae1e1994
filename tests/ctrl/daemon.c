// SPDX-License-Identifier: GPL-2.0
#include "daemon.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Below what the kernel gives away by itself (net.ipv4.ip_local_port_range), where any connection of
 * any program could take it before the server does.
 */
#define FIRST_PORT 20000
#define LAST_PORT 32000

static bool is_free(const struct endpoint *ep, int type)
{
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	bool free = bind(fd, &ep->sa, endpoint_socklen(ep)) == 0;

	close(fd);
	return free;
}

/* Whether the port is this program's from now until it ends: other tests run at the same time. */
static bool reserve(guint16 port)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	/* abstract: it begins with a zero, and goes with the socket */
	snprintf(name.sun_path + 1, sizeof(name.sun_path) - 1, "wgmesh-test-port-%u", port);
	if (bind(fd, (struct sockaddr *)&name, sizeof(name)) == 0)
		return true;
	close(fd);
	return false;
}

struct endpoint daemon_free_endpoint(const char *address)
{
	struct endpoint ep;

	g_assert_true(endpoint_parse(address, &ep, NULL));
	do {
		endpoint_set_port(&ep, (guint16)g_random_int_range(FIRST_PORT, LAST_PORT));
	} while (!reserve(endpoint_port(&ep)) || !is_free(&ep, SOCK_STREAM) ||
		 !is_free(&ep, SOCK_DGRAM));
	return ep;
}

/* Whether a TCP connection is taken in. */
static bool listens(const struct endpoint *ep)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool there = connect(fd, &ep->sa, endpoint_socklen(ep)) == 0;

	close(fd);
	return there;
}

static void end_with_parent(G_GNUC_UNUSED void *data)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

GSubprocess *daemon_start(const char *const *argv, const struct endpoint *const *endpoints,
			  gsize n_endpoints)
{
	g_autoptr(GSubprocessLauncher) launcher =
		g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
	g_autoptr(GError) error = NULL;
	GSubprocess *process;

	g_subprocess_launcher_set_child_setup(launcher, end_with_parent, NULL, NULL);
	process = g_subprocess_launcher_spawnv(launcher, argv, &error);
	g_assert_no_error(error);
	for (gsize i = 0; i < n_endpoints; i++) {
		while (!listens(endpoints[i])) {
			if (!g_subprocess_get_identifier(process))
				g_error("%s has ended before it listened", argv[0]);
			g_main_context_iteration(NULL, FALSE);
			poll(NULL, 0, 10);
		}
	}
	return process;
}

void daemon_suspend(GSubprocess *process)
{
	pid_t pid = (pid_t)g_ascii_strtoll(g_subprocess_get_identifier(process), NULL, 10);
	siginfo_t info;

	g_subprocess_send_signal(process, SIGSTOP);
	g_assert_no_errno(TEMP_FAILURE_RETRY(waitid(P_PID, pid, &info, WSTOPPED | WNOWAIT)));
}

void daemon_stop(GSubprocess **process)
{
	if (!*process)
		return;
	g_subprocess_force_exit(*process);
	g_subprocess_wait(*process, NULL, NULL);
	g_clear_object(process);
}

static gboolean on_impatient(G_GNUC_UNUSED void *data)
{
	g_error("nothing happens any more");
	return G_SOURCE_REMOVE;
}

guint daemon_impatience_new(void)
{
	return g_timeout_add_seconds(PATIENCE_S, on_impatient, NULL);
}
