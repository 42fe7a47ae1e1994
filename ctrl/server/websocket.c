// SPDX-License-Identifier: GPL-2.0
/* The server's end of a WebSocket over TLS. */
#include "websocket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "frame.h"
#include "lib/connection.h"
#include "lib/message.h"
#include "upgrade.h"

#define PATH "/v1/node"

/* docs/protocol.md section 2.4 */
#define PING_S 15
#define SILENCE_S 45
#define UNREAD_S 30

/* What the kernel takes before it can be sent: the rest waits here, where it is counted. */
#define MAX_UNSENT (64 * 1024)

/* How long a client may take to notice that we closed. */
#define LINGER_S 3

/* docs/protocol.md section 1: frames, of whatever kind */
static const struct ratelimit_rule frame_rule = {
	.interval_us = G_USEC_PER_SEC / 200,
	.burst = 2000,
};

enum websocket_state {
	WEBSOCKET_HTTP,
	WEBSOCKET_OPEN,
	WEBSOCKET_VIOLATED, /* being told so */
	WEBSOCKET_CLOSING,
	WEBSOCKET_CLOSED,
};

struct websocket {
	struct connection *connection;
	enum websocket_state state;
	GByteArray *in;	     /* received and not taken yet; NULL when there is nothing */
	GByteArray *message; /* the fragments so far; NULL outside of a fragmented message */
	struct ratelimit own_frames;
	struct ratelimit *frames;
	gint64 heard_us; /* when something arrived last */
	struct expiry_queue *timers;
	struct expiry timer; /* pings, and later the end of lingering */
	const struct websocket_events *events;
	void *data;
};

static void report_closed(struct websocket *websocket, const char *why)
{
	if (websocket->state == WEBSOCKET_CLOSED)
		return;
	websocket->state = WEBSOCKET_CLOSED;
	websocket->events->closed(why, websocket->data);
}

static void violated(struct websocket *websocket, enum refusal refusal, const char *why)
{
	websocket->state = WEBSOCKET_VIOLATED;
	websocket->events->violated(refusal, why, websocket->data);
}

/* The header of a frame, and the first @size bytes of what it carries. */
static GBytes *make_frame(enum frame_opcode opcode, gsize frame_size, const void *data, gsize size)
{
	guint8 *bytes = g_malloc(FRAME_MAX_HEADER + size);
	gsize header_size = frame_write_header(opcode, frame_size, bytes);

	if (size > 0)
		memcpy(bytes + header_size, data, size);
	return g_bytes_new_take(bytes, header_size + size);
}

static void send_control(struct websocket *websocket, enum frame_opcode opcode, const void *payload,
			 gsize size)
{
	g_autoptr(GBytes) frame = make_frame(opcode, size, payload, size);

	connection_send(websocket->connection, frame);
}

static void set_timer(struct websocket *websocket, gint64 delay_s)
{
	expiry_set(websocket->timers, &websocket->timer,
		   g_get_monotonic_time() + delay_s * G_USEC_PER_SEC);
}

/* Nothing more is taken; what is queued goes out, and the other end has a moment to read it. */
static void linger(struct websocket *websocket)
{
	websocket->state = WEBSOCKET_CLOSING;
	set_timer(websocket, LINGER_S);
	connection_finish(websocket->connection);
}

static void keep_alive(struct websocket *websocket)
{
	if (g_get_monotonic_time() - websocket->heard_us > SILENCE_S * G_USEC_PER_SEC &&
	    !connection_has_unread(websocket->connection)) {
		report_closed(websocket, "nothing was heard for 45 s");
	} else if (connection_stalled_us(websocket->connection) > UNREAD_S * G_USEC_PER_SEC) {
		report_closed(websocket, "it has read nothing of what was sent for 30 s");
	} else {
		send_control(websocket, FRAME_PING, NULL, 0);
		set_timer(websocket, PING_S);
	}
}

static void on_timer(struct expiry *expiry)
{
	struct websocket *websocket = expiry_owner(expiry, struct websocket, timer);

	if (websocket->state == WEBSOCKET_CLOSING)
		report_closed(websocket, "closed by us");
	else
		keep_alive(websocket);
}

static void take_text(struct websocket *websocket, const guint8 *payload, gsize size)
{
	websocket->events->message((const char *)payload, size, websocket->data);
}

/* RFC 6455 section 5.4: the first fragment has the opcode, the others continue it. */
static void take_fragment(struct websocket *websocket, const struct frame *frame,
			  const guint8 *payload)
{
	GByteArray *message = websocket->message;

	if (!message)
		message = websocket->message = g_byte_array_new();
	g_byte_array_append(message, payload, frame->size);
	if (!frame->final)
		return;
	websocket->message = NULL;
	take_text(websocket, message->data, message->len);
	g_byte_array_unref(message);
}

