// SPDX-License-Identifier: GPL-2.0
/* What the TURN server keeps, how it ends, and what an offload is told of it; without sockets. */
#include "relay/allocation-private.h"

#include <sodium.h>
#include <string.h>

#include "relay/byte-bucket.h"
#include "relay/nonce.h"
#include "relay/users.h"

struct fixture {
	struct expiry_queue *queue;
	struct offload offload;
	struct allocation_table *table;
	GString *told;
	guint emptied;
};

static void allocation_added(void *told, const struct allocation *allocation)
{
	g_string_append_printf(told, "+%s ", allocation->account);
}

static void allocation_refreshed(void *told, const struct allocation *allocation)
{
	g_string_append_printf(told, "~%s ", allocation->account);
}

static void allocation_removed(void *told, const struct allocation *allocation)
{
	g_string_append_printf(told, "-%s ", allocation->account);
}

static void channel_told(void *told, const struct channel *channel, gint64 permission_expires_us)
{
	g_assert_cmpint(permission_expires_us, >, g_get_monotonic_time());
	g_string_append_printf(told, "=%x ", channel->number);
}

static void channel_removed(void *told, const struct channel *channel)
{
	g_string_append_printf(told, "-%x ", channel->number);
}

static void read_totals(void *told G_GNUC_UNUSED, struct offload_totals *totals)
{
	*totals = (struct offload_totals){};
}

static void add_traffic(void *told G_GNUC_UNUSED, const struct allocation *allocation G_GNUC_UNUSED,
			struct traffic *traffic)
{
	traffic->to_peers_packets += 7;
	traffic->to_client_bytes += 700;
}

static void emptied(void *fixture)
{
	((struct fixture *)fixture)->emptied++;
}

static void setup(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	f->told = g_string_new(NULL);
	f->offload = (struct offload){ f->told, allocation_added, allocation_refreshed,
				       allocation_removed, channel_told, channel_removed,
				       add_traffic, read_totals };
	f->queue = expiry_queue_new();
	f->table = allocation_table_new(f->queue, &f->offload);
	allocation_table_on_empty(f->table, emptied, f);
}

static void teardown(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	allocation_table_free(f->table);
	expiry_queue_free(f->queue);
	g_string_free(f->told, TRUE);
}

static struct endpoint ep_of(const char *text)
{
	struct endpoint ep;

	g_assert_true(endpoint_parse(text, &ep, NULL));
	return ep;
}

static struct five_tuple tuple_of(const char *client, const char *server)
{
	return (struct five_tuple){ ep_of(client), ep_of(server), TRANSPORT_UDP };
}

static struct allocation *add(struct fixture *f, const char *client, const char *account)
{
	struct five_tuple tuple = tuple_of(client, "192.0.2.1:3478");

	return allocation_new(f->table, &tuple, -1, NULL, account, 600);
}

static void pass(struct fixture *f, guint seconds)
{
	expiry_run(f->queue, g_get_monotonic_time() + (gint64)seconds * G_USEC_PER_SEC);
}

static void assert_told(struct fixture *f, const char *expected)
{
	g_assert_cmpstr(f->told->str, ==, expected);
	g_string_truncate(f->told, 0);
}

static void test_find(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	static const struct {
		const char *client, *server;
	} others[] = {
		{ "198.51.100.1:2", "192.0.2.1:3478" }, { "198.51.100.2:1", "192.0.2.1:3478" },
		{ "198.51.100.1:1", "192.0.2.1:3479" }, { "198.51.100.1:1", "192.0.2.2:3478" },
		{ "[2001:db8::1]:1", "192.0.2.1:3478" },
	};
	struct allocation *allocation = add(f, "198.51.100.1:1", "a");
	struct five_tuple tuple = tuple_of("198.51.100.1:1", "192.0.2.1:3478");

	g_assert_true(allocation_find(f->table, &tuple) == allocation);
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
		tuple = tuple_of(others[i].client, others[i].server);
		g_assert_null(allocation_find(f->table, &tuple));
	}
}

