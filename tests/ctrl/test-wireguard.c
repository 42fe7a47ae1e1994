// SPDX-License-Identifier: GPL-2.0
/*
 * Answers of WireGuard in memory: an interface that takes several messages, a peer that is
 * continued. And where the kernel has WireGuard, that one, in a network namespace of our own.
 */
#include "lib/wireguard-private.h"

#include <errno.h>
#include <linux/time_types.h>
#include <linux/wireguard.h>
#include <sched.h>
#include <string.h>

#include "lib/link.h"

#define FAMILY 42

/* So many that they take several messages in both directions. */
#define MANY_PEERS 400
#define MANY_IPS 3000

static struct wireguard *wg;
static guint32 wg0, lo;

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

static struct wireguard_device *read_device(void)
{
	g_autoptr(GError) error = NULL;
	struct wireguard_device *device = wireguard_get_device(wg, wg0, &error);

	g_assert_no_error(error);
	return device;
}

static void set_peers(const struct wireguard_peer *peers, gsize count)
{
	g_autoptr(GError) error = NULL;

	wireguard_set_peers(wg, wg0, peers, count, &error);
	g_assert_no_error(error);
}

static struct prefix ip_of(guint32 number, guint8 length)
{
	guint32 bytes = htonl(10u << 24 | number);
	struct prefix prefix;

	g_assert_true(prefix_from_address(&prefix, &bytes, sizeof(bytes), length));
	return prefix;
}

static GArray *ips_of(guint32 first, guint count)
{
	GArray *ips = g_array_new(FALSE, FALSE, sizeof(struct prefix));

	for (guint i = 0; i < count; i++) {
		struct prefix ip = ip_of(first + i, 32);

		g_array_append_val(ips, ip);
	}
	return ips;
}

static void test_kernel_device(void)
{
	struct wireguard_settings settings = { .listen_port = 5555, .fwmark = 77 };
	g_autoptr(wireguard_device) device = NULL;
	struct key private_key, public_key;
	g_autoptr(GError) error = NULL;

	key_generate(&private_key);
	key_derive_public(&private_key, &public_key);
	settings.private_key = &private_key;
	wireguard_set_device(wg, wg0, &settings, &error);
	g_assert_no_error(error);

	/* Nothing changes. */
	settings = (struct wireguard_settings){ .listen_port = WIREGUARD_KEEP,
						.fwmark = WIREGUARD_KEEP };
	wireguard_set_device(wg, wg0, &settings, &error);
	g_assert_no_error(error);

	device = read_device();
	g_assert_cmpuint(device->ifindex, ==, wg0);
	g_assert_cmpstr(device->ifname, ==, "wg0");
	g_assert_true(device->has_private_key);
	g_assert_true(key_equal(&device->public_key, &public_key));
	g_assert_cmpuint(device->listen_port, ==, 5555);
	g_assert_cmpuint(device->fwmark, ==, 77);
	g_assert_cmpuint(device->peers->len, ==, 0);
}

static void test_kernel_peer(void)
{
	g_autoptr(GArray) two = ips_of(1, 2), one = ips_of(9, 1), none = ips_of(0, 0);
	struct wireguard_peer peer = { .public_key = key_of(33), .keepalive_s = 25,
				       .allowed_ips = two };
	g_autofree char *ips = NULL;
	const struct wireguard_peer *found;
	g_autoptr(wireguard_device) device = NULL;

	/* What is not there is not updated, and not removed. */
	peer.change = WIREGUARD_UPDATE;
	set_peers(&peer, 1);
	peer.change = WIREGUARD_REMOVE;
	set_peers(&peer, 1);
	device = read_device();
	g_assert_cmpuint(device->peers->len, ==, 0);
	g_clear_pointer(&device, wireguard_device_free);

	peer.change = WIREGUARD_SET;
	g_assert_true(endpoint_parse("127.64.0.1:1", &peer.endpoint, NULL));
	set_peers(&peer, 1);
	device = read_device();
	found = wireguard_find_peer(device, &peer.public_key);
	g_assert_nonnull(found);
	g_assert_true(endpoint_equal(&found->endpoint, &peer.endpoint));
	g_assert_cmpint(found->keepalive_s, ==, 25);
	g_assert_cmpint(found->last_handshake, ==, 0);
	ips = allowed_ips(found);
	g_assert_cmpstr(ips, ==, "10.0.0.1 10.0.0.2");
	g_clear_pointer(&device, wireguard_device_free);
	g_clear_pointer(&ips, g_free);

	/* What is not given stays, what is given replaces. */
	peer = (struct wireguard_peer){ .change = WIREGUARD_UPDATE, .public_key = key_of(33),
					.keepalive_s = WIREGUARD_KEEP, .allowed_ips = one };
	set_peers(&peer, 1);
	device = read_device();
	found = wireguard_find_peer(device, &peer.public_key);
	g_assert_cmpint(found->keepalive_s, ==, 25);
	g_assert_cmpuint(endpoint_port(&found->endpoint), ==, 1);
	ips = allowed_ips(found);
	g_assert_cmpstr(ips, ==, "10.0.0.9");
	g_clear_pointer(&device, wireguard_device_free);

	peer.allowed_ips = none;
	peer.keepalive_s = 0;
	g_assert_true(endpoint_parse("[2001:db8::1]:7", &peer.endpoint, NULL));
	set_peers(&peer, 1);
	device = read_device();
	found = wireguard_find_peer(device, &peer.public_key);
	g_assert_cmpint(found->keepalive_s, ==, 0);
	g_assert_true(endpoint_equal(&found->endpoint, &peer.endpoint));
	g_assert_cmpuint(found->allowed_ips->len, ==, 0);
	g_clear_pointer(&device, wireguard_device_free);

	peer.change = WIREGUARD_REMOVE;
	set_peers(&peer, 1);
	device = read_device();
	g_assert_cmpuint(device->peers->len, ==, 0);
}

