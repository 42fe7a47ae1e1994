// SPDX-License-Identifier: GPL-2.0
#include "dispatch.h"

#include "binding.h"

gsize dispatch(void *dispatcher, const struct datagram *datagram, guint8 *answer)
{
	struct dispatcher *d = dispatcher;
	struct stun_message message;

	if (stun_parse(&message, datagram->data, datagram->len) != STUN_OK)
		return 0;
	if (message.class != STUN_CLASS_REQUEST || message.method != STUN_METHOD_BINDING)
		return 0;
	/* Nobody can have sent from port 0, nor receive there. */
	if (!endpoint_port(&datagram->source))
		return 0;
	if (!source_limit_allow(d->limit, &datagram->source, datagram->received_us))
		return 0;
	return binding_answer(&message, &datagram->source, answer, LISTENER_ANSWER_MAX);
}
