// SPDX-License-Identifier: GPL-2.0
/*
 * The client of a TURN server: its requests, its channels, and how it keeps its allocation through
 * whatever happens to the NATs on the way (RFC 8656, RFC 8016).
 */
#include "turn.h"

#include <sodium.h>
#include <string.h>

#include "lib/log.h"
#include "lib/turn-attribute.h"
#include "lib/turn-login.h"
#include "turn-transport.h"

/* The longest request: user name, realm and nonce are below 800 bytes each. */
#define MESSAGE_MAX 3072

/* How long to wait for an answer; doubled with each repetition (RFC 8489 section 6.2.1). */
#define PATIENCE_MS 250
#define ATTEMPTS 6

/*
 * A server that is suspected to be gone is asked at a quicker pace, and left after so many attempts;
 * it gets about as long as any other before it is given up.
 */
#define CHECK_PATIENCE_MS 100
#define CHECK_ATTEMPTS 3
#define CHECK_ATTEMPTS_MAX 7
#define CHECK_INTERVAL_MS 500

/* How long the way to the server may take to be there: connecting, and shaking hands for TLS. */
#define CONNECT_MS 10000

/* In a stream nothing is repeated: as long as all attempts together. */
#define STREAM_PATIENCE_MS (PATIENCE_MS << ATTEMPTS)

/*
 * Behind a NAT the allocation is refreshed this often: some forget a binding after 10 s, and what has
 * changed is to be known before somebody wants to talk. Without a NAT there is less haste. It is a
 * Refresh, which is signed and belongs to the allocation: a Binding is answered from any endpoint, to
 * anybody, and not when strangers ask too much.
 */
#define KEEPALIVE_S 5
#define KEEPALIVES_WITHOUT_NAT 3

/* The longest ticket that is kept. */
#define TICKET_MAX 256

/* A permission lasts 5 minutes, a channel 10 (RFC 8656 sections 9 and 12); binding renews both. */
#define REBIND_US (4 * 60 * G_USEC_PER_SEC)

/* A number may get another peer 5 minutes after its channel expired (RFC 8656 section 12). */
#define REUSE_US ((10 + 5) * 60 * G_USEC_PER_SEC)

/* So many requests wait for their answer at the same time; other channels wait for theirs. */
#define REQUESTS_MAX 32

/*
 * The answer to a request may challenge us, say that the nonce is stale, and want other credentials
 * of ours.
 */
#define CHALLENGES_MAX 5

/**
 * struct request - a request that waits for its answer
 * @turn: whose
 * @id: transaction id
 * @login: credentials that it is signed with, and its answer
 * @method: what it asks for
 * @channel: number, of a ChannelBind
 * @lifetime_s: of a Refresh
 * @check: the server, or the allocation there, may be gone
 * @move: a Refresh from another endpoint than that of the allocation
 * @moved: a Refresh after @move was answered with an error: the move may have been done before
 * @ipv6: an Allocate asks for an IPv6 address: the server has none of IPv4
 * @challenges: how often the server wanted it signed, or signed otherwise
 * @attempts: how often it was sent
 * @timer: GLib source that sends it again, or gives up
 * @sent_us: when it was sent first
 * @message: as it is sent
 * @len: length of @message in bytes
 */
struct request {
	struct turn *turn;
	guint8 id[STUN_TRANSACTION_ID_LEN];
	struct turn_login *login;
	enum stun_method method;
	guint16 channel;
	guint32 lifetime_s;
	bool check;
	bool move;
	bool moved;
	bool ipv6;
	guint challenges;
	guint attempts;
	guint timer;
	gint64 sent_us;
	guint8 *message;
	gsize len;
};

/**
 * struct channel - a channel that is wanted
 * @number: its number
 * @peer: where it leads
 * @users: array of void *: who asked for it, and has not given it back
 * @sent: the server may have it: it was asked for, and not refused
 * @bound: the server has it
 * @asked: a request for it is under way
 * @doubted: it was refused once, perhaps because the allocation is not there
 * @bound_us: when it was bound last
 * @due: its place in the queue of those to be bound; nowhere while it is @asked for
 */
struct channel {
	guint16 number;
	struct endpoint peer;
	GPtrArray *users;
	bool sent;
	bool bound;
	bool asked;
	bool doubted;
	gint64 bound_us;
	GList due;
};

