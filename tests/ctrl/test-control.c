// SPDX-License-Identifier: GPL-2.0
/* Both sides of a local socket: the daemon's in the main loop, the command line's in a thread. */
#include "lib/control.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <grp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* More than this program has open, with room to spare. */
#define OPEN_FILES 64

/* Of the main loop. */
#define ROUNDS 1000

struct fixture {
	char *dir, *path;
	struct control_server *server;
	struct control_request *pending; /* of the request "wait" */
	bool gone;
	GString *progress;
	gint client_done;
	bool sends_first;
	gint client_waits, restarted;
};

static void on_gone(struct control_request *request, void *data)
{
	struct fixture *f = data;

	g_assert_true(request == f->pending);
	f->gone = true;
}

static gboolean finish_later(gpointer request)
{
	JsonObject *answer = json_object_new();

	json_object_set_string_member(answer, "text", "later");
	control_finish(request, answer);
	return G_SOURCE_REMOVE;
}

static void handle(struct control_request *request, void *data)
{
	const char *name = control_request_name(request);
	struct fixture *f = data;

	if (!strcmp(name, "now")) {
		control_finish(request, NULL);
	} else if (!strcmp(name, "later")) {
		control_progress(request, "%d of 2", 1);
		control_progress(request, "%d of 2", 2);
		g_idle_add(finish_later, request);
	} else if (!strcmp(name, "large")) {
		JsonObject *answer = json_object_new();
		g_autofree char *text = g_strnfill(json_object_get_int_member(
			control_request_message(request), "size"), 'x');

		json_object_set_string_member(answer, "text", text);
		control_finish(request, answer);
	} else if (!strcmp(name, "wait")) {
		f->pending = request;
		control_on_gone(request, on_gone, f);
	} else {
		control_fail(request, "'%s' is not known", name);
	}
}

static const char *const views[] = { "now", NULL };
static const struct control_access own_group = { .views = views };

static void setup(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autoptr(GError) error = NULL;

	f->dir = g_dir_make_tmp("test-control-XXXXXX", NULL);
	f->path = g_build_filename(f->dir, "run", "a.sock", NULL);
	f->progress = g_string_new(NULL);
	f->server = control_server_new(f->path, &own_group, handle, f, &error);
	g_assert_no_error(error);
}

static void teardown(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autofree char *run = g_path_get_dirname(f->path);

	control_server_free(f->server);
	g_assert_false(g_file_test(f->path, G_FILE_TEST_EXISTS));
	g_assert_cmpint(g_rmdir(run), ==, 0);
	g_assert_cmpint(g_rmdir(f->dir), ==, 0);
	g_string_free(f->progress, TRUE);
	g_free(f->path);
	g_free(f->dir);
}

/* Run the client's part in a thread, and the daemon's here, until the client is done. */
static void with_client(struct fixture *f, GThreadFunc client)
{
	GThread *thread;

	g_atomic_int_set(&f->client_done, 0);
	thread = g_thread_new("client", client, f);
	while (!g_atomic_int_get(&f->client_done))
		g_main_context_iteration(NULL, TRUE);
	g_thread_join(thread);
}

static gpointer done(struct fixture *f)
{
	g_atomic_int_set(&f->client_done, 1);
	g_main_context_wakeup(NULL);
	return NULL;
}

static JsonObject *request(const char *name)
{
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "request", name);
	return object;
}

static struct control_client *open_client(struct fixture *f)
{
	g_autoptr(GError) error = NULL;
	struct control_client *client = control_client_open(f->path, "x.service", "not running", &error);

	g_assert_no_error(error);
	return client;
}

static void append_progress(const char *text, void *data)
{
	g_string_append_printf(data, "%s.", text);
}

