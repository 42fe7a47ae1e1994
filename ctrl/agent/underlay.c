// SPDX-License-Identifier: GPL-2.0
/*
 * The networks that this node is on: what it offers to peers, and when that has changed. Each event
 * of the kernel is a reason to look; only what differs from what was counts as a change.
 */
#include "underlay.h"

#include "lib/link-view.h"
#include "lib/log.h"
#include "resolvers.h"

/* What changes together (an address goes, another comes, a route follows) comes in this time. */
#define QUIET_MS 200

/* What could not be read is read again after this time. */
#define RETRY_MS 1000

/* The second one has those that systemd-resolved asks, where the first one names that alone. */
static const char *const resolver_files[] = {
	"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf", NULL,
};

/* Looking takes at most one part in so many of the time, however many routes there are. */
#define LOOKING_PART 20

/**
 * struct underlay - see underlay.h
 * @nl: to look with
 * @watch: tells when to look
 * @mesh: see underlay_new()
 * @events: of the owner
 * @data: for @events
 * @view: what was seen last
 * @offered: array of struct endpoint
 * @left_out: array of struct endpoint
 * @mtu_bytes: see underlay_mtu()
 * @resolvers: array of struct prefix, as they were last
 * @needed: see underlay_needed(); NULL: to be made
 * @looked_us: how long the last look took
 * @quiet: GLib source that looks
 */
struct underlay {
	struct netlink *nl;
	struct link_watch *watch;
	char *mesh;
	const struct underlay_events *events;
	void *data;
	struct link_view *view;
	GArray *offered;
	GArray *left_out;
	guint32 mtu_bytes;
	GArray *resolvers;
	GHashTable *needed;
	gint64 looked_us;
	guint quiet;
};

static bool is_in(const GArray *list, const struct endpoint *address)
{
	for (guint i = 0; i < list->len; i++) {
		if (endpoint_equal_address(&g_array_index(list, struct endpoint, i), address))
			return true;
	}
	return false;
}

static bool is_there(const struct link_view *view, const struct link_underlay *wanted)
{
	const GArray *all = link_view_underlay(view);

	for (guint i = 0; i < all->len; i++) {
		const struct link_underlay *one = &g_array_index(all, struct link_underlay, i);

		if (one->ifindex == wanted->ifindex &&
		    endpoint_equal_address(&one->address, &wanted->address))
			return true;
	}
	return false;
}

/*
 * Whether an address that the one offers is missing in the other. What fades, or makes room for one
 * that is worthier, is there still; what is preferred again was there before.
 */
static bool is_one_missing(const struct link_view *one, const struct link_view *other)
{
	const GArray *all = link_view_underlay(one);
	guint offered = 0;

	for (guint i = 0; i < all->len && offered < UNDERLAY_MAX; i++) {
		const struct link_underlay *wanted = &g_array_index(all, struct link_underlay, i);

		if (wanted->fading)
			continue;
		if (!is_there(other, wanted))
			return true;
		offered++;
	}
	return false;
}

static void tell_left_out(const GArray *before, const GArray *now)
{
	for (guint i = 0; i < now->len; i++) {
		const struct endpoint *address = &g_array_index(now, struct endpoint, i);
		char text[ENDPOINT_STRLEN];

		if (!before || !is_in(before, address))
			log_limited(LOG_LEVEL_WARNING, "not offered to peers, because this node "
				    "has more than %d addresses: %s", UNDERLAY_MAX,
				    endpoint_print(address, text));
	}
}

static void list_addresses(struct underlay *underlay)
{
	const GArray *all = link_view_underlay(underlay->view);
	g_autoptr(GArray) cut_before = g_steal_pointer(&underlay->left_out);

	g_clear_pointer(&underlay->offered, g_array_unref);
	underlay->offered = g_array_new(FALSE, FALSE, sizeof(struct endpoint));
	underlay->left_out = g_array_new(FALSE, FALSE, sizeof(struct endpoint));
	underlay->mtu_bytes = 0;
	for (guint i = 0; i < all->len; i++) {
		const struct link_underlay *one = &g_array_index(all, struct link_underlay, i);

		if (one->fading)
			continue;
		if (underlay->offered->len == UNDERLAY_MAX) {
			g_array_append_val(underlay->left_out, one->address);
			continue;
		}
		g_array_append_val(underlay->offered, one->address);
		if (!underlay->mtu_bytes || one->mtu_bytes < underlay->mtu_bytes)
			underlay->mtu_bytes = one->mtu_bytes;
	}
	tell_left_out(cut_before, underlay->left_out);
}

static struct link_view *look(struct underlay *underlay, GError **error)
{
	gint64 begun_us = g_get_monotonic_time();
	struct link_view *view = link_view_read(underlay->nl, underlay->mesh, error);

	underlay->looked_us = g_get_monotonic_time() - begun_us;
	return view;
}

