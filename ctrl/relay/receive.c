// SPDX-License-Identifier: GPL-2.0
/* Receiving datagrams in batches. */
#include "receive.h"

#include <string.h>
#include <sys/socket.h>

#include "transmit.h"

/* Datagrams taken at once; then other sockets get their turn. */
#define BATCH 32
/* No datagram is larger. */
#define DATAGRAM_MAX 65535
#define CONTROL_LEN (CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int)))

struct slot {
	struct endpoint peer;
	struct iovec payload;
	_Alignas(struct cmsghdr) guint8 control[CONTROL_LEN];
	guint8 data[RECEIVE_HEADROOM + DATAGRAM_MAX + RECEIVE_TAILROOM];
};

/* Where a batch is worked on; nothing in it outlives receive_batch(), so one will do. */
static struct {
	struct slot slots[BATCH];
	struct mmsghdr messages[BATCH];
} batch;

static bool set_option(int fd, int level, int option)
{
	int on = 1;

	return setsockopt(fd, level, option, &on, sizeof(on)) == 0;
}

bool receive_options(int fd, sa_family_t family)
{
	if (family == AF_INET6)
		return set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO) &&
		       set_option(fd, IPPROTO_IPV6, IPV6_RECVTCLASS);
	return set_option(fd, IPPROTO_IP, IP_PKTINFO) && set_option(fd, IPPROTO_IP, IP_RECVTOS);
}

void receive_buffer(int fd, int bytes)
{
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

static void prepare(guint i)
{
	struct slot *slot = &batch.slots[i];

	slot->payload = (struct iovec){ slot->data + RECEIVE_HEADROOM, DATAGRAM_MAX };
	batch.messages[i].msg_hdr = (struct msghdr){
		.msg_name = &slot->peer,
		.msg_namelen = sizeof(slot->peer),
		.msg_iov = &slot->payload,
		.msg_iovlen = 1,
		.msg_control = slot->control,
		.msg_controllen = sizeof(slot->control),
	};
}

/* A datagram to a group or a broadcast address has no local address of ours. */
static void read_local(const struct cmsghdr *cmsg, struct endpoint *local)
{
	struct in6_pktinfo v6;
	struct in_pktinfo v4;

	if (cmsg->cmsg_level == IPPROTO_IP) {
		memcpy(&v4, CMSG_DATA(cmsg), sizeof(v4));
		if (v4.ipi_addr.s_addr == v4.ipi_spec_dst.s_addr)
			endpoint_from_address(local, &v4.ipi_addr, sizeof(v4.ipi_addr), 0);
		return;
	}
	memcpy(&v6, CMSG_DATA(cmsg), sizeof(v6));
	if (IN6_IS_ADDR_MULTICAST(&v6.ipi6_addr))
		return;
	endpoint_from_address(local, &v6.ipi6_addr, sizeof(v6.ipi6_addr), 0);
	/* A link-local address means something on its own link only. */
	if (IN6_IS_ADDR_LINKLOCAL(&v6.ipi6_addr))
		local->in6.sin6_scope_id = v6.ipi6_ifindex;
}

static void read_control(struct msghdr *header, struct datagram *datagram)
{
	int traffic_class;

	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(header); cmsg; cmsg = CMSG_NXTHDR(header, cmsg)) {
		if ((cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_PKTINFO) ||
		    (cmsg->cmsg_level == IPPROTO_IPV6 && cmsg->cmsg_type == IPV6_PKTINFO)) {
			read_local(cmsg, &datagram->local);
		} else if (cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_TOS) {
			datagram->traffic_class = *CMSG_DATA(cmsg);
		} else if (cmsg->cmsg_level == IPPROTO_IPV6 && cmsg->cmsg_type == IPV6_TCLASS) {
			memcpy(&traffic_class, CMSG_DATA(cmsg), sizeof(traffic_class));
			datagram->traffic_class = traffic_class;
		}
	}
}

bool receive_batch(int fd, receive_handler handler, void *data)
{
	gint64 now_us;
	int n;

	for (guint i = 0; i < BATCH; i++)
		prepare(i);
	n = recvmmsg(fd, batch.messages, BATCH, MSG_DONTWAIT, NULL);
	if (n < 0)
		return false;

	now_us = g_get_monotonic_time();
	for (int i = 0; i < n; i++) {
		struct msghdr *header = &batch.messages[i].msg_hdr;
		struct datagram datagram = {
			.data = batch.slots[i].data + RECEIVE_HEADROOM,
			.len = batch.messages[i].msg_len,
			.received_us = now_us,
			.fd = fd,
		};

		if ((header->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ||
		    !endpoint_from_sockaddr(&datagram.source, header->msg_name,
					    header->msg_namelen))
			continue;
		read_control(header, &datagram);
		handler(data, &datagram);
	}
	transmit_flush();
	return true;
}