static gpointer call_client(gpointer data)
{
	struct fixture *f = data;
	g_autoptr(control_client) client = open_client(f);
	static const char *const names[] = { "now", "later", "nonsense" };
	JsonObject *answers[3];
	GError *error = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(JsonObject) object = request(names[i]);

		answers[i] = control_client_call(client, object, append_progress, f->progress,
						 &error);
	}
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_FAILED);
	g_assert_cmpstr(error->message, ==, "'nonsense' is not known");
	g_clear_error(&error);
	g_assert_cmpstr(f->progress->str, ==, "1 of 2.2 of 2.");
	g_assert_cmpstr(json_object_get_string_member(answers[1], "text"), ==, "later");
	json_object_unref(answers[0]);
	json_object_unref(answers[1]);
	g_assert_null(answers[2]);
	return done(f);
}

static void test_call(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	with_client(f, call_client);
}

static JsonObject *ask_large(struct control_client *client, gint64 size, GError **error)
{
	g_autoptr(JsonObject) object = request("large");

	json_object_set_int_member(object, "size", size);
	return control_client_call(client, object, NULL, NULL, error);
}

/* {"text":"…","done":true} is 23 bytes beside its text. */
static gpointer large_client(gpointer data)
{
	struct fixture *f = data;
	g_autoptr(control_client) client = open_client(f);
	g_autoptr(JsonObject) largest = NULL;
	g_autoptr(GError) error = NULL;

	largest = ask_large(client, MESSAGE_MAX_ANSWER - 23, NULL);
	g_assert_nonnull(largest);
	g_assert_null(ask_large(client, MESSAGE_MAX_ANSWER - 22, &error));
	g_assert_cmpstr(error->message, ==, "the answer is too large");
	return done(f);
}

static void test_large(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	with_client(f, large_client);
}

static gpointer leaving_client(gpointer data)
{
	struct fixture *f = data;
	g_autoptr(control_client) client = open_client(f);
	g_autoptr(JsonObject) object = request("wait");

	g_assert_true(control_client_send(client, object, NULL));
	while (!g_atomic_pointer_get(&f->pending))
		g_thread_yield();
	return done(f);
}

static void test_gone(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	with_client(f, leaving_client);
	while (!f->gone)
		g_main_context_iteration(NULL, TRUE);
	control_progress(f->pending, "nobody listens");
	control_finish(f->pending, NULL);
}

/* The daemon stops while a request is being worked on. */
static void test_stopped(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	with_client(f, leaving_client);
	control_server_free(g_steal_pointer(&f->server));
	g_assert_true(f->gone);
	control_fail(f->pending, "too late");
}

/* Its request is not read by the daemon that it is connected to. */
static gpointer patient_client(gpointer data)
{
	struct fixture *f = data;
	g_autoptr(control_client) client = open_client(f);
	g_autoptr(JsonObject) object = request("now"), answer = NULL;
	g_autoptr(GError) error = NULL;
	bool last;

	if (f->sends_first)
		g_assert_true(control_client_send(client, object, NULL));
	g_atomic_int_set(&f->client_waits, 1);
	while (!g_atomic_int_get(&f->restarted))
		g_thread_yield();
	if (!f->sends_first)
		g_assert_true(control_client_send(client, object, NULL));
	answer = control_client_next(client, &last, &error);
	g_assert_no_error(error);
	g_assert_true(last);
	return done(f);
}

static void restart_before_it_reads(struct fixture *f, bool sends_first)
{
	g_autoptr(GError) error = NULL;
	GThread *thread;

	f->sends_first = sends_first;
	thread = g_thread_new("client", patient_client, f);
	while (!g_atomic_int_get(&f->client_waits))
		g_thread_yield();
	g_main_context_iteration(NULL, FALSE); /* which takes the connection */
	control_server_free(f->server);
	f->server = control_server_new(f->path, &own_group, handle, f, &error);
	g_assert_no_error(error);
	g_atomic_int_set(&f->restarted, 1);
	while (!g_atomic_int_get(&f->client_done))
		g_main_context_iteration(NULL, TRUE);
	g_thread_join(thread);
}

