// SPDX-License-Identifier: GPL-2.0
/* This node: joins and leaves networks, and has the parts that do the work for the one it is in. */
#include "node.h"

#include <gio/gio.h>
#include <sodium.h>
#include <string.h>

#include "lib/hostname.h"
#include "lib/log.h"
#include "lib/network-tag.h"
#include "lib/stun.h"
#include "map-writer.h"
#include "mapmessage.h"
#include "underlay.h"
#include "wake.h"

/* The map is not written to the disk more often. */
#define SAVE_INTERVAL_MS 1000

/* A server that has not answered by then is left without its knowing. */
#define LEAVE_MS 10000

/* What could not be stored is stored again after this time. */
#define STORE_RETRY_MS 10000

#define FALLBACK_HOSTNAME "node"

/**
 * struct trial - the attempt to change to another network: this node leaves its own for one that
 * lets it in
 * @link: to the server of the other network
 * @join: of the other network
 * @session: under which this node signs on to the other network
 * @hostname: wish
 */
struct trial {
	struct server_link *link;
	struct joinstring join;
	struct seal_session session;
	char hostname[PEER_HOSTNAME_SIZE];
};

/**
 * struct node - this node
 * @state: what is on disk
 * @dataplane: what is in the kernel
 * @underlay: the networks that this node is on
 * @wake: tells when the machine has slept
 * @mesh: the peers
 * @link: the server; NULL while the node is down
 * @line: how packets left for the server when it let this node in
 * @trial: of another network; NULL when none is being made
 * @events: of whoever waits for node_up()
 * @data: for @events
 * @has_map: the map in @mesh is from the server, not from the disk
 * @moved: the network changed, and the server has not answered since
 * @rerouted: what changed may have cut off any path
 * @writer: puts the map on disk
 * @save: GLib source that has it stored
 * @save_again: it has changed since that was done
 * @settles: whoever waits is told as soon as the map is on disk
 * @given_up: a connection that is to be freed, which cannot be done in its own events
 * @discard: GLib source that frees @given_up
 * @leaving: GLib source that ends the wait for the server; 0 unless the network is left for good
 * @unstored: why the disk does not have the state; NULL: it does
 * @store: GLib source that stores the state again
 * @error: why the server refuses this node, or why there is no interface
 */
struct node {
	struct state *state;
	struct dataplane *dataplane;
	struct underlay *underlay;
	struct wake *wake;
	struct mesh *mesh;
	struct server_link *link;
	struct link_way line;
	struct trial *trial;
	const struct node_events *events;
	void *data;
	bool has_map;
	bool moved;
	bool rerouted;
	struct map_writer *writer;
	guint save;
	bool save_again;
	bool settles;
	struct server_link *given_up;
	guint discard;
	guint leaving;
	char *unstored;
	guint store;
	char *error;
};