static void test_accounts(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct allocation *first = add(f, "198.51.100.1:1", "a");
	struct allocation *second = add(f, "198.51.100.1:2", "a");
	struct allocation *third = add(f, "198.51.100.1:3", "b");

	g_assert_cmpuint(allocation_count(f->table, NULL), ==, 3);
	g_assert_cmpuint(allocation_count(f->table, "a"), ==, 2);
	g_assert_cmpuint(allocation_count(f->table, "c"), ==, 0);
	allocation_end(first);
	g_assert_cmpuint(allocation_count(f->table, "a"), ==, 1);
	allocation_end(second);
	g_assert_cmpuint(f->emptied, ==, 0);
	allocation_end(third);
	g_assert_cmpuint(allocation_count(f->table, "a"), ==, 0);
	g_assert_cmpuint(f->emptied, ==, 1);
	assert_told(f, "+a +a +b -a -a -b ");
}

static void assert_sources(struct fixture *f, const char *source, guint host, guint network)
{
	struct endpoint ep = ep_of(source);

	g_assert_cmpuint(allocation_count_source(f->table, &ep, RATE_HOST), ==, host);
	g_assert_cmpuint(allocation_count_source(f->table, &ep, RATE_NETWORK), ==, network);
}

static void test_sources(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct five_tuple elsewhere = tuple_of("203.0.113.9:1", "192.0.2.1:3478");
	struct allocation *first = add(f, "198.51.100.1:1", "a");
	struct allocation *second = add(f, "198.51.100.1:2", "b");
	struct allocation *third = add(f, "198.51.100.2:1", "a");

	add(f, "[2001:db8:1:2:3::4]:1", "a");
	add(f, "[2001:db8:1:2:5::6]:1", "a");
	add(f, "[2001:db8:1:3::1]:1", "a");
	assert_sources(f, "198.51.100.1:9", 2, 3);
	assert_sources(f, "198.51.100.3:9", 0, 3);
	assert_sources(f, "[2001:db8:1:2::]:9", 2, 3);
	assert_sources(f, "[2001:db8:2:2::]:9", 0, 0);

	g_assert_true(allocation_move(third, &elsewhere, -1));
	assert_sources(f, "198.51.100.1:9", 2, 2);
	assert_sources(f, "203.0.113.9:9", 1, 1);
	allocation_end(first);
	allocation_end(second);
	allocation_end(third);
	assert_sources(f, "198.51.100.1:9", 0, 0);
	assert_sources(f, "203.0.113.9:9", 0, 0);
}

static struct relay_socket *relay_at(const char *address)
{
	struct endpoint ep = ep_of(address);
	struct relay_socket *socket = relay_socket_open(&ep);

	g_assert_nonnull(socket);
	return socket;
}

static bool is_gone(const struct endpoint *address, void *gone)
{
	return endpoint_equal_address(address, gone);
}

/* One ends, one keeps its other address, one is somewhere else. */
static void test_gone(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct endpoint gone = ep_of("127.9.9.1:1"), peer = ep_of("203.0.113.1:1"),
			peer6 = ep_of("[2001:db8::1]:1");
	struct allocation *one = add(f, "198.51.100.1:1", "a");
	struct allocation *both = add(f, "198.51.100.1:2", "b");
	struct allocation *other = add(f, "198.51.100.1:3", "c");

	one->relay_v4 = relay_at("127.9.9.1:50001");
	both->relay_v4 = relay_at("127.9.9.1:50002");
	both->relay_v6 = relay_at("[::1]:50002");
	other->relay_v4 = relay_at("127.9.9.2:50001");
	channel_set(one, 0x4000, &peer);
	channel_set(both, 0x4001, &peer);
	channel_set(both, 0x4002, &peer6);
	channel_set(other, 0x4003, &peer);
	g_string_truncate(f->told, 0);

	g_assert_cmpuint(allocation_end_gone(f->table, is_gone, &gone), ==, 2);
	g_assert_cmpuint(allocation_count(f->table, "a"), ==, 0);
	g_assert_null(both->relay_v4);
	g_assert_nonnull(both->relay_v6);
	g_assert_null(channel_find(both, 0x4001));
	g_assert_nonnull(channel_find(both, 0x4002));
	g_assert_nonnull(channel_find(other, 0x4003));
	g_assert_nonnull(strstr(f->told->str, "-4000 -a "));
	g_assert_nonnull(strstr(f->told->str, "-4001 "));
	g_assert_null(strstr(f->told->str, "-4002 "));
	g_assert_null(strstr(f->told->str, "-4003 "));
	g_assert_cmpuint(allocation_end_gone(f->table, is_gone, &gone), ==, 0);
}

