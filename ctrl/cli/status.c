// SPDX-License-Identifier: GPL-2.0
/* meshctl status: the node, its peers, and how they are reached. */
#include <stdio.h>
#include <string.h>

#include "candidate-text.h"
#include "daemon.h"
#include "format.h"
#include "meshstatus.h"
#include "path-words.h"
#include "table.h"
#include "width.h"

/* Where what is said of a field begins, and of a detail of a peer. */
#define FIELD_INDENT 12
#define DETAIL_INDENT 20

/* Of so many peers the overview says what is wrong with them. */
#define MAX_TOLD 3

/* So long it says that a peer has another key. */
#define KEY_CHANGE_TOLD_S (7 * 24 * 3600)

static gboolean details;

static const GOptionEntry options[] = {
	{ "details", 'd', 0, G_OPTION_ARG_NONE, &details,
	  "also candidates, paths and counters of every peer", NULL },
	{ NULL },
};

static enum style state_style(const char *state)
{
	if (strcmp(state, "up") == 0 || strcmp(state, "direct") == 0 ||
	    strcmp(state, "relayed") == 0)
		return STYLE_GOOD;
	if (strcmp(state, "joining") == 0 || strcmp(state, "connecting") == 0)
		return STYLE_PENDING;
	return strcmp(state, "offline") == 0 || strcmp(state, "down") == 0 ? STYLE_FAINT :
									    STYLE_BAD;
}

static void print_field(const char *name, enum style style, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

static void print_field(const char *name, enum style style, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	width_print(FIELD_INDENT, "%s%-11s%s %s%s%s", style_begin(stdout, STYLE_TITLE), name,
		    style_end(stdout, STYLE_TITLE), style_begin(stdout, style), text,
		    style_end(stdout, style));
}

static void print_server(const struct mesh_status *status)
{
	/* Said already, when it is what keeps this node from being up. */
	bool known = !*status->server_error || strcmp(status->server_error, status->error) == 0;

	if (!*status->server_url)
		return;
	if (status->server_connected)
		print_field("server", STYLE_PLAIN, "%s, connected", status->server_url);
	else
		print_field("server", STYLE_PENDING, "%s, not connected%s%s", status->server_url,
			    known ? "" : ": ", known ? "" : status->server_error);
}

static void print_node(const struct cli *cli, const struct mesh_status *status)
{
	g_autofree char *addresses = g_strjoinv("  ", status->addresses);
	g_autofree char *left_out = g_strjoinv("  ", status->left_out);

	print_field("network", STYLE_PLAIN, "%s",
		    *status->network_name ? status->network_name : cli->network ?: "default");
	print_field("state", state_style(status->state), "%s%s%s", status->state,
		    *status->error ? ": " : "", status->error);
	if (*status->warning)
		print_field("warning", STYLE_BAD, "%s", status->warning);
	print_server(status);
	if (*status->hostname)
		print_field("this node", STYLE_PLAIN, "%s%s%s", status->hostname,
			    *addresses ? "  " : "", addresses);
	if (*status->address_refused)
		print_field("refused", STYLE_BAD, "%s", status->address_refused);
	if (*status->prefixes_refused)
		print_field("refused", STYLE_BAD, "%s", status->prefixes_refused);
	if (*status->address_error)
		print_field("", STYLE_BAD, "%s", status->address_error);
	if (*status->address_shared)
		print_field("", STYLE_PENDING, "%s", status->address_shared);
	if (*status->public_key)
		print_field("key", STYLE_PLAIN, "%s", status->public_key);
	if (*status->interface)
		print_field("interface", STYLE_PLAIN, "%s", status->interface);
	if (!status->module)
		print_field("kernel", STYLE_BAD, "%s", *status->module_error ?
			    status->module_error :
			    "the module wgmesh is not loaded: run \"modprobe wgmesh\"");
	if (*left_out)
		print_field("not offered", STYLE_PENDING,
			    "%s: this node has too many addresses to offer all to its peers",
			    left_out);
	if (!status->ipv6)
		print_field("IPv6", STYLE_PENDING, "turned off here: peers are reached by IPv4 alone");
}

/* A server that is up to no good gives many. */
static void print_refused(const struct mesh_status *status)
{
	guint count = 0;

	for (guint i = 0; i < status->peers->len; i++) {
		const struct mesh_peer *peer = &g_array_index(status->peers, struct mesh_peer, i);

		if (*peer->address_refused && ++count <= MAX_TOLD)
			print_field("refused", STYLE_BAD, "%s: %s", peer->hostname,
				    peer->address_refused);
	}
	if (count > MAX_TOLD)
		print_field("", STYLE_BAD, "and %u more: meshctl status -d", count - MAX_TOLD);
}

static char *describe_time(gint64 seconds)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(seconds);

	return time ? g_date_time_format(time, "%F %T") : g_strdup("?");
}