static gboolean on_quiet(void *data)
{
	struct underlay *underlay = data;
	g_autoptr(GError) error = NULL;
	g_autoptr(link_view) before = NULL;
	struct link_view *now;
	bool gone, rerouted;

	underlay->quiet = 0;
	now = look(underlay, &error);
	if (!now) {
		log_limited(LOG_LEVEL_WARNING, "%s", error->message);
		underlay->quiet = g_timeout_add(RETRY_MS, on_quiet, underlay);
		return G_SOURCE_REMOVE;
	}
	before = underlay->view;
	underlay->view = now;
	g_clear_pointer(&underlay->needed, g_hash_table_unref);
	list_addresses(underlay);
	underlay->events->read(underlay->data);
	gone = is_one_missing(before, now);
	rerouted = !link_view_same_exits(before, now);
	if (gone || rerouted || is_one_missing(now, before))
		underlay->events->changed(gone, rerouted, underlay->data);
	return G_SOURCE_REMOVE;
}

static void on_change(G_GNUC_UNUSED unsigned int what, void *data)
{
	struct underlay *underlay = data;
	guint delay_ms = MAX(QUIET_MS, underlay->looked_us * LOOKING_PART / 1000);

	if (!underlay->quiet)
		underlay->quiet = g_timeout_add(delay_ms, on_quiet, underlay);
}

struct underlay *underlay_new(const char *mesh, const struct underlay_events *events, void *data,
			      GError **error)
{
	g_autoptr(underlay) underlay = g_new0(struct underlay, 1);

	underlay->mesh = g_strdup(mesh);
	underlay->events = events;
	underlay->data = data;
	underlay->nl = netlink_open(NETLINK_ROUTE, error);
	if (!underlay->nl)
		return NULL;
	underlay->watch = link_watch_new(on_change, underlay, error);
	if (!underlay->watch)
		return NULL;
	underlay->view = look(underlay, error);
	if (!underlay->view)
		return NULL;
	list_addresses(underlay);
	return g_steal_pointer(&underlay);
}

void underlay_free(struct underlay *underlay)
{
	if (!underlay)
		return;
	g_clear_handle_id(&underlay->quiet, g_source_remove);
	link_watch_free(underlay->watch);
	netlink_close(underlay->nl);
	link_view_free(underlay->view);
	g_clear_pointer(&underlay->offered, g_array_unref);
	g_clear_pointer(&underlay->left_out, g_array_unref);
	g_clear_pointer(&underlay->resolvers, g_array_unref);
	g_clear_pointer(&underlay->needed, g_hash_table_unref);
	g_free(underlay->mesh);
	g_free(underlay);
}

struct link_watch *underlay_watch(struct underlay *underlay)
{
	return underlay->watch;
}

guint32 underlay_mtu(const struct underlay *underlay)
{
	return underlay->mtu_bytes;
}

const GArray *underlay_addresses(const struct underlay *underlay)
{
	return underlay->offered;
}

const GArray *underlay_left_out(const struct underlay *underlay)
{
	return underlay->left_out;
}

static bool same_resolvers(const GArray *a, const GArray *b)
{
	for (guint i = 0; i < MIN(a->len, b->len); i++) {
		if (!prefix_equal(&g_array_index(a, struct prefix, i),
				  &g_array_index(b, struct prefix, i)))
			return false;
	}
	return a->len == b->len;
}

GHashTable *underlay_needed(struct underlay *underlay)
{
	static const struct link_needed resolver = { .what = "a resolver of this machine" };
	g_autoptr(GArray) resolvers = resolvers_read(resolver_files);

	if (underlay->needed && same_resolvers(underlay->resolvers, resolvers))
		return underlay->needed;
	g_clear_pointer(&underlay->needed, g_hash_table_unref);
	underlay->needed = link_view_needed(underlay->view);
	for (guint i = 0; i < resolvers->len; i++)
		link_view_add_needed(underlay->needed,
				     &g_array_index(resolvers, struct prefix, i), &resolver);
	g_clear_pointer(&underlay->resolvers, g_array_unref);
	underlay->resolvers = g_steal_pointer(&resolvers);
	return underlay->needed;
}

bool underlay_is_carried(const struct underlay *underlay, guint32 ifindex)
{
	return link_view_is_carried(underlay->view, ifindex);
}

bool underlay_leads_back(const struct underlay *underlay, const struct endpoint *to)
{
	struct link_way way;

	return link_way(underlay->nl, to, 0, &way, NULL) &&
	       underlay_is_carried(underlay, way.ifindex) &&
	       !link_way_is_wide(underlay->nl, to);
}

bool underlay_is_near(const struct underlay *underlay, const struct endpoint *to)
{
	return !link_way_is_wide(underlay->nl, to);
}

struct link_way underlay_line(const struct underlay *underlay, const struct endpoint *to)
{
	struct link_way way;

	if (!endpoint_is_set(to) || !link_way(underlay->nl, to, 0, &way, NULL))
		return (struct link_way){};
	return way;
}

bool underlay_has_left_line(const struct underlay *underlay, const struct endpoint *to,
			    const struct link_way *line)
{
	struct link_way way;

	return line->ifindex && endpoint_is_set(&line->source) &&
	       link_way_from(underlay->nl, &line->source, to, &way, NULL) &&
	       way.ifindex != line->ifindex;
}
