// SPDX-License-Identifier: GPL-2.0
/*
 * Which addresses are offered, in what order, and what is carried by a mesh: by the real rtnetlink
 * where the kernel here has what it takes, and by interfaces that are only told of.
 */
#include "lib/link-view-private.h"
#include "network.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <string.h>

static struct netlink *rtnl;

static struct link_view *look(void)
{
	g_autoptr(GError) error = NULL;
	struct link_view *view = link_view_read(rtnl, "wgmesh0", &error);

	g_assert_no_error(error);
	return view;
}

/* The list as "eth0 192.0.2.1", one a line. */
static void expect_underlay(const struct link_view *view, const char *expected)
{
	const GArray *list = link_view_underlay(view);
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < list->len; i++) {
		const struct link_underlay *one = &g_array_index(list, struct link_underlay, i);
		char buf[INET6_ADDRSTRLEN];
		gsize size;

		g_string_append_printf(text, "%s%s %s%s", i ? ", " : "", one->ifname,
				       inet_ntop(one->address.sa.sa_family,
						 endpoint_address(&one->address, &size), buf,
						 sizeof(buf)),
				       one->fading ? " fading" : "");
	}
	g_assert_cmpstr(text->str, ==, expected);
}

/* cable NAME ADDRESS: one end of a veth, whose other end is NAME-far */
static void cable(const char *name, const char *address)
{
	network_ip("link add %s type veth peer name %s-far", name, name);
	network_ip("link set %s up", name);
	network_ip("link set %s-far up", name);
	if (address)
		network_ip("address add %s dev %s", address, name);
}

static void remove_cable(const char *name)
{
	network_ip("link del %s", name);
}

/* Addresses that are none to be offered. */
static void test_addresses(void)
{
	g_autoptr(link_view) view = NULL;

	cable("eth0", "192.0.2.1/24");
	network_ip("address add 192.0.2.2/24 dev eth0");
	network_ip("address add 169.254.1.1/16 dev eth0");
	network_ip("address add 2001:db8::1/64 dev eth0 nodad");
	network_ip("address add 2001:db8::2/64 dev eth0 nodad preferred_lft 0");
	network_ip("address add 192.0.2.1/24 dev eth0-far");
	view = look();
	expect_underlay(view, "eth0-far 192.0.2.1, eth0 2001:db8::1, eth0 192.0.2.2, "
			      "eth0 2001:db8::2 fading");
	remove_cable("eth0");
}

/* A bridge is offered for what it is plugged into, whatever anything is called. */
static void test_bridges(void)
{
	g_autoptr(link_view) alone = NULL, beside = NULL, routed = NULL, uplink = NULL;

	network_ip("link add lan type bridge");
	network_ip("link set lan up");
	cable("guest", NULL);
	network_ip("link set guest master lan");
	network_ip("address add 172.17.0.1/16 dev lan");
	alone = look();
	expect_underlay(alone, "lan 172.17.0.1");

	cable("veth0", "192.0.2.1/24");
	beside = look();
	expect_underlay(beside, "veth0 192.0.2.1");

	network_ip("route add 10.9.0.0/16 via 172.17.0.2");
	routed = look();
	expect_underlay(routed, "veth0 192.0.2.1, lan 172.17.0.1");
	network_ip("route add default via 172.17.0.2");
	uplink = look();
	expect_underlay(uplink, "lan 172.17.0.1, veth0 192.0.2.1");

	remove_cable("veth0");
	remove_cable("guest");
	network_ip("link del lan");
}

/* Of many networks those that lead outside come first, and one address of each before the second. */
static void test_order(void)
{
	g_autoptr(link_view) view = NULL;

	cable("one", "10.1.0.1/24");
	network_ip("address add 203.0.113.7/24 dev one");
	cable("two", "203.0.113.65/26");
	cable("dial", "10.3.0.1/24");
	network_ip("address add 10.3.0.2/24 dev dial");
	network_ip("route add default via 10.3.0.9 dev dial metric 700");
	view = look();
	expect_underlay(view, "dial 10.3.0.1, dial 10.3.0.2, two 203.0.113.65, one 203.0.113.7, "
			      "one 10.1.0.1");
	remove_cable("one");
	remove_cable("two");
	remove_cable("dial");
}

