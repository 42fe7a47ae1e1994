// SPDX-License-Identifier: GPL-2.0
/* meshctl ping: echo requests, and over which path each answer came. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "daemon.h"
#include "echo.h"
#include "format.h"
#include "meshstatus.h"

/* How long an answer is waited for after the last request. */
#define LINGER_US (5 * G_USEC_PER_SEC)

/* Requests carry a number of 16 bits. */
#define MAX_COUNT 65535

static int count;
static double interval_s = 1;

static const GOptionEntry options[] = {
	{ "count", 'c', 0, G_OPTION_ARG_INT, &count, "end after N requests [at Ctrl-C]", "N" },
	{ "interval", 'i', 0, G_OPTION_ARG_DOUBLE, &interval_s, "between two requests [1]",
	  "SECONDS" },
	{ NULL },
};

static volatile sig_atomic_t interrupted;

/**
 * struct session - pings to one peer
 * @meshd: tells over which path an answer came
 * @peer: public key
 * @hostname: of the peer
 * @address: its overlay address that is pinged, as text
 * @echo: the socket
 * @sent: how many requests were sent
 * @received: how many were answered
 * @answered: which, so that an answer counts once
 * @min_us: the shortest round trip
 * @max_us: the longest
 * @sum_us: of all
 */
struct session {
	struct control_client *meshd;
	char *peer;
	char *hostname;
	char *address;
	struct echo *echo;
	int sent;
	int received;
	guint8 answered[MAX_COUNT / 8 + 1];
	gint64 min_us;
	gint64 max_us;
	gint64 sum_us;
};

static void on_interrupt(G_GNUC_UNUSED int number)
{
	interrupted = true;
}

/* The path on which the peer was heard last is that of the answer that was just received. */
static char *describe_path(struct session *session)
{
	g_autoptr(mesh_status) status = mesh_status_get(session->meshd, session->peer, NULL);
	const struct mesh_peer *peer =
		status ? mesh_status_find_peer(status, session->peer, NULL) : NULL;
	const struct mesh_path *path = peer ? mesh_peer_latest(peer) : NULL;

	if (!path && peer)
		path = mesh_peer_selected(peer);
	if (!path)
		return g_strdup("an unknown path");
	if (strcmp(path->kind, "direct") == 0)
		return g_strdup_printf("%s (direct)", path->remote);
	return g_strdup_printf("%s (relay %s, not direct: %s)", path->remote, path->relay,
			       *peer->why_relayed ? peer->why_relayed : "a direct path was just found");
}

static void count_answer(struct session *session, gint64 rtt_us)
{
	session->min_us = session->received ? MIN(session->min_us, rtt_us) : rtt_us;
	session->max_us = MAX(session->max_us, rtt_us);
	session->sum_us += rtt_us;
	session->received++;
}

static void read_answers(struct session *session)
{
	char rtt[FORMAT_STRLEN];
	guint16 number;
	gint64 rtt_us;

	while (echo_receive(session->echo, &number, &rtt_us)) {
		if (!number || number > session->sent ||
		    session->answered[number / 8] & 1 << number % 8)
			continue;
		session->answered[number / 8] |= 1 << number % 8;
		count_answer(session, rtt_us);
		g_autofree char *path = describe_path(session);

		printf("pong from %s (%s) via %s in %s\n", session->hostname, session->address,
		       path, format_us(rtt_us, rtt));
		fflush(stdout);
	}
}

/* Return: false when the wait was interrupted or all was answered. */
static void wait_until(struct session *session, gint64 end_us, bool for_all)
{
	struct pollfd poll_fd = { .fd = echo_fd(session->echo), .events = POLLIN };
	gint64 left;

	while (!interrupted && (left = end_us - g_get_monotonic_time()) > 0) {
		if (for_all && session->received == session->sent)
			return;
		if (poll(&poll_fd, 1, left / 1000 + 1) > 0)
			read_answers(session);
	}
}

