// SPDX-License-Identifier: GPL-2.0
/* What the relay does, as text for Prometheus. */
#include "metrics.h"

#include "counters.h"

#define GAUGE "gauge"
#define COUNTER "counter"

static const char *const transports[TRANSPORTS] = {
	[TRANSPORT_UDP] = "UDP",
	[TRANSPORT_TCP] = "TCP",
	[TRANSPORT_TLS] = "TLS",
};

static const char *const requests[COUNTERS_REQUESTS] = {
	[COUNTERS_BINDING] = "binding",
	[COUNTERS_ALLOCATE] = "allocate",
	[COUNTERS_REFRESH] = "refresh",
	[COUNTERS_CREATE_PERMISSION] = "create_permission",
	[COUNTERS_CHANNEL_BIND] = "channel_bind",
};

static const char *const drops[COUNTERS_DROPS] = {
	[COUNTERS_DROP_MALFORMED] = "malformed",
	[COUNTERS_DROP_NO_ALLOCATION] = "no_allocation",
	[COUNTERS_DROP_NO_CHANNEL] = "no_channel",
	[COUNTERS_DROP_NO_PERMISSION] = "no_permission",
	[COUNTERS_DROP_PEER] = "peer",
	[COUNTERS_DROP_RATE] = "rate",
	[COUNTERS_DROP_QUEUE] = "queue",
	[COUNTERS_DROP_SEND] = "send",
};

/* Codes this server answers with; each is there from the beginning, with 0. */
static const guint codes[] = { 300, 400, 401, 403, 420, 437, 438, 440, 441, 442, 443, 486, 508 };

/* Where data passed. */
enum path { PATH_KERNEL, PATH_USERSPACE, PATH_STREAM, PATHS };

static const char *const paths[PATHS] = {
	[PATH_KERNEL] = "kernel",
	[PATH_USERSPACE] = "userspace",
	[PATH_STREAM] = "stream",
};

