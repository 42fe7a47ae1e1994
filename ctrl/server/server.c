// SPDX-License-Identifier: GPL-2.0
/* The server as a whole: what it opens, and whom it lets in. */
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin.h"
#include "lib/file-error.h"
#include "lib/log.h"
#include "node.h"

/* Only this user, and only one server at a time. */
static bool open_state_dir(struct server *server, GError **error)
{
	const char *path = server->settings->state_dir;
	struct stat st;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return file_error(error, path, "cannot make the directory");
	server->lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (server->lock < 0 || fstat(server->lock, &st) < 0)
		return file_error(error, path, "cannot open the directory");
	if (st.st_mode & 077) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
			    "%s: others have access to the directory, and secrets are kept there; "
			    "chmod 700 it",
			    path);
		return false;
	}
	if (flock(server->lock, LOCK_EX | LOCK_NB) < 0) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_BUSY,
			    "%s: another mesh-server is using the directory; stop it first, or give "
			    "this one its own with --state-dir",
			    path);
		return false;
	}
	return true;
}

static bool load_certificate(struct server *server, GError **error)
{
	const struct settings *settings = server->settings;
	g_autofree char *path = g_build_filename(settings->state_dir, "certificate.pem", NULL);
	struct certificate *certificate;
	bool created = false;

	if (settings->tls_cert)
		certificate = certificate_load(settings->tls_cert, settings->tls_key, error);
	else
		certificate = certificate_load_or_create(path, &created, error);
	if (!certificate)
		return false;
	if (created)
		log_info("made a certificate: %s", path);
	certificate_unref(server->certificate);
	server->certificate = certificate;
	return true;
}