static void expect_needed(GHashTable *needed, const char *address, const char *what)
{
	const struct link_needed *found;
	struct prefix prefix;

	g_assert_true(prefix_parse(address, &prefix, NULL));
	found = g_hash_table_lookup(needed, &prefix);
	g_assert_cmpstr(found ? found->what : NULL, ==, what);
}

static void test_needed(void)
{
	g_autoptr(GHashTable) needed = NULL;
	g_autoptr(link_view) view = NULL;

	cable("eth0", "192.168.1.7/24");
	network_ip("rule add pref 77 table 77");
	network_ip("route add default via 192.168.1.1");
	network_ip("route add default via 192.168.1.2 table 77");
	network_ip("route add default via 192.168.1.3 table 78");
	network_ip("route add 10.9.0.0/16 via 192.168.1.4");
	view = look();
	needed = link_view_needed(view);
	expect_needed(needed, "192.168.1.7", "an address of this machine itself, of the interface eth0");
	expect_needed(needed, "192.168.1.1", "a router of this machine, by the interface eth0");
	expect_needed(needed, "192.168.1.2", "a router of this machine, by the interface eth0");
	expect_needed(needed, "192.168.1.3", NULL);
	expect_needed(needed, "192.168.1.4", NULL);
	network_ip("rule del pref 77");
	remove_cable("eth0");
}

static void test_exits(void)
{
	static const char *const no_changes[] = {
		"-6 route replace default via fe80::9 dev eth0 proto ra metric 1024 expires 900",
		"-6 route replace default via fe80::9 dev eth0 proto ra metric 1024 expires 1800",
		"route add default via 192.0.2.77 dev eth0 table 77",
		"route add 10.9.0.0/16 via 192.0.2.8 dev eth0",
		"route add blackhole 10.8.0.0/16",
		"address change 192.0.2.1/24 dev eth0 valid_lft 900 preferred_lft 600",
	};
	static const char *const changes[] = {
		"rule add pref 77 table 77",
		"route add default via 192.0.2.9 dev eth0",
		"route replace default via 192.0.2.10 dev eth0",
		"route del default via 192.0.2.10 dev eth0",
		"route add 128.0.0.0/1 via 192.0.2.10 dev eth0",
		"rule del pref 77 table 77",
	};
	g_autoptr(link_view) before = NULL;

	cable("eth0", "192.0.2.1/24");
	network_ip("-6 route add default via fe80::9 dev eth0 proto ra metric 1024 expires 1800");
	before = look();
	for (gsize i = 0; i < G_N_ELEMENTS(no_changes); i++) {
		g_autoptr(link_view) now = NULL;

		network_ip("%s", no_changes[i]);
		now = look();
		g_test_message("%s", no_changes[i]);
		g_assert_true(link_view_same_exits(before, now));
	}
	for (gsize i = 0; i < G_N_ELEMENTS(changes); i++) {
		struct link_view *now;

		network_ip("%s", changes[i]);
		now = look();
		g_test_message("%s", changes[i]);
		g_assert_false(link_view_same_exits(before, now));
		link_view_free(before);
		before = now;
	}
	remove_cable("eth0");
}

static void test_way(void)
{
	g_autoptr(GError) error = NULL;
	struct endpoint to, source, router;
	struct link_way way;
	struct link link;

	cable("eth0", "192.0.2.1/24");
	link_find(rtnl, "eth0", &link, &error);
	g_assert_no_error(error);
	g_assert_true(endpoint_parse("192.0.2.1:0", &source, NULL));
	g_assert_true(endpoint_parse("192.0.2.8:0", &router, NULL));
	g_assert_true(endpoint_parse("198.51.100.1:0", &to, NULL));
	g_assert_false(link_way(rtnl, &to, 0, &way, &error));
	g_assert_error(error, NETLINK_ERROR, ENETUNREACH);
	g_clear_error(&error);
	g_assert_true(link_way_is_wide(rtnl, &to));

	network_ip("route add 198.51.100.0/24 via 192.0.2.9");
	link_way(rtnl, &to, 0, &way, &error);
	g_assert_no_error(error);
	g_assert_cmpint(way.ifindex, ==, link.ifindex);
	g_assert_false(link_way_is_wide(rtnl, &to));
	g_assert_true(endpoint_equal_address(&way.source, &source));

	network_ip("route add default via 192.0.2.8 table 77");
	network_ip("rule add pref 77 fwmark 7 table 77");
	link_way(rtnl, &to, 7, &way, &error);
	g_assert_no_error(error);
	g_assert_true(endpoint_equal_address(&way.gateway, &router));
	network_ip("rule add pref 76 to 198.51.100.0/24 table 77");
	g_assert_true(link_way_is_wide(rtnl, &to));
	network_ip("rule del pref 76");

	/* to this machine itself */
	link_way(rtnl, &source, 0, &way, &error);
	g_assert_no_error(error);
	g_assert_cmpint(way.ifindex, ==, 0);
	network_ip("rule del pref 77");
	remove_cable("eth0");
}

