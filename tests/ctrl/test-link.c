// SPDX-License-Identifier: GPL-2.0
/*
 * The real rtnetlink, in a network namespace of this process's own:
 *
 *	eth0 ---- far	a cable (veth)
 */
#include "lib/link.h"
#include "network.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MINUTE_MS 60000

static struct netlink *rtnl;

static struct prefix prefix_of(const char *text)
{
	struct prefix prefix;

	g_assert_true(prefix_parse(text, &prefix, NULL));
	return prefix;
}

static struct link find(const char *name)
{
	g_autoptr(GError) error = NULL;
	struct link link = {};

	link_find(rtnl, name, &link, &error);
	g_assert_no_error(error);
	return link;
}

static char *join(const GArray *prefixes)
{
	GString *text = g_string_new(NULL);
	char buf[PREFIX_STRLEN];

	g_assert_nonnull(prefixes);
	for (guint i = 0; i < prefixes->len; i++)
		g_string_append_printf(text, "%s%s", i ? " " : "",
				       prefix_print(&g_array_index(prefixes, struct prefix, i),
						    buf));
	return g_string_free(text, FALSE);
}

static void test_find(void)
{
	g_autoptr(GError) error = NULL;
	struct link link = find("lo");

	g_assert_true(link.loopback);
	link = find("eth0");
	g_assert_cmpstr(link.name, ==, "eth0");
	g_assert_cmpstr(link.kind, ==, "veth");
	g_assert_true(link.up && link.running && !link.loopback);
	g_assert_cmpint(link.mtu_bytes, ==, 1500);

	g_assert_false(link_find(rtnl, "nothing", &link, &error));
	g_assert_error(error, NETLINK_ERROR, ENODEV);
	g_clear_error(&error);
	g_assert_false(link_find(rtnl, "a-name-of-17-char", &link, &error));
	g_assert_error(error, NETLINK_ERROR, ENODEV);
	g_clear_error(&error);
	g_assert_false(link_find_wireguard(rtnl, "eth0", &link, &error));
	g_assert_error(error, NETLINK_ERROR, EEXIST);
	g_assert_cmpstr(error->message, ==,
			"the interface eth0 is no WireGuard interface, but of kind veth: "
			"use another name");
}

static void test_who_has(void)
{
	struct prefix address = prefix_of("192.0.2.9/24"), other = prefix_of("192.0.2.10");
	guint32 eth0 = find("eth0").ifindex, far = find("far").ifindex, found;

	g_assert_true(link_add_address(rtnl, far, &address, NULL));
	address.length = 32;
	g_assert_true(link_who_has(rtnl, &address, eth0, &found, NULL));
	g_assert_cmpuint(found, ==, far);
	g_assert_true(link_who_has(rtnl, &address, far, &found, NULL));
	g_assert_cmpuint(found, ==, 0);
	g_assert_true(link_who_has(rtnl, &other, 0, &found, NULL));
	g_assert_cmpuint(found, ==, 0);
	address.length = 24;
	g_assert_true(link_remove_address(rtnl, far, &address, NULL));
}

static void test_altname(void)
{
	const char *name = "a-name-that-is-longer-than-those-of-interfaces";
	guint32 eth0 = find("eth0").ifindex, far = find("far").ifindex;
	g_autoptr(GError) error = NULL;
	struct link link;

	g_assert_false(link_find_altname(rtnl, name, &link, &error));
	g_assert_error(error, NETLINK_ERROR, ENODEV);
	g_clear_error(&error);
	g_assert_true(link_add_altname(rtnl, eth0, name, &error));
	g_assert_true(link_find_altname(rtnl, name, &link, &error));
	g_assert_cmpstr(link.name, ==, "eth0");

	/* nobody else gets it */
	g_assert_false(link_add_altname(rtnl, far, name, &error));
	g_assert_error(error, NETLINK_ERROR, EEXIST);
	g_clear_error(&error);
	g_assert_true(link_remove_altname(rtnl, eth0, name, &error));
	g_assert_true(link_add_altname(rtnl, far, name, &error));
	g_assert_true(link_remove_altname(rtnl, far, name, &error));
	g_assert_no_error(error);
}

static void test_up_and_delete(void)
{
	g_autoptr(GError) error = NULL;
	struct link link;

	network_ip("link add other type bridge");
	link = find("other");
	g_assert_false(link.up);
	link_set_up(rtnl, link.ifindex, 1420, &error);
	g_assert_no_error(error);
	link = find("other");
	g_assert_true(link.up);
	g_assert_cmpint(link.mtu_bytes, ==, 1420);

	link_delete(rtnl, link.ifindex, &error);
	g_assert_no_error(error);
	g_assert_false(link_delete(rtnl, link.ifindex, &error));
	g_assert_error(error, NETLINK_ERROR, ENODEV);
}

