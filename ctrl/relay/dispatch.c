// SPDX-License-Identifier: GPL-2.0
#include "dispatch.h"

#include "binding.h"
#include "classic.h"

/* Nobody can have sent from port 0, nor receive there. */
static bool may_answer(struct dispatcher *d, const struct datagram *datagram)
{
	return endpoint_port(&datagram->source) &&
	       source_limit_allow(d->limit, &datagram->source, datagram->received_us);
}

gsize dispatch(void *dispatcher, const struct datagram *datagram, guint8 *answer)
{
	struct dispatcher *d = dispatcher;
	struct stun_message message;

	if (classic_is_binding(datagram->data, datagram->len))
		return may_answer(d, datagram) ?
			       classic_answer(datagram->data, &datagram->source, answer,
					      LISTENER_ANSWER_MAX) : 0;
	if (stun_parse(&message, datagram->data, datagram->len) != STUN_OK)
		return 0;
	if (message.class != STUN_CLASS_REQUEST || message.method != STUN_METHOD_BINDING)
		return 0;
	return may_answer(d, datagram) ?
		       binding_answer(&message, &datagram->source, answer, LISTENER_ANSWER_MAX) : 0;
}