static bool stands(const char *to, const struct link_way *way)
{
	struct endpoint ep;

	g_assert_true(endpoint_parse(to, &ep, NULL));
	return link_way_stands(&ep, way);
}

static void test_way_stands(void)
{
	static const char *const to = "198.51.100.1:0", *const to6 = "[2001:db8:9::1]:0";
	struct link_way way, way6, none = {};
	g_autoptr(GError) error = NULL;
	struct endpoint ep;

	cable("eth0", "192.0.2.1/24");
	network_ip("address add 2001:db8::1/64 dev eth0 nodad");
	network_ip("route add default via 192.0.2.9 metric 100");
	network_ip("-6 route add default via 2001:db8::9 metric 100");
	g_assert_true(endpoint_parse(to, &ep, NULL));
	link_way_outside(&ep, &way, &error);
	g_assert_no_error(error);
	g_assert_true(endpoint_parse(to6, &ep, NULL));
	link_way_outside(&ep, &way6, &error);
	g_assert_no_error(error);
	g_assert_true(stands(to, &way));
	g_assert_true(stands(to6, &way6));
	g_assert_false(stands(to, &none));

	/* others come, which the kernel may even prefer as a source of what is new */
	cable("eth1", "192.0.3.1/24");
	network_ip("address add 192.0.2.2/24 dev eth0");
	network_ip("address change 2001:db8::1/64 dev eth0 preferred_lft 0 valid_lft 900");
	network_ip("address add 2001:db8::2/64 dev eth0 nodad");
	g_assert_true(stands(to, &way));
	g_assert_true(stands(to6, &way6));

	/* another router, another interface, and back */
	network_ip("route add default via 192.0.2.10 metric 50");
	g_assert_false(stands(to, &way));
	network_ip("route del default via 192.0.2.10 metric 50");
	network_ip("route add default via 192.0.3.9 metric 50");
	g_assert_false(stands(to, &way));
	network_ip("route del default via 192.0.3.9 metric 50");
	g_assert_true(stands(to, &way));
	network_ip("-6 route add default via 2001:db8::10 metric 50");
	g_assert_false(stands(to6, &way6));
	network_ip("-6 route del default via 2001:db8::10 metric 50");
	g_assert_true(stands(to6, &way6));

	network_ip("address del 2001:db8::1/64 dev eth0");
	g_assert_false(stands(to6, &way6));
	network_ip("route del default via 192.0.2.9");
	g_assert_false(stands(to, &way));
	network_ip("route add default via 192.0.2.9");
	g_assert_true(stands(to, &way));
	network_ip("address del 192.0.2.1/24 dev eth0");
	network_ip("address add 192.0.2.3/24 dev eth0");
	g_assert_false(stands(to, &way));
	remove_cable("eth1");
	remove_cable("eth0");
}

/* Interfaces that are only told of */

static struct link_view *new_view(void)
{
	struct link_view *view = g_new0(struct link_view, 1);

	view->nodes = g_hash_table_new(NULL, NULL);
	view->tables = g_hash_table_new(NULL, NULL);
	view->addresses = g_array_new(FALSE, FALSE, sizeof(struct link_address));
	view->exits = g_array_new(FALSE, TRUE, sizeof(struct link_exit));
	view->underlay = g_array_new(FALSE, TRUE, sizeof(struct link_underlay));
	return view;
}