static void test_restarted(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	restart_before_it_reads(f, false);
}

static void test_restarted_unread(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	restart_before_it_reads(f, true);
}

static void assert_cannot_listen(struct fixture *f, const char *why)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(control_server_new(f->path, &own_group, handle, f, &error));
	if (!strstr(error->message, why))
		g_error("'%s' does not say '%s'", error->message, why);
}

static const struct control_access other_group = { .group = "no-such-group", .views = views };
static const struct control_access other_viewers = {
	.viewers = "no-such-viewers",
	.views = views,
};

static void test_place(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	g_autoptr(GError) error = NULL;
	struct stat st;
	int fd;

	g_assert_cmpint(stat(f->path, &st), ==, 0);
	/* where wgmesh is installed there are viewers, who are told apart by the daemon */
	g_assert_cmpint(st.st_mode & 0777, ==, getgrnam(CONTROL_VIEWERS) ? 0666 : 0660);
	assert_cannot_listen(f, "another daemon is listening on");
	g_assert_cmpint(stat(f->path, &st), ==, 0);
	control_server_free(f->server);

	/* as a daemon that crashed leaves it */
	g_strlcpy(address.sun_path, f->path, sizeof(address.sun_path));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	close(fd);
	f->server = control_server_new(f->path, &own_group, handle, f, &error);
	g_assert_no_error(error);
	control_server_free(g_steal_pointer(&f->server));

	g_assert_true(g_file_set_contents(f->path, "precious", -1, NULL));
	assert_cannot_listen(f, "is there and not a socket");
	g_unlink(f->path);
	g_assert_null(control_server_new(f->path, &other_group, handle, f, &error));
	g_assert_nonnull(strstr(error->message, "there is no group 'no-such-group'"));
	g_clear_error(&error);
	g_assert_null(control_server_new(f->path, &other_viewers, handle, f, &error));
	g_assert_nonnull(strstr(error->message, "there is no group 'no-such-viewers'"));
}

/* Somebody who asks: user and groups count for the thread that connects. */
struct person {
	struct fixture *fixture;
	uid_t uid;
	gid_t gid;
	gid_t other_gid;
	const char *request;
	char *refusal;
};

static gpointer person_asks(gpointer data)
{
	struct person *person = data;
	struct fixture *f = person->fixture;
	g_autoptr(JsonObject) object = request(person->request);
	g_autoptr(control_client) client = NULL;
	g_autoptr(JsonObject) answer = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(syscall(SYS_setgroups, 1, &person->other_gid), ==, 0);
	g_assert_cmpint(syscall(SYS_setresgid, person->gid, person->gid, person->gid), ==, 0);
	g_assert_cmpint(syscall(SYS_setresuid, person->uid, person->uid, person->uid), ==, 0);
	client = control_client_open(f->path, "x.service", "not running", &error);
	g_assert_no_error(error);
	answer = control_client_call(client, object, NULL, NULL, &error);
	person->refusal = answer ? NULL : g_strdup(error->message);
	g_atomic_int_set(&f->client_done, 1);
	g_main_context_wakeup(NULL);
	return NULL;
}

/* Return: (owned by the caller) why this user may not; NULL when it may. */
static char *ask_as(struct fixture *f, uid_t uid, gid_t gid, gid_t other_gid, const char *request)
{
	struct person person = { f, uid, gid, other_gid, request, NULL };
	GThread *thread;

	g_atomic_int_set(&f->client_done, 0);
	thread = g_thread_new("person", person_asks, &person);
	while (!g_atomic_int_get(&f->client_done))
		g_main_context_iteration(NULL, TRUE);
	g_thread_join(thread);
	return person.refusal;
}

#define NOBODY 65534

