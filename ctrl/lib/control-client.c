// SPDX-License-Identifier: GPL-2.0
/* Asking a daemon over its Unix socket. */
#include "control.h"

#include <errno.h>
#include <gio/gio.h>
#include <grp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* So often a request is sent again that a daemon has not read before it ended. */
#define MAX_ENDS 10

/**
 * struct control_client - see control.h
 * @fd: the connection
 * @path: the socket
 * @unit: see control_client_open()
 * @not_running: see control_client_open()
 * @request: the line that was sent last
 * @unread: the daemon cannot have read it to its end
 * @heard: something came back since it was sent
 * @ends: how often it was sent again
 * @in: received, and not yet taken
 */
struct control_client {
	int fd;
	char *path;
	char *unit;
	char *not_running;
	GBytes *request;
	bool unread;
	bool heard;
	guint ends;
	GByteArray *in;
};

/* Of the socket, whose members are let in; "its group" when nobody can tell. */
static char *group_of(const char *path)
{
	struct group *entry = NULL;
	struct stat st;

	if (stat(path, &st) == 0)
		entry = getgrgid(st.st_gid);
	return entry ? g_strdup_printf("the group \"%s\"", entry->gr_name) : g_strdup("its group");
}

static void connect_failed(GError **error, const char *path, const char *not_running)
{
	g_autofree char *group = NULL;
	int saved = errno;

	if (saved == ENOENT || saved == ECONNREFUSED)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "%s", not_running);
	else if (saved == EACCES || saved == EPERM)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
			    "no permission for %s; try again as root, or become a member of %s",
			    path, group = group_of(path));
	else
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(saved),
			    "cannot connect to %s: %s", path, g_strerror(saved));
}

/* Return: a socket; -1 with @error set. */
static int connect_to(const char *path, const char *not_running, GError **error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (g_strlcpy(address.sun_path, path, sizeof(address.sun_path)) >=
	    sizeof(address.sun_path)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			    "%s: too long for the path of a socket", path);
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		connect_failed(error, path, not_running);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

struct control_client *control_client_open(const char *path, const char *unit,
					   const char *not_running, GError **error)
{
	struct control_client *client;
	int fd = connect_to(path, not_running, error);

	if (fd < 0)
		return NULL;
	client = g_new0(struct control_client, 1);
	client->fd = fd;
	client->path = g_strdup(path);
	client->unit = g_strdup(unit);
	client->not_running = g_strdup(not_running);
	client->in = g_byte_array_new();
	return client;
}

static bool send_line(struct control_client *client, GError **error)
{
	gsize size;
	const char *line = g_bytes_get_data(client->request, &size);

	client->unread = client->heard = false;
	for (gsize sent = 0; sent < size;) {
		ssize_t n = send(client->fd, line + sent, size - sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			client->unread = errno == EPIPE || errno == ECONNRESET;
			/* it may have said why, before it closed: control_client_next() tells */
			if (client->unread)
				return true;
			g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
				    "cannot send the request: %s", g_strerror(errno));
			return false;
		}
		sent += n;
	}
	return true;
}

bool control_client_send(struct control_client *client, JsonObject *request, GError **error)
{
	char *text;
	gsize size;

	text = message_serialise(request, &size);
	if (size > MESSAGE_MAX_REQUEST) {
		g_free(text);
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			    "the request is too long: at most %d bytes", MESSAGE_MAX_REQUEST);
		return false;
	}
	text[size++] = '\n'; /* in the place of the final zero */
	g_clear_pointer(&client->request, g_bytes_unref);
	client->request = g_bytes_new_take(text, size);
	client->ends = 0;
	return send_line(client, error);
}

/* To the daemon that comes after the one that closed the connection: when it is started again, the
 * service manager keeps the socket.
 */
static bool send_again(struct control_client *client, GError **error)
{
	int fd = connect_to(client->path, client->not_running, error);

	if (fd < 0)
		return false;
	close(client->fd);
	client->fd = fd;
	client->ends++;
	return send_line(client, error);
}