/**
 * struct released - a channel that was given back, and that the server may have still
 * @peer: where it led
 * @at_us: when it was given back
 */
struct released {
	struct endpoint peer;
	gint64 at_us;
};

/**
 * struct turn - an allocation, or the attempt to get one
 * @transport: to the server
 * @login: credentials in use
 * @made: those that the allocation was made with; NULL before
 * @renewed: others that are valid for longer; NULL when there are none
 * @ticket: names the allocation to the server when it is moved; NULL when that knows no mobility
 * @immobile: the server refuses mobility
 * @nat: the server sees this client at another endpoint than it has here
 * @events: of the owner
 * @data: for @events
 * @connecting: GLib source that loses patience with @transport; 0 when that is ready
 * @requests: struct request by transaction id; owns them
 * @channels: struct channel by number; owns them
 * @numbers: the number of a channel by its peer
 * @due: of struct channel: those that are to be bound now, then the others, by when that is due
 * @released: struct released by number; owns them
 * @former: the number in @released that a peer had last, by peer
 * @next: the number to try first
 * @relayed: the relayed endpoint; not set before it is allocated
 * @lifetime_s: of the allocation
 * @rtt_us: of the last request; -1 before the first answer
 * @checked_us: when turn_check() asked last
 * @check_later: GLib source of the next one; 0 when none is wanted
 * @keepalive: GLib source
 * @keepalives: how many times that has come
 * @ended: the owner was told that there is no allocation; it has not freed this yet
 */
struct turn {
	struct turn_transport *transport;
	struct turn_login *login;
	struct turn_login *made;
	struct turn_login *renewed;
	GBytes *ticket;
	bool immobile;
	bool nat;
	const struct turn_events *events;
	void *data;
	guint connecting;
	GHashTable *requests;
	GHashTable *channels;
	GHashTable *numbers;
	GQueue due;
	GHashTable *released;
	GHashTable *former;
	guint16 next;
	struct endpoint relayed;
	guint32 lifetime_s;
	gint64 rtt_us;
	gint64 checked_us;
	guint check_later;
	guint keepalive;
	guint keepalives;
	bool ended;
};

static guint id_hash(const void *id)
{
	guint32 hash;

	memcpy(&hash, id, sizeof(hash));
	return hash;
}

static gboolean id_equal(const void *a, const void *b)
{
	return memcmp(a, b, STUN_TRANSACTION_ID_LEN) == 0;
}

static guint endpoint_hash(const void *data)
{
	gsize len;
	const guint8 *address = endpoint_address(data, &len);
	guint hash = endpoint_port(data);

	for (gsize i = 0; i < len; i++)
		hash = hash * 31 + address[i];
	return hash;
}

static gboolean endpoint_same(const void *a, const void *b)
{
	return endpoint_equal(a, b);
}

static void free_request(void *data)
{
	struct request *request = data;

	g_clear_handle_id(&request->timer, g_source_remove);
	turn_login_free(request->login);
	g_free(request->message);
	g_free(request);
}

/* Requests. Whoever calls an event of the owner does nothing after that: it may free all of this. */

static void write_request(const struct turn *turn, const struct request *request,
			  struct stun_builder *b)
{
	const struct channel *channel;

	switch (request->method) {
	case STUN_METHOD_ALLOCATE:
		turn_add_transport(b, TURN_TRANSPORT_UDP);
		if (request->ipv6)
			turn_add_family(b, STUN_REQUESTED_ADDRESS_FAMILY, AF_INET6);
		if (!turn->immobile && !turn_transport_is_reliable(turn->transport))
			stun_add(b, STUN_MOBILITY_TICKET, "", 0);
		break;
	case STUN_METHOD_REFRESH:
		turn_add_lifetime(b, request->lifetime_s);
		if (request->move)
			stun_add(b, STUN_MOBILITY_TICKET, g_bytes_get_data(turn->ticket, NULL),
				 g_bytes_get_size(turn->ticket));
		break;
	case STUN_METHOD_CHANNEL_BIND:
		channel = g_hash_table_lookup(turn->channels, GUINT_TO_POINTER(request->channel));
		turn_add_channel_number(b, channel->number);
		stun_add_xor_address(b, STUN_XOR_PEER_ADDRESS, &channel->peer);
		break;
	default:
		break;
	}
	turn_login_sign(turn->login, b);
	stun_add_fingerprint(b);
}

