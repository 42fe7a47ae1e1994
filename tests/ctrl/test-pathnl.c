// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of the module in memory: what is written is read back, and what a module of another
 * version might send is refused or left out.
 */
#include "lib/pathnl-message.h"
#include "lib/pathnl-names.h"

#include <linux/genetlink.h>
#include <netlink/genl/genl.h>
#include <string.h>

#define FAMILY 42

static struct nl_msg *message(guint8 command)
{
	return netlink_genl_message(FAMILY, command, 1024);
}

static struct endpoint endpoint_of(const char *text)
{
	struct endpoint ep;

	g_assert_true(endpoint_parse(text, &ep, NULL));
	return ep;
}

static void put_u64(struct nl_msg *msg, int type, guint64 value)
{
	netlink_put(msg, type, &value, sizeof(value));
}

static void test_device(void)
{
	g_autoptr(netlink_msg) msg = message(WGMESH_CMD_DEVICE_NTF);
	const guint8 network[] = { 127, 64, 0, 0 };
	char text[PREFIX_STRLEN];
	struct pathnl_event event;

	netlink_put_u32(msg, WGMESH_A_DEVICE_ID, 3);
	netlink_put_u32(msg, WGMESH_A_DEVICE_IFINDEX, 7);
	netlink_put(msg, WGMESH_A_DEVICE_IFNAME, "wg0", sizeof("wg0"));
	netlink_put_u16(msg, WGMESH_A_DEVICE_LISTEN_PORT, 51820);
	netlink_put(msg, WGMESH_A_DEVICE_VIRTUAL_NETWORK, network, sizeof(network));
	netlink_put_u8(msg, WGMESH_A_DEVICE_VIRTUAL_PREFIX, 10);
	put_u64(msg, WGMESH_A_DEVICE_DROP_NO_PEER, 1ull << 40);

	g_assert_true(pathnl_parse_event(nlmsg_hdr(msg), &event));
	g_assert_cmpint(event.type, ==, PATHNL_DEVICE);
	g_assert_cmpuint(event.device.id, ==, 3);
	g_assert_cmpuint(event.device.ifindex, ==, 7);
	g_assert_cmpstr(event.device.ifname, ==, "wg0");
	g_assert_cmpuint(event.device.listen_port, ==, 51820);
	g_assert_cmpstr(prefix_print(&event.device.virtual_network, text), ==, "127.64.0.0/10");
	g_assert_cmpuint(event.device.drop_no_peer, ==, 1ull << 40);
	g_assert_cmpuint(event.device.drop_no_socket, ==, 0);
}

static void test_peer(void)
{
	g_autoptr(netlink_msg) msg = message(WGMESH_CMD_PEER_DEL_NTF);
	const struct endpoint virtual_endpoint = endpoint_of("127.64.0.1:1");
	struct pathnl_event event;
	struct key key;

	memset(&key, 0x5a, sizeof(key));
	netlink_put_u32(msg, WGMESH_A_PEER_ID, 4);
	netlink_put(msg, WGMESH_A_PEER_PUBLIC_KEY, key.bytes, KEY_SIZE);
	pathnl_put_endpoint(msg, WGMESH_A_PEER_VIRTUAL_ENDPOINT, &virtual_endpoint);

	g_assert_true(pathnl_parse_event(nlmsg_hdr(msg), &event));
	g_assert_cmpint(event.type, ==, PATHNL_PEER_DEL);
	g_assert_cmpuint(event.peer.id, ==, 4);
	g_assert_true(key_equal(&event.peer.public_key, &key));
	g_assert_true(endpoint_equal(&event.peer.virtual_endpoint, &virtual_endpoint));
	g_assert_cmpuint(event.peer.selected_path, ==, 0);
}

/* What is asked for and what is answered use the same attributes. */
static void check_path(const char *local, const char *remote, guint32 ifindex)
{
	g_autoptr(netlink_msg) msg = message(WGMESH_CMD_PATH_NTF);
	struct pathnl_path wanted = {
		.peer = 9,
		.local = endpoint_of(local),
		.remote = endpoint_of(remote),
		.kind = WGMESH_PATH_KIND_RELAY,
		.priority = G_MAXUINT32,
	};
	struct pathnl_event event;

	pathnl_put_path(msg, &wanted);
	netlink_put_u32(msg, WGMESH_A_PATH_ID, 5);
	g_assert_true(pathnl_parse_event(nlmsg_hdr(msg), &event));
	g_assert_cmpint(event.type, ==, PATHNL_PATH);
	g_assert_cmpuint(event.path.id, ==, 5);
	g_assert_cmpuint(event.path.peer, ==, 9);
	g_assert_true(endpoint_equal(&event.path.local, &wanted.local));
	g_assert_true(endpoint_equal(&event.path.remote, &wanted.remote));
	g_assert_cmpuint(event.path.ifindex, ==, ifindex);
	g_assert_cmpint(event.path.kind, ==, WGMESH_PATH_KIND_RELAY);
	g_assert_cmpuint(event.path.priority, ==, G_MAXUINT32);
	g_assert_false(event.path.selected);
	g_assert_cmpint(event.path.rtt_us, ==, -1);
	g_assert_cmpint(event.path.pmtu_bytes, ==, -1);
	g_assert_cmpint(event.path.rx_age_ms, ==, -1);
}

