// SPDX-License-Identifier: GPL-2.0

/*
 * Any datagrams to the TURN server, from two clients. An input is a row of datagrams, each behind a
 * byte of flags and two bytes of length. Where the flags say so and the datagram is a STUN message,
 * it gets credentials, for otherwise nothing would come behind the first check.
 *
 * The sockets are real, in a network namespace of their own; where that cannot be had, no peer is
 * allowed, and so nothing is sent.
 */
#include "relay/dispatch.h"

#include <net/if.h>
#include <sched.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define FLAG_OTHER_CLIENT 0x01
#define FLAG_SIGN 0x02
#define FLAG_IPV6 0x04
#define FLAG_TIME_PASSES 0x08
#define HEADER_LEN 3
#define DATAGRAM_MAX 4096
#define CREDENTIALS_MAX 512
#define KEY_LEN 32

static struct {
	struct turn turn;
	struct dispatcher dispatcher;
	struct expiry_queue *expiry;
	int fd;
	gint64 now_us;
	guint8 sha256_key[KEY_LEN];
} server;

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* A loopback that nobody else listens on. */
static bool have_own_network(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	bool done;
	int fd;

	if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	done = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &lo) == 0;
	if (fd >= 0)
		close(fd);
	return done;
}

static struct endpoint ep_of(const char *text)
{
	struct endpoint ep;

	require(endpoint_parse_default(text, 0, &ep, NULL));
	return ep;
}

static GArray *endpoints(const char *v4, const char *v6)
{
	GArray *array = g_array_new(FALSE, FALSE, sizeof(struct endpoint));
	struct endpoint ep;

	for (const char *text = v4; text; text = text == v4 ? v6 : NULL) {
		ep = ep_of(text);
		g_array_append_val(array, ep);
	}
	return array;
}

static void add_rule(struct peer_policy *policy, const char *text, bool allow)
{
	struct prefix prefix;

	require(prefix_parse(text, &prefix, NULL));
	peer_policy_add(policy, &prefix, allow);
}

static void start_server(void)
{
	static const char text[] = "user:realm:pw";
	struct peer_policy *policy = peer_policy_new();
	struct users *users = users_new();
	guint8 key[NONCE_KEY_LEN] = {};

	require(sodium_init() >= 0 && users_add(users, "user:pw", NULL));
	add_rule(policy, "0.0.0.0/0", false);
	add_rule(policy, "::/0", false);
	if (have_own_network()) {
		add_rule(policy, "127.0.0.0/8", true);
		add_rule(policy, "::1", true);
	}
	crypto_hash_sha256(server.sha256_key, (const guint8 *)text, strlen(text));
	server.turn.auth = (struct auth){
		.realm = "realm", .users = users, .nonces = nonces_new(key, true),
	};
	server.turn.policy = policy;
	server.turn.limits = (struct turn_limits){ 8, 4, 1000000 };
	server.turn.poller = poller_new(NULL);
	server.turn.addresses = (struct turn_addresses){
		.relay = endpoints("127.0.0.1", "::1"),
		.external = endpoints(NULL, NULL),
		.listening = endpoints("127.0.0.1:3478", "[::1]:3478"),
		.ports = { 49152, 65535 },
		.channel_min = 0x4000,
		.channel_max = 0x7fff,
	};
	server.dispatcher.turn = &server.turn;
	server.dispatcher.strangers = dispatch_strangers_new();
	server.expiry = expiry_queue_new();
	server.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	require(server.turn.poller && server.fd >= 0);
}

