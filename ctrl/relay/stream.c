// SPDX-License-Identifier: GPL-2.0
/* Clients over TCP and TLS. */
#include "stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "counters.h"
#include "framing.h"
#include "lib/admission.h"
#include "lib/log.h"

/* What the kernel takes before it is time to send; the rest waits here, where it is counted. */
#define UNSENT_MAX (64 * 1024)

/**
 * struct streams - see stream.h
 * @poller: waits for the sockets
 * @queue: ends what takes too long
 * @tls: certificate and rules for TLS
 * @handler: answers messages
 * @data: for @handler
 * @admissions: counts guests
 * @all: set of struct stream
 */
struct streams {
	struct poller *poller;
	struct expiry_queue *queue;
	const struct connection_security *tls;
	listener_handler handler;
	void *data;
	struct admissions *admissions;
	GHashTable *all;
};

/**
 * struct stream - see stream.h
 * @streams: to which it belongs
 * @connection: the connection
 * @admission: as what it is counted
 * @client: the client's endpoint
 * @server: the endpoint that it connected to
 * @transport: TCP or TLS
 * @in: received and not taken yet; NULL when there is nothing
 * @expiry: of a guest
 * @closed: called when it ends, of whoever holds it; NULL for a guest
 * @data: for @closed
 */
struct stream {
	struct streams *streams;
	struct connection *connection;
	struct admission *admission;
	struct endpoint client, server;
	enum transport transport;
	GByteArray *in;
	struct expiry expiry;
	void (*closed)(void *data);
	void *data;
};

struct streams *streams_new(struct poller *poller, struct expiry_queue *queue,
			    const struct connection_security *tls, listener_handler handler,
			    void *data)
{
	struct streams *streams = g_new0(struct streams, 1);

	streams->poller = poller;
	streams->queue = queue;
	streams->tls = tls;
	streams->handler = handler;
	streams->data = data;
	streams->admissions = admissions_new();
	streams->all = g_hash_table_new(NULL, NULL);
	return streams;
}

static void close_stream(void *data)
{
	struct stream *stream = data;
	struct streams *streams = stream->streams;

	if (stream->closed)
		stream->closed(stream->data);
	g_hash_table_remove(streams->all, stream);
	counters.connections_open[stream->transport]--;
	expiry_cancel(streams->queue, &stream->expiry);
	connection_free(stream->connection);
	admission_release(stream->admission);
	g_clear_pointer(&stream->in, g_byte_array_unref);
	g_free(stream);
}

void streams_free(struct streams *streams)
{
	g_autoptr(GList) all = NULL;

	if (!streams)
		return;
	all = g_hash_table_get_keys(streams->all);
	for (GList *item = all; item; item = item->next)
		close_stream(item->data);
	g_hash_table_unref(streams->all);
	admissions_free(streams->admissions);
	g_free(streams);
}

static void expired(struct expiry *expiry)
{
	close_stream(expiry_owner(expiry, struct stream, expiry));
}

static void set_guest(struct stream *stream, bool guest)
{
	struct expiry_queue *queue = stream->streams->queue;

	admission_set_guest(stream->admission, guest);
	if (guest)
		expiry_set(queue, &stream->expiry,
			   g_get_monotonic_time() + STREAM_GUEST_S * G_USEC_PER_SEC);
	else
		expiry_cancel(queue, &stream->expiry);
}

void stream_hold(struct stream *stream, void (*closed)(void *data), void *data)
{
	stream->closed = closed;
	stream->data = data;
	set_guest(stream, false);
}

void stream_release(struct stream *stream)
{
	stream->closed = NULL;
	set_guest(stream, true);
}

/*
 * With TLS each message has a record of its own: there are clients (coturn's) that take what is in
 * a record for one message.
 */
static void send_message(struct stream *stream, const void *message, gsize len)
{
	static const guint8 padding[3];
	g_autoptr(GBytes) record = NULL;
	guint8 *copy;

	if (stream->transport == TRANSPORT_TCP) {
		connection_send_copy(stream->connection, message, len);
		connection_send_copy(stream->connection, padding, -len % 4);
		return;
	}
	copy = g_malloc0(len + sizeof(padding));
	memcpy(copy, message, len);
	record = g_bytes_new_take(copy, len + -len % 4);
	connection_send(stream->connection, record);
}