static gboolean on_impatient(void *data);

static guint patience_ms(const struct request *request)
{
	const struct turn *turn = request->turn;
	guint first_ms = PATIENCE_MS;

	if (turn_transport_is_reliable(turn->transport))
		return STREAM_PATIENCE_MS;
	if (request->check)
		first_ms = MIN(MAX(CHECK_PATIENCE_MS, turn->rtt_us * 2 / 1000), PATIENCE_MS);
	return first_ms << request->attempts;
}

static void send_request(struct request *request)
{
	struct turn *turn = request->turn;
	guint wait_ms = patience_ms(request);

	request->attempts++;
	request->timer = g_timeout_add(wait_ms, on_impatient, request);
	turn_transport_send(turn->transport, request->message, request->len);
}

/* A request that is changed has another transaction id (RFC 8489 section 9.2.5). */
static void begin_request(struct request *request)
{
	struct turn *turn = request->turn;
	guint8 message[MESSAGE_MAX];
	struct stun_builder b;

	turn_login_free(request->login);
	request->login = turn_login_ref(turn->login);
	randombytes_buf(request->id, sizeof(request->id));
	stun_begin(&b, message, sizeof(message), STUN_CLASS_REQUEST, request->method, request->id);
	write_request(turn, request, &b);
	g_free(request->message);
	request->len = stun_end(&b);
	request->message = g_memdup2(message, request->len);
	request->attempts = 0;
	request->sent_us = g_get_monotonic_time();
	g_hash_table_insert(turn->requests, request->id, request);
	send_request(request);
}

static struct request *new_request(struct turn *turn, enum stun_method method)
{
	struct request *request = g_new0(struct request, 1);

	request->turn = turn;
	request->method = method;
	return request;
}

static gboolean on_impatient(void *data)
{
	struct request *request = data;
	struct turn *turn = request->turn;
	guint attempts = request->check ? CHECK_ATTEMPTS_MAX : ATTEMPTS;
	bool silent = request->check && request->attempts == CHECK_ATTEMPTS;

	request->timer = 0;
	if (request->attempts >= attempts || turn_transport_is_reliable(turn->transport)) {
		turn->events->lost("it does not answer", turn->data);
		return G_SOURCE_REMOVE;
	}
	send_request(request);
	if (silent)
		turn->events->leave("it does not answer", turn->data);
	return G_SOURCE_REMOVE;
}

static gboolean has_method(G_GNUC_UNUSED void *id, void *request, void *method)
{
	return ((struct request *)request)->method == GPOINTER_TO_UINT(method);
}

static bool is_pending(const struct turn *turn, enum stun_method method)
{
	return g_hash_table_find(turn->requests, has_method, GUINT_TO_POINTER(method));
}

static gboolean is_check(G_GNUC_UNUSED void *id, void *request, G_GNUC_UNUSED void *unused)
{
	return ((struct request *)request)->check;
}

/* Whether a turn_check() has no answer yet. */
static bool is_checking(const struct turn *turn)
{
	return g_hash_table_find(turn->requests, is_check, NULL);
}

static gboolean is_move(G_GNUC_UNUSED void *id, void *request, G_GNUC_UNUSED void *unused)
{
	return ((struct request *)request)->move || ((struct request *)request)->moved;
}

/* Until that is answered, the server knows nothing of us where we are now. */
static bool is_moving(const struct turn *turn)
{
	return g_hash_table_find(turn->requests, is_move, NULL);
}

static bool has_allocation(const struct turn *turn)
{
	return endpoint_is_set(&turn->relayed) && !turn->ended;
}

static void begin_refresh(struct turn *turn)
{
	struct request *request = new_request(turn, STUN_METHOD_REFRESH);

	request->lifetime_s = turn->lifetime_s;
	begin_request(request);
}

/* The same, because the allocation may not be there, or not for the endpoint that we have now. */
static void begin_check(struct turn *turn, bool move, bool moved)
{
	struct request *request = new_request(turn, STUN_METHOD_REFRESH);

	request->lifetime_s = turn->lifetime_s;
	request->check = true;
	request->move = move;
	request->moved = moved;
	begin_request(request);
}

/* Channels */

static bool is_channel_due(const struct channel *channel)
{
	return !channel->bound || g_get_monotonic_time() - channel->bound_us >= REBIND_US;
}

