// SPDX-License-Identifier: GPL-2.0
/*
 * Messages to a TURN server in a stream, TCP or TLS, where a network lets no UDP out. Data of
 * channels passes here, too, by two sockets on the loopback interface.
 */
#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/stun.h"
#include "lib/turn-attribute.h"
#include "turn-transport-private.h"

/* What the server does not take in is kept up to here; then data is dropped, as a queue does. */
#define QUEUE_DATA_MAX (256 * 1024)

/* Requests are few: a server that takes none of so many bytes in is not there any more. */
#define QUEUE_MAX (QUEUE_DATA_MAX + 64 * 1024)

/* Datagrams of the kernel that are read before others get their turn. */
#define READ_AT_ONCE 64

/* A burst of WireGuard's waits there. */
#define SOCKET_BUFFER (1024 * 1024)

/**
 * struct stream - a connection to the server, and the pair of sockets where the kernel meets it
 * @transport: what it looks like to others
 * @cancellable: ends what is under way when it is freed
 * @connection: TCP, or TLS over it; NULL until it is there
 * @tls: whether to speak TLS
 * @keep: keeps the port of the kernel's end; nothing is read from it
 * @near: our end: gets from the kernel what goes to the server
 * @watch: GLib source of @near
 * @in: what was read
 * @in_len: bytes in @in
 * @out: what is to be written
 * @writing: what is being written; NULL when nothing is
 * @closed: it was freed; what is under way ends later
 *
 * Counted by references (GRcBox): what is under way has one each.
 */
typedef struct stream {
	struct turn_transport transport;
	GCancellable *cancellable;
	GIOStream *connection;
	bool tls;
	int keep;
	int near;
	guint watch;
	guint8 in[TURN_TRANSPORT_MAX];
	gsize in_len;
	GByteArray *out;
	GBytes *writing;
	bool closed;
} stream;

