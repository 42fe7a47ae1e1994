// SPDX-License-Identifier: GPL-2.0
/*
 * Following the addresses of this host: at boot the program may be there before the network is,
 * and later a provider may give another address, and take away the one before.
 */
#include "follow.h"

#include "defaults.h"
#include "lib/link.h"

/* What changes together comes in this time. */
#define QUIET_MS 200

/**
 * struct follow - see follow.h
 * @nl: to look with
 * @watch: tells when to look
 * @relay: the addresses
 * @looked: of the owner
 * @data: for @looked
 * @quiet: GLib source that looks
 */
struct follow {
	struct netlink *nl;
	struct link_watch *watch;
	GArray *relay;
	void (*looked)(bool changed, void *data);
	void *data;
	guint quiet;
};

static bool is_same(const GArray *a, const GArray *b)
{
	for (guint i = 0; a->len == b->len && i < a->len; i++) {
		if (!endpoint_equal(&g_array_index(a, struct endpoint, i),
				    &g_array_index(b, struct endpoint, i)))
			return false;
	}
	return a->len == b->len;
}

/* Without any address those of before are as good as none, and may come back. */
static gboolean on_quiet(void *data)
{
	g_autoptr(GArray) now = g_array_new(FALSE, FALSE, sizeof(struct endpoint));
	struct follow *follow = data;
	bool changed;

	follow->quiet = 0;
	defaults_relay_addresses(now);
	if (!now->len)
		return G_SOURCE_REMOVE;
	changed = !is_same(now, follow->relay);
	g_array_set_size(follow->relay, 0);
	g_array_append_vals(follow->relay, now->data, now->len);
	follow->looked(changed, follow->data);
	return G_SOURCE_REMOVE;
}

static void on_change(G_GNUC_UNUSED unsigned int what, void *data)
{
	struct follow *follow = data;

	if (!follow->quiet)
		follow->quiet = g_timeout_add(QUIET_MS, on_quiet, follow);
}

struct follow *follow_new(GArray *relay, void (*looked)(bool changed, void *data), void *data,
			  GError **error)
{
	g_autoptr(follow) follow = g_new0(struct follow, 1);

	follow->relay = relay;
	follow->looked = looked;
	follow->data = data;
	follow->nl = netlink_open(NETLINK_ROUTE, error);
	follow->watch = follow->nl ? link_watch_new(on_change, follow, error) : NULL;
	if (!follow->watch)
		return NULL;
	/* between reading and watching something may have changed */
	follow->quiet = g_timeout_add(QUIET_MS, on_quiet, follow);
	return g_steal_pointer(&follow);
}

bool follow_has(const struct follow *follow, const struct endpoint *address)
{
	struct prefix wanted;
	guint32 ifindex;

	return !prefix_from_endpoint(&wanted, address) ||
	       !link_who_has(follow->nl, &wanted, 0, &ifindex, NULL) || ifindex;
}

void follow_free(struct follow *follow)
{
	if (!follow)
		return;
	g_clear_handle_id(&follow->quiet, g_source_remove);
	link_watch_free(follow->watch);
	netlink_close(follow->nl);
	g_free(follow);
}
