// SPDX-License-Identifier: GPL-2.0
/* Requests to the kernel and their answers. */
#include "netlink.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink-socket.h"

/* How often a list is asked for that changes while it is sent. */
#define DUMP_ATTEMPTS 32

G_DEFINE_QUARK(wgmesh-netlink-error-quark, netlink_error)

struct netlink {
	int fd;
	guint32 sequence;
	guint8 *buffer;
};

/**
 * struct exchange - a request that is being answered
 * @sequence: of the request
 * @what: begins the message of an error
 * @reply: called for each message of the answer; may be NULL
 * @data: for @reply
 * @done: the answer is complete
 * @interrupted: it is a list that changed while it was sent
 * @error: the first error; the answer is read to its end all the same
 */
struct exchange {
	guint32 sequence;
	const char *what;
	netlink_reply_fn reply;
	void *data;
	bool done;
	bool interrupted;
	GError *error;
};

bool netlink_fail(GError **error, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (error)
		*error = g_error_new_valist(NETLINK_ERROR, code, format, args);
	va_end(args);
	return false;
}

struct netlink *netlink_open(int protocol, GError **error)
{
	int fd = netlink_socket(protocol, error);
	struct netlink *nl;

	if (fd < 0)
		return NULL;
	nl = g_new0(struct netlink, 1);
	nl->fd = fd;
	nl->buffer = g_malloc(NETLINK_BUFFER_SIZE);
	return nl;
}

void netlink_close(struct netlink *nl)
{
	if (!nl)
		return;
	close(nl->fd);
	g_free(nl->buffer);
	g_free(nl);
}

struct nl_msg *netlink_message(guint16 type, guint16 flags, gsize size)
{
	struct nl_msg *msg = nlmsg_alloc_size(NLMSG_HDRLEN + size);

	if (!msg || !nlmsg_put(msg, 0, 0, type, 0, NLM_F_REQUEST | flags))
		g_error("no memory for a netlink message of %zu bytes", size);
	return msg;
}

struct nl_msg *netlink_genl_message(guint16 family, guint8 command, gsize size)
{
	struct nl_msg *msg = netlink_message(family, 0, GENL_HDRLEN + size);
	struct genlmsghdr header = { .cmd = command, .version = 1 };

	nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO);
	return msg;
}

void netlink_put(struct nl_msg *msg, int type, const void *data, gsize size)
{
	if (nla_put(msg, type, size, data) < 0)
		g_error("netlink message too small for attribute %d", type);
}

void netlink_put_u8(struct nl_msg *msg, int type, guint8 value)
{
	netlink_put(msg, type, &value, sizeof(value));
}

void netlink_put_u16(struct nl_msg *msg, int type, guint16 value)
{
	netlink_put(msg, type, &value, sizeof(value));
}

void netlink_put_u32(struct nl_msg *msg, int type, guint32 value)
{
	netlink_put(msg, type, &value, sizeof(value));
}

void netlink_message_free(struct nl_msg *msg)
{
	if (!msg)
		return;
	explicit_bzero(nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);
	nlmsg_free(msg);
}

/* The attributes of an extended acknowledgement, behind @skip bytes of the message's payload. */
static char *extended_words(const struct nlmsghdr *message, gsize skip)
{
	static const struct nla_policy policy[NLMSGERR_ATTR_MAX + 1] = {
		[NLMSGERR_ATTR_MSG] = { .type = NLA_STRING },
		[NLMSGERR_ATTR_MISS_TYPE] = { .type = NLA_U32 },
	};
	struct nlattr *attributes[NLMSGERR_ATTR_MAX + 1];
	int size = nlmsg_datalen(message) - (int)NLMSG_ALIGN(skip);
	struct nlattr *first = (void *)((char *)nlmsg_data(message) + NLMSG_ALIGN(skip));

	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS) || size <= 0 ||
	    nla_parse(attributes, NLMSGERR_ATTR_MAX, first, size, policy) < 0)
		return NULL;
	if (attributes[NLMSGERR_ATTR_MSG])
		return g_strndup(nla_get_string(attributes[NLMSGERR_ATTR_MSG]),
				 nla_len(attributes[NLMSGERR_ATTR_MSG]));
	if (attributes[NLMSGERR_ATTR_MISS_TYPE])
		return g_strdup_printf("attribute %u is missing",
				       nla_get_u32(attributes[NLMSGERR_ATTR_MISS_TYPE]));
	return NULL;
}

