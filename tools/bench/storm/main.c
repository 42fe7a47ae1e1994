// SPDX-License-Identifier: GPL-2.0
/*
 * storm: what the nodes of a network cost mesh-server, all of them at once or one that does not rest.
 *
 *	storm SERVER NODES storm
 *	storm SERVER NODES flapping COUNT same|new WITNESS
 *
 * SERVER is the program; it runs on loopback with a directory of its own, and so many nodes join.
 * Then it is killed and started again, and they come back. Or one of them connects and leaves COUNT
 * times, under the same session or, like a process that is started again, under a new one each time.
 * Prints, with tabs in between,
 *
 *	NODES BACK ATTEMPTS CPU BYTES SECONDS		of a storm
 *	NODES COUNT IDLE BUSY BYTES WRITTEN		of one that does not rest
 *
 * BACK: how many came back. ATTEMPTS: to connect, of a node, on average. CPU: seconds that the server
 * ran until nobody was told anything any more. BYTES: that it sent, without TLS. SECONDS: until all
 * had their map. IDLE and BUSY: percent of a processor that the server took before, and during that.
 * WRITTEN: bytes of maps that WITNESS, one more node, put on its disk meanwhile (witness.c).
 */
#include <err.h>
#include <netinet/in.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "lib/control.h"

/* So many join at a time. */
#define JOINING_MAX 32

/* Who was told nothing for so long will be told no more: changes are gathered for 5 s at most. */
#define SILENCE_US (7 * G_USEC_PER_SEC)

/* Longer than a connection has to last for meshd to find it stable. */
#define STABLE_US (11 * G_USEC_PER_SEC)

/* A storm that is not over by then is given up. */
#define STORM_US (600 * G_USEC_PER_SEC)

/* A server lets a node connect that often for long. */
#define FLAP_US (2 * G_USEC_PER_SEC)

#define REST_US (30 * G_USEC_PER_SEC)

#define TICK_MS 20

static const char *program;
static char *directory, *socket_path, *listen_at;
static struct joinstring join;
static pid_t server, witness;
static struct client *clients;
static guint count;
static int poll_fd;
static guint64 written; /* by the witness */

/* The server */

/* Ends with this program. What it says goes to a file of the directory. */
static pid_t start(const char *const *argv)
{
	g_autofree char *log = g_build_filename(directory, "log", NULL);
	pid_t pid = fork();

	if (pid < 0)
		err(EXIT_FAILURE, "fork");
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!freopen(log, "a", stderr))
		err(EXIT_FAILURE, "%s", log);
	execv(argv[0], (char **)argv);
	err(EXIT_FAILURE, "%s", argv[0]);
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void start_server(void)
{
	g_autofree char *state = g_build_filename(directory, "state", NULL);
	g_autofree char *config = g_build_filename(directory, "server.conf", NULL);
	const char *argv[] = { program, "--config", config, "--listen", listen_at, "--public-host",
			       listen_at, "--state-dir", state, "--socket", socket_path, NULL };

	g_file_set_contents(config, "", 0, NULL);
	server = start(argv);
}

static double server_cpu_s(void)
{
	struct timespec ran;
	clockid_t clock;

	if (clock_getcpuclockid(server, &clock) || clock_gettime(clock, &ran) < 0)
		errx(EXIT_FAILURE, "the server has ended; see %s", directory);
	return ran.tv_sec + ran.tv_nsec / 1e9;
}

/* No other program listens there; one that asks for any port just then may. */
static void choose_port(void)
{
	struct endpoint ep;
	socklen_t len = sizeof(ep);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (!endpoint_parse("127.0.0.1:0", &ep, NULL) ||
	    bind(fd, &ep.sa, endpoint_socklen(&ep)) < 0 || getsockname(fd, &ep.sa, &len) < 0)
		err(EXIT_FAILURE, "no port");
	close(fd);
	listen_at = endpoint_format(&ep);
}

static void ask_for_setup_key(void)
{
	g_autoptr(JsonObject) request = json_object_new(), answer = NULL;
	g_autoptr(control_client) control = NULL;
	g_autoptr(GError) error = NULL;

	json_object_set_string_member(request, "request", "key-create");
	json_object_set_boolean_member(request, "reusable", TRUE);
	while (!(control = control_client_open(socket_path, "mesh-server", "", NULL))) {
		if (waitpid(server, NULL, WNOHANG))
			errx(EXIT_FAILURE, "the server has ended; see %s", directory);
		g_usleep(10000);
	}
	answer = control_client_call(control, request, NULL, NULL, &error);
	if (!answer || !joinstring_parse(json_object_get_string_member(answer, "join"), &join, &error))
		errx(EXIT_FAILURE, "%s", error->message);
}

/* The witness */

static char *witness_state(const char *name)
{
	return g_build_filename(directory, "witness", name, NULL);
}

static void start_witness(const char *path)
{
	g_autofree char *text = joinstring_format(&join), *state = witness_state(NULL);
	const char *argv[] = { path, state, text, NULL };

	witness = start(argv);
}

/* Each map is another file; no two are written within a second. */
static void look_at_witness(void)
{
	g_autofree char *map = witness_state("map.json");
	static ino_t last;
	struct stat st;

	if (!witness || stat(map, &st) < 0 || st.st_ino == last)
		return;
	last = st.st_ino;
	written += st.st_size;
}