static void take_frame(struct websocket *websocket, const struct frame *frame,
		       const guint8 *payload)
{
	switch (frame->opcode) {
	case FRAME_TEXT:
	case FRAME_CONTINUATION:
		if ((frame->opcode == FRAME_CONTINUATION) != (websocket->message != NULL))
			violated(websocket, REFUSAL_BAD_MESSAGE,
				 "the fragments of a message are out of order");
		else if (frame->opcode == FRAME_TEXT && frame->final)
			take_text(websocket, payload, frame->size);
		else
			take_fragment(websocket, frame, payload);
		break;
	case FRAME_BINARY:
		violated(websocket, REFUSAL_BAD_MESSAGE,
			 "a binary frame; messages are JSON in text frames");
		break;
	case FRAME_PING:
		/* one that sends and does not read must not pile up answers */
		if (connection_queued(websocket->connection) < MESSAGE_MAX_FROM_NODE)
			send_control(websocket, FRAME_PONG, payload, frame->size);
		break;
	case FRAME_PONG:
		break;
	case FRAME_CLOSE:
		send_control(websocket, FRAME_CLOSE, payload, MIN(frame->size, 2));
		report_closed(websocket, "the node left");
		break;
	}
}

/* Whether a frame whose header arrived may come. */
static bool is_allowed(struct websocket *websocket, const struct frame *frame)
{
	gsize before = websocket->message ? websocket->message->len : 0;

	if (frame->size > MESSAGE_MAX_FROM_NODE ||
	    (frame->opcode < FRAME_CONTROL && frame->size + before > MESSAGE_MAX_FROM_NODE))
		violated(websocket, REFUSAL_TOO_MANY,
			 "a message of more than 16 KiB; send less in one");
	return websocket->state == WEBSOCKET_OPEN;
}

/* Take one frame off the front of what was received. Return: its size; 0 when it is not whole. */
static gsize take_one(struct websocket *websocket, guint8 *data, gsize size)
{
	struct frame frame;
	const char *why;

	switch (frame_parse(data, size, &frame, &why)) {
	case FRAME_INCOMPLETE:
		return 0;
	case FRAME_INVALID:
		violated(websocket, REFUSAL_BAD_MESSAGE, why);
		return 0;
	case FRAME_COMPLETE:
		break;
	}
	if (!is_allowed(websocket, &frame) || size - frame.header_size < frame.size)
		return 0;
	if (!ratelimit_allow(websocket->frames, &frame_rule, g_get_monotonic_time())) {
		violated(websocket, REFUSAL_TOO_MANY,
			 "more than 200 frames a second; send less often");
		return 0;
	}
	frame_unmask(data + frame.header_size, frame.size, frame.mask);
	take_frame(websocket, &frame, data + frame.header_size);
	return frame.header_size + frame.size;
}

static void take_frames(struct websocket *websocket)
{
	GByteArray *in = websocket->in;
	gsize taken = 0, size;

	do {
		size = take_one(websocket, in->data + taken, in->len - taken);
		taken += size;
	} while (size > 0 && websocket->state == WEBSOCKET_OPEN);
	g_byte_array_remove_range(in, 0, taken);
}

/* The client asked for a WebSocket, or for something that there is not. */
static void take_request(struct websocket *websocket)
{
	GByteArray *in = websocket->in;
	gsize size = upgrade_head_size(in->data, in->len);
	g_autoptr(GBytes) answer = NULL;
	bool upgraded = false;
	char *text;

	if (size == 0 && in->len <= UPGRADE_MAX_HEAD)
		return;
	if (size == 0 || size > UPGRADE_MAX_HEAD)
		text = upgrade_too_large();
	else
		text = upgrade_answer(in->data, size, PATH, &upgraded);
	answer = g_bytes_new_take(text, strlen(text));
	connection_send(websocket->connection, answer);
	if (!upgraded) {
		linger(websocket);
		return;
	}
	g_byte_array_remove_range(in, 0, size);
	websocket->state = WEBSOCKET_OPEN;
	set_timer(websocket, PING_S);
	websocket->events->opened(websocket->data);
}

static void websocket_clear(struct websocket *websocket)
{
	g_clear_pointer(&websocket->in, g_byte_array_unref);
	g_clear_pointer(&websocket->message, g_byte_array_unref);
}