static struct link_node *add_node(struct link_view *view, guint32 ifindex, const char *kind,
				  guint32 lower, guint32 master)
{
	struct link_node *node = g_new0(struct link_node, 1);
	struct link_address address = { .ifindex = ifindex };
	g_autofree char *text = g_strdup_printf("10.50.%u.1/24", ifindex);

	node->link.ifindex = ifindex;
	node->link.running = true;
	node->link.lower = lower;
	node->link.master = master;
	g_strlcpy(node->link.kind, kind, sizeof(node->link.kind));
	g_snprintf(node->link.name, sizeof(node->link.name), "if%u", ifindex);
	node->ends = g_array_new(FALSE, FALSE, sizeof(struct endpoint));
	g_hash_table_insert(view->nodes, GUINT_TO_POINTER(ifindex), node);
	g_assert_true(prefix_parse(text, &address.prefix, NULL));
	if (!master)
		g_array_append_val(view->addresses, address);
	return node;
}

static void free_view(struct link_view *view)
{
	struct link_node *node;
	GHashTableIter iter;

	g_hash_table_iter_init(&iter, view->nodes);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&node)) {
		g_array_unref(node->ends);
		g_free(node);
	}
	link_view_free(view);
}

/* A mesh, and what is on top of it, however high; beside it what is not. */
static void test_carried(void)
{
	struct link_view *view = new_view();
	static const guint32 carried[] = { 10, 11, 12, 13, 14, 15, 16, 17, 18 };
	static const guint32 others[] = { 1, 20, 21, 22, 23 };
	struct link_node *tunnel;

	add_node(view, 1, "", 0, 0);
	add_node(view, 10, "wireguard", 0, 0)->ours = true;
	add_node(view, 11, "vxlan", 10, 0);		/* flannel */
	add_node(view, 12, "bridge", 0, 0);		/* with flannel and guests in it */
	add_node(view, 13, "vxlan", 10, 12);
	add_node(view, 14, "vlan", 11, 0);
	add_node(view, 15, "macvlan", 14, 0);
	tunnel = add_node(view, 16, "ipip", 0, 0);	/* from the address of the mesh */
	g_assert_true(endpoint_parse("10.50.10.1:0", &tunnel->link.tunnel_local, NULL));
	tunnel = add_node(view, 17, "gre", 0, 0);	/* from the address of the tunnel before */
	g_assert_true(endpoint_parse("10.50.16.1:0", &tunnel->link.tunnel_local, NULL));
	add_node(view, 18, "veth", 19, 0);		/* its other end is in that bridge */
	add_node(view, 19, "veth", 18, 12);
	tunnel = add_node(view, 20, "ipip", 0, 0);
	g_assert_true(endpoint_parse("10.50.1.1:0", &tunnel->link.tunnel_local, NULL));
	add_node(view, 21, "bridge", 0, 0);		/* a way out beside the tunnel in it */
	add_node(view, 24, "", 0, 21);
	add_node(view, 25, "vxlan", 10, 21);
	add_node(view, 22, "vlan", 21, 0);
	add_node(view, 23, "wireguard", 0, 0);		/* somebody else's */
	link_view_find_carried(view, rtnl, "wgmesh0");
	for (gsize i = 0; i < G_N_ELEMENTS(carried); i++)
		g_assert_true(link_view_is_carried(view, carried[i]));
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
		g_assert_false(link_view_is_carried(view, others[i]));

	link_view_find_underlay(view);
	expect_underlay(view, "if1 10.50.1.1, if21 10.50.21.1, if22 10.50.22.1, if20 10.50.20.1");
	free_view(view);
}

/* What leads into a mesh is not this machine's own network. */
static void test_needed_above_mesh(void)
{
	struct link_view *view = new_view();
	struct link_exit leave = { .family = AF_INET, .ifindex = 1, .gateway = { 10, 50, 1, 9 } };
	g_autoptr(GHashTable) needed = NULL;

	add_node(view, 1, "", 0, 0);
	add_node(view, 2, "wireguard", 0, 0)->carried = true;
	g_array_append_val(view->exits, leave);
	leave.ifindex = 2;
	leave.gateway[2] = 2;
	g_array_append_val(view->exits, leave);
	memset(leave.gateway, 0, sizeof(leave.gateway));
	g_array_append_val(view->exits, leave);
	needed = link_view_needed(view);
	g_assert_cmpuint(g_hash_table_size(needed), ==, 2);
	expect_needed(needed, "10.50.1.1", "an address of this machine itself, of the interface if1");
	expect_needed(needed, "10.50.1.9", "a router of this machine, by the interface if1");
	free_view(view);
}

