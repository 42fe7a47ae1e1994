// SPDX-License-Identifier: GPL-2.0
/* Connections of the relay's clients: where messages end, and how long a connection lasts. */
#include <glib.h>
#include <netinet/in.h>
#include <sodium.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay/framing.h"
#include "relay/stream.h"

struct fixture {
	struct expiry_queue *queue;
	struct poller *poller;
	struct streams *streams;
	struct stream *stream; /* that the last message came through */
	guint messages;
	int client;
};

static gsize handle(void *fixture, const struct datagram *datagram, guint8 *answer)
{
	struct fixture *f = fixture;

	f->stream = datagram->stream;
	f->messages++;
	g_assert_cmpint(datagram->transport, ==, TRANSPORT_TCP);
	memcpy(answer, "\x40\0\0\1x", 5);
	return 5;
}

/* A connection of loopback, accepted. */
static int connect_to_streams(struct streams *streams)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int listening = socket(AF_INET, SOCK_STREAM, 0);
	int client = socket(AF_INET, SOCK_STREAM, 0);
	struct endpoint from;

	g_assert_cmpint(bind(listening, (struct sockaddr *)&address, len), ==, 0);
	g_assert_cmpint(listen(listening, 1), ==, 0);
	g_assert_cmpint(getsockname(listening, (struct sockaddr *)&address, &len), ==, 0);
	g_assert_cmpint(connect(client, (struct sockaddr *)&address, len), ==, 0);
	g_assert_true(endpoint_parse("127.0.0.1:9", &from, NULL));
	streams_accept(accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), &from, streams);
	close(listening);
	return client;
}

static void setup(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	f->queue = expiry_queue_new();
	f->poller = poller_new(NULL);
	f->streams = streams_new(f->poller, f->queue, NULL, handle, f);
	f->client = connect_to_streams(f->streams);
}

static void teardown(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	streams_free(f->streams);
	poller_free(f->poller);
	expiry_queue_free(f->queue);
	close(f->client);
}

static void send_message(struct fixture *f)
{
	guint before = f->messages;

	g_assert_cmpint(send(f->client, "\x40\0\0\0", 4, 0), ==, 4);
	while (f->messages == before)
		g_main_context_iteration(NULL, TRUE);
}

static void pass_time(struct fixture *f, guint seconds)
{
	expiry_run(f->queue, g_get_monotonic_time() + seconds * G_USEC_PER_SEC);
}

/* The answers that were sent are passed over. */
static bool is_closed(const struct fixture *f)
{
	char answers[64];
	ssize_t n;

	do
		n = recv(f->client, answers, sizeof(answers), MSG_DONTWAIT);
	while (n > 0);
	return n == 0;
}

static void test_guest(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	send_message(f);
	pass_time(f, STREAM_GUEST_S - 1);
	g_assert_false(is_closed(f));
	send_message(f);
	pass_time(f, STREAM_GUEST_S + 1);
	g_assert_true(is_closed(f));
}

static void closed(void *fixture)
{
	struct fixture *f = fixture;

	stream_release(f->stream);
	f->stream = NULL;
}

static void test_held(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	send_message(f);
	stream_hold(f->stream, closed, f);
	pass_time(f, 3600);
	g_assert_false(is_closed(f));
	stream_release(f->stream);
	pass_time(f, STREAM_GUEST_S - 1);
	g_assert_false(is_closed(f));
	pass_time(f, STREAM_GUEST_S + 1);
	g_assert_true(is_closed(f));
	g_assert_nonnull(f->stream); /* nobody held it in the end */
}

static void test_closed(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	send_message(f);
	stream_hold(f->stream, closed, f);
	shutdown(f->client, SHUT_WR);
	while (f->stream)
		g_main_context_iteration(NULL, TRUE);
	while (!is_closed(f))
		g_main_context_iteration(NULL, FALSE);
}

static void test_bound(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autofree guint8 *data = g_malloc0(60000);
	guint sent = 0;

	send_message(f);
	stream_hold(f->stream, closed, f);
	while (stream_send_data(f->stream, data, 60000))
		sent++;
	g_assert_cmpuint(sent, ==, STREAM_QUEUE_DATA_MAX / 60000);
}

static void test_framing(void)
{
	static const struct {
		const char *data;
		gsize len;
		bool good;
		gsize size;
	} cases[] = {
		{ "", 0, true, 0 },
		{ "\0", 1, true, 0 },
		{ "\0\1\0\0\x21\x12\xa4", 7, true, 0 },
		{ "\0\1\0\0\x21\x12\xa4\x42", 8, true, 20 },
		{ "\0\1\xff\xfc\x21\x12\xa4\x42", 8, true, FRAMING_MAX },
		{ "\0\1\0\1\x21\x12\xa4\x42", 8, false, 0 },
		{ "\0\1\0\0\x21\x12\xa4\x43", 8, false, 0 },
		{ "\x40\0\0", 3, true, 0 },
		{ "\x40\0\0\0", 4, true, 4 },
		{ "\x40\0\0\1", 4, true, 8 },
		{ "\x7f\xff\0\4", 4, true, 8 },
		{ "\x40\0\xff\xff", 4, true, 65540 },
		{ "\x80", 1, false, 0 },
		{ "\xc0", 1, false, 0 },
	};
	gsize size;

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		bool good = framing_measure((const guint8 *)cases[i].data, cases[i].len, &size);

		g_assert_cmpint(good, ==, cases[i].good);
		if (good)
			g_assert_cmpuint(size, ==, cases[i].size);
	}
}

#define ADD(name, test) g_test_add("/stream" name, struct fixture, NULL, setup, test, teardown)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_cmpint(sodium_init(), >=, 0);
	g_test_add_func("/stream/framing", test_framing);
	ADD("/guest", test_guest);
	ADD("/held", test_held);
	ADD("/closed", test_closed);
	ADD("/bound", test_bound);
	return g_test_run();
}
