// SPDX-License-Identifier: GPL-2.0
/*
 * A node leaves its network, with a real server on loopback, and a kernel that has no WireGuard: the
 * node joins all the same, and says that it has no interface.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/node.h"
#include "agent/once.h"
#include "daemon.h"
#include "lib/control.h"
#include "lib/link.h"
#include "lib/wireguard-private.h"
#include "network.h"

#define NOBODY 65534

/* No family has this number. */
#define NO_FAMILY 0xffff

/* In place of wireguard_open(), which would end meshd here. */
struct wireguard *__wrap_wireguard_open(GError **error);

struct wireguard *__wrap_wireguard_open(GError **error)
{
	struct wireguard *wg = g_new0(struct wireguard, 1);

	wg->socket = netlink_open(NETLINK_GENERIC, error);
	wg->family = NO_FAMILY;
	return wg;
}

bool __wrap_link_create_wireguard(struct netlink *nl, const char *ifname, struct link *link,
				  GError **error);

bool __wrap_link_create_wireguard(G_GNUC_UNUSED struct netlink *nl, const char *ifname,
				  G_GNUC_UNUSED struct link *link, GError **error)
{
	return netlink_fail(error, EOPNOTSUPP, "%s: no WireGuard here", ifname);
}

struct fixture {
	char *work, *state, *socket;
	struct endpoint listen;
	GSubprocess *server;
	struct node_settings settings;
	struct node *node;
	GMainLoop *loop;
	GString *progress;
	char *error; /* of what was waited for last */
};

static void on_progress(const char *text, void *data)
{
	struct fixture *f = data;

	g_string_append_printf(f->progress, "%s\n", text);
}

static void on_done(const char *error, void *data)
{
	struct fixture *f = data;

	g_free(f->error);
	f->error = g_strdup(error);
	g_main_loop_quit(f->loop);
}

static const struct node_events events = {
	.progress = on_progress,
	.settled = on_done,
	.left = on_done,
};

static void await(struct fixture *f)
{
	guint impatience = daemon_impatience_new();

	g_main_loop_run(f->loop);
	g_source_remove(impatience);
}

static void start_server(struct fixture *f)
{
	const struct endpoint *listen = &f->listen;
	g_autofree char *text = endpoint_format(listen);
	g_autofree char *directory = g_build_filename(f->work, "server", NULL);
	const char *argv[] = { g_getenv("MESH_SERVER") ?: "build/bin/mesh-server", "--listen", text,
			       "--public-host", "127.0.0.1", "--state-dir", directory, "--socket",
			       f->socket, NULL };

	f->server = daemon_start(argv, &listen, 1);
}

/* Return: (owned by the caller) the answer of the server. */
static JsonObject *ask(struct fixture *f, const char *name)
{
	g_autoptr(JsonObject) request = json_object_new();
	gint64 end = g_get_monotonic_time() + PATIENCE_S * G_USEC_PER_SEC;
	g_autoptr(control_client) client = NULL;
	g_autoptr(GError) error = NULL;
	JsonObject *answer;

	json_object_set_string_member(request, "request", name);

	/* it listens here a moment after it listens there */
	while (!(client = control_client_open(f->socket, "mesh-server", "not running", NULL)) &&
	       g_get_monotonic_time() < end)
		g_thread_yield();
	g_assert_nonnull(client);
	answer = control_client_call(client, request, NULL, NULL, &error);
	g_assert_no_error(error);
	return answer;
}

static guint count_members(struct fixture *f)
{
	g_autoptr(JsonObject) answer = ask(f, "peer-list");

	return json_array_get_length(json_object_get_array_member(answer, "peers"));
}