/* The connection has ended. Return: whether it is to be listened to again. */
static bool survives_end(struct control_client *client, GError **error)
{
	if (client->unread && !client->heard && client->ends < MAX_ENDS)
		return send_again(client, error);
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_CLOSED,
		    "the daemon closed the connection before its answer was complete: "
		    "run \"journalctl -u %s\" to see why", client->unit);
	return false;
}

/* Take one line out of what was received; NULL when there is no whole line yet. */
static char *take_line(GByteArray *in, gsize searched, gsize *size)
{
	const guint8 *end = NULL;
	char *line;

	if (in->len > searched)
		end = memchr(in->data + searched, '\n', in->len - searched);
	if (!end)
		return NULL;
	*size = end - in->data;
	line = g_strndup((const char *)in->data, *size);
	g_byte_array_remove_range(in, 0, *size + 1);
	return line;
}

static char *receive_line(struct control_client *client, gsize *size, GError **error)
{
	gsize searched = 0;
	guint8 buf[16384];
	char *line;

	while (!(line = take_line(client->in, searched, size))) {
		ssize_t n;

		searched = client->in->len;
		if (searched > MESSAGE_MAX_ANSWER) {
			g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
					    "the daemon's answer is too long");
			return NULL;
		}
		n = recv(client->fd, buf, sizeof(buf), 0);
		if (n > 0) {
			client->heard = true;
			g_byte_array_append(client->in, buf, n);
		} else if (n == 0 || errno == ECONNRESET) {
			/* a socket that is closed with something unread in it is reset */
			client->unread |= n < 0;
			if (!survives_end(client, error))
				return NULL;
		} else if (errno != EINTR) {
			g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
				    "cannot receive the answer: %s", g_strerror(errno));
			return NULL;
		}
	}
	return line;
}

JsonObject *control_client_next(struct control_client *client, bool *done, GError **error)
{
	g_autoptr(JsonObject) answer = NULL;
	g_autofree char *line = NULL;
	const char *refusal;
	gsize size;

	line = receive_line(client, &size, error);
	if (!line)
		return NULL;
	answer = message_parse(line, size, MESSAGE_MAX_ANSWER, NULL, error);
	if (!answer)
		return NULL;
	*done = false;
	if (message_has(answer, "done") && !message_get_bool(answer, "done", done, error))
		return NULL;
	if (*done && message_has(answer, "error")) {
		refusal = message_get_string(answer, "error", 0, MESSAGE_MAX_ANSWER, error);
		if (refusal)
			g_set_error_literal(error, G_IO_ERROR, message_has(answer, "group") ?
					    G_IO_ERROR_PERMISSION_DENIED : G_IO_ERROR_FAILED,
					    refusal);
		return NULL;
	}
	return g_steal_pointer(&answer);
}

static void tell_when_late(struct control_client *client,
			   void (*progress)(const char *text, void *data), void *data)
{
	struct pollfd answer = { .fd = client->fd, .events = POLLIN };
	g_autofree char *text = NULL;

	if (poll(&answer, 1, CONTROL_LATE_MS) != 0)
		return;
	text = g_strdup_printf("no answer yet; \"journalctl -u %s\" shows what it does",
			       client->unit);
	progress(text, data);
}

JsonObject *control_client_call(struct control_client *client, JsonObject *request,
				void (*progress)(const char *text, void *data), void *data,
				GError **error)
{
	bool done;

	if (!control_client_send(client, request, error))
		return NULL;
	if (progress)
		tell_when_late(client, progress, data);
	for (;;) {
		g_autoptr(JsonObject) line = control_client_next(client, &done, error);
		const char *text;

		if (!line)
			return NULL;
		if (done)
			return g_steal_pointer(&line);
		if (!progress || !message_has(line, "progress"))
			continue;
		text = message_get_string(line, "progress", 0, MESSAGE_MAX_ANSWER, error);
		if (!text)
			return NULL;
		progress(text, data);
	}
}

void control_client_close(struct control_client *client)
{
	if (!client)
		return;
	close(client->fd);
	g_byte_array_unref(client->in);
	g_clear_pointer(&client->request, g_bytes_unref);
	g_free(client->path);
	g_free(client->unit);
	g_free(client->not_running);
	g_free(client);
}
