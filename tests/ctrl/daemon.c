// SPDX-License-Identifier: GPL-2.0
#include "daemon.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct endpoint daemon_free_endpoint(const char *address)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct endpoint ep;
	socklen_t len = sizeof(ep.in);

	g_assert_true(endpoint_parse(address, &ep, NULL));
	g_assert_cmpint(bind(fd, &ep.sa, endpoint_socklen(&ep)), ==, 0);
	g_assert_cmpint(getsockname(fd, &ep.sa, &len), ==, 0);
	close(fd);
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
		g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_SILENCE |
					  G_SUBPROCESS_FLAGS_STDERR_SILENCE);
	g_autoptr(GError) error = NULL;
	GSubprocess *process;

	g_subprocess_launcher_set_child_setup(launcher, end_with_parent, NULL, NULL);
	process = g_subprocess_launcher_spawnv(launcher, argv, &error);
	g_assert_no_error(error);
	for (gsize i = 0; i < n_endpoints; i++) {
		while (!listens(endpoints[i])) {
			g_assert_nonnull(g_subprocess_get_identifier(process));
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