static bool is_stored(struct fixture *f, const char *name)
{
	g_autofree char *path = g_build_filename(f->state, name, NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void assert_nothing_is_stored(struct fixture *f)
{
	g_assert_false(is_stored(f, "private-key"));
	g_assert_false(is_stored(f, "state.json"));
	g_assert_false(is_stored(f, "map.json"));
}

static void make_node(struct fixture *f)
{
	g_autoptr(GError) error = NULL;

	f->node = node_new(&f->settings, &events, f, &error);
	g_assert_no_error(error);
}

static void bring_up(struct fixture *f, const char *hostname)
{
	g_autoptr(JsonObject) answer = ask(f, "key-create");
	g_autoptr(GError) error = NULL;
	struct joinstring join;

	joinstring_parse(json_object_get_string_member(answer, "join"), &join, &error);
	g_assert_no_error(error);
	node_up(f->node, &join, hostname, &error);
	g_assert_no_error(error);
	joinstring_wipe(&join);
	await(f);
	g_assert_nonnull(strstr(f->error, "no WireGuard here"));
	g_assert_true(node_state(f->node)->joined);
}

static void join(struct fixture *f)
{
	bring_up(f, "leaver");
	g_assert_cmpuint(count_members(f), ==, 1);
	g_string_truncate(f->progress, 0);
}

static void leave(struct fixture *f)
{
	g_autoptr(GError) error = NULL;

	node_leave(f->node, &error);
	g_assert_no_error(error);
	await(f);
	g_assert_cmpstr(f->error, ==, NULL);
	assert_nothing_is_stored(f);
}

static void set_up(struct fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	f->work = g_dir_make_tmp("test-leave-XXXXXX", NULL);
	f->state = g_build_filename(f->work, "state", NULL);
	f->socket = g_build_filename(f->work, "server.sock", NULL);
	f->listen = daemon_free_endpoint("127.0.0.1:0");
	f->loop = g_main_loop_new(NULL, FALSE);
	f->progress = g_string_new(NULL);
	f->settings = (struct node_settings){ .state_directory = f->state, .ifname = "wgmesh0" };
	start_server(f);
	make_node(f);
	join(f);
}

static void tear_down(struct fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	const char *const remove[] = { "rm", "-r", f->work, NULL };

	node_free(f->node);
	daemon_stop(&f->server);
	g_main_loop_unref(f->loop);
	g_string_free(f->progress, TRUE);
	g_assert_true(g_spawn_sync(NULL, (char **)remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
				   NULL, NULL, NULL));
	g_free(f->work);
	g_free(f->state);
	g_free(f->socket);
	g_free(f->error);
}

static void test_connected(struct fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	leave(f);
	g_assert_cmpuint(count_members(f), ==, 0);
	g_assert_cmpstr(f->progress->str, ==, "");
}

/* It connects for it. */
static void test_down(struct fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_assert_true(node_down(f->node, NULL));
	leave(f);
	g_assert_cmpuint(count_members(f), ==, 0);
}

/* What cannot be told is said, and what is left to do. */
static void test_offline(struct fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	daemon_stop(&f->server);
	leave(f);
	g_assert_nonnull(strstr(f->progress->str, "\"meshctl server peer remove leaver\""));
	start_server(f);
	g_assert_cmpuint(count_members(f), ==, 1);
}

/* A server that has stopped answering is not waited for. */
static void test_silent(struct fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	daemon_suspend(f->server);
	leave(f);
	g_assert_nonnull(strstr(f->progress->str, "does not answer"));
}

/* Who was removed has nothing to tell. */
static void test_twice(struct fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	leave(f);
	node_free(f->node);
	make_node(f);
	g_assert_false(node_leave(f->node, &error));
	g_assert_nonnull(strstr(error->message, "no network"));
	join(f);
}

static ino_t map_inode(struct fixture *f)
{
	g_autofree char *path = g_build_filename(f->state, "map.json", NULL);
	struct stat st;

	return stat(path, &st) == 0 ? st.st_ino : 0;
}

static bool map_names(struct fixture *f, const char *name)
{
	g_autofree char *path = g_build_filename(f->state, "map.json", NULL);
	g_autofree char *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) && strstr(text, name);
}

static void await_online(struct fixture *f, const char *name, bool online)
{
	guint impatience = daemon_impatience_new();
	const struct peer *peer;

	do {
		g_main_context_iteration(NULL, TRUE);
		peer = mesh_find(node_mesh(f->node), name);
	} while (!peer || peer_is_online(peer) != online);
	g_source_remove(impatience);
}

/* What others do that come and go is nothing to store. */
static void test_flapping_peer(struct fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autofree char *directory = g_build_filename(f->work, "other", NULL);
	struct fixture other = { .state = directory, .socket = f->socket, .loop = f->loop,
				 .progress = f->progress };
	guint impatience = daemon_impatience_new();
	ino_t stored;

	other.settings = (struct node_settings){ .state_directory = directory, .ifname = "wgmesh1" };
	make_node(&other);
	bring_up(&other, "other");
	await_online(f, "other", true);
	while (!map_names(f, "other"))
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(impatience);

	stored = map_inode(f);
	for (guint i = 0; i < 2; i++) {
		g_assert_true(node_down(other.node, NULL));
		await_online(f, "other", false);
		g_assert_true(node_up(other.node, NULL, NULL, NULL));
		await_online(f, "other", true);
	}
	node_free(other.node);
	g_free(other.error);

	/* it would be on the disk by then */
	g_assert_true(node_down(f->node, NULL));
	g_assert_cmpuint(map_inode(f), ==, stored);
}

/* Nothing is sent into a connection that the server closes, which takes a moment. */
static void test_closing_server(struct fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	struct server_link *link = (struct server_link *)node_link(f->node);
	guint impatience = daemon_impatience_new();

	g_subprocess_send_signal(f->server, SIGTERM);
	g_assert_true(g_subprocess_wait(f->server, NULL, NULL));
	do {
		g_main_context_iteration(NULL, TRUE);
		server_link_send(link, message_new("get-map"));
	} while (server_link_is_connected(link));
	g_source_remove(impatience);
}

static uid_t owner(struct fixture *f, const char *name)
{
	g_autofree char *path = g_build_filename(f->state, name, NULL);
	struct stat st;

	g_assert_cmpint(stat(path, &st), ==, 0);
	return st.st_uid;
}

static void give_to_nobody(struct fixture *f)
{
	static const char *const names[] = { ".", "private-key", "state.json", "map.json" };

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(f->state, names[i], NULL);

		g_assert_cmpint(chown(path, NOBODY, NOBODY), ==, 0);
	}
}