/* Members of one group may look, those of another one may do anything; others are told which. */
static void test_groups(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	static const struct control_access access = { "daemon", "games", views };
	const gid_t admins = getgrnam("daemon")->gr_gid, viewers = getgrnam("games")->gr_gid;
	const struct {
		uid_t uid;
		gid_t gid, other_gid;
		bool may_look, may_change;
	} cases[] = {
		{ 0, NOBODY, NOBODY, true, true },
		{ NOBODY, admins, NOBODY, true, true },
		{ NOBODY, NOBODY, admins, true, true },
		{ NOBODY, viewers, NOBODY, true, false },
		{ NOBODY, NOBODY, viewers, true, false },
		{ NOBODY, viewers, admins, true, true },
		{ NOBODY, NOBODY, NOBODY, false, false },
	};
	g_autoptr(GError) error = NULL;
	struct stat st;

	if (geteuid() != 0) {
		g_test_skip("only root can be somebody else");
		return;
	}
	control_server_free(f->server);
	g_assert_cmpint(chmod(f->dir, 0755), ==, 0);
	f->server = control_server_new(f->path, &access, handle, f, &error);
	g_assert_no_error(error);
	g_assert_cmpint(stat(f->path, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 0777, ==, 0666);
	g_assert_cmpint(st.st_gid, ==, admins);

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *look = ask_as(f, cases[i].uid, cases[i].gid, cases[i].other_gid,
					       "now");
		g_autofree char *change = ask_as(f, cases[i].uid, cases[i].gid, cases[i].other_gid,
						 "later");

		g_assert_cmpint(!look, ==, cases[i].may_look);
		g_assert_cmpint(!change, ==, cases[i].may_change);
		if (change)
			g_assert_nonnull(strstr(change, "usermod -aG daemon USER"));
		if (look)
			g_assert_nonnull(strstr(look, "members of \"games\""));
	}
}

/* From now on no file can be opened. Return: the limit there was. */
static struct rlimit forbid_files(void)
{
	struct rlimit before, limit;

	g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
	limit = before;
	limit.rlim_cur = OPEN_FILES;
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
	while (open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0)
		;
	g_assert_cmpint(errno, ==, EMFILE);
	return before;
}

/* A connection that cannot be accepted for want of files waits, and so does the daemon. */
static void test_no_files(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	static const char line[] = "{\"request\":\"now\"}\n";
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct rlimit before;
	char answer[64];
	guint busy = 0;

	g_strlcpy(address.sun_path, f->path, sizeof(address.sun_path));
	before = forbid_files();
	g_assert_cmpint(connect(client, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	g_assert_cmpint(write(client, line, strlen(line)), ==, strlen(line));
	for (guint i = 0; i < ROUNDS; i++)
		busy += g_main_context_iteration(NULL, FALSE);
	g_assert_cmpuint(busy, >, 0);
	g_assert_cmpuint(busy, <, ROUNDS / 2);

	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
	while (recv(client, answer, sizeof(answer), MSG_DONTWAIT) < 0)
		g_main_context_iteration(NULL, TRUE);
	close(client);
}

static void test_not_running(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autofree char *missing = g_strconcat(f->path, "-other", NULL);
	g_autoptr(GError) error = NULL;

	g_assert_null(control_client_open(missing, "x.service", "start it with: x", &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
	g_assert_cmpstr(error->message, ==, "start it with: x");
}

#define ADD(path, test) g_test_add(path, struct fixture, NULL, setup, test, teardown)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("/control/call", test_call);
	ADD("/control/large", test_large);
	ADD("/control/gone", test_gone);
	ADD("/control/stopped", test_stopped);
	ADD("/control/restarted", test_restarted);
	ADD("/control/restarted-unread", test_restarted_unread);
	ADD("/control/place", test_place);
	ADD("/control/groups", test_groups);
	ADD("/control/not-running", test_not_running);
	/* the last one: the files that it opens stay open */
	ADD("/control/no-files", test_no_files);
	return g_test_run();
}