static void progress(struct node *node, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void progress(struct node *node, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	node->events->progress(text, node->data);
}

static void set_error(struct node *node, const char *error)
{
	g_free(node->error);
	node->error = g_strdup(error);
}

/* The state on disk */

static gboolean on_store(void *data);

/* Whoever asked for what cannot be stored is told; it is stored as soon as that can be. */
static bool save_state(struct node *node)
{
	g_autoptr(GError) error = NULL;

	g_clear_pointer(&node->unstored, g_free);
	g_clear_handle_id(&node->store, g_source_remove);
	if (state_save(node->state, &error))
		return true;
	log_limited(LOG_LEVEL_ERROR, "%s", error->message);
	node->unstored = g_strdup(error->message);
	node->store = g_timeout_add(STORE_RETRY_MS, on_store, node);
	return false;
}

static gboolean on_store(void *data)
{
	struct node *node = data;

	node->store = 0;
	if (save_state(node))
		log_info("the state is stored now");
	return G_SOURCE_REMOVE;
}

static char *explain_unstored(const struct node *node, const char *so)
{
	return g_strdup_printf("%s (%s). Make room on that disk, and repeat the command", so,
			       node->unstored);
}

/* The map on disk */

static void save_map(struct node *node)
{
	node->save_again = false;
	map_writer_write(node->writer, mesh_save(node->mesh));
}

/* What this node knows belongs to the past: it is stored now, or not at all. */
static void finish_map(struct node *node)
{
	g_clear_handle_id(&node->save, g_source_remove);
	if (node->save_again)
		save_map(node);
	map_writer_wait(node->writer);
	g_clear_handle_id(&node->save, g_source_remove);
	node->save_again = false;
}

static gboolean on_save(void *data)
{
	struct node *node = data;

	node->save = 0;
	if (node->save_again) {
		save_map(node);
		node->save = g_timeout_add(SAVE_INTERVAL_MS, on_save, node);
	}
	return G_SOURCE_REMOVE;
}

static void on_map_changed(void *data)
{
	struct node *node = data;

	/* read from the disk just now */
	if (!node->has_map)
		return;
	node->save_again = true;
	if (node->save)
		return;
	save_map(node);
	node->save = g_timeout_add(SAVE_INTERVAL_MS, on_save, node);
}

static void settle(struct node *node);

static void on_map_written(const GError *error, void *data)
{
	struct node *node = data;
	bool settles = node->settles;

	if (error) {
		log_limited(LOG_LEVEL_ERROR, "%s", error->message);
		node->save_again = true;
		g_clear_handle_id(&node->save, g_source_remove);
		node->save = g_timeout_add(STORE_RETRY_MS, on_save, node);
	}
	node->settles = false;
	if (settles)
		settle(node);
}

static void load_map(struct node *node)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) map = state_load_map(node->state, &error);

	if (map && mesh_load(node->mesh, map, &error))
		return;
	if (!g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
		log_warning("the last map is lost: %s", error->message);

	/* without a map nobody is known, so nobody is removed */
	g_clear_error(&error);
	if (!dataplane_apply(node->dataplane, false, &error))
		log_error("%s", error->message);
}

/* Leaving for good: see node_leave(), which begins it */

static void leave_network(struct node *node, GError **error);
static void discard(struct node *node, struct server_link *link);

/* The server knows, or @untold says why it does not. */
static void left(struct node *node, const char *untold)
{
	g_autoptr(GError) error = NULL;

	g_clear_handle_id(&node->leaving, g_source_remove);
	g_clear_handle_id(&node->store, g_source_remove);
	if (untold)
		progress(node, "the server was not told (%s): it keeps a place for this node until "
			 "somebody runs \"meshctl server peer remove %s\" there", untold,
			 node->state->given_hostname);
	discard(node, g_steal_pointer(&node->link));
	leave_network(node, &error);
	if (!error)
		state_forget(node->state, &error);
	node->events->left(error ? error->message : NULL, node->data);
}

static gboolean on_leave_timeout(void *data)
{
	struct node *node = data;

	node->leaving = 0;
	left(node, "it does not answer");
	return G_SOURCE_REMOVE;
}

/* The server */

static void send_to_server(JsonObject *message, void *data)
{
	struct node *node = data;

	if (node->link)
		server_link_send(node->link, message);
	else
		json_object_unref(message);
}

/* A server that names nobody who answers STUN has, most likely, a relay on its own host. */
static void assume_stun(struct node *node)
{
	struct endpoint stun = *server_link_remote(node->link);

	if (node->state->stun->len || !endpoint_is_set(&stun))
		return;
	endpoint_set_port(&stun, STUN_DEFAULT_PORT);
	g_array_append_val(node->state->stun, stun);
}

/* What the state says of the network and this node's place in it. */
static void take_place(struct node *node)
{
	const struct state *state = node->state;
	guint8 id[NETWORK_TAG_ID_SIZE];
	char tag[NETWORK_TAG_LEN + 1];

	sodium_hex2bin(id, sizeof(id), state->network_id, strlen(state->network_id), NULL, NULL,
		       NULL);
	network_tag(id, tag);
	dataplane_set_network(node->dataplane, tag);
	mesh_set_self(node->mesh, state->prefixes, state->addresses, state->stun,
		      state->server.host);
}

