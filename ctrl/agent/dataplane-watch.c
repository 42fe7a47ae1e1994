// SPDX-License-Identifier: GPL-2.0
/*
 * What others take away or change of what is ours: it is noticed, and put right.
 *
 * The kernel tells of links, addresses and routes, and the module of its objects; each event is
 * compared with what is wanted, and only what differs is looked at. WireGuard tells nothing: it is
 * read now and then, more seldom when it has much to say.
 */
#include <string.h>

#include "dataplane-private.h"
#include "lib/log.h"

/* What changes together is put right together: after the first event of a burst, at once. */
#define BURST_US (100 * G_TIME_SPAN_MILLISECOND)

/* Reading WireGuard takes a thousandth of a processor at most. */
#define LOOK_SHARE 1000
#define LOOK_MIN_S 2
#define LOOK_MAX_S 60

#define BIT(kind) (1u << (kind))
#define ALL_KINDS (BIT(MENDED_KINDS) - 1)
#define WIREGUARD_KINDS (BIT(MENDED_WIREGUARD) | BIT(MENDED_PEERS))

void dataplane_mended(struct dataplane *dp, enum mended_kind kind, guint count)
{
	if (dp->mending)
		dp->found[kind] += count;
}

/* Putting right */

static bool compare_wireguard(struct dataplane *dp, bool module, GError **error)
{
	g_autoptr(wireguard_device) device = NULL;
	guint32 before = dp->ifindex;
	bool ipv6 = dp->ipv6;

	if (!dataplane_sync_interface(dp, &device, error))
		return false;
	if (dp->ifindex != before || dp->ipv6 != ipv6)
		return dataplane_sync(dp, error);

	/* the mark is the operator's, and the module is to know it */
	module |= device->fwmark != dp->fwmark || device->listen_port != dp->module_port;
	return dataplane_sync_below(dp, device, module, error);
}

/* Where IPv6 was turned off, its addresses are not to come back. */
static bool is_same_link(struct dataplane *dp)
{
	struct link link;

	return link_find(dp->rt, dp->ifname, &link, NULL) && link.ifindex == dp->ifindex &&
	       link.up && link.ipv6 == dp->ipv6;
}

static bool compare(struct dataplane *dp, unsigned int due, GError **error)
{
	bool module = due & BIT(MENDED_MODULE);

	if (due & BIT(MENDED_INTERFACE) ||
	    (due & (BIT(MENDED_ADDRESSES) | BIT(MENDED_ROUTES)) && !is_same_link(dp)))
		return dataplane_sync(dp, error);
	if (due & BIT(MENDED_ADDRESSES) && !dataplane_sync_addresses(dp, error))
		return false;
	if ((module || due & WIREGUARD_KINDS) && !compare_wireguard(dp, module, error))
		return false;
	if (!(due & BIT(MENDED_ROUTES)))
		return true;
	return dp->all_routes ? dataplane_sync_routes(dp, error) :
				dataplane_sync_suspect_routes(dp, error);
}

static void begin(struct dataplane *dp)
{
	dp->mending = true;
	memset(dp->found, 0, sizeof(dp->found));
}

static void end(struct dataplane *dp)
{
	gint64 now_us = g_get_monotonic_time();

	dp->mending = false;
	for (enum mended_kind i = 0; i < MENDED_KINDS; i++) {
		if (!dp->found[i])
			continue;
		mended_note(&dp->mended, i, dp->found[i], now_us,
			    g_get_real_time() / G_USEC_PER_SEC);
		log_limited(LOG_LEVEL_WARNING, "%s: somebody else changed what is ours; put right: "
			    "%u (%s)%s", dp->ifname, dp->found[i], mended_name(i),
			    mended_is_fight(&dp->mended, i, now_us) ?
			    ", again and again: now less often" : "");
	}
}

static unsigned int due_kinds(const struct dataplane *dp, gint64 now_us)
{
	unsigned int due = 0;

	for (enum mended_kind i = 0; i < MENDED_KINDS; i++) {
		if (dp->suspects & BIT(i) && dp->mended.kinds[i].not_before_us <= now_us)
			due |= BIT(i);
	}
	return due;
}

static void schedule_check(struct dataplane *dp);

static gboolean on_check(void *data)
{
	struct dataplane *dp = data;
	gint64 now_us = g_get_monotonic_time();
	unsigned int due = due_kinds(dp, now_us);
	g_autoptr(GError) error = NULL;
	bool done;

	dp->check = 0;
	dp->checked_us = now_us;
	dp->suspects &= ~due;
	if (!dp->synced)
		return G_SOURCE_REMOVE;
	begin(dp);
	done = compare(dp, due, &error);
	end(dp);
	if (done) {
		schedule_check(dp);
		return G_SOURCE_REMOVE;
	}
	log_limited(LOG_LEVEL_ERROR, "%s: %s", dp->ifname, error->message);
	dataplane_failed(dp, error);
	return G_SOURCE_REMOVE;
}