/* No request for it is under way (any more). */
static void queue_channel(struct turn *turn, struct channel *channel)
{
	channel->asked = false;
	if (is_channel_due(channel))
		g_queue_push_head_link(&turn->due, &channel->due);
	else
		g_queue_push_tail_link(&turn->due, &channel->due);
}

static struct channel *next_channel(const struct turn *turn)
{
	struct channel *channel = g_queue_peek_head((GQueue *)&turn->due);

	return channel && is_channel_due(channel) ? channel : NULL;
}

static void bind_channels(struct turn *turn)
{
	struct channel *channel;

	while (has_allocation(turn) && !is_checking(turn) &&
	       g_hash_table_size(turn->requests) < REQUESTS_MAX &&
	       (channel = next_channel(turn))) {
		struct request *request = new_request(turn, STUN_METHOD_CHANNEL_BIND);

		g_queue_unlink(&turn->due, &channel->due);
		channel->asked = true;
		channel->sent = true;
		request->channel = channel->number;
		begin_request(request);
	}
}

static void add_released(struct turn *turn, const struct channel *channel)
{
	struct released *released = g_new0(struct released, 1);

	released->peer = channel->peer;
	released->at_us = g_get_monotonic_time();
	g_hash_table_insert(turn->released, GUINT_TO_POINTER(channel->number), released);
	g_hash_table_replace(turn->former, &released->peer, GUINT_TO_POINTER(channel->number));
}

static void forget_released(struct turn *turn, guint16 number)
{
	const struct released *released =
		g_hash_table_lookup(turn->released, GUINT_TO_POINTER(number));

	if (!released)
		return;
	if (GPOINTER_TO_UINT(g_hash_table_lookup(turn->former, &released->peer)) == number)
		g_hash_table_remove(turn->former, &released->peer);
	g_hash_table_remove(turn->released, GUINT_TO_POINTER(number));
}

static void remove_channel(struct turn *turn, struct channel *channel)
{
	guint16 number = channel->number;

	if (channel->sent)
		add_released(turn, channel);
	if (!channel->asked)
		g_queue_unlink(&turn->due, &channel->due);
	g_hash_table_remove(turn->numbers, &channel->peer);
	g_hash_table_remove(turn->channels, GUINT_TO_POINTER(number));
}

static bool is_free(const struct turn *turn, guint16 number)
{
	const struct released *released =
		g_hash_table_lookup(turn->released, GUINT_TO_POINTER(number));

	return !g_hash_table_contains(turn->channels, GUINT_TO_POINTER(number)) &&
	       (!released || g_get_monotonic_time() - released->at_us >= REUSE_US);
}

/* While the server has a channel to the peer it gives it no other one (RFC 8656 section 12.2). */
static guint16 choose_number(struct turn *turn, const struct endpoint *peer)
{
	guint16 former = GPOINTER_TO_UINT(g_hash_table_lookup(turn->former, peer));

	if (former)
		return former;
	for (guint i = TURN_CHANNEL_FIRST; i <= TURN_CHANNEL_LAST; i++) {
		guint16 number = turn->next;

		turn->next = number == TURN_CHANNEL_LAST ? TURN_CHANNEL_FIRST : number + 1;
		if (is_free(turn, number))
			return number;
	}
	return 0;
}

static void free_channel(void *data)
{
	struct channel *channel = data;

	g_ptr_array_unref(channel->users);
	g_free(channel);
}

guint16 turn_bind(struct turn *turn, const struct endpoint *peer, void *user)
{
	guint16 number = GPOINTER_TO_UINT(g_hash_table_lookup(turn->numbers, peer));
	struct channel *channel;

	if (number) {
		channel = g_hash_table_lookup(turn->channels, GUINT_TO_POINTER(number));
		g_ptr_array_add(channel->users, user);
		return number;
	}
	number = choose_number(turn, peer);
	if (!number)
		return 0;
	forget_released(turn, number);
	channel = g_new0(struct channel, 1);
	channel->number = number;
	channel->peer = *peer;
	channel->users = g_ptr_array_new();
	g_ptr_array_add(channel->users, user);
	channel->due.data = channel;
	queue_channel(turn, channel);
	g_hash_table_insert(turn->channels, GUINT_TO_POINTER(number), channel);
	g_hash_table_insert(turn->numbers, &channel->peer, GUINT_TO_POINTER(number));
	bind_channels(turn);
	return number;
}