bool stream_send_data(struct stream *stream, const void *message, gsize len)
{
	if (connection_queued(stream->connection) + len > STREAM_QUEUE_DATA_MAX) {
		counters.drops[COUNTERS_DROP_QUEUE]++;
		return false;
	}
	send_message(stream, message, len);
	return true;
}

/* Return: false when the client does not read its answers. */
static bool handle_message(struct stream *stream, guint8 *data, gsize len)
{
	struct streams *streams = stream->streams;
	guint8 answer[LISTENER_ANSWER_MAX];
	struct datagram datagram = {
		.data = data,
		.len = len,
		.source = stream->client,
		.local = stream->server,
		.received_us = g_get_monotonic_time(),
		.fd = -1,
		.stream = stream,
		.transport = stream->transport,
	};

	len = streams->handler(streams->data, &datagram, answer);
	if (len)
		send_message(stream, answer, len);
	return connection_queued(stream->connection) <= STREAM_QUEUE_MAX;
}

/* Return: false when the connection is to be closed. */
static bool take_messages(struct stream *stream, gsize *taken)
{
	const GByteArray *in = stream->in;

	for (gsize at = 0;; at = *taken) {
		gsize max = stream->closed ? FRAMING_MAX : STREAM_GUEST_MESSAGE_MAX;
		gsize size;

		if (!framing_measure(in->data + at, in->len - at, &size) || size > max)
			return false;
		if (!size || size > in->len - at)
			return true;
		if (!handle_message(stream, in->data + at, size))
			return false;
		*taken = at + size;
	}
}

static void received(const guint8 *bytes, gsize size, void *data)
{
	struct stream *stream = data;
	gsize taken = 0;
	bool going_on;

	if (!stream->in)
		stream->in = g_byte_array_new();
	g_byte_array_append(stream->in, bytes, size);
	going_on = take_messages(stream, &taken);
	transmit_flush(); /* what goes to peers is still in stream->in */
	if (!going_on) {
		close_stream(stream);
		return;
	}
	g_byte_array_remove_range(stream->in, 0, taken);
	if (!stream->in->len)
		g_clear_pointer(&stream->in, g_byte_array_unref);
}

static void closed(const char *why G_GNUC_UNUSED, void *stream)
{
	close_stream(stream);
}

static const struct connection_events events = {
	.received = received,
	.closed = closed,
};

/* Return: false when the connection is gone again. */
static bool prepare_socket(int fd, struct endpoint *local)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	int unsent = UNSENT_MAX;

	setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
	return getsockname(fd, (struct sockaddr *)&address, &len) == 0 &&
	       endpoint_from_sockaddr(local, (struct sockaddr *)&address, len);
}

static void accept_as(struct streams *streams, int fd, const struct endpoint *from,
		      enum transport transport)
{
	struct admission *admission = admission_request(streams->admissions, from);
	struct stream *stream;
	struct endpoint local;
	char buf[ENDPOINT_STRLEN];

	if (!admission) {
		counters.connections_refused++;
		log_limited(LOG_LEVEL_WARNING, "%s: too many connections from there",
			    endpoint_print(from, buf));
	}
	if (!admission || !prepare_socket(fd, &local)) {
		admission_release(admission);
		close(fd);
		return;
	}
	stream = g_new0(struct stream, 1);
	stream->streams = streams;
	stream->admission = admission;
	stream->client = *from;
	stream->server = local;
	stream->transport = transport;
	stream->expiry.expired = expired;
	stream->connection = connection_new(fd, streams->poller,
					    transport == TRANSPORT_TLS ? streams->tls : NULL,
					    &events, stream);
	g_hash_table_add(streams->all, stream);
	counters.connections[transport]++;
	counters.connections_open[transport]++;
	admission_on_evict(admission, close_stream, stream);
	set_guest(stream, true);
}

void streams_accept(int fd, const struct endpoint *from, void *streams)
{
	accept_as(streams, fd, from, TRANSPORT_TCP);
}

void streams_accept_tls(int fd, const struct endpoint *from, void *streams)
{
	accept_as(streams, fd, from, TRANSPORT_TLS);
}