/* A server that was away welcomes all its nodes again, with what they know mostly. */
static void store_place(struct node *node)
{
	if (node->unstored || !state_is_stored(node->state))
		save_state(node);
}

/* The state says which network that is. */
static void enter_network(struct node *node)
{
	node->line = underlay_line(node->underlay, server_link_remote(node->link));
	assume_stun(node);
	store_place(node);
	set_error(node, NULL);
	progress(node, "joined the network '%s' as %s", node->state->network_name,
		 node->state->given_hostname);
	take_place(node);
	mesh_set_connected(node->mesh, true);
}

static void log_joined(const struct node *node)
{
	log_info("joined the network '%s' as %s", node->state->network_name,
		 node->state->given_hostname);
}

static bool on_may_enter(const char *network, void *data, GError **error)
{
	struct node *node = data;

	return dataplane_may_enter(node->dataplane, network, error);
}

static bool on_welcome(JsonObject *message, void *data, GError **error)
{
	struct node *node = data;
	g_autofree char *network = g_strdup(node->state->network_id);

	if (node->leaving) {
		server_link_send(node->link, message_new("leave"));
		return true;
	}
	if (!state_welcome(node->state, message, error))
		return false;
	if (g_strcmp0(network, node->state->network_id) != 0)
		log_joined(node);
	enter_network(node);
	return true;
}

/* Who waits for another network is not told of this one. */
static void tell_settled(struct node *node, const char *error)
{
	if (!node->trial)
		node->events->settled(error, node->data);
}

static void settle(struct node *node)
{
	const char *module_error = dataplane_module_error(node->dataplane);
	g_autofree char *unstored = NULL;

	if (node->trial)
		return;
	if (map_writer_is_busy(node->writer)) {
		node->settles = true;
		return;
	}
	if (module_error)
		progress(node, "%s", module_error);
	if (node->unstored)
		unstored = explain_unstored(node, "this node is up, but that is not on disk, and "
					    "does not outlast a restart");
	tell_settled(node, dataplane_error(node->dataplane) ?: unstored);
}

static bool on_map(struct node *node, JsonObject *message, GError **error)
{
	bool had_map = node->has_map;

	node->has_map = true;
	if (node->moved)
		mesh_renew(node->mesh, NULL, PEERMESSAGE_NETWORK_CHANGED, !node->rerouted);
	node->moved = node->rerouted = false;
	if (!mesh_map(node->mesh, message, error)) {
		node->has_map = had_map;
		return false;
	}
	settle(node);
	return true;
}

static bool on_server_message(JsonObject *message, void *data, GError **error)
{
	struct node *node = data;
	const char *type = json_object_get_string_member(message, "type");

	if (node->leaving)
		return true;
	if (strcmp(type, "map") == 0)
		return on_map(node, message, error);
	if (strcmp(type, "map-delta") == 0)
		return mesh_delta(node->mesh, message, error);
	if (strcmp(type, "signal") == 0)
		return mesh_signal(node->mesh, message, error);
	if (strcmp(type, "signal-failed") == 0)
		return mesh_signal_failed(node->mesh, message, error);
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "'%s' is unknown", type);
	return false;
}

static gboolean discard_link(void *data)
{
	struct node *node = data;

	node->discard = 0;
	g_clear_pointer(&node->given_up, server_link_free);
	return G_SOURCE_REMOVE;
}

/* Before it can have another event. */
static void discard(struct node *node, struct server_link *link)
{
	server_link_free(node->given_up);
	node->given_up = link;
	if (!node->discard)
		node->discard = g_idle_add_full(G_PRIORITY_HIGH, discard_link, node, NULL);
}

