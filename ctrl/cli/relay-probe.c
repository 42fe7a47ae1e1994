// SPDX-License-Identifier: GPL-2.0
/* Trying relays: each is asked for an allocation, all at the same time. */
#include <errno.h>
#include <gio/gio.h>
#include <poll.h>
#include <sodium.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/turn-attribute.h"
#include "lib/turn-login.h"
#include "relay.h"

#define BUFFER_SIZE 1500

/* Sent again after each of these; RFC 8489 section 6.2.1 is more patient than people are. */
static const int patience_ms[] = { 300, 600, 1200 };

/**
 * struct probe - one relay that is tried, in a thread of its own
 * @relay: (borrowed) the relay
 * @thread: tries it
 * @fd: socket, connected to it
 * @endpoint: where it was tried
 * @rtt_us: of the first answer; -1 when there was none
 * @relayed: the endpoint that it allocated
 * @state: of RELAYSTATUS
 * @why: (owned) of RELAYSTATUS, or NULL
 * @buf: what was sent or received last
 */
struct probe {
	const struct relayinfo *relay;
	GThread *thread;
	int fd;
	struct endpoint endpoint;
	gint64 rtt_us;
	struct endpoint relayed;
	const char *state;
	char *why;
	guint8 buf[BUFFER_SIZE];
};

static void fail(struct probe *probe, const char *state, const char *format, ...)
	G_GNUC_PRINTF(3, 4);

static void fail(struct probe *probe, const char *state, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	probe->state = state;
	g_free(probe->why);
	probe->why = g_strdup_vprintf(format, args);
	va_end(args);
}

static void fail_no_relay(struct probe *probe)
{
	fail(probe, "refused", "it answers STUN, but does not relay: has it a secret-file?");
}

static bool resolve(struct probe *probe)
{
	g_autoptr(GResolver) resolver = g_resolver_get_default();
	g_autoptr(GError) error = NULL;
	GList *addresses = g_resolver_lookup_by_name(resolver, probe->relay->host, NULL, &error);
	g_autoptr(GSocketAddress) address = NULL;

	if (!addresses) {
		fail(probe, "unreachable", "%s", error->message);
		return false;
	}
	address = g_inet_socket_address_new(addresses->data, probe->relay->port);
	g_resolver_free_addresses(addresses);
	return endpoint_from_gsocket_address(&probe->endpoint, address, NULL);
}