static GError *error_from_kernel(const char *what, int code, const char *words)
{
	if (code == EPERM)
		return g_error_new(NETLINK_ERROR, code,
				   "%s: not permitted: run as root, or with CAP_NET_ADMIN", what);
	if (words)
		return g_error_new(NETLINK_ERROR, code, "%s: %s (%s)", what, words,
				   g_strerror(code));
	return g_error_new(NETLINK_ERROR, code, "%s: %s", what, g_strerror(code));
}

/* NLMSG_ERROR says how a request ended, NLMSG_DONE how a list did; 0 is success. */
static void read_end(struct exchange *exchange, const struct nlmsghdr *message)
{
	const struct nlmsgerr *end = nlmsg_data(message);
	gsize skip = sizeof(end->error);
	g_autofree char *words = NULL;

	exchange->done = true;
	/* An empty NLMSG_DONE is a success, too. */
	if (nlmsg_datalen(message) < (int)sizeof(end->error) || !end->error || exchange->error)
		return;
	if (message->nlmsg_type == NLMSG_ERROR) {
		skip = sizeof(*end);
		if (!(message->nlmsg_flags & NLM_F_CAPPED))
			skip += end->msg.nlmsg_len - sizeof(end->msg);
	}
	words = extended_words(message, skip);
	exchange->error = error_from_kernel(exchange->what, -end->error, words);
}

static void read_message(struct exchange *exchange, const struct nlmsghdr *message)
{
	if (message->nlmsg_seq != exchange->sequence || message->nlmsg_type == NLMSG_NOOP)
		return;
	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		exchange->interrupted = true;
	if (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE)
		read_end(exchange, message);
	else if (exchange->reply && !exchange->error &&
		 !exchange->reply(message, exchange->data, &exchange->error) && !exchange->error)
		netlink_fail(&exchange->error, EBADMSG, "%s: unexpected answer", exchange->what);
}

static bool send_message(struct netlink *nl, struct nl_msg *msg, const char *what, GError **error)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	ssize_t sent;

	header->nlmsg_seq = ++nl->sequence;
	do
		sent = send(nl->fd, header, header->nlmsg_len, 0);
	while (sent < 0 && errno == EINTR);
	return sent >= 0 || netlink_fail(error, errno, "%s: %s", what, g_strerror(errno));
}

static bool read_answer(struct netlink *nl, struct exchange *exchange, GError **error)
{
	const struct nlmsghdr *message;
	ssize_t size;
	int rest;

	while (!exchange->done) {
		size = netlink_socket_receive(nl->fd, nl->buffer, 0);
		if (size < 0) {
			if (errno == EINTR)
				continue;
			/* What is still to come belongs to a sequence number of the past. */
			g_clear_error(&exchange->error);
			return netlink_fail(error, errno, "%s: %s", exchange->what,
					    g_strerror(errno));
		}
		rest = size;
		for (message = (void *)nl->buffer; nlmsg_ok(message, rest) && !exchange->done;
		     message = nlmsg_next((void *)message, &rest))
			read_message(exchange, message);
		explicit_bzero(nl->buffer, size);
	}
	if (exchange->error) {
		g_propagate_error(error, exchange->error);
		return false;
	}
	return true;
}

bool netlink_request(struct netlink *nl, struct nl_msg *msg, const char *what,
		     netlink_reply_fn reply, void *data, GError **error)
{
	struct exchange exchange = { .what = what, .reply = reply, .data = data };

	nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_ACK;
	if (!send_message(nl, msg, what, error))
		return false;
	exchange.sequence = nl->sequence;
	return read_answer(nl, &exchange, error);
}

bool netlink_dump(struct netlink *nl, struct nl_msg *msg, const char *what, void (*begin)(void *),
		  netlink_reply_fn reply, void *data, GError **error)
{
	nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_DUMP;
	for (int i = 0; i < DUMP_ATTEMPTS; i++) {
		struct exchange exchange = { .what = what, .reply = reply, .data = data };

		begin(data);
		if (!send_message(nl, msg, what, error))
			return false;
		exchange.sequence = nl->sequence;
		if (!read_answer(nl, &exchange, error))
			return false;
		if (!exchange.interrupted)
			return true;
	}
	return netlink_fail(error, EAGAIN, "%s: the list changed at each of %d attempts to read it",
			    what, DUMP_ATTEMPTS);
}