/* In a process of its own, for it changes its user. Return: whether it worked. */
static bool run_once(struct fixture *f, const char *task)
{
	const char *const argv[] = { "/proc/self/exe", task, f->state, NULL };
	int status;

	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
				   NULL, NULL, &status, NULL));
	return g_spawn_check_wait_status(status, NULL);
}

/* That process. No leaks are looked for: the sanitizer cannot look at who changed its user. */
static void be_once(const char *task, const char *directory)
{
	struct node_settings settings = { .state_directory = directory, .ifname = "wgmesh0" };
	g_autoptr(GError) error = NULL;

	if (once_run(g_str_equal(task, "down") ? SETTINGS_DOWN : SETTINGS_LEAVE, &settings, &error))
		_exit(0);
	g_printerr("%s\n", error->message);
	_exit(1);
}

/* Without a meshd: the state stays its user's, who alone could read it. */
static void test_once(struct fixture *f, G_GNUC_UNUSED gconstpointer data)
{
	g_autoptr(state) state = NULL;
	g_autoptr(GError) error = NULL;

	if (geteuid() != 0) {
		g_test_skip("only root becomes somebody else");
		return;
	}
	g_assert_false(run_once(f, "down")); /* for there is a meshd: this program */
	g_clear_pointer(&f->node, node_free);
	give_to_nobody(f);
	g_assert_true(run_once(f, "down"));
	g_assert_cmpint(owner(f, "state.json"), ==, NOBODY);
	g_assert_cmpuint(count_members(f), ==, 1);

	g_assert_true(run_once(f, "leave"));
	g_assert_cmpuint(count_members(f), ==, 0);
	assert_nothing_is_stored(f);
	g_assert_false(run_once(f, "leave"));
	g_assert_false(run_once(f, "down"));
	assert_nothing_is_stored(f);
}

#define ADD(path, test) g_test_add(path, struct fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	if (argc == 3 && argv[1][0] != '-')
		be_once(argv[1], argv[2]);
	g_test_init(&argc, &argv, NULL);
	if (!network_enter()) {
		puts("1..0 # SKIP no network namespace may be made here");
		return 0;
	}
	network_ip("link set lo up");
	ADD("/leave/connected", test_connected);
	ADD("/leave/down", test_down);
	ADD("/leave/offline", test_offline);
	ADD("/leave/silent", test_silent);
	ADD("/leave/twice", test_twice);
	ADD("/leave/once", test_once);
	ADD("/node/flapping-peer", test_flapping_peer);
	ADD("/node/closing-server", test_closing_server);
	return g_test_run();
}