/* A first attempt to join that did not work leaves no trace. */
static void forget_server(struct node *node)
{
	node->state->up = false;
	node->state->has_server = false;
	joinstring_wipe(&node->state->server);
	save_state(node);
}

static void give_up_joining(struct node *node)
{
	forget_server(node);
	discard(node, g_steal_pointer(&node->link));
}

static void on_lost(const char *why, void *data)
{
	struct node *node = data;
	g_autofree char *error = NULL;

	mesh_set_connected(node->mesh, false);
	if (node->leaving) {
		left(node, why);
		return;
	}
	if (node->state->joined) {
		if (!node->trial)
			progress(node, "the server cannot be reached (%s); using the last map",
				 why);
		settle(node);
		return;
	}
	error = g_strdup_printf("cannot join at %s: %s", server_link_url(node->link), why);
	give_up_joining(node);
	tell_settled(node, error);
}

static void leave_network(struct node *node, GError **error)
{
	finish_map(node);
	mesh_clear(node->mesh);
	node->has_map = false;
	dataplane_remove(node->dataplane, error);
}

static void leave_network_or_log(struct node *node)
{
	g_autoptr(GError) error = NULL;

	leave_network(node, &error);
	if (error)
		log_error("%s", error->message);
}

static void on_refused(const char *code, const char *why, void *data)
{
	struct node *node = data;

	mesh_set_connected(node->mesh, false);
	if (node->leaving) {
		left(node, NULL);
		return;
	}
	if (!node->state->joined) {
		give_up_joining(node);
	} else if (strcmp(code, "removed") == 0) {
		leave_network_or_log(node);
		node->state->joined = false;
		save_state(node);
		set_error(node, why);
	} else {
		set_error(node, why);
	}
	tell_settled(node, why);
}

static const struct server_link_events link_events = {
	.may_enter = on_may_enter,
	.welcome = on_welcome,
	.message = on_server_message,
	.lost = on_lost,
	.refused = on_refused,
};

static struct server_link *connect_to(struct node *node, const struct joinstring *server,
				      const struct seal_session *session, const char *hostname,
				      const struct server_link_events *events)
{
	struct server_link_settings settings = {
		.host = server->host,
		.port = server->port,
		.fingerprint = server->has_fingerprint ? server->fingerprint : NULL,
		.private_key = &node->state->private_key,
		.session = session,
		.hostname = hostname,
		.setup_key = server->setup_key[0] ? server->setup_key : NULL,
	};

	progress(node, "connecting to %s:%u", server->host, server->port);
	return server_link_new(&settings, events, node);
}

static void connect_to_server(struct node *node)
{
	const struct state *state = node->state;

	g_clear_pointer(&node->link, server_link_free);
	mesh_set_connected(node->mesh, false);
	node->link = connect_to(node, &state->server, mesh_session(node->mesh), state->hostname,
				&link_events);
}

/* Another network */

/* The link may be another's by now. */
static void end_trial(struct node *node)
{
	struct trial *trial = g_steal_pointer(&node->trial);

	if (!trial)
		return;
	server_link_free(trial->link);
	joinstring_wipe(&trial->join);
	g_free(trial);
}

static bool on_trial_welcome(JsonObject *message, void *data, GError **error)
{
	struct node *node = data;
	struct trial *trial = node->trial;
	g_autofree char *network = g_strdup(node->state->network_name);

	if (!trial)
		return on_welcome(message, node, error);
	finish_map(node);
	if (!state_change(node->state, &trial->join, message, error))
		return false;
	progress(node, "leaving the network '%s'", network);
	leave_network_or_log(node);
	node->moved = node->rerouted = false;
	mesh_set_session(node->mesh, &trial->session);
	server_link_free(node->link);
	node->link = g_steal_pointer(&trial->link);
	node->state->up = true;
	g_strlcpy(node->state->hostname, trial->hostname, sizeof(node->state->hostname));
	end_trial(node);
	log_joined(node);
	enter_network(node);
	return true;
}