static void test_path(void)
{
	check_path("192.0.2.1:5000", "203.0.113.9:41641", 0);
	check_path("[2001:db8::1]:5000", "[2001:db8::2]:1", 0);
	check_path("[fe80::1%3]:5000", "[fe80::2%3]:5000", 3);
}

static void test_path_numbers(void)
{
	g_autoptr(netlink_msg) msg = message(WGMESH_CMD_PATH_GET);
	struct pathnl_path path;

	netlink_put_u32(msg, WGMESH_A_PATH_ID, 5);
	netlink_put(msg, WGMESH_A_PATH_SELECTED, NULL, 0);
	netlink_put_u32(msg, WGMESH_A_PATH_RTT_US, G_MAXUINT32);
	netlink_put_u32(msg, WGMESH_A_PATH_PMTU, 1400);
	put_u64(msg, WGMESH_A_PATH_RX_AGE_MS, 0);
	put_u64(msg, WGMESH_A_PATH_TX_BYTES, G_MAXUINT64);
	g_assert_true(pathnl_parse_path(nlmsg_hdr(msg), &path));
	g_assert_true(path.selected);
	g_assert_cmpint(path.rtt_us, ==, G_MAXUINT32);
	g_assert_cmpint(path.pmtu_bytes, ==, 1400);
	g_assert_cmpint(path.rx_age_ms, ==, 0);
	g_assert_cmpuint(path.tx_bytes, ==, G_MAXUINT64);
	g_assert_false(endpoint_is_set(&path.local));
}

static const struct pathnl_settings some_settings = {
	.selector = "fifteen-letters",
	.probe_active_ms = 100,
	.probe_idle_ms = 20000,
	.probe_attempts = 5,
};

static void check_settings(const struct pathnl_settings *settings)
{
	g_assert_cmpstr(settings->selector, ==, some_settings.selector);
	g_assert_cmpuint(settings->probe_active_ms, ==, 100);
	g_assert_cmpuint(settings->probe_standby_ms, ==, 0);
	g_assert_cmpuint(settings->probe_idle_ms, ==, 20000);
	g_assert_cmpuint(settings->probe_attempts, ==, 5);
}

static void test_settings(void)
{
	g_autoptr(netlink_msg) device = message(WGMESH_CMD_DEVICE_NTF);
	g_autoptr(netlink_msg) peer = message(WGMESH_CMD_PEER_NTF);
	struct pathnl_event event;

	netlink_put_u32(device, WGMESH_A_DEVICE_ID, 3);
	pathnl_put_device_settings(device, &some_settings);
	put_u64(device, WGMESH_A_DEVICE_DROP_PROBE, 12);
	g_assert_true(pathnl_parse_event(nlmsg_hdr(device), &event));
	check_settings(&event.device.settings);
	g_assert_cmpuint(event.device.drop_probe, ==, 12);

	netlink_put_u32(peer, WGMESH_A_PEER_ID, 4);
	pathnl_put_peer_settings(peer, &some_settings);
	g_assert_true(pathnl_parse_event(nlmsg_hdr(peer), &event));
	check_settings(&event.peer.settings);
	g_assert_false(event.peer.probing);
	g_assert_cmpint(event.peer.switch_age_ms, ==, -1);
}

/* Nothing that was not asked for may be in the request: it would be changed. */
static guint attributes_in(struct nl_msg *msg)
{
	const struct nlmsghdr *header = nlmsg_hdr(msg);
	struct nlattr *attribute;
	guint count = 0;
	int left;

	nlmsg_for_each_attr(attribute, (void *)header, GENL_HDRLEN, left)
		count++;
	return count;
}