static void send_one(struct session *session)
{
	g_autoptr(GError) error = NULL;

	session->sent++;
	if (!echo_send(session->echo, session->sent, &error))
		cli_fail(NULL, "request %d: %s", session->sent, error->message);
}

static enum cli_status print_summary(const struct session *session)
{
	g_autofree char *hint = g_strdup_printf(
		"\"meshctl status %s\" shows what is known about the way to it.",
		session->hostname);
	int lost = session->sent - session->received;
	char min[FORMAT_STRLEN], average[FORMAT_STRLEN], max[FORMAT_STRLEN];

	printf("%d sent, %d received, %.4g %% lost", session->sent, session->received,
	       session->sent ? 100.0 * lost / session->sent : 0);
	if (session->received)
		printf("; round trip %s at least, %s on average, %s at most",
		       format_us(session->min_us, min),
		       format_us(session->sum_us / session->received, average),
		       format_us(session->max_us, max));
	putchar('\n');
	fflush(stdout);
	if (session->received)
		return CLI_OK;
	return cli_fail(hint, "no answer from %s (%s)", session->hostname, session->address);
}

static enum cli_status ping(struct session *session)
{
	struct sigaction on_signal = { .sa_handler = on_interrupt };
	gint64 next = g_get_monotonic_time();

	sigaction(SIGINT, &on_signal, NULL);
	sigaction(SIGTERM, &on_signal, NULL);
	while (!interrupted && session->sent < (count ?: MAX_COUNT)) {
		send_one(session);
		next += interval_s * G_USEC_PER_SEC;
		if (session->sent < (count ?: MAX_COUNT))
			wait_until(session, next, false);
	}
	wait_until(session, g_get_monotonic_time() + LINGER_US, true);
	return print_summary(session);
}

/* An IPv6 address is taken when it was asked for. */
static bool choose_address(const struct mesh_peer *peer, const char *name, struct prefix *address)
{
	if (prefix_parse(name, address, NULL))
		return true;
	return peer->addresses[0] && prefix_parse(peer->addresses[0], address, NULL);
}

static bool prepare(struct session *session, const char *name, GError **error)
{
	g_autoptr(mesh_status) status = mesh_status_get(session->meshd, NULL, error);
	const struct mesh_peer *peer = status ? mesh_status_find_peer(status, name, error) : NULL;
	char text[PREFIX_STRLEN];
	struct prefix address;

	if (!peer)
		return false;
	if (!choose_address(peer, name, &address)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
			    "%s has no overlay address yet\n\"meshctl status\" shows why.",
			    peer->hostname);
		return false;
	}
	session->peer = g_strdup(peer->public_key);
	session->hostname = g_strdup(peer->hostname);
	session->address = g_strdup(prefix_print(&address, text));
	session->echo = echo_open(&address, error);
	return session->echo != NULL;
}

static enum cli_status run(const struct cli *cli, char **arguments)
{
	g_autofree struct session *session = g_new0(struct session, 1);
	g_autoptr(GError) error = NULL;
	enum cli_status status;

	if (count < 0 || count > MAX_COUNT)
		return cli_misused("--count: 1 to %d", MAX_COUNT);
	if (!(interval_s >= 0.001 && interval_s <= 3600))
		return cli_misused("--interval: 0.001 to 3600 seconds");
	session->meshd = daemon_open_meshd(cli, &error);
	if (session->meshd && prepare(session, arguments[0], &error))
		status = ping(session);
	else
		status = cli_fail_error(error);
	if (session->echo)
		echo_close(session->echo);
	control_client_close(session->meshd);
	g_free(session->address);
	g_free(session->hostname);
	g_free(session->peer);
	return status;
}

const struct command command_ping = {
	.name = "ping",
	.arguments = "PEER",
	.summary = "ping a peer, and tell over which path each answer comes",
	.description =
		"PEER is a hostname, an overlay address, or the beginning of a key. Exit status 0\n"
		"says that at least one request was answered.",
	.options = options,
	.min = 1,
	.max = 1,
	.run = run,
};
