// SPDX-License-Identifier: GPL-2.0
/* Answering meshctl over a Unix socket, and who may ask what. */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "acceptor.h"
#include "file-error.h"
#include "log.h"

/* A client that leaves more than this unread is dropped. */
#define MAX_UNREAD (2 * (gsize)MESSAGE_MAX_ANSWER)

/* Where the service manager's sockets begin; see sd_listen_fds(3). */
#define FIRST_INHERITED 3

/**
 * struct control_server - see control.h
 * @path: of the socket
 * @made: tells our socket file from others; zero for one that we did not make
 * @gid: group whose members may change things
 * @has_viewers: there is a group of viewers
 * @viewers: group whose members may look
 * @views: requests that change nothing; ended by NULL
 * @acceptor: accepts connections
 * @clients: struct client of each connection
 * @n_clients: how many connections there are
 * @handler: answers requests
 * @data: for @handler
 */
struct control_server {
	char *path;
	struct stat made;
	gid_t gid;
	bool has_viewers;
	gid_t viewers;
	const char *const *views;
	struct acceptor *acceptor;
	GList *clients;
	guint n_clients;
	control_handler handler;
	void *data;
};

/**
 * struct client - a connection of meshctl
 * @server: that accepted it
 * @fd: the socket
 * @watch: GLib source of @fd
 * @watched: what @watch waits for
 * @in: received, and not taken yet
 * @out: not sent yet
 * @request: the one being answered, or NULL
 * @dispatching: a request is being handed to the handler
 * @ended: it sends nothing more
 * @may_change: it may change things; else it may look
 */
struct client {
	struct control_server *server;
	int fd;
	guint watch;
	GIOCondition watched;
	GByteArray *in;
	GByteArray *out;
	struct control_request *request;
	bool dispatching;
	bool ended;
	bool may_change;
};

/**
 * struct control_request - a request that is being answered
 * @client: who asked; NULL once it went away
 * @message: the request
 * @gone: called when the client went away
 * @gone_data: for @gone
 */
struct control_request {
	struct client *client;
	JsonObject *message;
	control_gone gone;
	void *gone_data;
};

static void client_update(struct client *client);

static void client_free(struct client *client)
{
	struct control_request *request = client->request;

	client->server->clients = g_list_remove(client->server->clients, client);
	client->server->n_clients--;
	if (client->watch)
		g_source_remove(client->watch);
	close(client->fd);
	g_byte_array_unref(client->in);
	g_byte_array_unref(client->out);
	g_free(client);

	if (request) {
		control_gone gone = request->gone;

		request->client = NULL;
		request->gone = NULL;
		if (gone)
			gone(request, request->gone_data);
	}
}

static void client_queue(struct client *client, const char *line, gsize size)
{
	g_byte_array_append(client->out, (const guint8 *)line, size);
	g_byte_array_append(client->out, (const guint8 *)"\n", 1);
}

/* @group is the one that the client would have to be in, when that is what is wrong; or NULL. */
static char *error_line(const char *text, const char *group, gsize *size)
{
	g_autoptr(JsonObject) answer = json_object_new();

	json_object_set_string_member(answer, "error", text);
	if (group)
		json_object_set_string_member(answer, "group", group);
	json_object_set_boolean_member(answer, "done", TRUE);
	return message_serialise(answer, size);
}

static void client_queue_error(struct client *client, const char *text)
{
	gsize size;
	g_autofree char *line = error_line(text, NULL, &size);

	client_queue(client, line, size);
}

/* As "groupadd" knows it; a number when nobody gave it a name. */
static char *group_name(gid_t gid)
{
	struct group *entry = getgrgid(gid);

	return entry ? g_strdup(entry->gr_name) : g_strdup_printf("%u", (guint)gid);
}

static char *refusal_line(const struct control_server *server, const char *what, gsize *size)
{
	g_autofree char *group = group_name(server->gid);
	g_autofree char *text = g_strdup_printf(
		"%s is for root and members of the group \"%s\": run this as root, or "
		"\"usermod -aG %s USER\" and log in anew", what, group, group);

	return error_line(text, group, size);
}

static bool may(const struct client *client, const char *request)
{
	return client->may_change || g_strv_contains(client->server->views, request);
}