static bool connect_to(struct probe *probe)
{
	probe->fd = socket(probe->endpoint.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (probe->fd >= 0 &&
	    connect(probe->fd, &probe->endpoint.sa, endpoint_socklen(&probe->endpoint)) == 0)
		return true;
	fail(probe, "unreachable", "%s", g_strerror(errno));
	return false;
}

/* Wait for the answer to a request; what else comes is not looked at. */
static bool await_answer(struct probe *probe, const guint8 *transaction_id, int wait_ms,
			 struct stun_message *answer)
{
	gint64 end_us = g_get_monotonic_time() + wait_ms * 1000;
	struct pollfd pollfd = { .fd = probe->fd, .events = POLLIN };
	gint64 left_us;

	while ((left_us = end_us - g_get_monotonic_time()) > 0) {
		ssize_t len;

		if (poll(&pollfd, 1, left_us / 1000 + 1) <= 0)
			continue;
		len = recv(probe->fd, probe->buf, sizeof(probe->buf), MSG_DONTWAIT);
		if (len < 0 && errno == ECONNREFUSED) {
			fail(probe, "unreachable", "nothing listens there");
			return false;
		}
		if (len > 0 && stun_parse(answer, probe->buf, len) == STUN_OK &&
		    (answer->class == STUN_CLASS_SUCCESS || answer->class == STUN_CLASS_ERROR) &&
		    !memcmp(stun_transaction_id(answer), transaction_id, STUN_TRANSACTION_ID_LEN))
			return true;
	}
	return false;
}

static bool exchange(struct probe *probe, const struct stun_builder *request,
		     const guint8 *transaction_id, struct stun_message *answer)
{
	gsize len = stun_end(request);

	for (guint i = 0; i < G_N_ELEMENTS(patience_ms) && !probe->state; i++) {
		gint64 sent_us = g_get_monotonic_time();

		/* what a refusal of the network is shows when the answer is waited for */
		if (send(probe->fd, request->buf, len, 0) < 0 && errno != ECONNREFUSED) {
			fail(probe, "unreachable", "%s", g_strerror(errno));
			return false;
		}
		if (await_answer(probe, transaction_id, patience_ms[i], answer)) {
			if (probe->rtt_us < 0)
				probe->rtt_us = g_get_monotonic_time() - sent_us;
			return true;
		}
	}
	if (!probe->state && probe->rtt_us < 0)
		fail(probe, "unreachable", "no answer");
	else if (!probe->state)
		fail_no_relay(probe);
	return false;
}

static bool ask_endpoint(struct probe *probe)
{
	guint8 transaction_id[STUN_TRANSACTION_ID_LEN], request[BUFFER_SIZE];
	struct stun_message answer;
	struct stun_builder b;

	randombytes_buf(transaction_id, sizeof(transaction_id));
	stun_begin(&b, request, sizeof(request), STUN_CLASS_REQUEST, STUN_METHOD_BINDING,
		   transaction_id);
	stun_add_fingerprint(&b);
	return exchange(probe, &b, transaction_id, &answer);
}

/* Ask for an allocation, or with a lifetime of 0 for its end. */
static bool ask(struct probe *probe, enum stun_method method, const struct turn_login *login,
		struct stun_message *answer)
{
	guint8 transaction_id[STUN_TRANSACTION_ID_LEN], request[2 * BUFFER_SIZE];
	struct stun_builder b;

	randombytes_buf(transaction_id, sizeof(transaction_id));
	stun_begin(&b, request, sizeof(request), STUN_CLASS_REQUEST, method, transaction_id);
	if (method == STUN_METHOD_ALLOCATE)
		turn_add_transport(&b, TURN_TRANSPORT_UDP);
	else
		turn_add_lifetime(&b, 0);
	turn_login_sign(login, &b);
	if (!stun_end(&b)) {
		fail(probe, "refused", "it answers nonsense");
		return false;
	}
	return exchange(probe, &b, transaction_id, answer);
}

static guint error_code(const struct stun_message *answer)
{
	struct stun_attribute attr;
	const char *reason;
	gsize reason_len;
	guint code;

	if (answer->class != STUN_CLASS_ERROR || !stun_find(answer, STUN_ERROR_CODE, &attr) ||
	    !stun_get_error(&attr, &code, &reason, &reason_len))
		return 0;
	return code;
}

static bool read_relayed(struct probe *probe, const struct stun_message *answer)
{
	struct stun_attribute relayed;

	return answer->class == STUN_CLASS_SUCCESS &&
	       stun_find(answer, STUN_XOR_RELAYED_ADDRESS, &relayed) &&
	       stun_get_xor_address(answer, &relayed, &probe->relayed);
}

/* A TURN server answers a request without credentials with what they are to be made of. */
static void allocate(struct probe *probe)
{
	g_autoptr(turn_login) login = turn_login_new(probe->relay->username,
						     probe->relay->password);
	struct stun_message answer;
	guint code;

	if (!ask(probe, STUN_METHOD_ALLOCATE, login, &answer))
		return;
	if (error_code(&answer) != 401 || !turn_login_challenge(login, &answer)) {
		fail_no_relay(probe);
		return;
	}
	if (!ask(probe, STUN_METHOD_ALLOCATE, login, &answer))
		return;
	code = error_code(&answer);
	if (code == 401) {
		fail(probe, "refused", "it has another secret, or its clock is wrong");
	} else if (code) {
		fail(probe, "refused", "it refuses an allocation with error %u", code);
	} else if (!turn_login_verify(login, &answer) || !read_relayed(probe, &answer)) {
		fail(probe, "refused", "it answers nonsense");
	} else {
		/* it would last for ten minutes; when the answer is lost it does */
		ask(probe, STUN_METHOD_REFRESH, login, &answer);
		g_clear_pointer(&probe->why, g_free);
		probe->state = "usable";
	}
}

static void *run(void *data)
{
	struct probe *probe = data;

	if (!(probe->relay->transports & RELAYINFO_UDP))
		fail(probe, "unknown", "only UDP is tried from here");
	else if (resolve(probe) && connect_to(probe) && ask_endpoint(probe))
		allocate(probe);
	if (probe->fd >= 0)
		close(probe->fd);
	return NULL;
}

static JsonObject *outcome(struct probe *probe)
{
	JsonObject *object = json_object_new();
	g_autofree char *address = relay_address(probe->relay);
	char text[ENDPOINT_STRLEN];

	json_object_set_string_member(object, "name", probe->relay->name);
	json_object_set_string_member(object, "state", probe->state);
	json_object_set_string_member(object, "endpoint", endpoint_is_set(&probe->endpoint) ?
				      endpoint_print(&probe->endpoint, text) : address);
	if (probe->relay->transports & RELAYINFO_UDP)
		json_object_set_string_member(object, "transport", "udp");
	if (probe->rtt_us >= 0)
		json_object_set_int_member(object, "rtt_us", probe->rtt_us);
	if (endpoint_is_set(&probe->relayed))
		json_object_set_string_member(object, "relayed",
					      endpoint_print(&probe->relayed, text));
	if (probe->why)
		json_object_set_string_member(object, "why", probe->why);
	return object;
}

JsonArray *relay_probe(const GArray *relays)
{
	g_autofree struct probe *probes = g_new0(struct probe, relays->len);
	JsonArray *outcomes = json_array_new();

	for (guint i = 0; i < relays->len; i++) {
		probes[i].relay = &g_array_index(relays, struct relayinfo, i);
		probes[i].fd = -1;
		probes[i].rtt_us = -1;
		probes[i].thread = g_thread_new("probe", run, &probes[i]);
	}
	for (guint i = 0; i < relays->len; i++) {
		g_thread_join(probes[i].thread);
		json_array_add_object_element(outcomes, outcome(&probes[i]));
		g_free(probes[i].why);
	}
	return outcomes;
}