/* The kernel takes IPv6 away from an interface whose MTU is below what IPv6 needs. */
static void test_ipv6(void)
{
	g_autoptr(GError) error = NULL;
	struct link link;

	network_ip("link add other type bridge");
	link = find("other");
	g_assert_true(link.ipv6);
	link_set_up(rtnl, link.ifindex, 1279, &error);
	g_assert_no_error(error);
	g_assert_false(find("other").ipv6);
	link_set_up(rtnl, link.ifindex, 1280, &error);
	g_assert_no_error(error);
	g_assert_true(find("other").ipv6);
	link_delete(rtnl, link.ifindex, &error);
	g_assert_no_error(error);
}

static void test_addresses(void)
{
	const struct prefix a4 = prefix_of("100.64.0.3"), a6 = prefix_of("fd00::3");
	guint32 eth0 = find("eth0").ifindex;
	g_autoptr(GError) error = NULL;

	for (int again = 0; again < 2; again++) {
		g_autoptr(GArray) list = NULL;
		g_autofree char *text = NULL;

		link_add_address(rtnl, eth0, &a4, &error);
		g_assert_no_error(error);
		link_add_address(rtnl, eth0, &a6, &error);
		g_assert_no_error(error);
		list = link_list_addresses(rtnl, eth0, &error);
		text = join(list);
		g_assert_cmpstr(text, ==, "100.64.0.3 fd00::3");
	}
	for (int again = 0; again < 2; again++) {
		g_autoptr(GArray) list = NULL;

		link_remove_address(rtnl, eth0, &a4, &error);
		g_assert_no_error(error);
		link_remove_address(rtnl, eth0, &a6, &error);
		g_assert_no_error(error);
		list = link_list_addresses(rtnl, eth0, &error);
		g_assert_cmpint(list->len, ==, 0);
	}
	g_assert_false(link_add_address(rtnl, 4711, &a4, &error));
	g_assert_error(error, NETLINK_ERROR, ENODEV);
}

static void expect_routes(guint32 ifindex, const char *expected)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) list = link_list_routes(rtnl, ifindex, &error);
	g_autoptr(GString) text = g_string_new(NULL);
	char buf[PREFIX_STRLEN];

	g_assert_no_error(error);
	for (guint i = 0; i < list->len; i++) {
		const struct link_route *route = &g_array_index(list, struct link_route, i);

		g_string_append_printf(text, "%s%s", i ? " " : "",
				       prefix_print(&route->destination, buf));
		if (route->mtu_bytes)
			g_string_append_printf(text, " mtu %u", route->mtu_bytes);
	}
	g_assert_cmpstr(text->str, ==, expected);
}

/* Of the last route that was added */
static bool was_there;

static bool add_route(guint32 ifindex, const struct prefix *destination, guint32 mtu_bytes,
		      GError **error)
{
	struct link_route route = { .destination = *destination, .mtu_bytes = mtu_bytes };

	return link_add_route(rtnl, ifindex, &route, &was_there, error);
}

static void test_routes(void)
{
	const struct prefix r4 = prefix_of("100.64.0.9"), r6 = prefix_of("fd00::9"),
			    net = prefix_of("10.77.0.0/16"), foreign = prefix_of("10.78.0.0/16");
	guint32 eth0 = find("eth0").ifindex, far = find("far").ifindex;
	g_autoptr(GError) error = NULL;

	for (int again = 0; again < 2; again++) {
		add_route(eth0, &r4, 0, &error);
		g_assert_no_error(error);
		g_assert_true(was_there == again);
		add_route(eth0, &net, 0, &error);
		g_assert_no_error(error);
		add_route(eth0, &r6, 0, &error);
		g_assert_no_error(error);
		g_assert_true(was_there == again);
		expect_routes(eth0, "10.77.0.0/16 100.64.0.9 fd00::9");
		expect_routes(far, "");
	}

	/* Somebody else's is in the way, is not listed, and is not removed. */
	network_ip("route add 10.78.0.0/16 dev eth0");
	g_assert_false(add_route(eth0, &foreign, 0, &error));
	g_assert_error(error, NETLINK_ERROR, EEXIST);
	g_clear_error(&error);
	link_remove_route(rtnl, eth0, &foreign, &error);
	g_assert_no_error(error);
	g_assert_false(add_route(eth0, &foreign, 0, &error));
	g_assert_error(error, NETLINK_ERROR, EEXIST);
	g_clear_error(&error);
	network_ip("route del 10.78.0.0/16 dev eth0");

	/* Ours, but into another interface. */
	g_assert_false(add_route(far, &r4, 0, &error));
	g_assert_error(error, NETLINK_ERROR, EEXIST);
	g_clear_error(&error);

	for (int again = 0; again < 2; again++) {
		link_remove_route(rtnl, eth0, &r4, &error);
		g_assert_no_error(error);
		link_remove_route(rtnl, eth0, &r6, &error);
		g_assert_no_error(error);
		link_remove_route(rtnl, eth0, &net, &error);
		g_assert_no_error(error);
		expect_routes(eth0, "");
	}
}

