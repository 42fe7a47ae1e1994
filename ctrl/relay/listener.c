// SPDX-License-Identifier: GPL-2.0
#include "listener.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/log.h"

/* Datagrams taken at once; then the main loop gets its turn, and other listeners theirs. */
#define BATCH 32
/* What is larger than an Ethernet frame is none of our protocols; it is dropped. */
#define DATAGRAM_MAX 1500

struct listener {
	int fd;
	guint source;
	struct endpoint local;
	listener_handler handler;
	void *context;
};

/* What a message refers to; its one control message is IP_PKTINFO or IPV6_PKTINFO. */
struct slot {
	struct endpoint peer;
	struct iovec payload;
	_Alignas(struct cmsghdr) guint8 control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

/* Where a batch of datagrams is worked on. Nothing in it outlives receive(), so one will do. */
static struct {
	guint8 in[BATCH][DATAGRAM_MAX];
	guint8 out[BATCH][LISTENER_ANSWER_MAX];
	struct slot in_slots[BATCH], out_slots[BATCH];
	struct mmsghdr in_messages[BATCH], out_messages[BATCH];
} batch;

static void prepare_to_receive(guint i)
{
	struct slot *slot = &batch.in_slots[i];

	slot->payload = (struct iovec){ batch.in[i], sizeof(batch.in[i]) };
	batch.in_messages[i].msg_hdr = (struct msghdr){
		.msg_name = &slot->peer,
		.msg_namelen = sizeof(slot->peer),
		.msg_iov = &slot->payload,
		.msg_iovlen = 1,
		.msg_control = slot->control,
		.msg_controllen = sizeof(slot->control),
	};
}

/*
 * Which address of ours a datagram was sent to, as the control message that makes the answer leave
 * from there. False for a datagram to a group or a network: to answer those would let one forged
 * request be answered by many.
 */
static bool own_address(struct msghdr *received, struct in_pktinfo *v4, struct in6_pktinfo *v6,
			int *level)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(received);

	if (!cmsg || (received->msg_flags & MSG_CTRUNC))
		return false;
	*level = cmsg->cmsg_level;

	if (cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_PKTINFO) {
		memcpy(v4, CMSG_DATA(cmsg), sizeof(*v4));
		if (v4->ipi_addr.s_addr != v4->ipi_spec_dst.s_addr)
			return false;
		/* The routing table chooses the interface; it may differ from where we received. */
		v4->ipi_ifindex = 0;
		return true;
	}
	if (cmsg->cmsg_level == IPPROTO_IPV6 && cmsg->cmsg_type == IPV6_PKTINFO) {
		memcpy(v6, CMSG_DATA(cmsg), sizeof(*v6));
		if (IN6_IS_ADDR_MULTICAST(&v6->ipi6_addr))
			return false;
		/* A link-local address means something on its own link only. */
		if (!IN6_IS_ADDR_LINKLOCAL(&v6->ipi6_addr))
			v6->ipi6_ifindex = 0;
		return true;
	}
	return false;
}

static void put_control(struct msghdr *header, int level, int type, const void *info, gsize len)
{
	struct cmsghdr *cmsg;

	memset(header->msg_control, 0, CMSG_SPACE(len));
	header->msg_controllen = CMSG_SPACE(len);
	cmsg = CMSG_FIRSTHDR(header);
	cmsg->cmsg_level = level;
	cmsg->cmsg_type = type;
	cmsg->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(cmsg), info, len);
}

/* Make outgoing message out go back to where received came from; its payload follows. */
static bool prepare_to_answer(guint out, struct msghdr *received)
{
	struct slot *slot = &batch.out_slots[out];
	struct msghdr *header = &batch.out_messages[out].msg_hdr;
	struct in6_pktinfo v6;
	struct in_pktinfo v4;
	int level;

	if (!own_address(received, &v4, &v6, &level) ||
	    !endpoint_from_sockaddr(&slot->peer, received->msg_name, received->msg_namelen))
		return false;

	*header = (struct msghdr){
		.msg_name = &slot->peer,
		.msg_namelen = endpoint_socklen(&slot->peer),
		.msg_iov = &slot->payload,
		.msg_iovlen = 1,
		.msg_control = slot->control,
	};
	if (level == IPPROTO_IP)
		put_control(header, IPPROTO_IP, IP_PKTINFO, &v4, sizeof(v4));
	else
		put_control(header, IPPROTO_IPV6, IPV6_PKTINFO, &v6, sizeof(v6));
	return true;
}