void turn_unbind(struct turn *turn, guint16 channel, void *user)
{
	struct channel *found = g_hash_table_lookup(turn->channels, GUINT_TO_POINTER(channel));

	if (found && g_ptr_array_remove_fast(found->users, user) && !found->users->len)
		remove_channel(turn, found);
}

bool turn_is_bound(const struct turn *turn, guint16 channel)
{
	const struct channel *found =
		g_hash_table_lookup(turn->channels, GUINT_TO_POINTER(channel));

	return found && found->bound;
}

/* Answers */

static bool read_lifetime(struct turn *turn, const struct stun_message *answer)
{
	struct stun_attribute attr;

	return stun_find(answer, STUN_LIFETIME, &attr) &&
	       turn_get_lifetime(&attr, &turn->lifetime_s) && turn->lifetime_s > 0;
}

/* A ticket is used once; the answer to that brings the next. */
static void read_ticket(struct turn *turn, const struct stun_message *answer)
{
	struct stun_attribute attr;

	if (!stun_find(answer, STUN_MOBILITY_TICKET, &attr) || !attr.len || attr.len > TICKET_MAX)
		return;
	g_clear_pointer(&turn->ticket, g_bytes_unref);
	turn->ticket = g_bytes_new(attr.value, attr.len);
}

/* There is one as long as nothing says that there is none. */
static bool is_behind_nat(const struct turn *turn, const struct stun_message *answer)
{
	struct stun_attribute attr;
	struct endpoint mapped;

	if (!stun_find(answer, STUN_XOR_MAPPED_ADDRESS, &attr) ||
	    !stun_get_xor_address(answer, &attr, &mapped))
		return true;
	endpoint_canonicalise(&mapped);
	return !endpoint_equal(&mapped, turn_local(turn));
}

static bool read_relayed(struct turn *turn, const struct stun_message *answer)
{
	struct stun_attribute attr;

	if (!stun_find(answer, STUN_XOR_RELAYED_ADDRESS, &attr) ||
	    !stun_get_xor_address(answer, &attr, &turn->relayed))
		return false;
	endpoint_canonicalise(&turn->relayed);
	return endpoint_port(&turn->relayed) && !endpoint_is_wildcard(&turn->relayed);
}

/* That the request is about; NULL: none. */
static struct channel *asked_channel(const struct turn *turn, const struct request *request)
{
	struct channel *channel =
		g_hash_table_lookup(turn->channels, GUINT_TO_POINTER(request->channel));

	return channel && channel->asked ? channel : NULL;
}

/* What a user does then may end the channel, for itself or for another one. */
static void tell_bound(struct turn *turn, const struct channel *channel)
{
	g_autoptr(GPtrArray) users = g_ptr_array_copy(channel->users, NULL, NULL);
	guint16 number = channel->number;

	for (guint i = 0; i < users->len; i++)
		turn->events->bound(number, users->pdata[i], turn->data);
}

static void on_bound(struct turn *turn, const struct request *request)
{
	struct channel *channel = asked_channel(turn, request);
	bool was_bound;

	if (!channel)
		return;
	was_bound = channel->bound;
	channel->doubted = false;
	channel->bound = true;
	channel->bound_us = request->sent_us;
	queue_channel(turn, channel);
	if (!was_bound)
		tell_bound(turn, channel);
}

static void on_allocated(struct turn *turn, const struct request *request,
			 const struct stun_message *answer)
{
	if (!read_relayed(turn, answer) || !read_lifetime(turn, answer)) {
		turn->events->lost("it answers nonsense", turn->data);
		return;
	}
	read_ticket(turn, answer);
	turn->nat = is_behind_nat(turn, answer);
	turn->made = turn_login_ref(request->login);
	turn->events->allocated(turn->data);
}

static void check(struct turn *turn);

static void on_moved(struct turn *turn)
{
	char text[ENDPOINT_STRLEN];

	log_info("relay at %s: the allocation has moved with the endpoint of this node",
		 endpoint_print(turn_remote(turn), text));
	turn->nat = true;
	turn->events->moved(turn->data);
}