static void release(struct stream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(stream, release)

static void fail(struct stream *stream, const char *why)
{
	if (!stream->closed)
		stream->transport.events->failed(why, stream->transport.data);
}

/* Writing */

static void write_more(struct stream *stream);

static void on_written(GObject *source, GAsyncResult *result, void *data)
{
	g_autoptr(GError) error = NULL;
	bool written = g_output_stream_write_all_finish(G_OUTPUT_STREAM(source), result, NULL,
							&error);
	g_autoptr(stream) stream = data;

	if (stream->closed)
		return;
	g_clear_pointer(&stream->writing, g_bytes_unref);
	if (written)
		write_more(stream);
	else
		fail(stream, error->message);
}

static void write_more(struct stream *stream)
{
	GOutputStream *output;
	const void *bytes;
	gsize len;

	if (!stream->connection || stream->writing || !stream->out->len)
		return;
	output = g_io_stream_get_output_stream(stream->connection);
	stream->writing = g_byte_array_free_to_bytes(stream->out);
	stream->out = g_byte_array_new();
	bytes = g_bytes_get_data(stream->writing, &len);
	g_output_stream_write_all_async(output, bytes, len, G_PRIORITY_DEFAULT,
					stream->cancellable, on_written, g_rc_box_acquire(stream));
}

static gsize queued(const struct stream *stream)
{
	return stream->out->len + (stream->writing ? g_bytes_get_size(stream->writing) : 0);
}

/* In a stream messages are padded to a multiple of 4 (RFC 8656 section 12.5). */
static void append(struct stream *stream, const guint8 *message, gsize len)
{
	static const guint8 padding[3];

	g_byte_array_append(stream->out, message, len);
	g_byte_array_append(stream->out, padding, -len & 3);
	write_more(stream);
}

static void send_message(struct turn_transport *transport, const guint8 *message, gsize len)
{
	struct stream *stream = (struct stream *)transport;

	if (queued(stream) + len <= QUEUE_MAX)
		append(stream, message, len);
}

/* What the kernel sends: ChannelData, and nothing else. */
static gboolean on_data(G_GNUC_UNUSED int fd, G_GNUC_UNUSED GIOCondition condition, void *data)
{
	struct stream *stream = data;
	guint8 datagram[TURN_TRANSPORT_MAX];
	gsize payload_len;
	guint16 channel;

	for (guint i = 0; i < READ_AT_ONCE; i++) {
		ssize_t len = recv(stream->near, datagram, sizeof(datagram), 0);

		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (len > 0 && turn_parse_channel_data(datagram, len, &channel, &payload_len) &&
		    queued(stream) + len <= QUEUE_DATA_MAX)
			append(stream, datagram, TURN_CHANNEL_HEADER_LEN + payload_len);
	}
	return G_SOURCE_CONTINUE;
}

/* Reading */

/* The length of the message that begins at @in with its padding; 0 while that is not known. */
static gsize message_len(const guint8 *in, gsize len)
{
	gsize body;

	if (len < 4)
		return 0;
	body = in[2] << 8 | in[3];
	if (in[0] & 0x40)
		return TURN_CHANNEL_HEADER_LEN + ((body + 3) & ~(gsize)3);
	return STUN_HEADER_LEN + body;
}

/* Data that comes before the kernel knows the path is lost. */
static void take_message(struct stream *stream, gsize len)
{
	const guint8 *in = stream->in;

	if (in[0] & 0x40)
		send(stream->near, in, TURN_CHANNEL_HEADER_LEN + (in[2] << 8 | in[3]), 0);
	else
		stream->transport.events->received(in, len, stream->transport.data);
}

static void take_messages(struct stream *stream)
{
	gsize len;

	while (!stream->closed && (len = message_len(stream->in, stream->in_len)) &&
	       len <= stream->in_len) {
		take_message(stream, len);
		stream->in_len -= len;
		memmove(stream->in, stream->in + len, stream->in_len);
	}
}

static void read_more(struct stream *stream);

static void on_read(GObject *source, GAsyncResult *result, void *data)
{
	g_autoptr(GError) error = NULL;
	gssize len = g_input_stream_read_finish(G_INPUT_STREAM(source), result, &error);
	g_autoptr(stream) stream = data;

	if (stream->closed)
		return;
	if (len <= 0) {
		fail(stream, error ? error->message : "the server closed the connection");
		return;
	}
	stream->in_len += len;
	take_messages(stream);
	if (!stream->closed)
		read_more(stream);
}

/* There is room: the longest message fits, and is taken as soon as it is complete. */
static void read_more(struct stream *stream)
{
	GInputStream *input = g_io_stream_get_input_stream(stream->connection);

	g_input_stream_read_async(input, stream->in + stream->in_len,
				  sizeof(stream->in) - stream->in_len, G_PRIORITY_DEFAULT,
				  stream->cancellable, on_read, g_rc_box_acquire(stream));
}

/* Connecting */

static void begin(struct stream *stream, GIOStream *connection)
{
	stream->connection = connection;
	stream->transport.events->ready(stream->transport.data);
	if (!stream->closed)
		read_more(stream);
}

static void on_handshake(GObject *source, GAsyncResult *result, void *data)
{
	g_autoptr(GIOStream) connection = G_IO_STREAM(source);
	g_autoptr(GError) error = NULL;
	bool done = g_tls_connection_handshake_finish(G_TLS_CONNECTION(source), result, &error);
	g_autoptr(stream) stream = data;

	if (stream->closed)
		return;
	if (done)
		begin(stream, g_steal_pointer(&connection));
	else
		fail(stream, error->message);
}

static gboolean on_accept_certificate(G_GNUC_UNUSED GTlsConnection *connection,
				      G_GNUC_UNUSED GTlsCertificate *certificate,
				      G_GNUC_UNUSED GTlsCertificateFlags problems,
				      G_GNUC_UNUSED void *data)
{
	return TRUE;
}

static void start_tls(struct stream *stream, GIOStream *tcp)
{
	g_autoptr(GError) error = NULL;
	GIOStream *tls = g_tls_client_connection_new(tcp, NULL, &error);

	if (!tls) {
		fail(stream, error->message);
		return;
	}
	g_signal_connect(tls, "accept-certificate", G_CALLBACK(on_accept_certificate), NULL);
	g_tls_connection_handshake_async(G_TLS_CONNECTION(tls), G_PRIORITY_DEFAULT,
					 stream->cancellable, on_handshake,
					 g_rc_box_acquire(stream));
}

static void on_connected(GObject *source, GAsyncResult *result, void *data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GSocketConnection) tcp =
		g_socket_client_connect_finish(G_SOCKET_CLIENT(source), result, &error);
	g_autoptr(stream) stream = data;

	if (stream->closed)
		return;
	if (!tcp) {
		fail(stream, error->message);
		return;
	}
	/* GLib does not; data would wait for the acknowledgement of data before it */
	g_socket_set_option(g_socket_connection_get_socket(tcp), IPPROTO_TCP, TCP_NODELAY, 1,
			    NULL);
	if (stream->tls)
		start_tls(stream, G_IO_STREAM(tcp));
	else
		begin(stream, G_IO_STREAM(g_steal_pointer(&tcp)));
}