/* The MTU of a route that is there changes, up and down, and goes. */
static void test_route_mtu(void)
{
	const struct prefix r4 = prefix_of("100.64.0.9"), r6 = prefix_of("fd00::9");
	static const guint32 mtus[] = { 1300, 1400, 1281, 1281 };
	guint32 eth0 = find("eth0").ifindex;
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(mtus); i++) {
		g_autofree char *expected = g_strdup_printf(
			"100.64.0.9 mtu %u fd00::9 mtu %u", mtus[i], mtus[i]);

		add_route(eth0, &r4, mtus[i], &error);
		g_assert_no_error(error);
		add_route(eth0, &r6, mtus[i], &error);
		g_assert_no_error(error);
		expect_routes(eth0, expected);
	}
	add_route(eth0, &r4, 0, &error);
	g_assert_no_error(error);
	add_route(eth0, &r6, 0, &error);
	g_assert_no_error(error);
	expect_routes(eth0, "100.64.0.9 fd00::9");

	link_remove_route(rtnl, eth0, &r4, &error);
	g_assert_no_error(error);
	link_remove_route(rtnl, eth0, &r6, &error);
	g_assert_no_error(error);
	expect_routes(eth0, "");
}

/* The words of the kernel reach the caller. */
static void test_words(void)
{
	const struct prefix crooked = prefix_of("10.0.0.1/8");
	g_autoptr(GError) error = NULL;

	g_assert_false(add_route(find("eth0").ifindex, &crooked, 0, &error));
	g_assert_error(error, NETLINK_ERROR, EINVAL);
	g_assert_cmpstr(error->message, ==,
			"cannot add the route to 10.0.0.1/8: "
			"Invalid prefix for given prefix length (Invalid argument)");
}

static void on_changed(unsigned int what, void *data)
{
	unsigned int *seen = data;

	g_assert_cmpuint(what, !=, 0);
	*seen |= what;
}

static gboolean on_late(gpointer data)
{
	*(bool *)data = true;
	return G_SOURCE_CONTINUE;
}

static void expect_change(const char *arguments, unsigned int *seen, unsigned int wanted)
{
	bool late = false;
	guint timer = g_timeout_add(MINUTE_MS, on_late, &late);

	*seen = 0;
	network_ip("%s", arguments);
	while ((*seen & wanted) != wanted && !late)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
	g_assert_cmpuint(*seen & wanted, ==, wanted);
}

static void test_watch(void)
{
	unsigned int seen = 0;
	g_autoptr(GError) error = NULL;
	g_autoptr(link_watch) watch = link_watch_new(on_changed, &seen, &error);

	g_assert_no_error(error);
	network_ip("address add 192.0.2.1/24 dev eth0");
	expect_change("link add late type bridge", &seen, LINK_CHANGE_LINKS);
	expect_change("address add 10.5.0.1/24 dev late", &seen, LINK_CHANGE_ADDRESSES);
	expect_change("route add default via 192.0.2.9", &seen, LINK_CHANGE_ROUTES);
	expect_change("route del default via 192.0.2.9", &seen, LINK_CHANGE_ROUTES);
	expect_change("link del late", &seen, LINK_CHANGE_LINKS | LINK_CHANGE_ADDRESSES);

	expect_change("rule add pref 77 table 77", &seen, LINK_CHANGE_ROUTES);
	expect_change("rule del pref 77 table 77", &seen, LINK_CHANGE_ROUTES);

	/* Our own routes are nobody's business; this one comes before the address. */
	network_ip("route add 10.6.0.0/16 dev eth0 proto 119");
	expect_change("address add 10.5.0.1/24 dev eth0", &seen, LINK_CHANGE_ADDRESSES);
	g_assert_cmpuint(seen, ==, LINK_CHANGE_ADDRESSES);
}

static void furnish(void)
{
	network_ip("link add eth0 type veth peer name far");
	network_ip("link set lo up");
	network_ip("link set eth0 up");
	network_ip("link set far up");
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	g_test_init(&argc, &argv, NULL);
	if (!network_enter()) {
		puts("1..0 # SKIP no network namespace may be made here");
		return 0;
	}
	furnish();
	rtnl = netlink_open(NETLINK_ROUTE, &error);
	g_assert_no_error(error);
	g_test_add_func("/link/find", test_find);
	g_test_add_func("/link/who-has", test_who_has);
	g_test_add_func("/link/altname", test_altname);
	g_test_add_func("/link/up-and-delete", test_up_and_delete);
	g_test_add_func("/link/ipv6", test_ipv6);
	g_test_add_func("/link/addresses", test_addresses);
	g_test_add_func("/link/routes", test_routes);
	g_test_add_func("/link/route-mtu", test_route_mtu);
	g_test_add_func("/link/words", test_words);
	g_test_add_func("/link/watch", test_watch);
	return g_test_run();
}