static void test_only_what_is_given(void)
{
	g_autoptr(netlink_msg) nothing = message(WGMESH_CMD_DEVICE_SET);
	g_autoptr(netlink_msg) policy = message(WGMESH_CMD_PATH_SET);
	g_autoptr(netlink_msg) usual = message(WGMESH_CMD_PEER_SET);
	const struct pathnl_settings default_selector = { .default_selector = true };
	const struct pathnl_settings none = {};
	struct nlattr *selector;
	const struct pathnl_path path = {
		.id = 3,
		.peer = 9,
		.local = endpoint_of("192.0.2.1:5000"),
		.remote = endpoint_of("203.0.113.9:41641"),
		.priority = 7,
		.channel = 0x4001,
	};

	pathnl_put_device_settings(nothing, &none);
	g_assert_cmpuint(attributes_in(nothing), ==, 0);

	pathnl_put_peer_settings(usual, &default_selector);
	g_assert_cmpuint(attributes_in(usual), ==, 1);
	selector = nlmsg_find_attr(nlmsg_hdr(usual), GENL_HDRLEN, WGMESH_A_PEER_SELECTOR);
	g_assert_cmpstr(nla_get_string(selector), ==, "");

	pathnl_put_policy(policy, &path, WGMESH_PATH_POLICY_FORBID);
	g_assert_cmpuint(attributes_in(policy), ==, 5);
	g_assert_null(nlmsg_find_attr(nlmsg_hdr(policy), GENL_HDRLEN, WGMESH_A_PATH_PRIORITY));
	g_assert_null(nlmsg_find_attr(nlmsg_hdr(policy), GENL_HDRLEN, WGMESH_A_PATH_KIND));
}

static void test_probe_keys(void)
{
	g_autoptr(netlink_msg) msg = message(WGMESH_CMD_PEER_SET);
	struct pathnl_probe_keys keys;
	struct nlattr *tx, *rx;

	memset(&keys.tx, 1, sizeof(keys.tx));
	memset(&keys.rx, 2, sizeof(keys.rx));
	pathnl_put_probe_keys(msg, &keys);
	tx = nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN, WGMESH_A_PEER_PROBE_KEY_TX);
	rx = nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN, WGMESH_A_PEER_PROBE_KEY_RX);
	g_assert_cmpmem(nla_data(tx), nla_len(tx), keys.tx.bytes, KEY_SIZE);
	g_assert_cmpmem(nla_data(rx), nla_len(rx), keys.rx.bytes, KEY_SIZE);
}

static void test_peer_switches(void)
{
	g_autoptr(netlink_msg) msg = message(WGMESH_CMD_PEER_NTF);
	struct pathnl_peer peer;

	netlink_put_u32(msg, WGMESH_A_PEER_ID, 4);
	netlink_put(msg, WGMESH_A_PEER_PROBING, NULL, 0);
	netlink_put(msg, WGMESH_A_PEER_ACTIVE, NULL, 0);
	netlink_put_u32(msg, WGMESH_A_PEER_SECOND_PATH, 8);
	put_u64(msg, WGMESH_A_PEER_SWITCHES, 1ull << 33);
	put_u64(msg, WGMESH_A_PEER_SWITCH_AGE_MS, G_MAXUINT64);
	netlink_put_u32(msg, WGMESH_A_PEER_SWITCH_REASON, WGMESH_REASON_LINK);
	g_assert_true(pathnl_parse_peer(nlmsg_hdr(msg), &peer));
	g_assert_true(peer.probing);
	g_assert_true(peer.active);
	g_assert_cmpuint(peer.second_path, ==, 8);
	g_assert_cmpuint(peer.switches, ==, 1ull << 33);
	g_assert_cmpint(peer.switch_age_ms, ==, G_MAXINT64);
	g_assert_cmpint(peer.switch_reason, ==, WGMESH_REASON_LINK);
}

