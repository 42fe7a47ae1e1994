// SPDX-License-Identifier: GPL-2.0
/*
 * What is a change of the network, and what is only an event: each change makes a node look for new
 * ways to all of its peers. By the real rtnetlink, in a network namespace of this process's own.
 */
#include "agent/underlay.h"
#include "network.h"

#include <stdio.h>
#include <string.h>

#define MINUTE_MS 60000

struct seen {
	guint changed;
	guint gone;
	guint rerouted;
	guint read;
};

static void on_changed(bool gone, bool rerouted, void *data)
{
	struct seen *seen = data;

	seen->changed++;
	seen->gone += gone;
	seen->rerouted += rerouted;
}

static void on_read(void *data)
{
	((struct seen *)data)->read++;
}

static const struct underlay_events events = {
	.changed = on_changed,
	.read = on_read,
};

static gboolean on_late(G_GNUC_UNUSED gpointer data)
{
	g_error("nothing was read in a minute");
	return G_SOURCE_REMOVE;
}

/* What ip(8) did is read after the events of it have come. */
static void wait_for_read(struct seen *seen)
{
	guint timer = g_timeout_add(MINUTE_MS, on_late, NULL);

	seen->read = 0;
	while (!seen->read)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
}

/* What is done one after the other, and what each of it is. */
static void test_changes(void)
{
	static const struct {
		const char *arguments;
		guint changed, gone, rerouted;
	} steps[] = {
		/* what container engines, routers and DHCP servers do all day */
		{ "link add guest type veth peer name guest-far", 0, 0, 0 },
		{ "link add docker0 type bridge", 0, 0, 0 },
		{ "link set guest master docker0 up", 0, 0, 0 },
		{ "link set docker0 up", 0, 0, 0 },
		{ "address add 172.17.0.1/16 dev docker0", 0, 0, 0 },
		{ "link set guest-far up", 0, 0, 0 },
		{ "link set guest-far down", 0, 0, 0 },
		{ "link del docker0", 0, 0, 0 },
		{ "address change 192.0.2.1/24 dev eth0 valid_lft 900 preferred_lft 600", 0, 0, 0 },
		{ "-6 route change default via fe80::9 dev eth0 proto ra expires 900", 0, 0, 0 },
		{ "-6 route change default via fe80::9 dev eth0 proto ra expires 1800", 0, 0, 0 },
		{ "route add default via 192.0.2.9 table 77", 0, 0, 0 },
		{ "route add 10.9.0.0/16 via 192.0.2.9", 0, 0, 0 },
		{ "address change 2001:db8::1/64 dev eth0 preferred_lft 0 valid_lft 900", 0, 0, 0 },
		{ "address change 2001:db8::1/64 dev eth0 preferred_lft 900 valid_lft 900", 0, 0, 0 },
		{ "address add fe80::77/64 dev eth0", 0, 0, 0 },

		/* what matters */
		{ "address add 198.51.100.1/24 dev eth0", 1, 0, 0 },
		{ "address del 198.51.100.1/24 dev eth0", 1, 1, 0 },
		{ "route add default via 192.0.2.9 metric 100", 1, 0, 1 },
		{ "route del default via 192.0.2.9 metric 100", 1, 0, 1 },
		{ "rule add pref 77 table 77", 1, 0, 1 },
		{ "address add 2001:db8::5/64 dev eth0 nodad", 1, 0, 0 },
		{ "link set eth0 down", 1, 1, 1 },
	};
	struct seen seen = {};
	g_autoptr(GError) error = NULL;
	g_autoptr(underlay) underlay = underlay_new("wgmesh0", &events, &seen, &error);

	g_assert_no_error(error);
	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
		memset(&seen, 0, sizeof(seen));
		g_test_message("%s", steps[i].arguments);
		network_ip("%s", steps[i].arguments);
		wait_for_read(&seen);
		g_assert_cmpuint(seen.changed, ==, steps[i].changed);
		g_assert_cmpuint(seen.gone, ==, steps[i].gone);
		g_assert_cmpuint(seen.rerouted, ==, steps[i].rerouted);
	}
}

/* The table is another one when what is in it may be. */
static void test_needed(void)
{
	struct seen seen = {};
	g_autoptr(GError) error = NULL;
	g_autoptr(underlay) underlay = underlay_new("wgmesh0", &events, &seen, &error);
	g_autoptr(GHashTable) first = NULL;
	struct prefix router;
	GHashTable *second;

	g_assert_no_error(error);
	g_assert_true(prefix_parse("192.0.2.77", &router, NULL));
	first = g_hash_table_ref(underlay_needed(underlay));
	g_assert_true(underlay_needed(underlay) == first);
	g_assert_null(g_hash_table_lookup(first, &router));
	network_ip("link set eth0 up");
	network_ip("address add 192.0.2.5/24 dev eth0");
	network_ip("route add default via 192.0.2.77");
	do {
		wait_for_read(&seen);
		second = underlay_needed(underlay);
	} while (!g_hash_table_lookup(second, &router));
	g_assert_true(second != first);
}

/* The way to everything comes first, and what is too much is told. */
static void test_too_many(void)
{
	struct seen seen = {};
	g_autoptr(GError) error = NULL;
	g_autoptr(underlay) underlay = NULL;
	const struct endpoint *first;
	struct endpoint uplink;

	network_ip("link set eth0 down");
	network_ip("link add many type veth peer name many-far");
	network_ip("link set many up");
	network_ip("link set many-far up");
	for (guint i = 1; i <= UNDERLAY_MAX + 2; i++)
		network_ip("address add 10.50.%u.1/24 dev many", i);
	network_ip("link add dial type veth peer name dial-far");
	network_ip("link set dial up");
	network_ip("link set dial-far up");
	network_ip("address add 203.0.113.2/24 dev dial");
	network_ip("route add default via 203.0.113.1");
	underlay = underlay_new("wgmesh0", &events, &seen, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(underlay_addresses(underlay)->len, ==, UNDERLAY_MAX);
	g_assert_cmpuint(underlay_left_out(underlay)->len, ==, 3);
	g_assert_true(endpoint_parse("203.0.113.2:0", &uplink, NULL));
	first = &g_array_index(underlay_addresses(underlay), struct endpoint, 0);
	g_assert_true(endpoint_equal_address(first, &uplink));
	network_ip("link del many");
	network_ip("link del dial");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	if (!network_enter()) {
		puts("1..0 # SKIP no network namespace may be made here");
		return 0;
	}
	network_ip("link set lo up");
	network_ip("link add eth0 type veth peer name far");
	network_ip("link set eth0 up");
	network_ip("link set far up");
	network_ip("address add 192.0.2.1/24 dev eth0");
	network_ip("address add 2001:db8::1/64 dev eth0 nodad");
	network_ip("-6 route add default via fe80::9 dev eth0 proto ra expires 1800");
	g_test_add_func("/underlay/changes", test_changes);
	g_test_add_func("/underlay/too-many", test_too_many);
	g_test_add_func("/underlay/needed", test_needed);
	return g_test_run();
}