/* Begin with the request on one line, or refuse it. */
static void client_request(struct client *client, const char *line, gsize size)
{
	g_autoptr(GError) error = NULL;
	struct control_request *request;
	JsonObject *message;

	message = message_parse(line, size, MESSAGE_MAX_REQUEST, "request", &error);
	if (!message) {
		client_queue_error(client, error->message);
		return;
	}
	if (!may(client, json_object_get_string_member(message, "request"))) {
		gsize length;
		g_autofree char *refusal = refusal_line(client->server, "this", &length);

		client_queue(client, refusal, length);
		json_object_unref(message);
		return;
	}
	request = g_new0(struct control_request, 1);
	request->message = message;
	request->client = client;
	client->request = request;
	client->server->handler(request, client->server->data);
}

/* Take complete lines, one after the other, until one is being worked on. */
static void client_dispatch(struct client *client)
{
	client->dispatching = true;
	while (!client->request) {
		const char *line = (const char *)client->in->data;
		const char *end = client->in->len ? memchr(line, '\n', client->in->len) : NULL;
		gsize size = end ? (gsize)(end - line) : 0;

		if (!end)
			break;
		/* the line stays where it is while it is read: nothing is appended meanwhile */
		client_request(client, line, size);
		g_byte_array_remove_range(client->in, 0, size + 1);
	}
	client->dispatching = false;

	if (!client->request && client->in->len > MESSAGE_MAX_REQUEST) {
		client_queue_error(client, "the line is too long");
		client->ended = true;
	}
}

/* Whether the connection still works. */
static bool client_read(struct client *client)
{
	guint8 buf[4096];
	ssize_t n = recv(client->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n > 0)
		g_byte_array_append(client->in, buf, n);
	else if (n == 0)
		client->ended = true;
	else if (errno != EAGAIN && errno != EINTR)
		return false;
	return true;
}

/*
 * A connection that broke, or whose other end does not read, is shut down here and freed when the
 * main loop reports the hang-up: whoever sends a line must not find its request gone.
 */
static void client_write(struct client *client)
{
	ssize_t n;

	if (client->out->len == 0)
		return;
	n = send(client->fd, client->out->data, client->out->len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		g_byte_array_remove_range(client->out, 0, n);
	if ((n < 0 && errno != EAGAIN && errno != EINTR) || client->out->len > MAX_UNREAD) {
		shutdown(client->fd, SHUT_RDWR);
		g_byte_array_set_size(client->out, 0);
		client->ended = true;
	}
}

/* Both ends closed is a hang-up; the client having sent its last request alone is not. */
static gboolean on_client_ready(gint fd, GIOCondition condition, void *data)
{
	struct client *client = data;

	(void)fd;
	if (condition & (G_IO_HUP | G_IO_ERR) ||
	    ((condition & G_IO_IN) && !client_read(client))) {
		client_free(client);
		return G_SOURCE_CONTINUE;
	}
	client_dispatch(client);
	client_update(client);
	return G_SOURCE_CONTINUE;
}

/* After every change: write what can be written, and watch for what can happen next. */
static void client_update(struct client *client)
{
	GIOCondition wanted = G_IO_HUP | G_IO_ERR;

	client_write(client);
	if (client->ended && !client->request && client->out->len == 0) {
		client_free(client);
		return;
	}
	if (!client->ended && client->in->len <= MESSAGE_MAX_REQUEST)
		wanted |= G_IO_IN;
	if (client->out->len > 0)
		wanted |= G_IO_OUT;
	if (wanted == client->watched)
		return;
	if (client->watch)
		g_source_remove(client->watch);
	client->watch = g_unix_fd_add(client->fd, wanted, on_client_ready, client);
	client->watched = wanted;
}

static bool is_in_group(int fd, gid_t gid)
{
	gid_t groups[256];
	socklen_t len = sizeof(groups);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) < 0)
		return false;
	for (gsize i = 0; i < len / sizeof(gid_t); i++) {
		if (groups[i] == gid)
			return true;
	}
	return false;
}

/* What whoever connected may do: nothing, when this is false. */
static bool find_rights(const struct control_server *server, int fd, bool *may_change)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return false;
	*may_change = cred.uid == 0 || cred.uid == geteuid() || cred.gid == server->gid ||
		      is_in_group(fd, server->gid);
	return *may_change ||
	       (server->has_viewers &&
		(cred.gid == server->viewers || is_in_group(fd, server->viewers)));
}