/* Somebody else's VPN is a way out when it is the way to everything. */
static void test_vpn(void)
{
	struct link_view *view = new_view();

	add_node(view, 1, "", 0, 0);
	add_node(view, 2, "wireguard", 0, 0)->leads = true;
	add_node(view, 3, "wireguard", 0, 0)->wide[0] = true;
	add_node(view, 4, "tun", 0, 0)->leads = true;
	link_view_find_underlay(view);
	expect_underlay(view, "if3 10.50.3.1, if1 10.50.1.1, if4 10.50.4.1");
	free_view(view);
}

static void test_guests(void)
{
	struct link_view *view = new_view();

	add_node(view, 1, "", 0, 0)->link.running = false;	/* unplugged: that is no reason */
	add_node(view, 2, "bridge", 0, 0);			/* for this one, of virtual machines */
	add_node(view, 3, "tun", 0, 2);
	add_node(view, 4, "bridge", 0, 0);			/* nor for one with nothing in it */
	add_node(view, 5, "bridge", 0, 0);			/* a VLAN of a bond in it */
	add_node(view, 6, "vlan", 7, 5);
	add_node(view, 7, "bond", 0, 0);
	add_node(view, 8, "", 0, 7);
	add_node(view, 9, "vlan", 2, 0);
	add_node(view, 10, "macvlan", 5, 0);
	add_node(view, 11, "dummy", 0, 0);
	add_node(view, 12, "ipvlan", 99, 0)->link.lower_elsewhere = true;
	link_view_find_underlay(view);
	expect_underlay(view, "if5 10.50.5.1, if7 10.50.7.1, if10 10.50.10.1, if12 10.50.12.1");
	free_view(view);
}

static void test_temporary(void)
{
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(struct link_address));
	struct link_address temporary = { .ifindex = 2, .flags = IFA_F_TEMPORARY };
	struct link_address lasting = { .ifindex = 2, .flags = IFA_F_TENTATIVE };

	g_assert_true(prefix_parse("2001:db8::f00/64", &temporary.prefix, NULL));
	g_assert_true(prefix_parse("2001:db8::1/64", &lasting.prefix, NULL));
	g_array_append_val(all, temporary);
	g_array_append_val(all, lasting);
	g_assert_true(link_address_is_underlay(&temporary, all));
	g_assert_false(link_address_is_underlay(&lasting, all));
	g_array_index(all, struct link_address, 1).flags = 0;
	g_assert_false(link_address_is_underlay(&temporary, all));
	g_array_index(all, struct link_address, 1).ifindex = 3;
	g_assert_true(link_address_is_underlay(&temporary, all));
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	bool own_network = network_enter();

	g_test_init(&argc, &argv, NULL);
	rtnl = netlink_open(NETLINK_ROUTE, &error);
	g_assert_no_error(error);
	g_test_add_func("/link-view/carried", test_carried);
	g_test_add_func("/link-view/needed-above-mesh", test_needed_above_mesh);
	g_test_add_func("/link-view/vpn", test_vpn);
	g_test_add_func("/link-view/guests", test_guests);
	g_test_add_func("/link-view/temporary", test_temporary);
	if (!own_network) {
		g_test_message("no network namespace may be made here: the real one is left alone");
		return g_test_run();
	}
	network_ip("link set lo up");
	g_test_add_func("/link-view/addresses", test_addresses);
	g_test_add_func("/link-view/bridges", test_bridges);
	g_test_add_func("/link-view/order", test_order);
	g_test_add_func("/link-view/needed", test_needed);
	g_test_add_func("/link-view/exits", test_exits);
	g_test_add_func("/link-view/way", test_way);
	g_test_add_func("/link-view/way-stands", test_way_stands);
	return g_test_run();
}
