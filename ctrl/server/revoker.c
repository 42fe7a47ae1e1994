// SPDX-License-Identifier: GPL-2.0
/* Telling the relays which nodes were removed: docs/protocol.md section 7. */
#include "revoker.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <sodium.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/log.h"
#include "lib/revocation.h"
#include "localaddress.h"

/* A request that any IPv6 path carries whole, and what fits into it. */
#define REQUEST_MAX (1280 - 40 - 8)
#define ENTRY_LEN (4 + 8 + 2 * STORE_ACCOUNT_SIZE)
#define OVERHEAD (STUN_HEADER_LEN + 4 + STUN_SHA256_LEN + 8)
#define BATCH ((REQUEST_MAX - OVERHEAD) / ENTRY_LEN)

/* How often a relay that knows all is asked whether it was started again. */
#define LOOK_S 15

/* How long an answer is waited for: 1 s at first, doubled each time. */
#define PATIENCE_MAX_S 15

/* The operator is told of a relay that has not answered so often. */
#define COMPLAIN_AFTER 3

/* More answers than this are read later. */
#define READ_AT_ONCE 64
#define ANSWER_MAX 2048

/**
 * struct relay - one that is told
 * @revoker: to which it belongs
 * @name: what the operator calls it
 * @host: where it is; empty for this machine
 * @port: for UDP
 * @key: signs what is said
 * @targets: array of struct endpoint: the addresses of @host, as far as they are known
 * @target: the one that is tried now
 * @resolving: ends looking up @host; NULL when that is not being done
 * @timer: GLib source of what is done next; 0 when there is nothing to tell
 * @asked: a request was sent, and neither answered nor given up
 * @transaction: of that
 * @telling: id of the last revocation that the relay knows when that is answered
 * @told: likewise, of those that were answered
 * @run: the relay's, which was told that
 * @unanswered: how many requests were given up since it answered last
 * @is_other: something answers there that cannot sign
 * @complained: that it does not know was logged
 */
struct relay {
	struct revoker *revoker;
	char name[HOSTNAME_SIZE];
	char host[JOINSTRING_MAX_HOST + 1];
	guint16 port;
	guint8 key[REVOCATION_KEY_SIZE];
	GArray *targets;
	guint target;
	GCancellable *resolving;
	guint timer;
	bool asked;
	guint8 transaction[STUN_TRANSACTION_ID_LEN];
	gint64 telling, told;
	guint8 run[REVOCATION_RUN_SIZE];
	guint unanswered;
	bool is_other, complained;
};

/**
 * struct udp_socket - requests leave by it
 * @fd: -1 when this host does not have the address family
 * @watch: GLib source of the answers
 */
struct udp_socket {
	int fd;
	guint watch;
};

/**
 * struct revoker - see revoker.h
 * @store: what there is to tell
 * @listen: see revoker_new()
 * @v4: to relays with IPv4
 * @v6: to those with IPv6
 * @relays: array of struct relay *
 */
struct revoker {
	struct store *store;
	const GArray *listen;
	struct udp_socket v4, v6;
	GPtrArray *relays;
};

static void tell(struct relay *relay);