/* To a client that is turned away at once: what does not fit into its buffer is lost. */
static void send_line(int fd, char *line, gsize size)
{
	line[size] = '\n'; /* in the place of the final zero */
	if (send(fd, line, size + 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_debug("a client was turned away, and went before it was told why");
}

static void turn_away(const struct control_server *server, int fd)
{
	g_autofree char *viewers = server->has_viewers ? group_name(server->viewers) : NULL;
	g_autofree char *what = viewers ?
		g_strdup_printf("this (looking is for members of \"%s\", too)", viewers) :
		g_strdup("this");
	gsize size;
	g_autofree char *line = refusal_line(server, what, &size);

	log_limited(LOG_LEVEL_WARNING, "%s: a client without permission was turned away",
		    server->path);
	send_line(fd, line, size);
}

static void say_full(int fd)
{
	gsize size;
	g_autofree char *line = error_line("too many clients at once; try again later", NULL,
					   &size);

	send_line(fd, line, size);
}

/* An acceptor_accepted. */
static void on_connection(int fd, const struct endpoint *from, void *data)
{
	struct control_server *server = data;
	struct client *client;
	bool may_change;

	(void)from;
	if (!find_rights(server, fd, &may_change)) {
		turn_away(server, fd);
		close(fd);
		return;
	}
	if (server->n_clients >= CONTROL_MAX_CLIENTS) {
		say_full(fd);
		close(fd);
		return;
	}
	client = g_new0(struct client, 1);
	client->server = server;
	client->may_change = may_change;
	client->fd = fd;
	client->in = g_byte_array_new();
	client->out = g_byte_array_new();
	server->clients = g_list_prepend(server->clients, client);
	server->n_clients++;
	client_update(client);
}

/* Make way for our socket: remove one that nobody listens on, and nothing else. */
static bool remove_stale(const struct sockaddr_un *address, GError **error)
{
	const char *path = address->sun_path;
	struct stat st;
	bool alive;
	int fd;

	if (lstat(path, &st) < 0)
		return errno == ENOENT || file_error(error, path, "cannot look at it");
	if (!S_ISSOCK(st.st_mode)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_EXISTS,
			    "%s is there and not a socket; remove it, or choose another path",
			    path);
		return false;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return file_error(error, path, "cannot make a socket");
	alive = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
		errno == EAGAIN;
	close(fd);
	if (alive) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE,
			    "another daemon is listening on %s; stop it first", path);
		return false;
	}
	return unlink(path) == 0 || errno == ENOENT ||
	       file_error(error, path, "cannot replace the socket of a daemon that is gone");
}

static bool find_group(const char *group, gid_t *gid, GError **error)
{
	struct group *entry = getgrnam(group);

	if (entry) {
		*gid = entry->gr_gid;
		return true;
	}
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
		    "there is no group '%s'; make it with: groupadd --system %s", group, group);
	return false;
}

static bool make_directory_of(const char *path, GError **error)
{
	g_autofree char *directory = g_path_get_dirname(path);

	if (mkdir(directory, 0755) == 0)
		return chmod(directory, 0755) == 0 || /* whatever the umask is */
		       file_error(error, directory, "cannot let others into the directory");
	return errno == EEXIST || file_error(error, directory, "cannot make the directory");
}

static bool make_address(const char *path, struct sockaddr_un *address, GError **error)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (g_strlcpy(address->sun_path, path, sizeof(address->sun_path)) <
	    sizeof(address->sun_path))
		return true;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
		    "%s: too long for a socket, at most %zu characters are possible", path,
		    sizeof(address->sun_path) - 1);
	return false;
}

/* How many sockets the service manager handed to this very process. */
static int count_inherited(void)
{
	const char *pid = g_getenv("LISTEN_PID"), *count = g_getenv("LISTEN_FDS");
	guint64 number;

	if (!pid || !count ||
	    !g_ascii_string_to_unsigned(pid, 10, 1, G_MAXINT, &number, NULL) ||
	    number != (guint64)getpid() ||
	    !g_ascii_string_to_unsigned(count, 10, 0, 1000, &number, NULL))
		return 0;
	return number;
}

/* The inherited socket that has the address; -1 when there is none. */
static int find_inherited(const struct sockaddr_un *address)
{
	for (int fd = FIRST_INHERITED; fd < FIRST_INHERITED + count_inherited(); fd++) {
		struct sockaddr_un bound = {};
		socklen_t len = sizeof(bound);

		if (getsockname(fd, (struct sockaddr *)&bound, &len) == 0 &&
		    bound.sun_family == AF_UNIX &&
		    strncmp(bound.sun_path, address->sun_path, sizeof(bound.sun_path)) == 0 &&
		    fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && g_unix_set_fd_nonblocking(fd, TRUE, NULL))
			return fd;
	}
	return -1;
}

