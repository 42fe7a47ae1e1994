// SPDX-License-Identifier: GPL-2.0
#include "underlay.h"

#include "../lib/endpoint.h"
#include "../lib/link.h"
#include "../lib/log.h"

/* What changes together (an address goes, another comes, a route follows) comes in this time. */
#define QUIET_MS 200

/* What could not be read is read again after this time. */
#define RETRY_MS 1000

struct underlay {
	struct netlink *nl;
	struct link_watch *watch;
	const struct underlay_events *events;
	void *data;
	GArray *addresses;
	guint32 mtu_bytes;
	bool route_changed;
	guint quiet;
};

static GArray *read_addresses(struct underlay *underlay, GError **error)
{
	g_autoptr(GArray) found = link_list_underlay(underlay->nl, error);
	GArray *addresses;

	if (!found)
		return NULL;
	addresses = g_array_sized_new(FALSE, FALSE, sizeof(struct endpoint), found->len);
	underlay->mtu_bytes = 0;
	for (guint i = 0; i < found->len; i++) {
		const struct link_underlay *one = &g_array_index(found, struct link_underlay, i);

		g_array_append_val(addresses, one->address);
		if (!underlay->mtu_bytes || one->mtu_bytes < underlay->mtu_bytes)
			underlay->mtu_bytes = one->mtu_bytes;
	}
	return addresses;
}

/* Whether an address of a is missing in b. */
static bool is_missing(const GArray *a, const GArray *b)
{
	for (guint i = 0; i < a->len; i++) {
		bool found = false;

		for (guint j = 0; j < b->len && !found; j++)
			found = endpoint_equal(&g_array_index(a, struct endpoint, i),
					       &g_array_index(b, struct endpoint, j));
		if (!found)
			return true;
	}
	return false;
}

static gboolean on_quiet(void *data)
{
	struct underlay *underlay = data;
	g_autoptr(GError) error = NULL;
	guint32 mtu_before = underlay->mtu_bytes;
	g_autoptr(GArray) addresses = read_addresses(underlay, &error);
	bool changed = underlay->route_changed;
	bool gone;

	underlay->quiet = 0;
	if (!addresses) {
		log_limited(LOG_LEVEL_WARNING, "%s", error->message);
		underlay->quiet = g_timeout_add(RETRY_MS, on_quiet, underlay);
		return G_SOURCE_REMOVE;
	}
	underlay->route_changed = false;
	if (underlay->mtu_bytes != mtu_before)
		underlay->events->touched(underlay->data);
	gone = is_missing(underlay->addresses, addresses);
	if (!gone && !is_missing(addresses, underlay->addresses) && !changed)
		return G_SOURCE_REMOVE;
	g_array_unref(underlay->addresses);
	underlay->addresses = g_steal_pointer(&addresses);
	underlay->events->changed(gone, underlay->data);
	return G_SOURCE_REMOVE;
}

static void on_change(unsigned int what, void *data)
{
	struct underlay *underlay = data;

	if (what & LINK_CHANGE_DEFAULT_ROUTE)
		underlay->route_changed = true;
	if (!underlay->quiet)
		underlay->quiet = g_timeout_add(QUIET_MS, on_quiet, underlay);
	if (what & (LINK_CHANGE_LINKS | LINK_CHANGE_ADDRESSES))
		underlay->events->touched(underlay->data);
}

struct underlay *underlay_new(const struct underlay_events *events, void *data, GError **error)
{
	g_autoptr(underlay) underlay = g_new0(struct underlay, 1);

	underlay->events = events;
	underlay->data = data;
	underlay->nl = netlink_open(NETLINK_ROUTE, error);
	if (!underlay->nl)
		return NULL;
	underlay->watch = link_watch_new(on_change, underlay, error);
	if (!underlay->watch)
		return NULL;
	underlay->addresses = read_addresses(underlay, error);
	if (!underlay->addresses)
		return NULL;
	return g_steal_pointer(&underlay);
}

void underlay_free(struct underlay *underlay)
{
	if (!underlay)
		return;
	g_clear_handle_id(&underlay->quiet, g_source_remove);
	link_watch_free(underlay->watch);
	netlink_close(underlay->nl);
	g_clear_pointer(&underlay->addresses, g_array_unref);
	g_free(underlay);
}

guint32 underlay_mtu(const struct underlay *underlay)
{
	return underlay->mtu_bytes;
}

const GArray *underlay_addresses(const struct underlay *underlay)
{
	return underlay->addresses;
}