static void test_kernel_many(void)
{
	g_autoptr(GArray) peers = g_array_new(FALSE, TRUE, sizeof(struct wireguard_peer));
	struct wireguard_settings none = { .listen_port = WIREGUARD_KEEP,
					   .fwmark = WIREGUARD_KEEP, .remove_peers = true };
	g_autoptr(wireguard_device) device = NULL;
	const struct wireguard_peer *found;
	g_autoptr(GError) error = NULL;
	struct wireguard_peer *peer;

	g_array_set_size(peers, MANY_PEERS);
	for (guint i = 0; i < MANY_PEERS; i++) {
		peer = &g_array_index(peers, struct wireguard_peer, i);
		peer->public_key.bytes[0] = i + 1;
		peer->public_key.bytes[1] = (i + 1) >> 8;
		peer->public_key.bytes[2] = 1;
		/* One in the middle has more than fits into a message. */
		peer->allowed_ips = i == MANY_PEERS / 2 ? ips_of(1 << 20, MANY_IPS) :
							  ips_of(4 * i, 3);
	}
	for (int again = 0; again < 2; again++) {
		set_peers((void *)peers->data, peers->len);
		device = read_device();
		g_assert_cmpuint(device->peers->len, ==, MANY_PEERS);
		for (guint i = 0; i < MANY_PEERS; i++) {
			peer = &g_array_index(peers, struct wireguard_peer, i);
			found = wireguard_find_peer(device, &peer->public_key);
			g_assert_nonnull(found);
			g_assert_cmpmem(found->allowed_ips->data,
					found->allowed_ips->len * sizeof(struct prefix),
					peer->allowed_ips->data,
					peer->allowed_ips->len * sizeof(struct prefix));
		}
		g_clear_pointer(&device, wireguard_device_free);
	}
	for (guint i = 0; i < MANY_PEERS; i++)
		g_array_unref(g_array_index(peers, struct wireguard_peer, i).allowed_ips);

	wireguard_set_device(wg, wg0, &none, &error);
	g_assert_no_error(error);
	device = read_device();
	g_assert_cmpuint(device->peers->len, ==, 0);
}

static void test_kernel_refusals(void)
{
	struct wireguard_settings settings = { .listen_port = 1, .fwmark = WIREGUARD_KEEP };
	g_autoptr(GError) error = NULL;

	g_assert_null(wireguard_get_device(wg, 4711, &error));
	g_assert_error(error, NETLINK_ERROR, ENODEV);
	g_clear_error(&error);
	g_assert_null(wireguard_get_device(wg, lo, &error));
	g_assert_error(error, NETLINK_ERROR, EOPNOTSUPP);
	g_clear_error(&error);
	g_assert_false(wireguard_set_device(wg, lo, &settings, &error));
	g_assert_error(error, NETLINK_ERROR, EOPNOTSUPP);
}

/* WireGuard in a network namespace of our own; which takes root, and a kernel that has it. */
static bool make_interface(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(netlink) rtnl = NULL;
	struct link link;

	if (unshare(CLONE_NEWNET) < 0)
		return false;
	rtnl = netlink_open(NETLINK_ROUTE, &error);
	g_assert_no_error(error);
	g_assert_true(link_find(rtnl, "lo", &link, NULL));
	lo = link.ifindex;
	if (!link_create_wireguard(rtnl, "wg0", &link, &error)) {
		g_assert_error(error, NETLINK_ERROR, EOPNOTSUPP);
		return false;
	}
	wg0 = link.ifindex;
	g_assert_cmpstr(link.kind, ==, "wireguard");
	g_assert_true(link_find_wireguard(rtnl, "wg0", &link, NULL));
	g_assert_false(link_create_wireguard(rtnl, "wg0", &link, &error));
	g_assert_error(error, NETLINK_ERROR, EEXIST);
	return true;
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	int status;

	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/wireguard/two-messages", test_two_messages);
	g_test_add_func("/wireguard/malformed", test_malformed);
	if (!make_interface()) {
		g_test_message("no WireGuard here: only its messages are tested");
		return g_test_run();
	}
	wg = wireguard_open(&error);
	g_assert_no_error(error);
	g_test_add_func("/wireguard/kernel/device", test_kernel_device);
	g_test_add_func("/wireguard/kernel/peer", test_kernel_peer);
	g_test_add_func("/wireguard/kernel/many", test_kernel_many);
	g_test_add_func("/wireguard/kernel/refusals", test_kernel_refusals);
	status = g_test_run();
	wireguard_close(wg);
	return status;
}