static gint64 now_s(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

/* Once, until it knows all. */
static void complain(struct relay *relay, const char *why)
{
	if (!relay->complained)
		log_warning("relay '%s' does not know that nodes were removed, and these may use it "
			    "until their credentials expire: %s", relay->name, why);
	relay->complained = true;
}

static void complain_of_silence(struct relay *relay, const struct endpoint *target)
{
	char text[ENDPOINT_STRLEN];
	g_autofree char *why = NULL;

	endpoint_print(target, text);
	why = relay->is_other ?
		      g_strdup_printf("what answers at %s is no mesh-relayd that can be told, or has "
				      "another secret", text) :
		      g_strdup_printf("%s does not answer by UDP; it is tried on", text);
	complain(relay, why);
}

static void give_up_request(struct relay *relay)
{
	const struct endpoint *target = &g_array_index(relay->targets, struct endpoint,
						       relay->target);

	relay->asked = false;
	if (++relay->unanswered == COMPLAIN_AFTER)
		complain_of_silence(relay, target);
	if (++relay->target < relay->targets->len)
		return;
	/* a name may have other addresses by now */
	g_array_set_size(relay->targets, 0);
	relay->target = 0;
}

static gboolean on_due(void *data)
{
	struct relay *relay = data;

	relay->timer = 0;
	if (relay->asked)
		give_up_request(relay);
	tell(relay);
	return G_SOURCE_REMOVE;
}

static void wait_s(struct relay *relay, guint seconds)
{
	relay->timer = g_timeout_add_seconds(seconds, on_due, relay);
}

static void add_target(struct relay *relay, const char *address)
{
	struct endpoint target;

	if (!endpoint_parse_default(address, relay->port, &target, NULL))
		return;
	endpoint_set_port(&target, relay->port);
	g_array_append_val(relay->targets, target);
}

static void add_own_addresses(struct relay *relay)
{
	char own[ENDPOINT_STRLEN];

	add_target(relay, "127.0.0.1");
	add_target(relay, "::1");
	if (localaddress_find(relay->revoker->listen, own, sizeof(own)))
		add_target(relay, own);
}

static void on_resolved(GObject *source, GAsyncResult *result, void *data)
{
	g_autoptr(GError) error = NULL;
	GList *found = g_resolver_lookup_by_name_finish(G_RESOLVER(source), result, &error);
	struct relay *relay = data;

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return; /* the relay is gone */
	g_clear_object(&relay->resolving);
	for (GList *item = found; item; item = item->next) {
		g_autofree char *address = g_inet_address_to_string(item->data);

		add_target(relay, address);
	}
	g_resolver_free_addresses(found);
	if (relay->targets->len) {
		tell(relay);
		return;
	}
	complain(relay, error ? error->message : "its name has no address");
	wait_s(relay, LOOK_S);
}

/* Return: false when it is to be waited for. */
static bool find_targets(struct relay *relay)
{
	g_autoptr(GResolver) resolver = NULL;

	if (!relay->targets->len && !relay->host[0])
		add_own_addresses(relay);
	if (relay->targets->len)
		return true;
	resolver = g_resolver_get_default();
	relay->resolving = g_cancellable_new();
	g_resolver_lookup_by_name_async(resolver, relay->host, relay->resolving, on_resolved, relay);
	return false;
}

static gsize build_request(struct relay *relay, const GArray *batch, guint8 *request)
{
	struct stun_builder b;

	randombytes_buf(relay->transaction, sizeof(relay->transaction));
	stun_begin(&b, request, REQUEST_MAX, STUN_CLASS_REQUEST, STUN_METHOD_BINDING,
		   relay->transaction);
	for (guint i = 0; i < batch->len; i++) {
		const struct store_revocation *stored =
			&g_array_index(batch, struct store_revocation, i);
		struct revocation revocation = { .until_s = stored->until_s };

		sodium_bin2hex(revocation.account, sizeof(revocation.account), stored->account,
			       sizeof(stored->account));
		revocation_add(&b, &revocation);
		relay->telling = stored->id;
	}
	if (!batch->len)
		revocation_add(&b, NULL);
	stun_add_integrity_sha256(&b, relay->key, sizeof(relay->key), STUN_SHA256_LEN);
	stun_add_fingerprint(&b);
	return stun_end(&b);
}

/* What cannot be sent is as good as lost on the way: it is sent again. */
static void send_request(struct relay *relay, const GArray *batch)
{
	const struct endpoint *target = &g_array_index(relay->targets, struct endpoint,
						       relay->target);
	const struct revoker *revoker = relay->revoker;
	int fd = target->sa.sa_family == AF_INET6 ? revoker->v6.fd : revoker->v4.fd;
	guint8 request[REQUEST_MAX];
	gsize len;

	relay->telling = relay->told;
	len = build_request(relay, batch, request);
	relay->asked = true;
	(void)!sendto(fd, request, len, 0, &target->sa, endpoint_socklen(target));
	wait_s(relay, MIN(1u << MIN(relay->unanswered, 8), PATIENCE_MAX_S));
}

/* Tell what comes next, or ask whether that is needed. */
static void tell(struct relay *relay)
{
	struct store *store = relay->revoker->store;
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) batch = NULL;

	g_clear_handle_id(&relay->timer, g_source_remove);
	if (!store_count_revocations(store, now_s(), 0)) {
		relay->complained = false;
		return;
	}
	if (!find_targets(relay))
		return;
	batch = store_revocations(store, now_s(), relay->told, BATCH, &error);
	if (batch) {
		send_request(relay, batch);
		return;
	}
	log_limited(LOG_LEVEL_ERROR, "relays are not told which nodes were removed: %s",
		    error->message);
	wait_s(relay, LOOK_S);
}

static void take_refusal(struct relay *relay, const struct stun_message *answer)
{
	struct stun_attribute attr;
	g_autofree char *why = NULL;
	const char *reason;
	guint code;
	gsize len;

	if (!stun_find(answer, STUN_ERROR_CODE, &attr) ||
	    !stun_get_error(&attr, &code, &reason, &len))
		return;
	why = g_strdup_printf("it refuses to be told: %u %.*s", code, (int)len, reason);
	complain(relay, why);
	g_clear_handle_id(&relay->timer, g_source_remove);
	relay->asked = false;
	wait_s(relay, LOOK_S);
}