static void describe(GString *text, const char *name, const char *type, const char *help)
{
	g_string_append_printf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void single(GString *text, const char *name, const char *type, const char *help,
		   guint64 value)
{
	describe(text, name, type, help);
	g_string_append_printf(text, "%s %" G_GUINT64_FORMAT "\n", name, value);
}

static void labelled(GString *text, const char *name, const char *label, const char *value,
		     guint64 number)
{
	g_string_append_printf(text, "%s{%s=\"%s\"} %" G_GUINT64_FORMAT "\n", name, label, value,
			       number);
}

static void print_allocations(GString *text, const struct turn *turn)
{
	static const char name[] = "turn_total_allocations";

	describe(text, name, GAUGE, "Allocations there are now, by the client's transport and IP version");
	for (guint i = 0; i < TRANSPORTS * 2; i++) {
		enum transport transport = i / 2;
		bool v6 = i % 2;

		g_string_append_printf(text, "%s{type=\"%s\",family=\"%s\"} %u\n", name,
				       transports[transport], v6 ? "ipv6" : "ipv4",
				       turn ? allocation_count_transport(turn->allocations, transport,
									 v6 ? AF_INET6 : AF_INET) :
					      0);
	}
}

static void print_state(GString *text, const struct turn *turn)
{
	print_allocations(text, turn);
	single(text, "mesh_relayd_permissions", GAUGE, "Permissions there are now",
	       turn ? permission_count(turn->allocations) : 0);
	single(text, "mesh_relayd_channels", GAUGE, "Channels there are now",
	       turn ? channel_count(turn->allocations) : 0);
	single(text, "mesh_relayd_reservations", GAUGE, "Ports that wait for their client",
	       turn ? reservation_count(turn->reservations) : 0);
	single(text, "mesh_relayd_max_allocations", GAUGE, "Allocations there may be",
	       turn ? turn->limits.allocations : 0);
	single(text, "mesh_relayd_draining", GAUGE, "1 when no new allocation is made",
	       turn && turn->draining);
}

static void print_connections(GString *text)
{
	static const char open[] = "mesh_relayd_connections";
	static const char accepted[] = "mesh_relayd_connections_accepted_total";

	describe(text, open, GAUGE, "Connections of clients there are now");
	for (guint i = TRANSPORT_TCP; i < TRANSPORTS; i++)
		labelled(text, open, "type", transports[i], counters.connections_open[i]);
	describe(text, accepted, COUNTER, "Connections that were accepted");
	for (guint i = TRANSPORT_TCP; i < TRANSPORTS; i++)
		labelled(text, accepted, "type", transports[i], counters.connections[i]);
	single(text, "mesh_relayd_connections_refused_total", COUNTER,
	       "Connections that were closed at once, because their source had too many",
	       counters.connections_refused);
}

static void print_requests(GString *text)
{
	static const char made[] = "mesh_relayd_allocations_made_total";
	static const char asked[] = "mesh_relayd_requests_total";
	static const char refused[] = "mesh_relayd_refusals_total";

	describe(text, made, COUNTER, "Allocations that were made");
	for (guint i = 0; i < TRANSPORTS; i++)
		labelled(text, made, "type", transports[i], counters.allocations[i]);
	describe(text, asked, COUNTER, "Requests, whatever became of them");
	for (guint i = 0; i < COUNTERS_REQUESTS; i++)
		labelled(text, asked, "method", requests[i], counters.requests[i]);
	describe(text, refused, COUNTER, "Requests of TURN that were refused, by error code");
	for (guint i = 0; i < G_N_ELEMENTS(codes); i++)
		g_string_append_printf(text, "%s{code=\"%u\"} %" G_GUINT64_FORMAT "\n", refused,
				       codes[i], counters.refusals[codes[i] - COUNTERS_CODE_MIN]);
	single(text, "mesh_relayd_limited_answers_total", COUNTER,
	       "Answers to strangers that were not sent, because their network had too many",
	       counters.limited);
}

static void print_drops(GString *text, const struct offload_totals *kernel)
{
	static const char name[] = "mesh_relayd_drops_total";

	describe(text, name, COUNTER, "Datagrams and messages that were dropped, by where and why");
	for (guint i = 0; i < COUNTERS_DROPS; i++)
		g_string_append_printf(text,
				       "%s{path=\"userspace\",reason=\"%s\"} %" G_GUINT64_FORMAT "\n",
				       name, drops[i], counters.drops[i]);
	g_string_append_printf(text, "%s{path=\"kernel\",reason=\"rate\"} %" G_GUINT64_FORMAT "\n",
			       name, kernel->drop_rate);
	g_string_append_printf(text, "%s{path=\"kernel\",reason=\"send\"} %" G_GUINT64_FORMAT "\n",
			       name, kernel->drop_error);
}

static void print_traffic(GString *text, const struct offload_totals *kernel)
{
	static const struct {
		const char *name, *help;
		gsize offset;
	} metrics[] = {
		{ "turn_traffic_rcvp", "Datagrams of clients that were passed on to peers",
		  G_STRUCT_OFFSET(struct traffic, to_peers_packets) },
		{ "turn_traffic_rcvb", "Bytes of data in these",
		  G_STRUCT_OFFSET(struct traffic, to_peers_bytes) },
		{ "turn_traffic_sentp", "Datagrams of peers that were passed on to clients",
		  G_STRUCT_OFFSET(struct traffic, to_client_packets) },
		{ "turn_traffic_sentb", "Bytes of data in these",
		  G_STRUCT_OFFSET(struct traffic, to_client_bytes) },
	};
	const struct traffic *traffic[PATHS] = {
		[PATH_KERNEL] = &kernel->traffic,
		[PATH_USERSPACE] = &counters.traffic[COUNTERS_USERSPACE],
		[PATH_STREAM] = &counters.traffic[COUNTERS_STREAM],
	};

	for (guint i = 0; i < G_N_ELEMENTS(metrics); i++) {
		describe(text, metrics[i].name, COUNTER, metrics[i].help);
		for (guint path = 0; path < PATHS; path++)
			labelled(text, metrics[i].name, "path", paths[path],
				 G_STRUCT_MEMBER(guint64, traffic[path], metrics[i].offset));
	}
}

char *metrics_print(const struct turn *turn)
{
	GString *text = g_string_new(NULL);
	struct offload_totals kernel = {};
	bool offloads = turn && allocation_read_offload(turn->allocations, &kernel);

	print_state(text, turn);
	single(text, "mesh_relayd_kernel", GAUGE, "1 when the kernel forwards the data of channels",
	       offloads);
	print_traffic(text, &kernel);
	print_requests(text);
	print_drops(text, &kernel);
	print_connections(text);
	return g_string_free(text, FALSE);
}