/* Hand received message in to the handler; its answer, if any, becomes outgoing message out. */
static bool handle(struct listener *listener, guint in, guint out, gint64 now_us)
{
	struct mmsghdr *received = &batch.in_messages[in];
	struct slot *answer = &batch.out_slots[out];
	struct datagram datagram = {
		.data = batch.in[in],
		.len = received->msg_len,
		.received_us = now_us,
	};

	if ((received->msg_hdr.msg_flags & MSG_TRUNC) || !prepare_to_answer(out, &received->msg_hdr))
		return false;
	datagram.source = answer->peer;
	answer->payload.iov_base = batch.out[out];
	answer->payload.iov_len = listener->handler(listener->context, &datagram, batch.out[out]);
	return answer->payload.iov_len != 0;
}

/* Send the n outgoing messages. What cannot be sent now is dropped: the client will ask again. */
static void send_answers(struct listener *listener, guint n)
{
	char buf[ENDPOINT_STRLEN];
	guint done = 0;
	int sent;

	while (done < n) {
		sent = sendmmsg(listener->fd, batch.out_messages + done, n - done, MSG_DONTWAIT);
		if (sent > 0) {
			done += sent;
		} else if (errno == EAGAIN) {
			return;
		} else if (errno != EINTR) {
			log_limited(LOG_LEVEL_WARNING, "cannot answer %s: %s",
				    endpoint_print(&batch.out_slots[done].peer, buf),
				    g_strerror(errno));
			done++;
		}
	}
}

static gboolean receive(gint fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
	struct listener *listener = data;
	char buf[ENDPOINT_STRLEN];
	guint answers = 0;
	gint64 now_us;
	int n;

	for (guint i = 0; i < BATCH; i++)
		prepare_to_receive(i);
	n = recvmmsg(fd, batch.in_messages, BATCH, MSG_DONTWAIT, NULL);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			log_limited(LOG_LEVEL_WARNING, "cannot receive on %s: %s",
				    endpoint_print(&listener->local, buf), g_strerror(errno));
		return G_SOURCE_CONTINUE;
	}

	now_us = g_get_monotonic_time();
	for (int i = 0; i < n; i++)
		answers += handle(listener, i, answers, now_us);
	send_answers(listener, answers);
	return G_SOURCE_CONTINUE;
}

static bool set_option(int fd, int level, int option)
{
	int on = 1;

	return setsockopt(fd, level, option, &on, sizeof(on)) == 0;
}

/* A bound socket that tells where its datagrams were sent to; -1 and errno on failure. */
static int open_socket(const struct endpoint *address)
{
	int family = address->sa.sa_family;
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP);
	bool ready;

	if (fd < 0)
		return -1;
	if (family == AF_INET6)
		ready = set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY) &&
			set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
	else
		ready = set_option(fd, IPPROTO_IP, IP_PKTINFO);
	if (!ready || bind(fd, &address->sa, endpoint_socklen(address)) < 0) {
		int err = errno;

		close(fd);
		errno = err;
		return -1;
	}
	return fd;
}

static const char *advice(int err)
{
	switch (err) {
	case EADDRINUSE:
		return "; 'ss -ulpn' shows who has it";
	case EADDRNOTAVAIL:
		return "; 'ip address' shows the addresses of this host";
	case EACCES:
		return "; take a port above 1023, or give the program CAP_NET_BIND_SERVICE";
	default:
		return "";
	}
}

struct listener *listener_new(const struct endpoint *address, listener_handler handler,
			      void *context, GError **error)
{
	struct listener *listener;
	struct endpoint local;
	socklen_t len = sizeof(local);
	char buf[ENDPOINT_STRLEN];
	int fd;

	fd = open_socket(address);
	if (fd < 0 || getsockname(fd, &local.sa, &len) < 0) {
		int err = errno;

		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(err),
			    "cannot listen on %s: %s%s", endpoint_print(address, buf),
			    g_strerror(err), advice(err));
		if (fd >= 0)
			close(fd);
		return NULL;
	}

	listener = g_new0(struct listener, 1);
	listener->fd = fd;
	listener->local = local;
	listener->handler = handler;
	listener->context = context;
	listener->source = g_unix_fd_add(fd, G_IO_IN, receive, listener);
	return listener;
}

void listener_free(struct listener *listener)
{
	if (!listener)
		return;
	g_source_remove(listener->source);
	close(listener->fd);
	g_free(listener);
}

const struct endpoint *listener_endpoint(const struct listener *listener)
{
	return &listener->local;
}
