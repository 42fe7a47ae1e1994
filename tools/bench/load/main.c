// SPDX-License-Identifier: GPL-2.0
/*
 * load SIZE,... PACKETS PID plain    NETNS FROM         TO     NETNS AT
 * load SIZE,... PACKETS PID quic     NETNS FROM         TO     NETNS AT
 * load SIZE,... PACKETS PID channels NETNS FROM         SERVER NETNS AT CHANNELS
 * load SIZE,... PACKETS PID between  NETNS FROM         SERVER NETNS FROM SERVER
 *
 * Sends datagrams from a socket in one network namespace to one in another one, of each SIZE in
 * turn: as they are; beginning as short headers of QUIC do, and ChannelData; as a TURN client in
 * channels to peers, and the other way; or between two clients of a TURN server. Prints for each
 * size
 *
 *	WHAT SIZE NS CPU
 *
 * WHAT it was ("plain", "quic", "to-peer", "to-client", "between"), the nanoseconds that a datagram
 * took, and those that the process PID ran in all (of none for PID 0).
 *
 * The peers of CHANNELS are as many addresses from that of AT on. All sockets are bound to all
 * addresses; a TURN client talks to its server from the one that the routes say.
 */
#include <err.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stream.h"
#include "turn-client.h"

#define CHANNEL_MIN 0x4000
/* Before anything is measured: routes, neighbours, connection tracking. */
#define WARM_UP 256

static GArray *sizes;
static guint64 packets;
static const char *watched;

static struct endpoint parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct endpoint endpoint;

	if (!endpoint_parse(text, &endpoint, &error))
		errx(EXIT_FAILURE, "%s", error->message);
	return endpoint;
}

static guint64 cpu_ns(void)
{
	g_autofree char *path = g_strdup_printf("/proc/%s/schedstat", watched);
	g_autofree char *text = NULL;

	if (g_str_equal(watched, "0"))
		return 0;
	if (!g_file_get_contents(path, &text, NULL, NULL))
		errx(EXIT_FAILURE, "cannot read %s", path);
	return g_ascii_strtoull(text, NULL, 10);
}

static void measure(const char *what, const struct stream *stream)
{
	for (guint i = 0; i < sizes->len; i++) {
		const gsize size = g_array_index(sizes, guint, i);
		guint64 cpu;
		double ns;

		stream_run(stream, size, MAX(WARM_UP, stream->flows->len));
		cpu = cpu_ns();
		ns = stream_run(stream, size, packets);
		printf("%s %zu %.1f %" G_GUINT64_FORMAT "\n", what, size, ns, cpu_ns() - cpu);
		fflush(stdout);
	}
}

static void add_flow(GArray *flows, const struct endpoint *from, const struct endpoint *to,
		     guint16 channel)
{
	const struct stream_flow flow = { *from, *to, channel };

	g_array_append_val(flows, flow);
}

static GArray *no_flows(void)
{
	return g_array_new(FALSE, FALSE, sizeof(struct stream_flow));
}

static void run_between_two(char **argv, const char *what, guint16 channel)
{
	const struct endpoint from = parse(argv[1]), to = parse(argv[2]), at = parse(argv[4]);
	g_autoptr(GArray) flows = no_flows();
	const struct stream stream = {
		.from = stream_socket(argv[0], endpoint_port(&from)),
		.to = stream_socket(argv[3], endpoint_port(&at)),
		.flows = flows,
		.in_channel = channel,
	};

	add_flow(flows, &from, &to, channel);
	measure(what, &stream);
}

static void run_plain(char **argv)
{
	run_between_two(argv, "plain", 0);
}

static void run_quic(char **argv)
{
	run_between_two(argv, "quic", CHANNEL_MIN);
}

static struct turn_client new_client(const char *netns, const struct endpoint *from,
				     const char *server)
{
	return (struct turn_client){
		.fd = stream_socket(netns, endpoint_port(from)),
		.server = parse(server),
		.user = "user",
		.password = "pw",
	};
}

static void run_channels(char **argv)
{
	const struct endpoint from = parse(argv[1]);
	struct turn_client client = new_client(argv[0], &from, argv[2]);
	const guint n = atoi(argv[5]);
	g_autoptr(GArray) to_peer = no_flows(), to_client = no_flows();
	struct endpoint peer = parse(argv[4]), relayed;
	struct stream stream = { client.fd, stream_socket(argv[3], endpoint_port(&peer)), to_peer,
				 false };

	turn_client_allocate(&client, &relayed);
	for (guint i = 0; i < n; i++) {
		turn_client_bind(&client, CHANNEL_MIN + i, &peer);
		add_flow(to_peer, &from, &client.server, CHANNEL_MIN + i);
		add_flow(to_client, &peer, &relayed, 0);
		peer.in.sin_addr.s_addr = htonl(ntohl(peer.in.sin_addr.s_addr) + 1);
	}
	measure("to-peer", &stream);
	stream = (struct stream){ stream.to, client.fd, to_client, true };
	measure("to-client", &stream);
	turn_client_end(&client);
}

static void run_between(char **argv)
{
	const struct endpoint from = parse(argv[1]), from_b = parse(argv[4]);
	struct turn_client a = new_client(argv[0], &from, argv[2]);
	struct turn_client b = new_client(argv[3], &from_b, argv[5]);
	const struct stream stream = { a.fd, b.fd, no_flows(), true };
	struct endpoint relayed_a, relayed_b;

	turn_client_allocate(&a, &relayed_a);
	turn_client_allocate(&b, &relayed_b);
	turn_client_bind(&a, CHANNEL_MIN, &relayed_b);
	turn_client_bind(&b, CHANNEL_MIN, &relayed_a);
	add_flow((GArray *)stream.flows, &from, &a.server, CHANNEL_MIN);
	measure("between", &stream);
	turn_client_end(&a);
	turn_client_end(&b);
}

static const struct {
	const char *name;
	int arguments;
	void (*run)(char **argv);
} modes[] = {
	{ "plain", 5, run_plain },
	{ "quic", 5, run_quic },
	{ "channels", 6, run_channels },
	{ "between", 6, run_between },
};

static void parse_sizes(const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, ",", 0);

	sizes = g_array_new(FALSE, FALSE, sizeof(guint));
	for (char **word = words; *word; word++) {
		guint size = atoi(*word);

		if (size < sizeof(guint64) || size > STREAM_SIZE_MAX)
			errx(EXIT_FAILURE, "%s is no size: 8 to %d", *word, STREAM_SIZE_MAX);
		g_array_append_val(sizes, size);
	}
}

int main(int argc, char **argv)
{
	if (argc < 5 || sodium_init() < 0)
		errx(EXIT_FAILURE, "usage: see the top of its source");
	parse_sizes(argv[1]);
	packets = g_ascii_strtoull(argv[2], NULL, 10);
	watched = argv[3];
	for (guint i = 0; i < G_N_ELEMENTS(modes); i++)
		if (g_str_equal(argv[4], modes[i].name) && argc == 5 + modes[i].arguments) {
			modes[i].run(argv + 5);
			return EXIT_SUCCESS;
		}
	errx(EXIT_FAILURE, "usage: see the top of its source");
}