/* The nodes */

static void run_once(void)
{
	struct epoll_event events[256];
	int ready = epoll_wait(poll_fd, events, G_N_ELEMENTS(events), TICK_MS);
	static gint64 looked_us;
	gint64 now_us;

	for (int i = 0; i < ready; i++)
		client_ready(events[i].data.ptr);
	now_us = g_get_monotonic_time();
	if (now_us - looked_us < TICK_MS * 1000)
		return;
	looked_us = now_us;
	for (guint i = 0; i < count; i++)
		client_look(&clients[i], now_us);
	look_at_witness();
}

static void run_for(gint64 us)
{
	gint64 end_us = g_get_monotonic_time() + us;

	while (g_get_monotonic_time() < end_us)
		run_once();
}

static void run_until_silent(void)
{
	gint64 heard_us;

	do {
		run_once();
		heard_us = 0;
		for (guint i = 0; i < count; i++)
			heard_us = MAX(heard_us, clients[i].heard_us);
	} while (g_get_monotonic_time() - heard_us < SILENCE_US);
}

static guint count_joined(void)
{
	guint joined = 0;

	for (guint i = 0; i < count; i++)
		joined += clients[i].phase == CLIENT_JOINED;
	return joined;
}

static guint64 sum_received(void)
{
	guint64 sum = 0;

	for (guint i = 0; i < count; i++)
		sum += clients[i].received;
	return sum;
}

static void join_all(void)
{
	guint begun = 0, joined = 0;

	while (joined < count) {
		while (begun < count && begun - joined < JOINING_MAX)
			client_connect(&clients[begun++]);
		run_once();
		joined = count_joined();
	}
	run_until_silent();
	run_for(STABLE_US);
}

static void make_nodes(void)
{
	poll_fd = epoll_create1(EPOLL_CLOEXEC);
	clients = g_new0(struct client, count);
	for (guint i = 0; i < count; i++)
		client_init(&clients[i], i, &join, poll_fd);
}

/* What is measured */

static void storm(void)
{
	guint64 attempts = 0, received = sum_received();
	gint64 begin_us, back_us;
	guint back;

	for (guint i = 0; i < count; i++)
		attempts -= clients[i].attempts;
	end(server);
	start_server();
	begin_us = g_get_monotonic_time();

	/* until each has noticed it is connected no more */
	run_for(G_USEC_PER_SEC / 5);
	do {
		run_once();
		back = count_joined();
		back_us = g_get_monotonic_time() - begin_us;
	} while (back < count && back_us < STORM_US);
	run_until_silent();
	for (guint i = 0; i < count; i++)
		attempts += clients[i].attempts;
	printf("%u\t%u\t%.2f\t%.2f\t%" G_GUINT64_FORMAT "\t%.1f\n", count, back,
	       (double)attempts / count, server_cpu_s(), sum_received() - received, back_us / 1e6);
}

static void flap(struct client *client, bool as_new)
{
	client_connect(client);
	run_for(FLAP_US / 2);
	if (as_new)
		client_restart(client);
	else
		client_leave(client);
	run_for(FLAP_US / 2);
}

static void flapping(guint times, bool as_new)
{
	double idle, busy, cpu_s = server_cpu_s();
	guint64 received, written_before;
	gint64 begin_us = g_get_monotonic_time();

	run_for(REST_US);
	idle = 100e6 * (server_cpu_s() - cpu_s) / (g_get_monotonic_time() - begin_us);
	received = sum_received();
	written_before = written;
	client_leave(&clients[0]);
	cpu_s = server_cpu_s();
	begin_us = g_get_monotonic_time();
	for (guint i = 0; i < times; i++)
		flap(&clients[0], as_new);
	busy = 100e6 * (server_cpu_s() - cpu_s) / (g_get_monotonic_time() - begin_us);
	printf("%u\t%u\t%.2f\t%.2f\t%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT "\n", count, times,
	       idle, busy, sum_received() - received, written - written_before);
}

static void allow_many_sockets(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void remove_directory(void)
{
	const char *argv[] = { "rm", "-rf", directory, NULL };

	g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
}

static void usage(void)
{
	errx(EXIT_FAILURE, "usage: storm SERVER NODES storm\n"
	     "       storm SERVER NODES flapping COUNT same|new WITNESS");
}

int main(int argc, char **argv)
{
	bool is_storm = argc == 4 && strcmp(argv[3], "storm") == 0;

	if (!is_storm && (argc != 7 || strcmp(argv[3], "flapping") != 0))
		usage();
	if (sodium_init() < 0)
		errx(EXIT_FAILURE, "no libsodium");
	allow_many_sockets();
	program = argv[1];
	count = atoi(argv[2]);
	directory = g_dir_make_tmp("storm-XXXXXX", NULL);
	socket_path = g_build_filename(directory, "server.sock", NULL);
	choose_port();
	start_server();
	ask_for_setup_key();
	make_nodes();
	if (!is_storm)
		start_witness(argv[6]);
	join_all();
	if (is_storm)
		storm();
	else
		flapping(atoi(argv[4]), strcmp(argv[5], "new") == 0);
	if (witness)
		end(witness);
	end(server);
	remove_directory();
}