/* Allocation after its lifetime, permission after 300 s, channel after 600 s. */
static void test_expiry(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct endpoint peer = ep_of("203.0.113.1:1"), other_port = ep_of("203.0.113.1:2");
	struct allocation *allocation = add(f, "198.51.100.1:1", "a");

	allocation_refresh(allocation, 3600);
	channel_set(allocation, 0x4000, &peer);
	g_assert_true(permission_exists(allocation, &other_port));
	pass(f, 299);
	g_assert_true(permission_exists(allocation, &peer));
	pass(f, 301);
	g_assert_false(permission_exists(allocation, &peer));
	g_assert_nonnull(channel_find(allocation, 0x4000));
	pass(f, 599);
	g_assert_nonnull(channel_find_peer(allocation, &peer));
	assert_told(f, "+a ~a =4000 ");
	pass(f, 601);
	g_assert_null(channel_find(allocation, 0x4000));
	g_assert_null(channel_find_peer(allocation, &peer));
	assert_told(f, "-4000 ");
	pass(f, 3599);
	g_assert_cmpuint(allocation_count(f->table, NULL), ==, 1);
	pass(f, 3601);
	g_assert_cmpuint(allocation_count(f->table, NULL), ==, 0);
	assert_told(f, "-a ");
}

/* An offload hears of what was refreshed, of nothing twice, and of the end in order. */
static void test_offload(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct endpoint first = ep_of("203.0.113.1:1"), second = ep_of("203.0.113.2:1"),
			neighbour = ep_of("203.0.113.1:7");
	struct allocation *allocation = add(f, "198.51.100.1:1", "a");
	struct traffic traffic;

	channel_set(allocation, 0x4000, &first);
	channel_set(allocation, 0x4001, &second);
	assert_told(f, "+a =4000 =4001 ");
	channel_set(allocation, 0x4000, &first);
	assert_told(f, "=4000 ");
	permission_set(allocation, &neighbour);
	assert_told(f, "");
	permission_set_until(allocation, &neighbour, seconds_from_now(PERMISSION_LIFETIME_S + 60));
	assert_told(f, "=4000 ");
	allocation_refresh(allocation, 600);
	assert_told(f, "~a ");

	allocation->traffic.to_peers_packets = 1;
	traffic = allocation_traffic(allocation);
	g_assert_cmpuint(traffic.to_peers_packets, ==, 8);
	g_assert_cmpuint(traffic.to_client_bytes, ==, 700);

	allocation_end(allocation);
	g_assert_true(g_str_has_suffix(f->told->str, "-a "));
	g_assert_nonnull(strstr(f->told->str, "-4000 "));
	g_assert_nonnull(strstr(f->told->str, "-4001 "));
}

static void expire_channel(struct allocation *allocation, guint16 number)
{
	struct expiry *expiry = &channel_find(allocation, number)->expiry;

	expiry->expired(expiry);
}

