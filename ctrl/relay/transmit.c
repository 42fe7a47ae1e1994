// SPDX-License-Identifier: GPL-2.0
/* Sending datagrams in batches. */
#include "transmit.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "counters.h"
#include "lib/log.h"

#define QUEUE 32
/* The address we send from, and the traffic class. */
#define CONTROL_LEN (CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int)))

struct slot {
	struct route route;
	struct iovec payload;
	guint8 copy[TRANSMIT_COPY_MAX];
	_Alignas(struct cmsghdr) guint8 control[CONTROL_LEN];
	bool done;
};

/* One queue for the one thread there is. */
static struct {
	struct slot slots[QUEUE];
	guint n;
} queue;

static void put_control(struct msghdr *header, int level, int type, const void *value, gsize len)
{
	struct cmsghdr *cmsg = (void *)((guint8 *)header->msg_control + header->msg_controllen);

	memset(cmsg, 0, CMSG_SPACE(len));
	cmsg->cmsg_level = level;
	cmsg->cmsg_type = type;
	cmsg->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(cmsg), value, len);
	header->msg_controllen += CMSG_SPACE(len);
}

static void put_source(struct msghdr *header, const struct endpoint *from)
{
	struct in6_pktinfo v6 = {};
	struct in_pktinfo v4 = {};

	if (from->sa.sa_family == AF_INET) {
		v4.ipi_spec_dst = from->in.sin_addr;
		put_control(header, IPPROTO_IP, IP_PKTINFO, &v4, sizeof(v4));
	} else if (from->sa.sa_family == AF_INET6) {
		v6.ipi6_addr = from->in6.sin6_addr;
		v6.ipi6_ifindex = from->in6.sin6_scope_id;
		put_control(header, IPPROTO_IPV6, IPV6_PKTINFO, &v6, sizeof(v6));
	}
}

static void put_traffic_class(struct msghdr *header, const struct route *route)
{
	int value = route->traffic_class;

	if (!value)
		return;
	if (route->to.sa.sa_family == AF_INET)
		put_control(header, IPPROTO_IP, IP_TOS, &value, sizeof(value));
	else
		put_control(header, IPPROTO_IPV6, IPV6_TCLASS, &value, sizeof(value));
}

static void write_header(struct slot *slot, struct msghdr *header)
{
	*header = (struct msghdr){
		.msg_name = &slot->route.to,
		.msg_namelen = endpoint_socklen(&slot->route.to),
		.msg_iov = &slot->payload,
		.msg_iovlen = 1,
		.msg_control = slot->control,
	};
	put_source(header, &slot->route.from);
	put_traffic_class(header, &slot->route);
	if (!header->msg_controllen)
		header->msg_control = NULL;
}

/*
 * Send what belongs to one socket. An error may be that of an earlier datagram, of which ICMP told;
 * taking notice of it clears it, so each datagram gets a second try. A full queue of the interface
 * is where a network drops.
 */
static void send_all(int fd, struct mmsghdr *messages, guint n)
{
	char buf[ENDPOINT_STRLEN];
	bool tried = false;
	guint done = 0;
	int sent;

	while (done < n) {
		sent = sendmmsg(fd, messages + done, n - done, MSG_DONTWAIT);
		if (sent > 0) {
			done += sent;
			tried = false;
		} else if (errno == EAGAIN) {
			counters.drops[COUNTERS_DROP_SEND] += n - done;
			return;
		} else if (errno != EINTR && !tried) {
			tried = true;
		} else if (errno != EINTR) {
			log_limited(LOG_LEVEL_WARNING, "cannot send to %s: %s",
				    endpoint_print(messages[done].msg_hdr.msg_name, buf),
				    g_strerror(errno));
			counters.drops[COUNTERS_DROP_SEND]++;
			tried = false;
			done++;
		}
	}
}

void transmit_flush(void)
{
	struct mmsghdr messages[QUEUE];
	guint n;

	for (guint first = 0; first < queue.n; first++) {
		int fd = queue.slots[first].route.fd;

		if (queue.slots[first].done)
			continue;
		n = 0;
		for (guint i = first; i < queue.n; i++) {
			struct slot *slot = &queue.slots[i];

			if (slot->done || slot->route.fd != fd)
				continue;
			write_header(slot, &messages[n++].msg_hdr);
			slot->done = true;
		}
		send_all(fd, messages, n);
	}
	queue.n = 0;
}

static struct slot *next_slot(const struct route *route)
{
	struct slot *slot;

	if (queue.n == QUEUE)
		transmit_flush();
	slot = &queue.slots[queue.n++];
	slot->route = *route;
	slot->done = false;
	return slot;
}

void transmit(const struct route *route, const void *data, gsize len)
{
	next_slot(route)->payload = (struct iovec){ (void *)data, len };
}

void transmit_copy(const struct route *route, const void *data, gsize len)
{
	struct slot *slot = next_slot(route);

	memcpy(slot->copy, data, len);
	slot->payload = (struct iovec){ slot->copy, len };
}

void transmit_forget(int fd)
{
	for (guint i = 0; i < queue.n; i++)
		if (queue.slots[i].route.fd == fd)
			queue.slots[i].done = true;
}