static void on_refreshed(struct turn *turn, const struct request *request,
			 const struct stun_message *answer)
{
	struct stun_attribute attr;

	if (!read_lifetime(turn, answer)) {
		turn->events->lost("it ended the allocation", turn->data);
		return;
	}
	read_ticket(turn, answer);
	bind_channels(turn);
	if (request->move || request->moved)
		on_moved(turn);
	else if (stun_find(answer, STUN_DRAINING, &attr))
		turn->events->stopping(turn->data);
}

static void on_success(struct turn *turn, const struct request *request,
		       const struct stun_message *answer)
{
	switch (request->method) {
	case STUN_METHOD_ALLOCATE:
		on_allocated(turn, request, answer);
		break;
	case STUN_METHOD_REFRESH:
		on_refreshed(turn, request, answer);
		break;
	case STUN_METHOD_CHANNEL_BIND:
		on_bound(turn, request);
		break;
	default:
		break;
	}
}

static guint read_error(const struct stun_message *answer, char **text)
{
	struct stun_attribute attr;
	const char *reason;
	gsize len;
	guint code;

	if (!stun_find(answer, STUN_ERROR_CODE, &attr) ||
	    !stun_get_error(&attr, &code, &reason, &len)) {
		*text = g_strdup("it refuses without saying why");
		return 0;
	}
	if (code == 401)
		*text = g_strdup("it does not accept the credentials: its secret is another one "
				 "than mesh-server's, its clock is wrong, or this node was removed "
				 "from the network");
	else if (code == 486)
		*text = g_strdup("it gives this node no more allocations (486)");
	else if (code == 508)
		*text = g_strdup("it has no capacity, or is about to stop (508)");
	else
		*text = g_strdup_printf("it answers with error %u", code);
	return code;
}

static bool is_wanted(const struct turn *turn, const struct request *request)
{
	return request->method != STUN_METHOD_CHANNEL_BIND ||
	       g_hash_table_contains(turn->channels, GUINT_TO_POINTER(request->channel));
}

/* Other credentials than those that were refused: some servers want those of the allocation. */
static bool use_others(struct turn *turn, const struct request *request, guint code)
{
	struct turn_login *other = code == 441 ? turn->made : turn->renewed;

	if (!other || request->login != turn->login || turn->login == other)
		return false;
	turn_login_free(turn->login);
	turn->login = turn_login_ref(other);
	return true;
}

/* Whether the server wants something else of the credentials than what it got. */
static bool is_challenged(struct turn *turn, struct request *request, guint code,
			  const struct stun_message *answer)
{
	bool first = code == 401 && (request->challenges == 0 || request->login != turn->login);

	if (request->challenges >= CHALLENGES_MAX || !is_wanted(turn, request))
		return false;
	request->challenges++;
	if (first || code == 438)
		return turn_login_challenge(turn->login, answer);
	return (code == 401 || code == 441) && use_others(turn, request, code);
}

/* Whether the request goes out once more, as the answer wants it. */
static bool try_again(struct turn *turn, struct request *request, guint code,
		      const struct stun_message *answer)
{
	bool allocate = request->method == STUN_METHOD_ALLOCATE;

	if (code == 440 && allocate && !request->ipv6)
		request->ipv6 = true;
	else if (code == 405 && allocate && !turn->immobile)
		turn->immobile = true;
	else if (!is_challenged(turn, request, code, answer))
		return false;
	begin_request(request);
	return true;
}

static void refuse_channel(struct turn *turn, guint16 number, const char *why)
{
	struct channel *channel = g_hash_table_lookup(turn->channels, GUINT_TO_POINTER(number));
	g_autoptr(GPtrArray) users = NULL;

	if (!channel)
		return;
	users = g_ptr_array_ref(channel->users);
	channel->sent = channel->bound;
	remove_channel(turn, channel);
	for (guint i = 0; i < users->len; i++)
		turn->events->refused(number, users->pdata[i], why, turn->data);
}

/*
 * The server knows no allocation of the endpoint that we have now: perhaps of the one before. coturn
 * has moved it when it answers so to a ticket that is sent again.
 */
static void on_unknown(struct turn *turn, const struct request *request)
{
	struct channel *channel = asked_channel(turn, request);

	if (channel)
		queue_channel(turn, channel);
	if (turn->ended || is_moving(turn))
		return;
	if (turn->ticket && !request->move && !request->moved) {
		begin_check(turn, true, false);
		return;
	}
	if (request->move) {
		begin_check(turn, false, true);
		return;
	}
	turn->ended = true;
	g_hash_table_remove_all(turn->requests);
	turn->events->gone(turn->data);
}