/* Without a file that is named, what the service manager hands over counts, if it is a secret. */
static bool read_relay_secret(const struct settings *settings, char **secret, GError **error)
{
	const char *directory = g_getenv("CREDENTIALS_DIRECTORY");
	g_autoptr(GError) failure = NULL;
	g_autofree char *path = NULL;

	*secret = NULL;
	if (settings->relay_secret_file) {
		*secret = turn_credential_read_secret(settings->relay_secret_file, error);
		return *secret;
	}
	path = directory ? g_build_filename(directory, "relay-secret", NULL) : NULL;
	if (path)
		*secret = turn_credential_read_secret(path, &failure);
	if (failure && !g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
		log_warning("nodes are not told of the relay on this machine: %s", failure->message);
	return true;
}

static bool open_network(struct server *server, GError **error)
{
	const struct settings *settings = server->settings;
	g_autofree char *path = g_build_filename(settings->state_dir, "server.db", NULL);
	bool has_prefix = settings->prefix.family != AF_UNSPEC;
	struct relays_options relays = {
		.lifetime_s = settings->relay_lifetime_s,
		.local_port = settings->relay_port,
		.listen = settings->listen,
	};
	char *secret;

	server->store = store_open(path, error);
	if (!server->store || !read_relay_secret(settings, &secret, error))
		return false;
	relays.local_secret = secret;
	server->network = network_new(server->store, settings->network_name,
				      has_prefix ? &settings->prefix : NULL,
				      &relays, error);
	turn_credential_free(secret);
	return server->network != NULL;
}

static void refuse_connection(int fd, const struct endpoint *from, const char *why)
{
	char text[ENDPOINT_STRLEN];

	log_limited(LOG_LEVEL_WARNING, "%s: %s from there", endpoint_print(from, text), why);
	close(fd);
}

static gboolean resume_accepting(gpointer data)
{
	struct server *server = data;

	server->resume = 0;
	listener_pause(server->listener, false);
	return G_SOURCE_REMOVE;
}

/* Those that are being let in finish first. */
static void pause_accepting(struct server *server)
{
	gint64 wait_us = admissions_wait_us(server->admissions, g_get_monotonic_time());

	if (wait_us == 0)
		return;
	listener_pause(server->listener, true);
	server->resume = g_timeout_add(wait_us / 1000 + 1, resume_accepting, server);
}

/* Not at once: whoever makes room may be in the midst of something. */
static void on_room(void *data)
{
	struct server *server = data;

	if (!server->resume)
		return;
	g_source_remove(server->resume);
	server->resume = g_timeout_add(0, resume_accepting, server);
}

static void on_accepted(int fd, const struct endpoint *from, void *data)
{
	struct server *server = data;
	struct admission *admission;

	if (!handshakes_allow(server->handshakes, from, g_get_monotonic_time())) {
		refuse_connection(fd, from, "too many handshakes");
		return;
	}
	admission = admission_request(server->admissions, from);
	if (!admission) {
		refuse_connection(fd, from, "too many connections");
		return;
	}
	node_new(server, fd, from, admission);
	pause_accepting(server);
}

/* Both families by default, or IPv4 alone where the kernel has no IPv6. */
static bool listen_by_default(struct server *server, GError **error)
{
	static const char *const addresses[] = { "[::]", "0.0.0.0" };

	for (guint i = 0; i < G_N_ELEMENTS(addresses) && !server->listener; i++) {
		g_autoptr(GArray) endpoints = g_array_new(FALSE, FALSE, sizeof(struct endpoint));
		struct endpoint ep;

		g_clear_error(error);
		if (!endpoint_parse_default(addresses[i], SETTINGS_DEFAULT_PORT, &ep, error))
			return false;
		g_array_append_val(endpoints, ep);
		server->listener = listener_new(endpoints, on_accepted, server, error);
		if (!server->listener && error &&
		    !g_error_matches(*error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
			return false;
	}
	return server->listener != NULL;
}

static bool start_listening(struct server *server, GError **error)
{
	const struct settings *settings = server->settings;

	if (settings->listen->len == 0)
		return listen_by_default(server, error);
	server->listener = listener_new(settings->listen, on_accepted, server, error);
	return server->listener != NULL;
}

static bool start_control(struct server *server, GError **error)
{
	const struct settings *settings = server->settings;
	const struct control_access access = {
		.group = settings->socket_group,
		.viewers = settings->viewer_group,
		.views = admin_views,
	};

	server->control = control_server_new(settings->socket, &access, admin_handle, server,
					     error);
	return server->control != NULL;
}

/* Each node takes a descriptor, and the usual limit is 1024. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void log_start(const struct server *server)
{
	const GArray *endpoints = listener_endpoints(server->listener);
	char text[ENDPOINT_STRLEN];

	for (guint i = 0; i < endpoints->len; i++)
		log_info("listening on %s",
			 endpoint_print(&g_array_index(endpoints, struct endpoint, i), text));
	if (relays_has_local(network_relays(server->network)))
		log_info("nodes may use the relay of this machine");
	log_info("network '%s' has %u nodes", network_info(server->network)->name,
		 network_size(server->network));
}

struct server *server_new(const struct settings *settings, GError **error)
{
	struct server *server = g_new0(struct server, 1);

	server->settings = settings;
	server->lock = -1;
	server->nodes = g_hash_table_new(NULL, NULL);
	server->admissions = admissions_new();
	admissions_on_room(server->admissions, on_room, server);
	server->handshakes = handshakes_new();
	raise_descriptor_limit();
	server->timers = expiry_queue_new();
	server->poller = poller_new(error);
	if (!server->poller || !open_state_dir(server, error) || !load_certificate(server, error) ||
	    !open_network(server, error) || !start_listening(server, error) ||
	    !start_control(server, error)) {
		server_free(server);
		return NULL;
	}
	log_start(server);
	return server;
}

void server_reload(struct server *server)
{
	g_autoptr(GError) error = NULL;

	if (!server->settings->tls_cert)
		return;
	if (load_certificate(server, &error))
		log_info("loaded %s anew", server->settings->tls_cert);
	else
		log_error("the certificate stays as it was: %s", error->message);
}

static void free_nodes(struct server *server)
{
	g_autoptr(GList) nodes = g_hash_table_get_keys(server->nodes);

	for (GList *link = nodes; link; link = link->next)
		node_free(link->data);
	g_hash_table_unref(server->nodes);
}

void server_free(struct server *server)
{
	if (!server)
		return;
	control_server_free(server->control);
	free_nodes(server);
	g_clear_handle_id(&server->resume, g_source_remove);
	listener_free(server->listener);
	poller_free(server->poller);
	expiry_queue_free(server->timers);
	admissions_free(server->admissions);
	handshakes_free(server->handshakes);
	network_free(server->network);
	store_close(server->store);
	certificate_unref(server->certificate);
	if (server->lock >= 0)
		close(server->lock);
	g_free(server);
}
