// SPDX-License-Identifier: GPL-2.0
#include "stream.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/turn-attribute.h"

#define NS_PER_S G_GINT64_CONSTANT(1000000000)
#define LOST_S 5

/* Room for one in front and one behind. */
#define BUFFER (TURN_CHANNEL_HEADER_LEN + STREAM_SIZE_MAX + TURN_CHANNEL_HEADER_LEN)
#define SOURCE_LEN CMSG_SPACE(sizeof(struct in_pktinfo))

struct window {
	struct mmsghdr sent[STREAM_WINDOW], received[STREAM_WINDOW];
	struct iovec sent_data[STREAM_WINDOW], received_data[STREAM_WINDOW];
	guint8 out[STREAM_WINDOW][BUFFER], in[STREAM_WINDOW][BUFFER];
	char source[STREAM_WINDOW][SOURCE_LEN] __attribute__((aligned(8)));
	guint64 next;
};

int stream_socket(const char *netns, guint16 port)
{
	const struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons(port) };
	const struct timeval patience = { .tv_sec = LOST_S };
	const int whole = IP_PMTUDISC_DO;
	g_autofree char *path = g_strdup_printf("/run/netns/%s", netns);
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int there = open(path, O_RDONLY | O_CLOEXEC);
	int fd;

	if (here < 0 || there < 0 || setns(there, CLONE_NEWNET) < 0)
		err(EXIT_FAILURE, "cannot enter %s", path);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&local, sizeof(local)) < 0)
		err(EXIT_FAILURE, "cannot bind a socket in %s", netns);
	/* A packet that is not fragmented needs no identification, which costs the more the more
	 * pairs of addresses there are.
	 */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &whole, sizeof(whole)) < 0 ||
	    setns(here, CLONE_NEWNET) < 0)
		err(EXIT_FAILURE, "cannot come back from %s", netns);
	close(here);
	close(there);
	return fd;
}

static gint64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void set_source(struct msghdr *message, char *buf, const struct endpoint *from)
{
	struct in_pktinfo info = { .ipi_spec_dst = from->in.sin_addr };
	struct cmsghdr *head;

	message->msg_control = buf;
	message->msg_controllen = SOURCE_LEN;
	head = CMSG_FIRSTHDR(message);
	*head = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof(info)),
		.cmsg_level = IPPROTO_IP,
		.cmsg_type = IP_PKTINFO,
	};
	memcpy(CMSG_DATA(head), &info, sizeof(info));
}

static void fill(struct window *window, guint i, const struct stream_flow *flow, gsize size)
{
	const gsize header = flow->channel ? TURN_CHANNEL_HEADER_LEN : 0;
	guint8 *data = window->out[i] + TURN_CHANNEL_HEADER_LEN;

	window->next++;
	memcpy(data, &window->next, sizeof(window->next));
	turn_write_channel_header(data - TURN_CHANNEL_HEADER_LEN, flow->channel, size);
	window->sent_data[i] = (struct iovec){ data - header, header + size };
	window->sent[i].msg_hdr = (struct msghdr){
		.msg_name = (void *)&flow->to,
		.msg_namelen = endpoint_socklen(&flow->to),
		.msg_iov = &window->sent_data[i],
		.msg_iovlen = 1,
	};
	set_source(&window->sent[i].msg_hdr, window->source[i], &flow->from);
}

static void send_window(const struct stream *stream, struct window *window)
{
	int sent = 0, n;

	for (; sent < STREAM_WINDOW; sent += n) {
		n = sendmmsg(stream->from, window->sent + sent, STREAM_WINDOW - sent, 0);
		if (n < 0)
			err(EXIT_FAILURE, "cannot send");
	}
}

static void check(const struct stream *stream, const struct window *window, guint i, gsize size)
{
	const gsize header = stream->in_channel ? TURN_CHANNEL_HEADER_LEN : 0;
	const guint64 wanted = window->next - STREAM_WINDOW + 1 + i;
	guint64 number;

	memcpy(&number, window->in[i] + header, sizeof(number));
	if (window->received[i].msg_len != header + size || number != wanted)
		errx(EXIT_FAILURE, "datagram %" G_GUINT64_FORMAT " of %zu bytes came as %"
		     G_GUINT64_FORMAT " of %u", wanted, header + size, number,
		     window->received[i].msg_len);
}

static void receive_window(const struct stream *stream, struct window *window, gsize size)
{
	gint64 patience_ends = 0;
	int received = 0, n;

	while (received < STREAM_WINDOW) {
		n = recvmmsg(stream->to, window->received + received, STREAM_WINDOW - received,
			     MSG_DONTWAIT, NULL);
		if (n < 0 && errno != EAGAIN)
			err(EXIT_FAILURE, "cannot receive");
		received += MAX(n, 0);
		if (received == STREAM_WINDOW)
			break;
		if (!patience_ends)
			patience_ends = now_ns() + LOST_S * NS_PER_S;
		else if (now_ns() > patience_ends)
			errx(EXIT_FAILURE, "%d of %d datagrams were lost",
			     STREAM_WINDOW - received, STREAM_WINDOW);
		sched_yield();
	}
	for (guint i = 0; i < STREAM_WINDOW; i++)
		check(stream, window, i, size);
}

double stream_run(const struct stream *stream, gsize size, guint64 packets)
{
	g_autofree struct window *window = g_new0(struct window, 1);
	guint64 sent = 0;
	gint64 begin;

	for (guint i = 0; i < STREAM_WINDOW; i++) {
		window->received_data[i] = (struct iovec){ window->in[i], BUFFER };
		window->received[i].msg_hdr.msg_iov = &window->received_data[i];
		window->received[i].msg_hdr.msg_iovlen = 1;
	}
	begin = now_ns();
	for (; sent < packets; sent += STREAM_WINDOW) {
		for (guint i = 0; i < STREAM_WINDOW; i++)
			fill(window, i, &g_array_index(stream->flows, struct stream_flow,
						       (sent + i) % stream->flows->len), size);
		send_window(stream, window);
		receive_window(stream, window, size);
	}
	return (double)(now_ns() - begin) / sent;
}