static char *describe_key_change(const struct mesh_peer *peer,
				 const struct mesh_key_change *change)
{
	g_autofree char *when = describe_time(change->when);

	return g_strdup_printf("%s was that of the key %s until %s, and is that of %s now: another "
			       "machine has it, or the same one was set up anew", change->what,
			       change->from, when, peer->public_key);
}

/* For some days: who knows about it needs no reminder. */
static void print_key_changes(const struct mesh_status *status)
{
	gint64 since = g_get_real_time() / G_USEC_PER_SEC - KEY_CHANGE_TOLD_S;
	guint count = 0;

	for (guint i = 0; i < status->peers->len; i++) {
		const struct mesh_peer *peer = &g_array_index(status->peers, struct mesh_peer, i);

		for (guint j = 0; j < peer->key_changes->len; j++) {
			const struct mesh_key_change *change =
				&g_array_index(peer->key_changes, struct mesh_key_change, j);
			g_autofree char *text = describe_key_change(peer, change);

			if (change->when >= since && ++count <= MAX_TOLD)
				print_field("new key", STYLE_BAD, "%s", text);
		}
	}
	if (count > MAX_TOLD)
		print_field("", STYLE_BAD, "and %u more: meshctl status -d", count - MAX_TOLD);
}

/* What something else on this machine changed, and meshd put right. */
static void print_mended(const struct cli *cli, const struct mesh_status *status)
{
	for (guint i = 0; i < status->mended->len; i++) {
		const struct mesh_mended *mended =
			&g_array_index(status->mended, struct mesh_mended, i);
		g_autofree char *when = describe_time(mended->last);

		g_autofree char *again = mended->again_and_again ?
			g_strdup_printf(": something else changes it again and again, so it is put "
					"right less often; \"journalctl -u meshd@%s\" says more",
					cli->network ?: "default") : g_strdup("");

		print_field(i ? "" : "mended", mended->again_and_again ? STYLE_BAD : STYLE_PENDING,
			    "%s: %" G_GINT64_FORMAT " (last %s)%s", mended->what, mended->count,
			    when, again);
	}
}

/* The way to a peer in a few words; "-d" has the sentences. */
static char *describe_way(const struct mesh_peer *peer)
{
	const struct mesh_path *path = mesh_peer_selected(peer);
	const char *dead = path && strcmp(path->state, "dead") == 0 ? ", no answer" : "";

	if (*peer->route_error)
		return g_strdup("a route is in the way");
	if (path && strcmp(path->kind, "direct") == 0)
		return g_strdup_printf("via %s%s", path->remote, dead);
	if (path)
		return g_strdup_printf("relay %s%s", *path->relay ? path->relay : path->remote,
				       dead);
	if (*peer->ice.error)
		return g_strdup("none found");
	return g_strdup(strcmp(peer->state, "connecting") == 0 ? "being looked for" : "");
}

/* A path may well work while the peer has lost the server. */
static bool is_away(const struct mesh_peer *peer)
{
	return !peer->online && strcmp(peer->state, "offline") != 0;
}

static void add_peer(struct table *table, const struct mesh_peer *peer, gint64 now)
{
	const struct mesh_path *path = mesh_peer_selected(peer);
	g_autofree char *way = describe_way(peer);
	char rtt[FORMAT_STRLEN] = "", handshake[FORMAT_STRLEN], rx[FORMAT_STRLEN],
	     tx[FORMAT_STRLEN];

	if (path && path->rtt_us >= 0)
		format_us(path->rtt_us, rtt);
	table_cell(table, STYLE_TITLE, "%s", peer->hostname);
	table_cell(table, STYLE_PLAIN, "%s", peer->addresses[0] ?: "");
	table_cell(table, state_style(peer->state), is_away(peer) ? "%s, away" : "%s",
		   peer->state);
	table_cell(table, STYLE_PLAIN, "%s", way);
	table_cell(table, STYLE_PLAIN, "%s", rtt);
	table_cell(table, STYLE_PLAIN, "%s", format_ago(peer->last_handshake, now, handshake));
	table_cell(table, STYLE_PLAIN, "%s", format_bytes(peer->wg_rx_bytes, rx));
	table_cell(table, STYLE_PLAIN, "%s", format_bytes(peer->wg_tx_bytes, tx));
}

