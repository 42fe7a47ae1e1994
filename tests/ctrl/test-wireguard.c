// SPDX-License-Identifier: GPL-2.0
/*
 * Answers of WireGuard in memory: an interface that takes several messages, a peer that is
 * continued. The requests are tested against the real one (tests/netns).
 */
#include "../../ctrl/lib/wireguard-private.h"

#include <linux/time_types.h>
#include <linux/wireguard.h>
#include <string.h>

#define FAMILY 42

static struct key key_of(guint8 byte)
{
	struct key key;

	memset(&key, byte, sizeof(key));
	return key;
}

static struct nl_msg *message(struct nlattr **peers)
{
	struct nl_msg *msg = netlink_genl_message(FAMILY, WG_CMD_GET_DEVICE, 4096);

	netlink_put(msg, WGDEVICE_A_IFNAME, "wg0", sizeof("wg0"));
	if (peers)
		*peers = nla_nest_start(msg, WGDEVICE_A_PEERS);
	return msg;
}

static struct nlattr *begin_peer(struct nl_msg *msg, guint8 byte)
{
	struct nlattr *nest = nla_nest_start(msg, 0);
	struct key key = key_of(byte);

	netlink_put(msg, WGPEER_A_PUBLIC_KEY, key.bytes, KEY_SIZE);
	return nest;
}

static void put_allowed_ip(struct nl_msg *msg, const char *text)
{
	struct nlattr *nest = nla_nest_start(msg, 0);
	struct prefix prefix;
	const void *address;
	gsize size;

	g_assert_true(prefix_parse(text, &prefix, NULL));
	address = prefix_address(&prefix, &size);
	netlink_put_u16(msg, WGALLOWEDIP_A_FAMILY, prefix.family);
	netlink_put(msg, WGALLOWEDIP_A_IPADDR, address, size);
	netlink_put_u8(msg, WGALLOWEDIP_A_CIDR_MASK, prefix.length);
	nla_nest_end(msg, nest);
}

static char *allowed_ips(const struct wireguard_peer *peer)
{
	GString *text = g_string_new(NULL);
	char buf[PREFIX_STRLEN];

	for (guint i = 0; i < peer->allowed_ips->len; i++)
		g_string_append_printf(text, "%s%s", i ? " " : "", prefix_print(
			&g_array_index(peer->allowed_ips, struct prefix, i), buf));
	return g_string_free(text, FALSE);
}

static void read_first(struct wireguard_device *device)
{
	const struct __kernel_timespec handshake = { .tv_sec = 1234 };
	struct key private_key = key_of(1), public_key = key_of(2);
	struct nlattr *peers, *peer, *ips;
	g_autoptr(netlink_msg) msg = message(NULL);
	struct endpoint ep;
	guint64 rx = 1ull << 33;

	netlink_put_u32(msg, WGDEVICE_A_IFINDEX, 7);
	netlink_put(msg, WGDEVICE_A_PRIVATE_KEY, private_key.bytes, KEY_SIZE);
	netlink_put(msg, WGDEVICE_A_PUBLIC_KEY, public_key.bytes, KEY_SIZE);
	netlink_put_u16(msg, WGDEVICE_A_LISTEN_PORT, 51820);
	netlink_put_u32(msg, WGDEVICE_A_FWMARK, 0xca6c);
	peers = nla_nest_start(msg, WGDEVICE_A_PEERS);

	peer = begin_peer(msg, 10);
	g_assert_true(endpoint_parse("[2001:db8::1]:5", &ep, NULL));
	netlink_put(msg, WGPEER_A_ENDPOINT, &ep.sa, endpoint_socklen(&ep));
	netlink_put_u16(msg, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, 25);
	netlink_put(msg, WGPEER_A_LAST_HANDSHAKE_TIME, &handshake, sizeof(handshake));
	netlink_put(msg, WGPEER_A_RX_BYTES, &rx, sizeof(rx));
	nla_nest_end(msg, peer);

	peer = begin_peer(msg, 11);
	ips = nla_nest_start(msg, WGPEER_A_ALLOWEDIPS);
	put_allowed_ip(msg, "10.0.0.1");
	put_allowed_ip(msg, "fd00::/64");
	nla_nest_end(msg, ips);
	nla_nest_end(msg, peer);
	nla_nest_end(msg, peers);
	g_assert_true(wireguard_read_message(nlmsg_hdr(msg), device));
}