static void trial_failed(struct node *node, const char *why)
{
	g_autofree char *error = NULL;

	error = node->state->joined ?
		g_strdup_printf("%s; this node is still in the network '%s'", why,
				node->state->network_name) :
		g_strdup(why);
	log_warning("%s", error);
	discard(node, g_steal_pointer(&node->trial->link));
	end_trial(node);
	tell_settled(node, error);
}

static void on_trial_lost(const char *why, void *data)
{
	struct node *node = data;
	g_autofree char *error = NULL;

	if (!node->trial) {
		on_lost(why, node);
		return;
	}
	error = g_strdup_printf("cannot join at %s: %s", server_link_url(node->trial->link), why);
	trial_failed(node, error);
}

static void on_trial_refused(const char *code, const char *why, void *data)
{
	struct node *node = data;

	if (node->trial)
		trial_failed(node, why);
	else
		on_refused(code, why, node);
}

/* Once the server has let us in, its link is the one that the node has. */
static const struct server_link_events trial_events = {
	.may_enter = on_may_enter,
	.welcome = on_trial_welcome,
	.message = on_server_message,
	.lost = on_trial_lost,
	.refused = on_trial_refused,
};

static void try_network(struct node *node, const struct joinstring *join, const char *hostname)
{
	struct trial *trial = g_new0(struct trial, 1);

	trial->join = *join;
	g_strlcpy(trial->hostname, hostname, sizeof(trial->hostname));
	randombytes_buf(&trial->session, sizeof(trial->session));
	node->trial = trial;
	trial->link = connect_to(node, &trial->join, &trial->session, trial->hostname,
				 &trial_events);
}

/* The underlay */

/* The peers follow once the server has answered: what is sent into a dead connection is lost. */
static void begin_anew(struct node *node, bool gone, bool rerouted)
{
	if (!node->link)
		return;
	node->moved = true;
	node->rerouted |= rerouted;
	gone |= underlay_has_left_line(node->underlay, server_link_remote(node->link), &node->line);
	server_link_network_changed(node->link, gone);
}

static void on_underlay_changed(bool gone, bool rerouted, void *data)
{
	struct node *node = data;

	if (node->link)
		log_info("the network changed");
	mesh_network_changed(node->mesh, false);
	begin_anew(node, gone, rerouted);
}

/* Whatever was open then, at NATs, at the relays and at the server, may be closed now. */
static void on_woken(gint64 slept_us, void *data)
{
	struct node *node = data;

	if (node->link)
		log_info("the machine has slept for %" G_GINT64_FORMAT " s",
			 slept_us / G_USEC_PER_SEC);
	mesh_network_changed(node->mesh, true);
	begin_anew(node, true, true);
}

static void on_underlay_read(void *data)
{
	struct node *node = data;

	dataplane_set_mtu(node->dataplane, underlay_mtu(node->underlay));
	mesh_underlay_read(node->mesh);
}

static const struct underlay_events underlay_events = {
	.changed = on_underlay_changed,
	.read = on_underlay_read,
};

/* Starting and stopping */

static const struct mesh_events mesh_events = {
	.send = send_to_server,
	.changed = on_map_changed,
};

static bool make_parts(struct node *node, const struct node_settings *settings, GError **error)
{
	struct dataplane_settings dataplane = {
		.ifname = settings->ifname,
		.listen_port = settings->listen_port,
	};

	node->state = state_open(settings->state_directory, error);
	if (!node->state)
		return false;
	node->writer = map_writer_new(node->state, on_map_written, node);
	dataplane.private_key = &node->state->private_key;
	node->dataplane = dataplane_new(&dataplane, error);
	if (!node->dataplane)
		return false;
	node->mesh = mesh_new(&node->state->private_key, node->dataplane, &mesh_events, node);
	node->underlay = underlay_new(settings->ifname, &underlay_events, node, error);
	if (!node->underlay)
		return false;
	node->wake = wake_new(on_woken, node, error);
	if (!node->wake)
		return false;
	mesh_set_underlay(node->mesh, node->underlay);
	dataplane_set_mtu(node->dataplane, underlay_mtu(node->underlay));
	dataplane_follow(node->dataplane, underlay_watch(node->underlay));
	return true;
}