static bool is_unknown(const struct request *request, guint code)
{
	return code == 437 || (request->move && code != 401 && code != 441);
}

/*
 * coturn says 400 to a ChannelBind where it has no allocation: before that is believed of the
 * channel, the allocation is asked for.
 */
static bool doubt_channel(struct turn *turn, const struct request *request, guint code)
{
	struct channel *channel = asked_channel(turn, request);

	if (code != 400 || !channel || channel->doubted ||
	    turn_transport_is_reliable(turn->transport))
		return false;
	channel->doubted = true;
	queue_channel(turn, channel);
	check(turn);
	return true;
}

/* The request was answered for good. */
static void on_error(struct turn *turn, const struct request *request, guint code, const char *why)
{
	if (is_unknown(request, code)) {
		on_unknown(turn, request);
	} else if (request->method != STUN_METHOD_CHANNEL_BIND) {
		turn->events->lost(why, turn->data);
	} else if (!doubt_channel(turn, request, code)) {
		refuse_channel(turn, request->channel, why);
	}
}

static bool is_signed_rightly(const struct request *request, const struct stun_message *answer)
{
	return answer->class == STUN_CLASS_ERROR || turn_login_verify(request->login, answer);
}

static struct request *take_request(struct turn *turn, const struct stun_message *answer)
{
	struct request *request;

	if (answer->class != STUN_CLASS_SUCCESS && answer->class != STUN_CLASS_ERROR)
		return NULL;
	request = g_hash_table_lookup(turn->requests, stun_transaction_id(answer));
	if (!request || request->method != answer->method ||
	    !is_signed_rightly(request, answer))
		return NULL;
	g_hash_table_steal(turn->requests, request->id);
	g_clear_handle_id(&request->timer, g_source_remove);
	return request;
}

/* Consumes @request. */
static void take_answer(struct turn *turn, struct request *request,
			const struct stun_message *answer)
{
	g_autofree char *why = NULL;
	guint code = answer->class == STUN_CLASS_ERROR ? read_error(answer, &why) : 0;

	if (why && try_again(turn, request, code, answer))
		return;
	if (why)
		on_error(turn, request, code, why);
	else
		on_success(turn, request, answer);
	free_request(request);
}

/* Anybody may say that the server is about to stop: that is a reason to ask it, and no more. */
static void on_indication(struct turn *turn, const struct stun_message *indication)
{
	struct stun_attribute attr;

	if (indication->method == STUN_METHOD_BINDING &&
	    stun_find(indication, STUN_DRAINING, &attr))
		turn_check(turn);
}

static void on_received(const guint8 *data, gsize len, void *user)
{
	struct stun_message answer;
	struct turn *turn = user;
	struct request *request;

	if (stun_parse(&answer, data, len) != STUN_OK)
		return;
	if (answer.class == STUN_CLASS_INDICATION)
		on_indication(turn, &answer);
	request = take_request(turn, &answer);
	if (!request)
		return;
	if (request->attempts == 1)
		turn->rtt_us = g_get_monotonic_time() - request->sent_us;
	if (!request->check)
		bind_channels(turn);
	take_answer(turn, request, &answer);
}

/* Keeping it */

static bool is_due(struct turn *turn)
{
	return turn->keepalives++ % (turn->nat ? 1 : KEEPALIVES_WITHOUT_NAT) == 0;
}

static gboolean on_keepalive(void *data)
{
	struct turn *turn = data;

	if (!has_allocation(turn) || !is_due(turn))
		return G_SOURCE_CONTINUE;
	if (!is_pending(turn, STUN_METHOD_REFRESH))
		begin_refresh(turn);
	bind_channels(turn);
	return G_SOURCE_CONTINUE;
}

/* A stream has its own acknowledgements, and is not lost before the server is. */
static void check(struct turn *turn)
{
	if (!has_allocation(turn) || turn_transport_is_reliable(turn->transport) ||
	    is_checking(turn))
		return;
	g_clear_handle_id(&turn->check_later, g_source_remove);
	turn->checked_us = g_get_monotonic_time();
	begin_check(turn, false, false);
}

static gboolean on_check_later(void *data)
{
	struct turn *turn = data;

	turn->check_later = 0;
	check(turn);
	return G_SOURCE_REMOVE;
}