static void test_path_state(void)
{
	g_autoptr(netlink_msg) msg = message(WGMESH_CMD_PATH_NTF);
	struct pathnl_path path;

	netlink_put_u32(msg, WGMESH_A_PATH_ID, 5);
	g_assert_true(pathnl_parse_path(nlmsg_hdr(msg), &path));
	g_assert_cmpint(path.state_age_ms, ==, -1);
	g_assert_cmpint(path.jitter_us, ==, -1);
	g_assert_cmpint(path.loss_permille, ==, -1);

	netlink_put_u32(msg, WGMESH_A_PATH_POLICY, WGMESH_PATH_POLICY_FORCE);
	netlink_put_u32(msg, WGMESH_A_PATH_STATE, WGMESH_PATH_STATE_DEAD);
	put_u64(msg, WGMESH_A_PATH_STATE_AGE_MS, 1500);
	netlink_put_u32(msg, WGMESH_A_PATH_JITTER_US, 0);
	netlink_put_u32(msg, WGMESH_A_PATH_LOSS_PERMILLE, 1000);
	netlink_put(msg, WGMESH_A_PATH_LOSSY, NULL, 0);
	netlink_put(msg, WGMESH_A_PATH_HELD, NULL, 0);
	put_u64(msg, WGMESH_A_PATH_PROBES_SENT, 70);
	put_u64(msg, WGMESH_A_PATH_PROBES_ANSWERED, 3);
	g_assert_true(pathnl_parse_path(nlmsg_hdr(msg), &path));
	g_assert_cmpint(path.policy, ==, WGMESH_PATH_POLICY_FORCE);
	g_assert_cmpint(path.state, ==, WGMESH_PATH_STATE_DEAD);
	g_assert_cmpint(path.state_age_ms, ==, 1500);
	g_assert_cmpint(path.jitter_us, ==, 0);
	g_assert_cmpint(path.loss_permille, ==, 1000);
	g_assert_true(path.lossy);
	g_assert_true(path.held);
	g_assert_cmpuint(path.probes_sent, ==, 70);
	g_assert_cmpuint(path.probes_answered, ==, 3);
}

static void test_names(void)
{
	enum wgmesh_path_policy policy = WGMESH_PATH_POLICY_AUTO;

	g_assert_cmpstr(pathnl_reason_name(WGMESH_REASON_LOOP), ==, "loop");
	g_assert_cmpstr(pathnl_reason_name(WGMESH_REASON_LOOP + 1), ==, "unknown");
	g_assert_cmpstr(pathnl_reason_name(-1), ==, "unknown");
	g_assert_cmpstr(pathnl_state_name(WGMESH_PATH_STATE_SUSPECT), ==, "suspect");
	g_assert_true(pathnl_parse_policy(pathnl_policy_name(WGMESH_PATH_POLICY_FORBID), &policy));
	g_assert_cmpint(policy, ==, WGMESH_PATH_POLICY_FORBID);
	g_assert_false(pathnl_parse_policy("Force", &policy));
	g_assert_cmpint(policy, ==, WGMESH_PATH_POLICY_FORBID);
}

static void test_selection(void)
{
	g_autoptr(netlink_msg) msg = message(WGMESH_CMD_SELECTION_NTF);
	struct pathnl_event event;

	netlink_put_u32(msg, WGMESH_A_SELECTION_PEER, 2);
	netlink_put_u32(msg, WGMESH_A_SELECTION_TO, 6);
	netlink_put_u32(msg, WGMESH_A_SELECTION_REASON, WGMESH_REASON_PRIORITY);
	g_assert_true(pathnl_parse_event(nlmsg_hdr(msg), &event));
	g_assert_cmpint(event.type, ==, PATHNL_SELECTION);
	g_assert_cmpuint(event.selection.peer, ==, 2);
	g_assert_cmpuint(event.selection.from, ==, 0);
	g_assert_cmpuint(event.selection.to, ==, 6);
	g_assert_cmpint(event.selection.reason, ==, WGMESH_REASON_PRIORITY);
}

static void test_unknown_attributes_are_left_out(void)
{
	g_autoptr(netlink_msg) msg = message(WGMESH_CMD_DEVICE_GET);
	struct pathnl_device device;

	netlink_put_u32(msg, WGMESH_A_DEVICE_ID, 3);
	netlink_put(msg, 200, "of the future", 13);
	g_assert_true(pathnl_parse_device(nlmsg_hdr(msg), &device));
	g_assert_cmpuint(device.id, ==, 3);
}

static void test_malformed(void)
{
	g_autoptr(netlink_msg) empty = message(WGMESH_CMD_PATH_NTF);
	g_autoptr(netlink_msg) short_id = message(WGMESH_CMD_PATH_NTF);
	g_autoptr(netlink_msg) long_address = message(WGMESH_CMD_PATH_NTF);
	g_autoptr(netlink_msg) short_key = message(WGMESH_CMD_PEER_NTF);
	g_autoptr(netlink_msg) unknown = message(WGMESH_CMD_MAX + 1);
	g_autoptr(netlink_msg) cut = netlink_message(FAMILY, 0, 0);
	struct pathnl_event event;
	struct nlattr *nest;

	g_assert_false(pathnl_parse_event(nlmsg_hdr(empty), &event));
	netlink_put_u16(short_id, WGMESH_A_PATH_ID, 1);
	g_assert_false(pathnl_parse_event(nlmsg_hdr(short_id), &event));

	netlink_put_u32(long_address, WGMESH_A_PATH_ID, 1);
	nest = nla_nest_start(long_address, WGMESH_A_PATH_LOCAL);
	netlink_put(long_address, WGMESH_A_ENDPOINT_ADDRESS4, "12345", 5);
	nla_nest_end(long_address, nest);
	g_assert_false(pathnl_parse_event(nlmsg_hdr(long_address), &event));

	netlink_put_u32(short_key, WGMESH_A_PEER_ID, 1);
	netlink_put(short_key, WGMESH_A_PEER_PUBLIC_KEY, "short", 5);
	g_assert_false(pathnl_parse_event(nlmsg_hdr(short_key), &event));

	netlink_put_u32(unknown, WGMESH_A_PATH_ID, 1);
	g_assert_false(pathnl_parse_event(nlmsg_hdr(unknown), &event));
	g_assert_false(pathnl_parse_event(nlmsg_hdr(cut), &event));
}