static void clear_stream(void *data)
{
	struct stream *stream = data;

	g_object_unref(stream->cancellable);
	g_clear_object(&stream->connection);
	g_byte_array_unref(stream->out);
	g_clear_pointer(&stream->writing, g_bytes_unref);
}

static void release(struct stream *stream)
{
	g_rc_box_release_full(stream, clear_stream);
}

static void free_stream(struct turn_transport *transport)
{
	struct stream *stream = (struct stream *)transport;

	stream->closed = true;
	g_cancellable_cancel(stream->cancellable);
	g_clear_handle_id(&stream->watch, g_source_remove);
	if (stream->near >= 0)
		close(stream->near);
	if (stream->keep >= 0)
		close(stream->keep);
	release(stream);
}

static const struct turn_transport_class class = {
	.send = send_message,
	.free = free_stream,
	.reliable = true,
};

/* Two sockets on the loopback that know only each other. */
static bool meet_kernel(struct stream *stream, GError **error)
{
	struct endpoint any, discard;
	int size = SOCKET_BUFFER;

	endpoint_parse("127.0.0.1:0", &any, NULL);
	discard = any;
	endpoint_set_port(&discard, 9);
	stream->keep = turn_transport_socket(&any, &discard, 0, &stream->transport.local, error);
	if (stream->keep < 0)
		return false;
	stream->near = turn_transport_socket(&any, &stream->transport.local, 0,
					     &stream->transport.remote, error);
	if (stream->near < 0)
		return false;
	if (connect(stream->keep, &stream->transport.remote.sa,
		    endpoint_socklen(&stream->transport.remote)) < 0) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "%s",
			    g_strerror(errno));
		return false;
	}
	if (setsockopt(stream->near, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(stream->near, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	stream->watch = g_unix_fd_add(stream->near, G_IO_IN, on_data, stream);
	return true;
}

/* TCP goes where the routes lead; what the mesh sends must not come back to it. */
static bool leads_outside(const struct endpoint *server, struct link_way *way, GError **error)
{
	if (!link_way_outside(server, way, error))
		return false;
	return !way->detour || netlink_fail(error, ELOOP, "the way to the relay leads through the "
					   "mesh itself: give it a route of its own");
}

struct turn_transport *turn_transport_stream(const struct endpoint *server, bool tls,
					     const struct turn_transport_events *events,
					     void *data, GError **error)
{
	g_autoptr(GSocketAddress) address = endpoint_to_gsocket_address(server);
	g_autoptr(GSocketClient) client = g_socket_client_new();
	struct stream *stream;
	struct link_way way;

	if (!leads_outside(server, &way, error))
		return NULL;
	stream = g_rc_box_new0(struct stream);
	stream->transport = (struct turn_transport){
		.class = &class,
		.events = events,
		.data = data,
		.server = *server,
		.way = way,
	};
	stream->cancellable = g_cancellable_new();
	stream->tls = tls;
	stream->out = g_byte_array_new();
	stream->keep = stream->near = -1;
	if (!meet_kernel(stream, error)) {
		free_stream(&stream->transport);
		return NULL;
	}
	g_socket_client_set_enable_proxy(client, FALSE);
	g_socket_client_connect_async(client, G_SOCKET_CONNECTABLE(address), stream->cancellable,
				      on_connected, g_rc_box_acquire(stream));
	return &stream->transport;
}
