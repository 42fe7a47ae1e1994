// SPDX-License-Identifier: GPL-2.0
/* Which part of the server a message is for, and how often strangers are answered. */
#include "dispatch.h"

#include "binding.h"
#include "classic.h"
#include "counters.h"

/* 512 KiB */
#define STRANGERS 32768

static const struct ratelimit_rule strangers_rules[RATE_LEVELS] = {
	[RATE_HOST] = { DISPATCH_INTERVAL_US, DISPATCH_BURST_HOST },
	[RATE_SITE] = { DISPATCH_INTERVAL_US / 2, DISPATCH_BURST_SITE },
	[RATE_NETWORK] = { DISPATCH_INTERVAL_US / 4, DISPATCH_BURST_NETWORK },
};

struct rate_table *dispatch_strangers_new(void)
{
	return rate_table_new(STRANGERS);
}

static bool allows(struct dispatcher *d, const struct datagram *datagram)
{
	const struct five_tuple tuple = five_tuple_of(datagram);
	struct allocation *known = d->turn ? allocation_find(d->turn->allocations, &tuple) : NULL;

	if (known)
		return allocation_allows_answer(known, datagram->received_us);
	return rate_table_take_source(d->strangers, 0, strangers_rules, &datagram->source, 1,
				      datagram->received_us);
}

/*
 * Nobody can have sent from port 0, nor receive there. Who has a connection is where it says that
 * it is.
 */
static bool may_answer(struct dispatcher *d, const struct datagram *datagram)
{
	if (datagram->stream)
		return true;
	if (!endpoint_port(&datagram->source))
		return false;
	if (allows(d, datagram))
		return true;
	counters.limited++;
	return false;
}

static gsize answer_turn(struct dispatcher *d, const struct stun_message *request,
			 const struct datagram *datagram, guint8 *answer)
{
	gsize len;
	bool proven;

	len = turn_answer(d->turn, request, datagram, answer, LISTENER_ANSWER_MAX, &proven);
	return proven || may_answer(d, datagram) ? len : 0;
}

static gsize answer_binding(struct dispatcher *d, const struct stun_message *request,
			    const struct datagram *datagram, guint8 *answer)
{
	gsize len = d->turn ? turn_revoke(d->turn, request, &datagram->source, answer,
					  LISTENER_ANSWER_MAX) : 0;

	counters.requests[COUNTERS_BINDING]++;
	if (len || !may_answer(d, datagram))
		return len;
	return binding_answer(request, &datagram->source, d->turn && d->turn->draining, answer,
			      LISTENER_ANSWER_MAX);
}

static gsize answer_classic(struct dispatcher *d, const struct datagram *datagram, guint8 *answer)
{
	counters.requests[COUNTERS_BINDING]++;
	if (!may_answer(d, datagram))
		return 0;
	return classic_answer(datagram->data, &datagram->source, answer, LISTENER_ANSWER_MAX);
}

static gsize dispatch_request(struct dispatcher *d, const struct stun_message *request,
			      const struct datagram *datagram, guint8 *answer)
{
	if (request->method == STUN_METHOD_BINDING)
		return answer_binding(d, request, datagram, answer);
	if (d->turn && turn_knows(request->method) && endpoint_port(&datagram->source))
		return answer_turn(d, request, datagram, answer);
	return 0;
}

gsize dispatch(void *dispatcher, const struct datagram *datagram, guint8 *answer)
{
	struct dispatcher *d = dispatcher;
	struct stun_message message;

	/* The most frequent first; no other protocol of the port begins with these two bits. */
	if (d->turn && datagram->len && (datagram->data[0] & 0xc0) == 0x40) {
		forward_channel_data(&d->turn->forwarding, datagram);
		return 0;
	}
	if (classic_is_binding(datagram->data, datagram->len))
		return answer_classic(d, datagram, answer);
	if (stun_parse(&message, datagram->data, datagram->len) != STUN_OK) {
		counters.drops[COUNTERS_DROP_MALFORMED]++;
		return 0;
	}
	if (message.class == STUN_CLASS_REQUEST)
		return dispatch_request(d, &message, datagram, answer);
	if (d->turn && message.class == STUN_CLASS_INDICATION &&
	    message.method == STUN_METHOD_SEND)
		forward_send(&d->turn->forwarding, datagram, &message);
	return 0;
}
