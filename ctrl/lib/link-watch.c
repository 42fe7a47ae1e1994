// SPDX-License-Identifier: GPL-2.0
/* Events of links, addresses and routes. */
#include <linux/rtnetlink.h>

#include "link-private.h"

#define ALL_CHANGES (LINK_CHANGE_LINKS | LINK_CHANGE_ADDRESSES | LINK_CHANGE_ROUTES)

/**
 * struct link_watch - tells of changes of the network
 * @watch: receives them
 * @what: changes not told yet
 * @tell: source that will tell them when nothing else is to be done; NULL when @what is 0
 * @changed: the subscriber
 * @data: for @changed
 * @event: who wants to see each event; NULL: nobody
 * @event_data: for @event
 */
struct link_watch {
	struct netlink_watch *watch;
	unsigned int what;
	GSource *tell;
	void (*changed)(unsigned int what, void *data);
	void *data;
	netlink_event_fn event;
	void *event_data;
};

static gboolean on_idle(void *data)
{
	struct link_watch *watch = data;
	unsigned int what = watch->what;

	watch->what = 0;
	g_clear_pointer(&watch->tell, g_source_unref);
	watch->changed(what, watch->data);
	return G_SOURCE_REMOVE;
}

/* Not what the kernel makes of an address. */
static bool is_of_interest(const struct nlmsghdr *event)
{
	const struct rtmsg *header = nlmsg_data(event);

	return nlmsg_datalen(event) >= (int)sizeof(*header) && header->rtm_type == RTN_UNICAST &&
	       header->rtm_protocol != RTPROT_KERNEL &&
	       header->rtm_protocol != LINK_ROUTE_PROTOCOL;
}

static unsigned int changes_of(const struct nlmsghdr *event)
{
	if (!event)
		return ALL_CHANGES;
	switch (event->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return LINK_CHANGE_LINKS;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return LINK_CHANGE_ADDRESSES;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return is_of_interest(event) ? LINK_CHANGE_ROUTES : 0;
	case RTM_NEWRULE:
	case RTM_DELRULE:
		return LINK_CHANGE_ROUTES;
	default:
		return 0;
	}
}

static void on_event(const struct nlmsghdr *event, void *data)
{
	struct link_watch *watch = data;

	if (watch->event)
		watch->event(event, watch->event_data);
	watch->what |= changes_of(event);
	if (!watch->what || watch->tell)
		return;
	watch->tell = g_idle_source_new();
	g_source_set_callback(watch->tell, on_idle, watch, NULL);
	g_source_attach(watch->tell, g_main_context_get_thread_default());
}

struct link_watch *link_watch_new(void (*changed)(unsigned int what, void *data), void *data,
				  GError **error)
{
	static const guint32 groups[] = {
		RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
		RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE,
	};
	g_autoptr(link_watch) watch = g_new0(struct link_watch, 1);

	watch->changed = changed;
	watch->data = data;
	watch->watch = netlink_watch_new(NETLINK_ROUTE, on_event, watch, error);
	if (!watch->watch)
		return NULL;
	for (guint i = 0; i < G_N_ELEMENTS(groups); i++) {
		if (!netlink_watch_join(watch->watch, groups[i], error))
			return NULL;
	}
	return g_steal_pointer(&watch);
}

void link_watch_tell(struct link_watch *watch, netlink_event_fn event, void *data)
{
	watch->event = event;
	watch->event_data = data;
}

void link_watch_free(struct link_watch *watch)
{
	if (!watch)
		return;
	netlink_watch_free(watch->watch);
	if (watch->tell) {
		g_source_destroy(watch->tell);
		g_source_unref(watch->tell);
	}
	g_free(watch);
}