/* The interface of a node that is down is what a crash in node_down() left over. */
static void resume(struct node *node)
{
	g_autoptr(GError) error = NULL;

	if (!node->state->up || !node->state->has_server) {
		if (!dataplane_remove(node->dataplane, &error))
			log_warning("%s", error->message);
		return;
	}
	if (node->state->joined) {
		take_place(node);
		load_map(node);
	}
	connect_to_server(node);
}

struct node *node_new(const struct node_settings *settings, const struct node_events *events,
		      void *data, GError **error)
{
	struct node *node = g_new0(struct node, 1);

	node->events = events;
	node->data = data;
	if (!make_parts(node, settings, error)) {
		node_free(node);
		return NULL;
	}
	if (!settings->at_rest)
		resume(node);
	return node;
}

void node_free(struct node *node)
{
	if (!node)
		return;
	node->settles = false;
	if (node->writer)
		finish_map(node);
	map_writer_free(node->writer);
	g_clear_handle_id(&node->discard, g_source_remove);
	g_clear_handle_id(&node->leaving, g_source_remove);
	g_clear_handle_id(&node->store, g_source_remove);
	server_link_free(node->given_up);
	end_trial(node);
	server_link_free(node->link);
	mesh_free(node->mesh);
	wake_free(node->wake);
	underlay_free(node->underlay);
	dataplane_free(node->dataplane);
	state_free(node->state);
	g_free(node->unstored);
	g_free(node->error);
	g_free(node);
}

static bool same_server(const struct joinstring *a, const struct joinstring *b)
{
	return strcmp(a->host, b->host) == 0 && a->port == b->port &&
	       a->has_fingerprint == b->has_fingerprint &&
	       memcmp(a->fingerprint, b->fingerprint, sizeof(a->fingerprint)) == 0;
}

/*
 * The setup key of the network that we are in already is sent, in case the server forgot us. Who
 * gives a join string wants what the server says now, other prefixes, too.
 */
static void take_join_string(struct node *node, const struct joinstring *join)
{
	struct state *state = node->state;

	if (state->has_server && same_server(&state->server, join)) {
		state->server = *join;
		state_unpin(state);
	} else {
		finish_map(node);
		state_join(state, join);
	}
}

/* "Web Server.example.org" becomes "web-server". */
static void suggest_hostname(char hostname[static PEER_HOSTNAME_SIZE])
{
	const char *from = g_get_host_name();
	gsize len = 0;

	for (; *from && *from != '.' && len < PEER_HOSTNAME_SIZE - 1; from++) {
		if (g_ascii_isalnum(*from))
			hostname[len++] = g_ascii_tolower(*from);
		else if (len > 0 && hostname[len - 1] != '-')
			hostname[len++] = '-';
	}
	while (len > 0 && hostname[len - 1] == '-')
		len--;
	hostname[len] = '\0';
	if (len == 0)
		g_strlcpy(hostname, FALLBACK_HOSTNAME, PEER_HOSTNAME_SIZE);
}

static bool refuse(GError **error, const char *why)
{
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s", why);
	return false;
}

static bool refuse_unstored(struct node *node, const char *so, GError **error)
{
	g_autofree char *why = explain_unstored(node, so);

	return refuse(error, why);
}

/* A setup key may be good for once: it is not used before the disk takes what it brings. */
#define UNSTORED_NOTHING_DONE "this cannot be put on disk, so nothing was done"