/* The message anew, with credentials; 0 when it is none. */
static gsize sign(const guint8 *data, gsize len, const struct endpoint *client, guint8 *out,
		  gsize size)
{
	static const guint8 algorithms[] = { 0, 2, 0, 0, 0, 1, 0, 0 };
	struct stun_attribute attr = {};
	struct stun_message message;
	struct stun_builder b;
	char nonce[NONCE_LEN];

	if (stun_parse(&message, data, len) != STUN_OK)
		return 0;
	nonce_make(server.turn.auth.nonces, client, server.now_us, nonce);
	stun_begin(&b, out, size, message.class, message.method, stun_transaction_id(&message));
	stun_add(&b, STUN_USERNAME, "user", 4);
	stun_add(&b, STUN_REALM, "realm", 5);
	stun_add(&b, STUN_NONCE, nonce, sizeof(nonce));
	stun_add(&b, STUN_PASSWORD_ALGORITHMS, algorithms, sizeof(algorithms));
	stun_add(&b, STUN_PASSWORD_ALGORITHM, algorithms, 4);
	while (stun_next(&message, &attr))
		stun_add(&b, attr.type, attr.value, attr.len);
	stun_add_integrity_sha256(&b, server.sha256_key, sizeof(server.sha256_key),
				  STUN_SHA256_LEN);
	return stun_end(&b);
}

/* An answer is a well-formed response to what was sent, and proves itself where it has to. */
static void check_answer(const guint8 *answer, gsize len, const guint8 *request)
{
	struct stun_message message;
	bool classic = memcmp(answer + 4, "\x21\x12\xa4\x42", 4) != 0;

	require(len <= LISTENER_ANSWER_MAX && !memcmp(answer + 8, request + 8, 12));
	if (classic)
		return;
	require(stun_parse(&message, answer, len) == STUN_OK);
	require(message.class == STUN_CLASS_SUCCESS || message.class == STUN_CLASS_ERROR);
	if (message.method != STUN_METHOD_BINDING && message.class == STUN_CLASS_SUCCESS)
		require(stun_check_integrity_sha256(&message, server.sha256_key,
						    sizeof(server.sha256_key), STUN_SHA256_LEN) ==
			STUN_INTEGRITY_RIGHT);
}

static void feed(guint8 flags, const guint8 *data, gsize len)
{
	struct endpoint client = ep_of(flags & FLAG_IPV6 ? "[::1]:9" : "127.0.0.1:9");
	g_autofree guint8 *copy = g_malloc(len + CREDENTIALS_MAX);
	guint8 answer[LISTENER_ANSWER_MAX];
	struct datagram datagram = {
		.data = copy,
		.len = len,
		.source = client,
		.local = ep_of(flags & FLAG_IPV6 ? "[::1]:3478" : "127.0.0.1:3478"),
		.received_us = server.now_us,
		.fd = server.fd,
		.traffic_class = flags,
	};
	gsize signed_len = 0;

	if (flags & FLAG_OTHER_CLIENT)
		endpoint_set_port(&datagram.source, 10);
	if (flags & FLAG_SIGN)
		signed_len = sign(data, len, &client, copy, len + CREDENTIALS_MAX);
	if (signed_len)
		datagram.len = signed_len;
	else
		memcpy(copy, data, len);
	len = dispatch(&server.dispatcher, &datagram, answer);
	if (len)
		check_answer(answer, len, datagram.data);
	transmit_flush();
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize len);

int LLVMFuzzerTestOneInput(const guint8 *data, gsize len)
{
	gsize size;

	if (!server.expiry)
		start_server();
	turn_init(&server.turn, server.expiry, NULL);
	server.now_us = g_get_monotonic_time();
	while (len >= HEADER_LEN) {
		guint8 flags = data[0];

		size = MIN((gsize)(data[1] << 8 | data[2]), len - HEADER_LEN);
		feed(flags, data + HEADER_LEN, MIN(size, DATAGRAM_MAX));
		data += HEADER_LEN + size;
		len -= HEADER_LEN + size;
		if (flags & FLAG_TIME_PASSES) {
			server.now_us += 200 * G_USEC_PER_SEC;
			expiry_run(server.expiry, server.now_us);
		}
		while (g_main_context_iteration(NULL, FALSE))
			;
	}
	turn_clear(&server.turn);
	return 0;
}