/* A check that waits already may wait for too long. */
static void schedule_check(struct dataplane *dp)
{
	gint64 now_us = g_get_monotonic_time();
	gint64 at_us = G_MAXINT64;

	g_clear_handle_id(&dp->check, g_source_remove);
	if (!dp->suspects)
		return;
	for (enum mended_kind i = 0; i < MENDED_KINDS; i++) {
		if (dp->suspects & BIT(i))
			at_us = MIN(at_us, dp->mended.kinds[i].not_before_us);
	}
	at_us = MAX(at_us, dp->checked_us + BURST_US);
	dp->check = g_timeout_add(at_us > now_us ? (at_us - now_us) / 1000 + 1 : 0, on_check, dp);
}

static void suspect(struct dataplane *dp, unsigned int kinds)
{
	/* it is all compared anew by itself */
	if (!dp->wanted || !dp->synced || (dp->suspects & kinds) == kinds)
		return;
	dp->suspects |= kinds;
	schedule_check(dp);
}

void dataplane_suspect(struct dataplane *dp, enum mended_kind kind)
{
	suspect(dp, BIT(kind));
}

/* Links, addresses, routes */

static bool is_as_wanted(const struct dataplane *dp, const struct link *link)
{
	return link->up && link->ifindex == dp->ifindex && g_str_equal(link->name, dp->ifname) &&
	       link->mtu_bytes == dp->link_mtu_bytes && link->ipv6 == dp->ipv6;
}

/* IPv4 routes go with their interface, or its last address, and the kernel does not tell of them. */
static void on_loss_elsewhere(struct dataplane *dp)
{
	if (dataplane_suspect_blocked_routes(dp))
		suspect(dp, BIT(MENDED_ROUTES));
}

/*
 * Where it was down for a moment only, it is well when we look. Its IPv4 routes are gone all the
 * same, and the kernel does not tell of them.
 */
static void on_link(struct dataplane *dp, const struct link_event *event)
{
	const struct link *link = &event->link;

	if (link->ifindex != dp->ifindex && !g_str_equal(link->name, dp->ifname)) {
		if (event->gone || !link->up)
			on_loss_elsewhere(dp);
		return;
	}
	if (!event->gone && is_as_wanted(dp, link))
		return;
	dp->all_routes = true;
	suspect(dp, BIT(MENDED_INTERFACE) | BIT(MENDED_ADDRESSES) | BIT(MENDED_ROUTES));
}

static void on_address_elsewhere(struct dataplane *dp, const struct link_event *event)
{
	if (dp->synced && dataplane_is_own_address(dp, &event->address))
		dataplane_look_for_own_addresses(dp);
	if (event->gone)
		on_loss_elsewhere(dp);
}

/* With its last address, an interface loses its routes of that family. */
static void on_address(struct dataplane *dp, const struct link_event *event)
{
	if (event->ifindex != dp->ifindex) {
		on_address_elsewhere(dp, event);
		return;
	}
	if (event->link_local)
		return;
	if (event->gone != dataplane_has_prefix(dp->addresses, &event->address))
		return;
	dp->all_routes |= event->gone;
	suspect(dp, BIT(MENDED_ADDRESSES) | (event->gone ? BIT(MENDED_ROUTES) : 0));
}

static void on_route(struct dataplane *dp, const struct link_event *event)
{
	if (dataplane_route_event(dp, event))
		suspect(dp, BIT(MENDED_ROUTES));
}

static void on_event(const struct nlmsghdr *message, void *data)
{
	struct dataplane *dp = data;
	struct link_event event;

	if (!link_event_read(message, &event))
		return;
	switch (event.type) {
	case LINK_EVENT_LOST:
		dp->all_routes = true;
		suspect(dp, ALL_KINDS);
		break;
	case LINK_EVENT_LINK:
		on_link(dp, &event);
		break;
	case LINK_EVENT_ADDRESS:
		on_address(dp, &event);
		break;
	case LINK_EVENT_ROUTE:
		on_route(dp, &event);
		break;
	}
}

/* WireGuard */

static void schedule_look(struct dataplane *dp, gint64 cost_us);

/* On top of what the events ask for; a fight is not taken up earlier because of it. */
static gboolean on_look(void *data)
{
	struct dataplane *dp = data;
	gint64 begin_us = g_get_monotonic_time();

	dp->look = 0;
	if (dp->wanted && dp->synced) {
		dp->suspects |= WIREGUARD_KINDS;
		g_clear_handle_id(&dp->check, g_source_remove);
		on_check(dp);
	}
	schedule_look(dp, g_get_monotonic_time() - begin_us);
	return G_SOURCE_REMOVE;
}

static void schedule_look(struct dataplane *dp, gint64 cost_us)
{
	gint64 pause_s = cost_us * LOOK_SHARE / G_USEC_PER_SEC;

	dp->look = g_timeout_add_seconds(CLAMP(pause_s, LOOK_MIN_S, LOOK_MAX_S), on_look, dp);
}

void dataplane_follow(struct dataplane *dp, struct link_watch *watch)
{
	link_watch_tell(watch, on_event, dp);
	schedule_look(dp, 0);
}

void dataplane_forget_suspects(struct dataplane *dp)
{
	g_clear_handle_id(&dp->check, g_source_remove);
	dp->suspects = 0;
}