/* The permission of an address is that of all its channels, whichever of them are left. */
static void test_offload_address(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct endpoint peer = ep_of("203.0.113.1:1"), stranger = ep_of("203.0.113.2:1");
	struct allocation *allocation = add(f, "198.51.100.1:1", "a");

	for (guint i = 1; i <= 4; i++) {
		endpoint_set_port(&peer, i);
		channel_set(allocation, 0x4000 + i, &peer);
	}
	assert_told(f, "+a =4001 =4002 =4003 =4004 ");
	permission_set_until(allocation, &peer, seconds_from_now(PERMISSION_LIFETIME_S + 60));
	assert_told(f, "=4004 =4003 =4002 =4001 ");
	permission_set(allocation, &stranger);
	assert_told(f, "");
	expire_channel(allocation, 0x4002);
	expire_channel(allocation, 0x4004);
	expire_channel(allocation, 0x4001);
	assert_told(f, "-4002 -4004 -4001 ");
	permission_set_until(allocation, &peer, seconds_from_now(PERMISSION_LIFETIME_S + 120));
	assert_told(f, "=4003 ");
	expire_channel(allocation, 0x4003);
	permission_set(allocation, &peer);
	assert_told(f, "-4003 ");
}

static void assert_ends_in_ms(const struct expiry *expiry, gint64 ms)
{
	gint64 left_us = expiry->at_us - g_get_monotonic_time();

	g_assert_cmpint(left_us, <=, ms * 1000);
	g_assert_cmpint(left_us, >, (ms - 60000) * 1000);
}

/* What another process began ends when that had it end. */
static void test_restore(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct endpoint peer = ep_of("203.0.113.1:1"), silent = ep_of("203.0.113.2:1");
	struct allocation *allocation = add(f, "198.51.100.1:1", "a");

	allocation_restore(allocation, 3000000);
	assert_ends_in_ms(&allocation->expiry, 3000000);
	channel_restore(allocation, 0x4000, &peer, 500000, 200000);
	assert_ends_in_ms(&channel_find(allocation, 0x4000)->expiry, 500000);
	g_assert_true(permission_exists(allocation, &peer));
	assert_told(f, "+a =4000 ");
	channel_restore(allocation, 0x4001, &silent, 500000, 0);
	g_assert_nonnull(channel_find_peer(allocation, &silent));
	g_assert_false(permission_exists(allocation, &silent));
	assert_told(f, "");
	expiry_run(f->queue, g_get_monotonic_time() + 400 * G_USEC_PER_SEC);
	g_assert_false(permission_exists(allocation, &peer));
	g_assert_nonnull(channel_find(allocation, 0x4000));
}

static void test_drop_relay(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct endpoint v4 = ep_of("203.0.113.1:1"), v6 = ep_of("[2001:db8::1]:1");
	struct allocation *allocation = add(f, "198.51.100.1:1", "a");

	channel_set(allocation, 0x4000, &v4);
	channel_set(allocation, 0x4001, &v6);
	allocation_drop_relay(allocation, AF_INET6);
	g_assert_nonnull(channel_find(allocation, 0x4000));
	g_assert_null(channel_find(allocation, 0x4001));
	g_assert_true(permission_exists(allocation, &v4));
	g_assert_false(permission_exists(allocation, &v6));
}

/* 16 000 channels of one allocation: found by number and by peer, and all gone with it. */
static void test_many(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct allocation *allocation = add(f, "198.51.100.1:1", "a");
	struct endpoint peer = ep_of("203.0.113.1:0");

	for (guint i = 1; i <= 16000; i++) {
		endpoint_set_port(&peer, i);
		peer.in.sin_addr.s_addr = htonl(0xcb007100 + i % 250);
		channel_set(allocation, 0x4000 + i % 0x3fff, &peer);
	}
	for (guint i = 1; i <= 16000; i++) {
		endpoint_set_port(&peer, i);
		peer.in.sin_addr.s_addr = htonl(0xcb007100 + i % 250);
		g_assert_cmpuint(channel_find_peer(allocation, &peer)->number, ==,
				 0x4000 + i % 0x3fff);
		g_assert_true(endpoint_equal(&channel_find(allocation, 0x4000 + i % 0x3fff)->peer,
					     &peer));
	}
	allocation_end(allocation);
	g_assert_cmpuint(permission_count(f->table), ==, 0);
	g_assert_cmpuint(channel_count(f->table), ==, 0);
}