static void print_peers(const struct mesh_status *status)
{
	g_autoptr(table) table =
		table_new("PEER ADDRESS STATE PATH >RTT >HANDSHAKE >RECEIVED >SENT");
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;

	for (guint i = 0; i < status->peers->len; i++)
		add_peer(table, &g_array_index(status->peers, struct mesh_peer, i), now);
	putchar('\n');
	table_print(table, "no peers yet: \"meshctl server key create\" on the server invites one");
}

static void print_detail(const char *name, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void print_detail(const char *name, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	width_print(DETAIL_INDENT, "  %-17s %s", name, text);
}

static void print_candidates(const char *whose, char **candidates)
{
	for (char **candidate = candidates; *candidate; candidate++) {
		g_autofree char *text = candidate_describe(*candidate);

		print_detail(candidate == candidates ? whose : "", "%s", text);
	}
}

/* What was measured counts; without probes all that is known is what the route takes. */
static char *describe_largest(const struct mesh_path *path)
{
	if (path->pmtu_bytes < 0)
		return g_strdup_printf("largest packet %" G_GINT64_FORMAT " B, not measured",
				       path->mtu_bytes);
	if (path->pmtu_bytes >= path->mtu_bytes)
		return g_strdup_printf("largest packet %" G_GINT64_FORMAT " B", path->pmtu_bytes);
	return g_strdup_printf("largest packet %" G_GINT64_FORMAT " B (the route says %"
			       G_GINT64_FORMAT ")", path->pmtu_bytes, path->mtu_bytes);
}

static void print_counters(const struct mesh_path *path)
{
	char age[FORMAT_STRLEN], rx[FORMAT_STRLEN], tx[FORMAT_STRLEN];
	g_autofree char *largest = describe_largest(path);
	g_autofree char *heard = g_strdup("nothing received yet");

	if (path->rx_age_ms >= 0) {
		g_free(heard);
		heard = g_strdup_printf("last received %s ago",
					format_duration(path->rx_age_ms / 1000, age));
	}
	print_detail("", "%s, priority %" G_GINT64_FORMAT ", %s", largest, path->priority, heard);
	print_detail("", "received %" G_GINT64_FORMAT " packets (%s), sent %" G_GINT64_FORMAT
		     " (%s), %" G_GINT64_FORMAT " failed", path->rx_packets,
		     format_bytes(path->rx_bytes, rx), path->tx_packets,
		     format_bytes(path->tx_bytes, tx), path->tx_errors);
	if (path->probes_sent)
		print_detail("", "%" G_GINT64_FORMAT " probes, %" G_GINT64_FORMAT " answered",
			     path->probes_sent, path->probes_answered);
}

static void print_path(const struct mesh_path *path)
{
	g_autofree char *state = path_words_state(path);
	g_autofree char *use = path_words_use(path);

	width_print(DETAIL_INDENT, "  path %-12" G_GINT64_FORMAT " %s%s%s %s -> %s, %s", path->id,
		    path->kind, *path->relay ? " " : "", path->relay, path->local, path->remote,
		    use);
	print_detail("", "%s%s%s", style_begin(stdout, path_words_style(path)), state,
		     style_end(stdout, path_words_style(path)));
	print_counters(path);
}

static void print_choice(const struct mesh_peer *peer)
{
	g_autofree char *last = path_words_switch(peer);

	if (*peer->selector)
		print_detail("selector", "%s%s", peer->selector,
			     peer->probing ? "" : ", paths are not probed");
	if (last)
		print_detail("last switch", "%s", last);
}

static void print_peer(const struct mesh_peer *peer)
{
	g_autofree char *addresses = g_strjoinv("  ", peer->addresses);
	char handshake[FORMAT_STRLEN], rx[FORMAT_STRLEN], tx[FORMAT_STRLEN];
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;

	putchar('\n');
	width_print(2, "%s%s%s  %s%s%s%s", style_begin(stdout, STYLE_TITLE), peer->hostname,
		    style_end(stdout, STYLE_TITLE), style_begin(stdout, state_style(peer->state)),
		    peer->state, style_end(stdout, state_style(peer->state)),
		    is_away(peer) ? ", away: not connected to the server" : "");
	print_detail("addresses", "%s", addresses);
	print_detail("key", "%s", peer->public_key);
	print_detail("wireguard", "handshake %s, received %s, sent %s",
		     format_ago(peer->last_handshake, now, handshake),
		     format_bytes(peer->wg_rx_bytes, rx), format_bytes(peer->wg_tx_bytes, tx));
	if (*peer->virtual_endpoint)
		print_detail("virtual endpoint", "%s", peer->virtual_endpoint);
	print_choice(peer);
	for (guint i = 0; i < peer->paths->len; i++)
		print_path(&g_array_index(peer->paths, struct mesh_path, i));
	for (guint i = 0; i < peer->key_changes->len; i++) {
		g_autofree char *text = describe_key_change(
			peer, &g_array_index(peer->key_changes, struct mesh_key_change, i));

		print_detail(i ? "" : "new key", "%s%s%s", style_begin(stdout, STYLE_BAD), text,
			     style_end(stdout, STYLE_BAD));
	}
	if (*peer->address_refused)
		print_detail("refused", "%s%s%s", style_begin(stdout, STYLE_BAD),
			     peer->address_refused, style_end(stdout, STYLE_BAD));
	if (*peer->route_error)
		print_detail("route", "%s%s%s", style_begin(stdout, STYLE_BAD), peer->route_error,
			     style_end(stdout, STYLE_BAD));
	if (*peer->route_shared)
		print_detail("route", "%s", peer->route_shared);
	if (*peer->why_relayed)
		print_detail("not direct", "%s", peer->why_relayed);
	if (*peer->relay_error)
		print_detail("no relay", "%s", peer->relay_error);
	if (*peer->ice.error || strcmp(peer->ice.state, "none") != 0)
		print_detail("ice", "%s%s%s", peer->ice.state, *peer->ice.error ? ": " : "",
			     peer->ice.error);
	print_candidates("local candidates", peer->ice.local_candidates);
	print_candidates("remote candidates", peer->ice.remote_candidates);
	print_candidates("not tried", peer->ice.left_out);
}

/* PEERSTATUS of docs/protocol.md section 6.1. */
static void print_peer_json(JsonObject *status, const struct mesh_peer *peer)
{
	g_autoptr(GList) peers =
		json_array_get_elements(json_object_get_array_member(status, "peers"));

	for (GList *i = peers; i; i = i->next) {
		JsonObject *one = json_node_get_object(i->data);

		if (g_strcmp0(json_object_get_string_member(one, "public_key"),
			      peer->public_key) == 0)
			cli_print_json(json_object_ref(one));
	}
}

static enum cli_status print_one(const struct cli *cli, JsonObject *object,
				 const struct mesh_status *status, const char *name)
{
	g_autoptr(GError) error = NULL;
	const struct mesh_peer *peer = mesh_status_find_peer(status, name, &error);

	if (!peer)
		return cli_fail_error(error);
	if (cli->json)
		print_peer_json(object, peer);
	else
		print_peer(peer);
	return CLI_OK;
}

static enum cli_status print_all(const struct cli *cli, const struct mesh_status *status)
{
	bool up = strcmp(status->state, "up") == 0;

	print_node(cli, status);
	print_mended(cli, status);
	print_refused(status);
	print_key_changes(status);
	if (!*status->network_id)
		width_print(0, "\nnot joined yet: \"meshctl server key create\" on the server prints "
			    "a join string for \"meshctl up\"");
	else if (strcmp(status->state, "down") == 0)
		puts("\nstopped: \"meshctl up\" goes back into the network");
	else if (!details)
		print_peers(status);
	for (guint i = 0; details && i < status->peers->len; i++)
		print_peer(&g_array_index(status->peers, struct mesh_peer, i));
	return up ? CLI_OK : CLI_FAILED;
}

static enum cli_status run(const struct cli *cli, char **arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(control_client) meshd = daemon_open_meshd(cli, &error);
	g_autoptr(JsonObject) answer = NULL;
	g_autoptr(mesh_status) status = NULL;
	JsonObject *object;

	if (meshd)
		answer = daemon_call(meshd, daemon_request("status"), &error);
	object = answer ? message_get_object(answer, "status", &error) : NULL;
	if (!object)
		return cli_fail_error(error);
	status = mesh_status_read(object);
	if (arguments[0])
		return print_one(cli, object, status, arguments[0]);
	if (cli->json) {
		cli_print_json(json_object_ref(object));
		return strcmp(status->state, "up") == 0 ? CLI_OK : CLI_FAILED;
	}
	return print_all(cli, status);
}

const struct command command_status = {
	.name = "status",
	.arguments = "[PEER]",
	.summary = "show this node, and the way to each peer",
	.description =
		"PEER (a hostname, an overlay address, or the beginning of a key) shows that one in\n"
		"detail. A peer that is \"away\" is not connected to the server, whatever its path.\n"
		"Exit status 0 says that this node is up, with PEER that there is this peer, whatever\n"
		"its state; 1 that it is stopped, has not joined, or that meshd is not running.",
	.options = options,
	.has_json = true,
	.max = 1,
	.run = run,
};
