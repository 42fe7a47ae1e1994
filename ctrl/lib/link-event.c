// SPDX-License-Identifier: GPL-2.0
/* What the kernel tells of links, addresses and routes, read one by one. */
#include <linux/rtnetlink.h>

#include "link-private.h"

static bool read_address(const struct nlmsghdr *message, struct link_event *event)
{
	struct link_address address;

	if (!link_address_parse(message, &address))
		return false;
	event->type = LINK_EVENT_ADDRESS;
	event->ifindex = address.ifindex;
	event->address = address.prefix;
	event->link_local = address.prefix.family == AF_INET6 && address.scope == RT_SCOPE_LINK;
	return true;
}

static bool read_link(const struct nlmsghdr *message, struct link_event *event)
{
	const struct ifinfomsg *header = nlmsg_data(message);

	/* a bridge tells of its ports in this way, too */
	if (nlmsg_datalen(message) < (int)sizeof(*header) || header->ifi_family != AF_UNSPEC ||
	    !link_parse(message, &event->link))
		return false;
	event->type = LINK_EVENT_LINK;
	event->ifindex = event->link.ifindex;
	return true;
}

static bool read_route(const struct nlmsghdr *message, struct link_event *event)
{
	event->type = LINK_EVENT_ROUTE;
	event->replaces = message->nlmsg_flags & NLM_F_REPLACE;
	if (!link_route_parse(message, &event->route))
		return false;
	event->ifindex = event->route.ifindex;
	return true;
}

bool link_event_read(const struct nlmsghdr *message, struct link_event *event)
{
	*event = (struct link_event){ .type = LINK_EVENT_LOST };
	if (!message)
		return true;
	switch (message->nlmsg_type) {
	case RTM_DELLINK:
		event->gone = true;
		return read_link(message, event);
	case RTM_NEWLINK:
		return read_link(message, event);
	case RTM_DELADDR:
		event->gone = true;
		return read_address(message, event);
	case RTM_NEWADDR:
		return read_address(message, event);
	case RTM_DELROUTE:
		event->gone = true;
		return read_route(message, event);
	case RTM_NEWROUTE:
		return read_route(message, event);
	default:
		return false;
	}
}