/* An account has its share of what fits, in however many allocations, and no more. */
static void test_share(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct allocation *first = add(f, "198.51.100.1:1", "a");
	struct allocation *second = add(f, "198.51.100.1:2", "a");
	struct allocation *other = add(f, "198.51.100.1:3", "b");
	struct endpoint peer = ep_of("203.0.113.1:1");
	guint number = 0;

	for (guint n = 0; n < PERMISSIONS_PER_ACCOUNT; n++) {
		g_assert_true(permission_has_room(second, 1));
		peer.in.sin_addr.s_addr = htonl(0x0b000000 + n);
		permission_set(n % 2 ? first : second, &peer);
	}
	g_assert_false(permission_has_room(first, 1));
	g_assert_false(permission_has_room(second, 1));
	g_assert_true(permission_has_room(other, PERMISSIONS_PER_ACCOUNT));
	g_assert_false(permission_has_room(other, PERMISSIONS_PER_ACCOUNT + 1));

	/* to addresses that are permitted, so that only channels are made */
	for (; channel_has_room(first); number++) {
		peer.in.sin_addr.s_addr = htonl(0x0b000000 + number % 2);
		endpoint_set_port(&peer, number / 2 + 1);
		channel_set(number % 2 ? first : second, 0x4000 + number / 2, &peer);
	}
	g_assert_cmpuint(number, ==, CHANNELS_PER_ACCOUNT);
	g_assert_false(channel_has_room(second));
	g_assert_true(channel_has_room(other));

	allocation_end(first);
	g_assert_true(permission_has_room(second, PERMISSIONS_PER_ACCOUNT / 2));
	g_assert_true(channel_has_room(second));
}

/* ---- the heap ---- */

struct thing {
	struct expiry expiry;
	gint64 expected_us;
	bool gone;
};

static gint64 newest_us;

static void thing_expired(struct expiry *expiry)
{
	struct thing *thing = (struct thing *)expiry;

	g_assert_cmpint(expiry->at_us, ==, thing->expected_us);
	g_assert_cmpint(expiry->at_us, >=, newest_us);
	newest_us = expiry->at_us;
	thing->gone = true;
}

/* Whatever is set, set again and cancelled, things expire in order, each at its time. */
static void test_heap(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	struct thing things[500] = {};
	gint64 far_us = g_get_monotonic_time() + 1000 * G_USEC_PER_SEC;

	newest_us = 0;
	for (gsize step = 0; step < 5000; step++) {
		struct thing *thing = &things[g_test_rand_int_range(0, G_N_ELEMENTS(things))];

		thing->expiry.expired = thing_expired;
		if (g_test_rand_int_range(0, 4)) {
			thing->expected_us = far_us + g_test_rand_int_range(0, 1000);
			expiry_set(f->queue, &thing->expiry, thing->expected_us);
		} else {
			thing->expected_us = 0;
			expiry_cancel(f->queue, &thing->expiry);
		}
	}
	for (gint64 now_us = far_us - 1; now_us <= far_us + 1000; now_us++) {
		expiry_run(f->queue, now_us);
		for (gsize i = 0; i < G_N_ELEMENTS(things); i++)
			g_assert_cmpint(things[i].gone, ==, things[i].expected_us &&
							    things[i].expected_us <= now_us);
	}
}

/* ---- what needs no table ---- */

static void test_bucket(struct fixture *f G_GNUC_UNUSED, gconstpointer unused G_GNUC_UNUSED)
{
	struct byte_bucket bucket = {};
	gint64 now_us = G_USEC_PER_SEC;
	guint64 taken = 0;

	g_assert_true(byte_bucket_take(&bucket, 0, 65535, now_us));
	g_assert_cmpint(bucket.full_at_us, ==, 0);
	while (byte_bucket_take(&bucket, 10000000, 1000, now_us))
		taken += 1000;
	g_assert_cmpuint(taken, ==, 10000000);
	g_assert_false(byte_bucket_take(&bucket, 10000000, 1000, now_us + 99));
	g_assert_true(byte_bucket_take(&bucket, 10000000, 1000, now_us + 100));

	bucket.full_at_us = 0;
	for (taken = 0; byte_bucket_take(&bucket, 1000, 1024, now_us); taken += 1024)
		;
	g_assert_cmpuint(taken, ==, BYTE_BUCKET_BURST_MIN);
}

