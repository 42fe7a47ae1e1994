// SPDX-License-Identifier: GPL-2.0
#include "turn-request.h"

/* Whether something is left of the allocation without that family. */
static bool has_other(const struct allocation *allocation, sa_family_t family)
{
	return family != AF_UNSPEC &&
	       allocation_relay(allocation, family == AF_INET ? AF_INET6 : AF_INET);
}

struct refusal turn_refresh(struct turn_request *request)
{
	struct allocation *allocation = request->allocation;
	sa_family_t family = AF_UNSPEC;
	struct stun_attribute attr;
	guint32 lifetime_s;

	if (stun_find(request->message, STUN_REQUESTED_ADDRESS_FAMILY, &attr)) {
		if (!turn_get_family(&attr, &family))
			return TURN_REFUSED(400, "REQUESTED-ADDRESS-FAMILY malformed");
		if (family == AF_UNSPEC || !allocation_relay(allocation, family))
			return TURN_REFUSED(443, "The allocation has no such address");
	}
	if (!turn_lifetime(request->message, &lifetime_s))
		return TURN_REFUSED(400, "LIFETIME malformed");

	if (lifetime_s)
		allocation_refresh(allocation, lifetime_s);
	else if (has_other(allocation, family))
		allocation_drop_relay(allocation, family);
	else
		allocation_end(g_steal_pointer(&request->allocation));
	turn_add_lifetime(request->answer, lifetime_s);
	return TURN_GRANTED;
}