static void on_received(const guint8 *bytes, gsize size, void *data)
{
	struct websocket *websocket = data;

	if (websocket->state != WEBSOCKET_HTTP && websocket->state != WEBSOCKET_OPEN)
		return;
	g_rc_box_acquire(websocket); /* whoever is called may free it */
	websocket->heard_us = g_get_monotonic_time();
	if (!websocket->in)
		websocket->in = g_byte_array_new();
	g_byte_array_append(websocket->in, bytes, size);

	if (websocket->state == WEBSOCKET_HTTP)
		take_request(websocket);
	if (websocket->state == WEBSOCKET_OPEN)
		take_frames(websocket);
	/* most of the time most nodes have nothing to say: do not keep room for it */
	if (websocket->in->len == 0)
		g_clear_pointer(&websocket->in, g_byte_array_unref);
	g_rc_box_release_full(websocket, (GDestroyNotify)websocket_clear);
}

static void on_closed(const char *why, void *data)
{
	report_closed(data, why);
}

static const struct connection_events connection_events = {
	.received = on_received,
	.closed = on_closed,
};

struct websocket *websocket_new(int fd, struct poller *poller, struct expiry_queue *timers,
				struct certificate *certificate,
				const struct websocket_events *events, void *data)
{
	const struct connection_security security = { certificate, CONNECTION_TLS_1_3 };
	struct websocket *websocket = g_rc_box_new0(struct websocket);
	int unsent = MAX_UNSENT;

	setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
	websocket->timers = timers;
	websocket->timer.expired = on_timer;
	websocket->events = events;
	websocket->data = data;
	websocket->frames = &websocket->own_frames;
	websocket->connection = connection_new(fd, poller, &security, &connection_events,
						websocket);
	return websocket;
}

gsize websocket_frame_size(const GPtrArray *frame)
{
	gsize size = 0;

	for (guint i = 0; i < frame->len; i++)
		size += g_bytes_get_size(frame->pdata[i]);
	return size;
}

/* Each part costs a record of TLS: what fits into one is one part. */
static GBytes *join(const GPtrArray *parts)
{
	GByteArray *all = g_byte_array_new();

	for (guint i = 0; i < parts->len; i++) {
		gsize size;
		const guint8 *data = g_bytes_get_data(parts->pdata[i], &size);

		g_byte_array_append(all, data, size);
	}
	return g_byte_array_free_to_bytes(all);
}

GPtrArray *websocket_frame(GPtrArray *parts)
{
	gsize frame_size = websocket_frame_size(parts), size;
	bool is_small = frame_size + FRAME_MAX_HEADER <= CONNECTION_MAX_RECORD;
	g_autoptr(GBytes) first = is_small ? join(parts) : g_bytes_ref(parts->pdata[0]);
	const void *data = g_bytes_get_data(first, &size);

	g_ptr_array_remove_range(parts, 0, is_small ? parts->len : 1);
	g_ptr_array_insert(parts, 0, make_frame(FRAME_TEXT, frame_size, data, size));
	return parts;
}

GPtrArray *websocket_frame_text(const char *text, gsize size)
{
	GPtrArray *parts = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);

	g_ptr_array_add(parts, g_bytes_new_static(text, size));
	return websocket_frame(parts);
}

/* Behind all others, so that it is gone when they are. */
static void send_last(struct websocket *websocket, GBytes *part, GDestroyNotify left, void *data)
{
	gsize size;
	const void *bytes = g_bytes_get_data(part, &size);
	g_autoptr(GBytes) last = g_bytes_new_with_free_func(bytes, size, left, data);

	connection_send(websocket->connection, last);
}

void websocket_send(struct websocket *websocket, const GPtrArray *frame, GDestroyNotify left,
		    void *data)
{
	if (websocket->state != WEBSOCKET_OPEN && websocket->state != WEBSOCKET_VIOLATED) {
		if (left)
			left(data);
		return;
	}
	for (guint i = 0; i < frame->len - 1; i++)
		connection_send(websocket->connection, frame->pdata[i]);
	if (left)
		send_last(websocket, frame->pdata[frame->len - 1], left, data);
	else
		connection_send(websocket->connection, frame->pdata[frame->len - 1]);
}

void websocket_count_frames(struct websocket *websocket, struct ratelimit *limit)
{
	websocket->frames = limit ? limit : &websocket->own_frames;
}

bool websocket_has_unread(const struct websocket *websocket)
{
	return connection_has_unread(websocket->connection);
}

void websocket_close(struct websocket *websocket, guint16 status)
{
	guint8 payload[2] = { status >> 8, status & 0xff };

	if (websocket->state == WEBSOCKET_CLOSING || websocket->state == WEBSOCKET_CLOSED)
		return;
	if (websocket->state != WEBSOCKET_HTTP)
		send_control(websocket, FRAME_CLOSE, payload, sizeof(payload));
	linger(websocket);
}

void websocket_free(struct websocket *websocket)
{
	if (!websocket)
		return;
	websocket->state = WEBSOCKET_CLOSED;
	expiry_cancel(websocket->timers, &websocket->timer);
	connection_free(websocket->connection);
	g_rc_box_release_full(websocket, (GDestroyNotify)websocket_clear);
}