static void test_nonce(struct fixture *f G_GNUC_UNUSED, gconstpointer unused G_GNUC_UNUSED)
{
	static const guint8 key[NONCE_KEY_LEN] = "a key for tests", other_key[NONCE_KEY_LEN] = "2";
	struct nonces *nonces = nonces_new(key, true), *others = nonces_new(other_key, true);
	struct endpoint client = ep_of("192.0.2.1:1"), port = ep_of("192.0.2.1:2"),
			elsewhere = ep_of("192.0.2.2:1"), v6 = ep_of("[2001:db8::1]:1");
	const gint64 now_us = 5 * G_USEC_PER_SEC, life_us = (gint64)NONCE_LIFETIME_S * G_USEC_PER_SEC;
	char nonce[NONCE_LEN];

	nonce_make(nonces, &client, now_us, nonce);
	g_assert_true(nonce_has_cookie(nonce, sizeof(nonce)));
	g_assert_true(nonce_is_valid(nonces, &client, now_us, nonce, sizeof(nonce)));
	g_assert_false(nonce_is_valid(nonces, &port, now_us, nonce, sizeof(nonce)));
	g_assert_true(nonce_is_valid(nonces, &client, now_us + life_us - 1, nonce, sizeof(nonce)));
	g_assert_false(nonce_is_valid(nonces, &client, now_us + life_us, nonce, sizeof(nonce)));
	g_assert_false(nonce_is_valid(nonces, &client, now_us - G_USEC_PER_SEC, nonce,
				      sizeof(nonce)));
	g_assert_false(nonce_is_valid(nonces, &elsewhere, now_us, nonce, sizeof(nonce)));
	g_assert_false(nonce_is_valid(nonces, &v6, now_us, nonce, sizeof(nonce)));
	g_assert_false(nonce_is_valid(others, &client, now_us, nonce, sizeof(nonce)));
	g_assert_false(nonce_is_valid(nonces, &client, now_us, nonce, sizeof(nonce) - 1));
	for (gsize i = 0; i < sizeof(nonce); i++) {
		nonce[i] ^= 1;
		g_assert_false(nonce_is_valid(nonces, &client, now_us, nonce, sizeof(nonce)));
		nonce[i] ^= 1;
	}
	nonces_free(nonces);
	nonces_free(others);
}

static void test_users(struct fixture *f G_GNUC_UNUSED, gconstpointer unused G_GNUC_UNUSED)
{
	static const char *const bad[] = { "", "a", ":", "a:", ":b", "\xff:b" };
	struct users *users = users_new();
	char *password;

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
		g_assert_false(users_add(users, bad[i], NULL));
	g_assert_false(users_are_configured(users));
	/* A combining accent, as a keyboard may send it, and a colon in a password. */
	g_assert_true(users_add(users, "ame\xcc\x81lie:pass:word", NULL));
	g_assert_true(users_are_configured(users));
	password = users_password(users, "am\xc3\xa9lie", 0);
	g_assert_cmpstr(password, ==, "pass:word");
	users_free_password(password);
	g_assert_null(users_password(users, "9999999999:a", 0));
	users_free(users);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_cmpint(sodium_init(), >=, 0);
#define ADD(name, function) g_test_add(name, struct fixture, NULL, setup, function, teardown)
	ADD("/allocation/find", test_find);
	ADD("/allocation/accounts", test_accounts);
	ADD("/allocation/sources", test_sources);
	ADD("/allocation/gone", test_gone);
	ADD("/allocation/expiry", test_expiry);
	ADD("/allocation/offload", test_offload);
	ADD("/allocation/offload-address", test_offload_address);
	ADD("/allocation/restore", test_restore);
	ADD("/allocation/drop-relay", test_drop_relay);
	ADD("/allocation/many-channels", test_many);
	ADD("/allocation/share", test_share);
	ADD("/expiry/heap", test_heap);
	ADD("/byte-bucket", test_bucket);
	ADD("/nonce", test_nonce);
	ADD("/users", test_users);
	return g_test_run();
}
