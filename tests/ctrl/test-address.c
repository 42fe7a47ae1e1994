// SPDX-License-Identifier: GPL-2.0
#include "server/address.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <string.h>

static const guint8 network_id[NETWORK_ID_SIZE] = "sixteen bytes it";

static struct prefix prefix_of(const char *text)
{
	g_autoptr(GError) error = NULL;
	struct prefix prefix;

	prefix_parse(text, &prefix, &error);
	g_assert_no_error(error);
	return prefix;
}

/* Nodes with the keys 0, 1, 2 ... */
static struct key key_of(guint32 number)
{
	struct key key = {};

	memcpy(key.bytes, &number, sizeof(number));
	return key;
}

static bool is_in_set(const void *address, void *set)
{
	guint32 value;

	memcpy(&value, address, sizeof(value));
	return g_hash_table_contains(set, GUINT_TO_POINTER(ntohl(value)));
}

static bool is_never_taken(const void *address G_GNUC_UNUSED, void *unused G_GNUC_UNUSED)
{
	return false;
}

static bool is_always_taken(const void *address G_GNUC_UNUSED, void *counter)
{
	(*(guint *)counter)++;
	return true;
}

static void test_prefixes(void)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "fd00::/64", "an IPv4 prefix is expected" },
		{ "10.0.0.0/7", "from /8 to /29" },
		{ "10.0.0.0/30", "from /8 to /29" },
		{ "10.0.0.0", "from /8 to /29" },
		{ "10.0.0.1/24", "bits set" },
		{ "100.64.0.0/9", "bits set" },
		{ "0.0.0.0/8", "hosts cannot have" },
		{ "127.0.0.0/8", "hosts cannot have" },
		{ "224.0.0.0/8", "hosts cannot have" },
		{ "240.0.0.0/8", "hosts cannot have" },
	};
	static const struct {
		const char *text;
		guint32 capacity;
	} good[] = {
		{ "100.64.0.0/10", 4194301 }, { "10.0.0.0/8", 16777213 },
		{ "192.0.2.0/24", 253 },      { "192.0.2.8/29", 5 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		const struct prefix prefix = prefix_of(bad[i].text);
		g_autoptr(GError) error = NULL;

		g_assert_false(address_check_prefix(&prefix, &error));
		g_assert_nonnull(strstr(error->message, bad[i].why));
	}
	for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
		const struct prefix prefix = prefix_of(good[i].text);

		g_assert_true(address_check_prefix(&prefix, NULL));
		g_assert_cmpint(address_capacity(&prefix), ==, good[i].capacity);
	}
}

/* Until a prefix is full each node gets one, and exactly the three that are kept are left over. */
static void test_fills_up(void)
{
	static const char *const prefixes[] = { "192.0.2.8/29", "10.1.2.0/24", "172.16.0.0/20" };

	for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++) {
		g_autoptr(GHashTable) taken = g_hash_table_new(NULL, NULL);
		const struct prefix prefix = prefix_of(prefixes[i]);
		guint32 capacity = address_capacity(&prefix);
		guint32 start = ntohl(prefix.in.s_addr);
		struct in_addr address;

		for (guint32 n = 0; n < capacity; n++) {
			struct key key = key_of(n);

			g_assert_true(address_choose(&prefix, network_id, &key, is_in_set, taken,
						     &address));
			g_assert_true(g_hash_table_add(taken,
						       GUINT_TO_POINTER(ntohl(address.s_addr))));
		}
		for (guint32 value = start + 2; value < start + 2 + capacity; value++)
			g_assert_true(g_hash_table_contains(taken, GUINT_TO_POINTER(value)));
		g_assert_false(address_choose(&prefix, network_id, &(struct key){}, is_in_set,
					      taken, &address));
	}
}

static void test_stable(void)
{
	const struct prefix prefix = prefix_of("100.64.0.0/10");
	const guint8 other_network[NETWORK_ID_SIZE] = "another network";
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	struct in_addr first, again, other;
	struct in6_addr first6, again6, other6;
	struct key key;

	for (guint32 n = 0; n < 1000; n++) {
		key = key_of(n);
		address_choose(&prefix, network_id, &key, is_never_taken, NULL, &first);
		address_choose(&prefix, network_id, &key, is_never_taken, NULL, &again);
		g_assert_cmpint(first.s_addr, ==, again.s_addr);
		g_hash_table_add(seen, GUINT_TO_POINTER(first.s_addr));
	}
	/* spread over the prefix: of a thousand out of four million hardly two are the same */
	g_assert_cmpint(g_hash_table_size(seen), >, 990);

	address_choose(&prefix, other_network, &key, is_never_taken, NULL, &other);
	g_assert_cmpint(first.s_addr, !=, other.s_addr);
	address_choose6(network_id, &key, is_never_taken, NULL, &first6);
	address_choose6(network_id, &key, is_never_taken, NULL, &again6);
	address_choose6(other_network, &key, is_never_taken, NULL, &other6);
	g_assert_cmpmem(&first6, 16, &again6, 16);
	g_assert_cmpint(memcmp(&first6, &other6, 8), !=, 0);
}

static void test_ipv6(void)
{
	struct key one = key_of(1), two = key_of(2);
	struct in6_addr address1, address2;
	guint asked = 0;

	address_choose6(network_id, &one, is_never_taken, NULL, &address1);
	address_choose6(network_id, &two, is_never_taken, NULL, &address2);
	g_assert_cmpint(address1.s6_addr[0], ==, 0xfd);
	g_assert_cmpmem(&address1, 8, &address2, 8);
	g_assert_cmpint(memcmp(&address1, &address2, 16), !=, 0);
	g_assert_false(address_choose6(network_id, &one, is_always_taken, &asked, &address1));
	g_assert_cmpint(asked, >, 1);
	g_assert_cmpint(asked, <, 100);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/address/prefixes", test_prefixes);
	g_test_add_func("/address/fills-up", test_fills_up);
	g_test_add_func("/address/stable", test_stable);
	g_test_add_func("/address/ipv6", test_ipv6);
	return g_test_run();
}