static void take_answer(struct relay *relay, const struct stun_message *answer)
{
	struct stun_attribute run;
	bool is_same;

	if (stun_check_integrity_sha256(answer, relay->key, sizeof(relay->key), STUN_SHA256_LEN) !=
	    STUN_INTEGRITY_RIGHT) {
		relay->is_other = true;
		return;
	}
	if (answer->class == STUN_CLASS_ERROR) {
		take_refusal(relay, answer);
		return;
	}
	if (!stun_find(answer, STUN_REVOCATION, &run) || run.len != sizeof(relay->run))
		return;
	g_clear_handle_id(&relay->timer, g_source_remove);
	relay->asked = false;
	relay->is_other = false;
	relay->unanswered = 0;
	is_same = !relay->told || memcmp(relay->run, run.value, run.len) == 0;
	memcpy(relay->run, run.value, run.len);
	relay->told = is_same ? relay->telling : 0;
	if (store_count_revocations(relay->revoker->store, now_s(), relay->told)) {
		tell(relay);
		return;
	}
	if (relay->complained)
		log_info("relay '%s' knows now which nodes were removed", relay->name);
	relay->complained = false;
	wait_s(relay, LOOK_S);
}

static void take(const struct revoker *revoker, const guint8 *message, gsize len)
{
	struct stun_message answer;

	if (stun_parse(&answer, message, len) != STUN_OK ||
	    answer.method != STUN_METHOD_BINDING ||
	    (answer.class != STUN_CLASS_SUCCESS && answer.class != STUN_CLASS_ERROR))
		return;
	for (guint i = 0; i < revoker->relays->len; i++) {
		struct relay *relay = revoker->relays->pdata[i];

		if (relay->asked && memcmp(relay->transaction, stun_transaction_id(&answer),
					   sizeof(relay->transaction)) == 0) {
			take_answer(relay, &answer);
			return;
		}
	}
}

static gboolean on_readable(int fd, G_GNUC_UNUSED GIOCondition condition, void *revoker)
{
	guint8 message[ANSWER_MAX];
	ssize_t len;

	for (guint i = 0; i < READ_AT_ONCE; i++) {
		len = recv(fd, message, sizeof(message), MSG_DONTWAIT);
		if (len < 0)
			break;
		take(revoker, message, len);
	}
	return G_SOURCE_CONTINUE;
}

/* A host without IPv6 has no such socket, and reaches no relay by it. */
static void open_socket(struct revoker *revoker, struct udp_socket *udp, int family)
{
	udp->fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (udp->fd >= 0)
		udp->watch = g_unix_fd_add(udp->fd, G_IO_IN, on_readable, revoker);
}

static void close_socket(struct udp_socket *udp)
{
	g_clear_handle_id(&udp->watch, g_source_remove);
	if (udp->fd >= 0)
		close(udp->fd);
}

static void free_relay(void *data)
{
	struct relay *relay = data;

	if (relay->resolving)
		g_cancellable_cancel(relay->resolving);
	g_clear_object(&relay->resolving);
	g_clear_handle_id(&relay->timer, g_source_remove);
	g_array_unref(relay->targets);
	sodium_memzero(relay->key, sizeof(relay->key));
	g_free(relay);
}

struct revoker *revoker_new(struct store *store, const GArray *listen)
{
	struct revoker *revoker = g_new0(struct revoker, 1);

	revoker->store = store;
	revoker->listen = listen;
	revoker->relays = g_ptr_array_new_with_free_func(free_relay);
	open_socket(revoker, &revoker->v4, AF_INET);
	open_socket(revoker, &revoker->v6, AF_INET6);
	return revoker;
}

void revoker_free(struct revoker *revoker)
{
	if (!revoker)
		return;
	g_ptr_array_unref(revoker->relays);
	close_socket(&revoker->v4);
	close_socket(&revoker->v6);
	g_free(revoker);
}

static struct relay *find_relay(const struct revoker *revoker, const char *name)
{
	for (guint i = 0; i < revoker->relays->len; i++) {
		struct relay *relay = revoker->relays->pdata[i];

		if (strcmp(relay->name, name) == 0)
			return relay;
	}
	return NULL;
}

void revoker_add(struct revoker *revoker, const struct store_relay *added)
{
	struct relay *relay = g_new0(struct relay, 1);

	relay->revoker = revoker;
	g_strlcpy(relay->name, added->info.name, sizeof(relay->name));
	g_strlcpy(relay->host, added->info.host, sizeof(relay->host));
	relay->port = added->info.port;
	revocation_key(added->secret, relay->key);
	relay->targets = g_array_new(FALSE, FALSE, sizeof(struct endpoint));
	g_ptr_array_add(revoker->relays, relay);
	tell(relay);
}

void revoker_remove(struct revoker *revoker, const char *name)
{
	g_ptr_array_remove_fast(revoker->relays, find_relay(revoker, name));
}

void revoker_tell(struct revoker *revoker)
{
	for (guint i = 0; i < revoker->relays->len; i++) {
		struct relay *relay = revoker->relays->pdata[i];

		/* what is being waited for is followed by the rest */
		if (!relay->asked && !relay->resolving)
			tell(relay);
	}
}

gint64 revoker_untold(const struct revoker *revoker, const char *name)
{
	return store_count_revocations(revoker->store, now_s(),
				       find_relay(revoker, name)->told);
}