void turn_check(struct turn *turn)
{
	gint64 since_ms = (g_get_monotonic_time() - turn->checked_us) / 1000;

	if (turn->check_later)
		return;
	if (turn->checked_us && since_ms < CHECK_INTERVAL_MS)
		turn->check_later = g_timeout_add(CHECK_INTERVAL_MS - since_ms, on_check_later,
						  turn);
	else
		check(turn);
}

static void on_ready(void *data)
{
	struct turn *turn = data;

	g_clear_handle_id(&turn->connecting, g_source_remove);
	begin_request(new_request(turn, STUN_METHOD_ALLOCATE));
}

static gboolean on_not_ready(void *data)
{
	struct turn *turn = data;

	turn->connecting = 0;
	turn->events->lost("it does not answer", turn->data);
	return G_SOURCE_REMOVE;
}

static void on_failed(const char *why, void *data)
{
	struct turn *turn = data;

	turn->events->lost(why, turn->data);
}

static const struct turn_transport_events transport_events = {
	.ready = on_ready,
	.received = on_received,
	.failed = on_failed,
};

struct turn *turn_new(const struct endpoint *server, enum relayinfo_transport transport,
		      const char *username, const char *password, const struct turn_events *events,
		      void *data, GError **error)
{
	g_autoptr(turn) turn = g_new0(struct turn, 1);

	turn->login = turn_login_new(username, password);
	turn->events = events;
	turn->data = data;
	turn->requests = g_hash_table_new_full(id_hash, id_equal, NULL, free_request);
	turn->channels = g_hash_table_new_full(NULL, NULL, NULL, free_channel);
	turn->numbers = g_hash_table_new(endpoint_hash, endpoint_same);
	turn->released = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	turn->former = g_hash_table_new(endpoint_hash, endpoint_same);
	turn->next = TURN_CHANNEL_FIRST;
	turn->rtt_us = -1;
	turn->transport = transport == RELAYINFO_UDP ?
		turn_transport_udp(server, &transport_events, turn, error) :
		turn_transport_stream(server, transport == RELAYINFO_TLS, &transport_events, turn,
				      error);
	if (!turn->transport)
		return NULL;
	turn->connecting = g_timeout_add(CONNECT_MS, on_not_ready, turn);
	turn->keepalive = g_timeout_add_seconds(KEEPALIVE_S, on_keepalive, turn);
	return g_steal_pointer(&turn);
}

void turn_free(struct turn *turn)
{
	if (!turn)
		return;
	g_clear_handle_id(&turn->connecting, g_source_remove);
	g_clear_handle_id(&turn->keepalive, g_source_remove);
	g_clear_handle_id(&turn->check_later, g_source_remove);
	g_hash_table_unref(turn->requests);
	g_hash_table_unref(turn->numbers);
	g_hash_table_unref(turn->channels);
	g_hash_table_unref(turn->former);
	g_hash_table_unref(turn->released);
	turn_transport_free(turn->transport);
	turn_login_free(turn->login);
	turn_login_free(turn->made);
	turn_login_free(turn->renewed);
	g_clear_pointer(&turn->ticket, g_bytes_unref);
	g_free(turn);
}

void turn_give_back(struct turn *turn)
{
	if (turn && has_allocation(turn))
		begin_request(new_request(turn, STUN_METHOD_REFRESH));
	turn_free(turn);
}

void turn_set_credentials(struct turn *turn, const char *username, const char *password)
{
	turn_login_free(turn->renewed);
	turn->renewed = turn_login_renew(turn->login, username, password);
	if (turn->made)
		return;
	turn_login_free(turn->login);
	turn->login = turn_login_ref(turn->renewed);
}

const struct endpoint *turn_relayed(const struct turn *turn)
{
	return &turn->relayed;
}

const struct endpoint *turn_local(const struct turn *turn)
{
	return turn_transport_local(turn->transport);
}

const struct endpoint *turn_remote(const struct turn *turn)
{
	return turn_transport_remote(turn->transport);
}

guint32 turn_ifindex(const struct turn *turn)
{
	return turn_transport_ifindex(turn->transport);
}

bool turn_stands(const struct turn *turn)
{
	return turn_transport_stands(turn->transport);
}

gint64 turn_rtt_us(const struct turn *turn)
{
	return turn->rtt_us;
}