/* What "nlctrl" tells about a family. */
static struct nl_msg *family_message(const char *name)
{
	struct nl_msg *msg = netlink_genl_message(GENL_ID_CTRL, CTRL_CMD_NEWFAMILY, 1024);
	struct nlattr *groups, *group;

	netlink_put(msg, CTRL_ATTR_FAMILY_NAME, name, strlen(name) + 1);
	netlink_put_u16(msg, CTRL_ATTR_FAMILY_ID, FAMILY);
	groups = nla_nest_start(msg, CTRL_ATTR_MCAST_GROUPS);
	for (int i = 1; i <= 2; i++) {
		group = nla_nest_start(msg, i);
		netlink_put_u32(msg, CTRL_ATTR_MCAST_GRP_ID, 10 + i);
		netlink_put(msg, CTRL_ATTR_MCAST_GRP_NAME, i == 2 ? "events" : "others", 7);
		nla_nest_end(msg, group);
	}
	nla_nest_end(msg, groups);
	return msg;
}

static void test_family(void)
{
	g_autoptr(netlink_msg) ours = family_message("wgmesh");
	g_autoptr(netlink_msg) similar = family_message("wgmesh2");
	struct netlink_family family;

	g_assert_true(netlink_family_parse(nlmsg_hdr(ours), "wgmesh", "events", &family));
	g_assert_cmpuint(family.id, ==, FAMILY);
	g_assert_cmpuint(family.events, ==, 12);
	g_assert_true(netlink_family_parse(nlmsg_hdr(ours), "wgmesh", "none", &family));
	g_assert_cmpuint(family.events, ==, 0);
	g_assert_false(netlink_family_parse(nlmsg_hdr(similar), "wgmesh", "events", &family));
	nlmsg_hdr(ours)->nlmsg_type = FAMILY;
	g_assert_false(netlink_family_parse(nlmsg_hdr(ours), "wgmesh", "events", &family));
}

/* The kernel of this machine, with or without the module. */
static void test_kernel(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(netlink) nl = netlink_open(NETLINK_GENERIC, &error);
	struct netlink_family family;

	g_assert_no_error(error);
	for (int load = 0; load < 2; load++) {
		g_assert_true(netlink_family(nl, "nlctrl", "notify", load, &family, &error));
		g_assert_no_error(error);
		g_assert_cmpuint(family.id, ==, GENL_ID_CTRL);
		g_assert_cmpuint(family.events, !=, 0);
		g_assert_false(netlink_family(nl, "no-such-family", NULL, load, &family, &error));
		g_assert_error(error, NETLINK_ERROR, 2 /* ENOENT */);
		g_clear_error(&error);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/pathnl/device", test_device);
	g_test_add_func("/pathnl/peer", test_peer);
	g_test_add_func("/pathnl/path", test_path);
	g_test_add_func("/pathnl/path-numbers", test_path_numbers);
	g_test_add_func("/pathnl/settings", test_settings);
	g_test_add_func("/pathnl/only-what-is-given", test_only_what_is_given);
	g_test_add_func("/pathnl/probe-keys", test_probe_keys);
	g_test_add_func("/pathnl/peer-switches", test_peer_switches);
	g_test_add_func("/pathnl/path-state", test_path_state);
	g_test_add_func("/pathnl/names", test_names);
	g_test_add_func("/pathnl/selection", test_selection);
	g_test_add_func("/pathnl/unknown-attributes", test_unknown_attributes_are_left_out);
	g_test_add_func("/pathnl/malformed", test_malformed);
	g_test_add_func("/pathnl/family", test_family);
	g_test_add_func("/pathnl/kernel", test_kernel);
	return g_test_run();
}