static void read_second(struct wireguard_device *device)
{
	struct nlattr *peers, *peer, *ips;
	g_autoptr(netlink_msg) msg = message(&peers);

	peer = begin_peer(msg, 11);
	ips = nla_nest_start(msg, WGPEER_A_ALLOWEDIPS);
	put_allowed_ip(msg, "0.0.0.0/0");
	nla_nest_end(msg, ips);
	nla_nest_end(msg, peer);
	peer = begin_peer(msg, 12);
	nla_nest_end(msg, peer);
	nla_nest_end(msg, peers);
	g_assert_true(wireguard_read_message(nlmsg_hdr(msg), device));
}

static void test_two_messages(void)
{
	g_autoptr(wireguard_device) device = wireguard_device_new();
	struct key public_key = key_of(2), first = key_of(10), second = key_of(11),
		   none = key_of(99);
	const struct wireguard_peer *peer;
	g_autofree char *ips = NULL;
	char buf[ENDPOINT_STRLEN];

	read_first(device);
	read_second(device);
	g_assert_cmpuint(device->ifindex, ==, 7);
	g_assert_cmpstr(device->ifname, ==, "wg0");
	g_assert_true(device->has_private_key);
	g_assert_true(key_equal(&device->public_key, &public_key));
	g_assert_cmpuint(device->listen_port, ==, 51820);
	g_assert_cmpuint(device->fwmark, ==, 0xca6c);
	g_assert_cmpuint(device->peers->len, ==, 3);

	peer = wireguard_find_peer(device, &first);
	g_assert_cmpstr(endpoint_print(&peer->endpoint, buf), ==, "[2001:db8::1]:5");
	g_assert_cmpint(peer->keepalive_s, ==, 25);
	g_assert_cmpint(peer->last_handshake, ==, 1234);
	g_assert_cmpuint(peer->rx_bytes, ==, 1ull << 33);
	g_assert_cmpuint(peer->allowed_ips->len, ==, 0);

	peer = wireguard_find_peer(device, &second);
	ips = allowed_ips(peer);
	g_assert_cmpstr(ips, ==, "10.0.0.1 fd00::/64 0.0.0.0/0");
	g_assert_false(endpoint_is_set(&peer->endpoint));
	g_assert_null(wireguard_find_peer(device, &none));
}

static void test_malformed(void)
{
	g_autoptr(wireguard_device) device = wireguard_device_new();
	struct nlattr *peers, *peer, *ips, *ip;
	g_autoptr(netlink_msg) nameless = message(&peers);
	g_autoptr(netlink_msg) mask = NULL;

	peer = nla_nest_start(nameless, 0);
	netlink_put_u16(nameless, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, 25);
	nla_nest_end(nameless, peer);
	nla_nest_end(nameless, peers);
	g_assert_false(wireguard_read_message(nlmsg_hdr(nameless), device));

	mask = message(&peers);
	peer = begin_peer(mask, 11);
	ips = nla_nest_start(mask, WGPEER_A_ALLOWEDIPS);
	ip = nla_nest_start(mask, 0);
	netlink_put(mask, WGALLOWEDIP_A_IPADDR, "1234", 4);
	netlink_put_u8(mask, WGALLOWEDIP_A_CIDR_MASK, 33);
	nla_nest_end(mask, ip);
	nla_nest_end(mask, ips);
	nla_nest_end(mask, peer);
	nla_nest_end(mask, peers);
	g_assert_false(wireguard_read_message(nlmsg_hdr(mask), device));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/wireguard/two-messages", test_two_messages);
	g_test_add_func("/wireguard/malformed", test_malformed);
	return g_test_run();
}