static bool set_up(struct node *node, const char *hostname, GError **error)
{
	struct state *state = node->state;
	bool was_up = state->up;

	g_strlcpy(state->hostname, hostname, sizeof(state->hostname));
	state->up = true;
	if (!save_state(node)) {
		refuse_unstored(node, UNSTORED_NOTHING_DONE, error);
		state->up = was_up;
		if (!state->joined)
			forget_server(node);
		return false;
	}
	set_error(node, NULL);
	if (state->joined && !was_up) {
		take_place(node);
		load_map(node);
	}
	connect_to_server(node);
	return true;
}

bool node_up(struct node *node, const struct joinstring *join, const char *hostname,
	     GError **error)
{
	struct state *state = node->state;
	char wish[PEER_HOSTNAME_SIZE];

	if (node->leaving)
		return refuse(error, "this node is leaving its network");
	if (!join && !state->has_server)
		return refuse(error, "this node is in no network yet; give it a join string, which "
				     "\"meshctl server key create\" makes on the server");
	if (hostname && !hostname_is_valid(hostname))
		return refuse(error, "a hostname is 1 to 63 of a-z, 0-9 and \"-\", and neither "
				     "begins nor ends with \"-\"");
	if (hostname || state->hostname[0])
		g_strlcpy(wish, hostname ?: state->hostname, sizeof(wish));
	else
		suggest_hostname(wish);
	end_trial(node);
	if (join && state->joined && !same_server(&state->server, join)) {
		if (!save_state(node))
			return refuse_unstored(node, UNSTORED_NOTHING_DONE, error);
		try_network(node, join, wish);
		return true;
	}
	if (join)
		take_join_string(node, join);
	return set_up(node, wish, error);
}

bool node_down(struct node *node, GError **error)
{
	node->state->up = false;
	save_state(node);
	set_error(node, NULL);
	end_trial(node);
	g_clear_pointer(&node->link, server_link_free);
	finish_map(node);
	mesh_set_connected(node->mesh, false);
	mesh_clear(node->mesh);
	node->has_map = node->moved = node->rerouted = false;
	if (!dataplane_remove(node->dataplane, error))
		return false;
	return !node->unstored ||
	       refuse_unstored(node, "this node is down, but that is not on disk, and does not outlast "
			       "a restart", error);
}

/* Whoever is connected says it now; the others connect for it, even when this node is down. */
bool node_leave(struct node *node, GError **error)
{
	if (node->leaving)
		return refuse(error, "this node is leaving its network already");
	if (!node->state->has_server)
		return refuse(error, "this node is in no network");
	end_trial(node);
	if (!node->state->joined) {
		left(node, NULL);
		return true;
	}
	node->leaving = g_timeout_add(LEAVE_MS, on_leave_timeout, node);
	if (node->link && server_link_is_connected(node->link))
		server_link_send(node->link, message_new("leave"));
	else
		connect_to_server(node);
	return true;
}

enum node_condition node_condition(const struct node *node)
{
	if (node_error(node))
		return NODE_ERROR;
	if (!node->state->up)
		return NODE_DOWN;
	return node->state->joined ? NODE_UP : NODE_JOINING;
}

const char *node_error(const struct node *node)
{
	if (node->error)
		return node->error;
	return node->state->up ? dataplane_error(node->dataplane) : NULL;
}

const char *node_warning(const struct node *node)
{
	if (!mesh_holds_own_key(node->mesh) &&
	    (!node->link || !server_link_is_cloned(node->link)))
		return node->unstored;
	return "another machine has the key of this node: one of the two is a copy of the other, "
	       "and each takes the other's place. On one of them stop meshd, remove what is in its "
	       "state directory (/var/lib/wgmesh/NETWORK), start it and join anew";
}

const struct state *node_state(const struct node *node)
{
	return node->state;
}

struct mesh *node_mesh(const struct node *node)
{
	return node->mesh;
}

struct dataplane *node_dataplane(const struct node *node)
{
	return node->dataplane;
}

const struct underlay *node_underlay(const struct node *node)
{
	return node->underlay;
}

const struct server_link *node_link(const struct node *node)
{
	return node->link;
}