static bool bind_to(struct control_server *server, int fd, const struct sockaddr_un *address,
		    gid_t gid, GError **error)
{
	mode_t mask = umask(server->has_viewers ? 0111 : 0117);
	int bound = bind(fd, (const struct sockaddr *)address, sizeof(*address));

	umask(mask);
	if (bound < 0)
		return file_error(error, server->path, "cannot make the socket");
	if (lstat(server->path, &server->made) < 0)
		return file_error(error, server->path, "cannot look at it");
	if (gid != server->made.st_gid && lchown(server->path, (uid_t)-1, gid) < 0)
		return file_error(error, server->path, "cannot give the socket to its group");
	if (listen(fd, SOMAXCONN) < 0)
		return file_error(error, server->path, "cannot listen");
	return true;
}

/* Return: a listening socket; -1 with @error set. */
static int make_socket(struct control_server *server, const struct sockaddr_un *address,
		       const char *group, GError **error)
{
	gid_t gid = getegid();
	int fd;

	if ((group && !find_group(group, &gid, error)) ||
	    !make_directory_of(server->path, error) || !remove_stale(address, error))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		file_error(error, server->path, "cannot make a socket");
	} else if (!bind_to(server, fd, address, gid, error)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool find_viewers(struct control_server *server, const char *viewers, GError **error)
{
	server->has_viewers = find_group(viewers ?: CONTROL_VIEWERS, &server->viewers,
					 viewers ? error : NULL);
	return server->has_viewers || !viewers;
}

static bool server_listen(struct control_server *server, const struct control_access *access,
			  GError **error)
{
	struct sockaddr_un address;
	struct stat st;
	int fd;

	server->views = access->views;
	if (!make_address(server->path, &address, error) ||
	    !find_viewers(server, access->viewers, error))
		return false;
	fd = find_inherited(&address);
	if (fd < 0)
		fd = make_socket(server, &address, access->group, error);
	if (fd < 0)
		return false;
	server->acceptor = acceptor_adopt(fd, on_connection, server);
	if (lstat(server->path, &st) < 0)
		return file_error(error, server->path, "cannot look at it");
	server->gid = st.st_gid;
	return true;
}

struct control_server *control_server_new(const char *path, const struct control_access *access,
					  control_handler handler, void *data, GError **error)
{
	struct control_server *server = g_new0(struct control_server, 1);

	server->path = g_strdup(path);
	server->handler = handler;
	server->data = data;
	if (!server_listen(server, access, error)) {
		control_server_free(server);
		return NULL;
	}
	return server;
}

void control_server_free(struct control_server *server)
{
	struct stat st;

	if (!server)
		return;
	while (server->clients)
		client_free(server->clients->data);
	acceptor_free(server->acceptor);
	if (server->made.st_ino && lstat(server->path, &st) == 0 &&
	    st.st_ino == server->made.st_ino && st.st_dev == server->made.st_dev)
		unlink(server->path);
	g_free(server->path);
	g_free(server);
}

const char *control_request_name(const struct control_request *request)
{
	return json_object_get_string_member(request->message, "request");
}

JsonObject *control_request_message(const struct control_request *request)
{
	return request->message;
}

void control_on_gone(struct control_request *request, control_gone gone, void *data)
{
	request->gone = gone;
	request->gone_data = data;
}

void control_send(struct control_request *request, JsonObject *line)
{
	struct client *client = request->client;
	g_autofree char *text = NULL;
	gsize size;

	if (client) {
		text = message_serialise(line, &size);
		client_queue(client, text, size);
		/* the dispatcher looks after a client while it goes through its lines */
		if (!client->dispatching)
			client_update(client);
	}
	json_object_unref(line);
}

void control_progress(struct control_request *request, const char *format, ...)
{
	JsonObject *line = json_object_new();
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	json_object_set_string_member(line, "progress", text);
	control_send(request, line);
}

/* The last line is queued: go on with the client's next request. */
static void request_free(struct control_request *request)
{
	struct client *client = request->client;

	json_object_unref(request->message);
	g_free(request);
	if (!client)
		return;
	client->request = NULL;
	if (client->dispatching)
		return;
	client_dispatch(client);
	client_update(client);
}

void control_finish(struct control_request *request, JsonObject *line)
{
	g_autoptr(JsonObject) answer = line ? line : json_object_new();
	g_autofree char *text = NULL;
	gsize size;

	if (request->client) {
		json_object_set_boolean_member(answer, "done", TRUE);
		text = message_serialise(answer, &size);
		if (size <= MESSAGE_MAX_ANSWER)
			client_queue(request->client, text, size);
		else
			client_queue_error(request->client, "the answer is too large");
	}
	request_free(request);
}

void control_fail(struct control_request *request, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	if (request->client)
		client_queue_error(request->client, text);
	request_free(request);
}
