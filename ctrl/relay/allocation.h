/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_ALLOCATION_H
#define WGMESH_RELAY_ALLOCATION_H

#include "byte-bucket.h"
#include "lib/expiry.h"
#include "lib/rate-table.h"
#include "lib/ratelimit.h"
#include "offload.h"
#include "relay-socket.h"
#include "stream.h"

/*
 * Allocations with their permissions and channels, RFC 8656 sections 3 and 5. This is the one
 * owner of that state: who asks for it has been authenticated, and what is asked has been checked.
 */

/* Seconds; RFC 8656 sections 3.2, 9 and 12. */
#define ALLOCATION_LIFETIME_MIN_S 600
#define ALLOCATION_LIFETIME_MAX_S 3600
#define PERMISSION_LIFETIME_S 300
#define CHANNEL_LIFETIME_S 600

/* Bytes of what names an allocation wherever its client is; RFC 8016 leaves it to the server. */
#define ALLOCATION_TICKET_LEN 8

/* For all allocations together. A channel and its permission need about 300 bytes. */
#define PERMISSIONS_MAX 262144
#define CHANNELS_MAX 262144

/* Of one account at most: it cannot take the room of all others. */
#define PERMISSIONS_PER_ACCOUNT (PERMISSIONS_MAX / 8)
#define CHANNELS_PER_ACCOUNT (CHANNELS_MAX / 8)

/**
 * struct five_tuple - how a client reaches this server
 * @client: its endpoint, as seen from here
 * @server: the endpoint it sends to
 * @transport: over what
 */
struct five_tuple {
	struct endpoint client;
	struct endpoint server;
	enum transport transport;
};

/**
 * five_tuple_of() - the client that a datagram came from
 * @datagram: the datagram
 */
static inline struct five_tuple five_tuple_of(const struct datagram *datagram)
{
	return (struct five_tuple){ datagram->source, datagram->local, datagram->transport };
}

struct allocation_table;

/**
 * struct allocation - a client's relayed transport addresses
 * @tuple: the client
 * @fd: the socket of the listener it came through, with UDP
 * @stream: the connection it came through, which it ends with; NULL with UDP
 * @relay_v4: the IPv4 relayed transport address, or NULL
 * @relay_v6: the IPv6 one, or NULL; one of the two is there
 * @account: who made it
 * @share: private: what that account has
 * @transaction_id: of the request that made it, to recognise when that is sent again
 * @token: of the reservation made with it
 * @has_token: whether there is one
 * @ticket: by which its client finds it from another endpoint; see allocation_make_mobile()
 * @is_mobile: whether there is one
 * @moves: how often it may move now
 * @answers: how often its endpoint is answered now what its client has not proved to have sent
 * @knows_end: its client was told, by an answer that is signed, that the server is about to stop
 * @rate: bytes a second, both ways together; 0 for any number
 * @bucket: what it may send now of those
 * @traffic: what was forwarded here; see allocation_traffic()
 * @expiry: when it ends
 *
 * The rest is private. Read only, but for @bucket, @traffic, @knows_end, and the fields of allocation_new()'s
 * caller before it returns.
 */
struct allocation {
	struct five_tuple tuple;
	int fd;
	struct stream *stream;
	struct relay_socket *relay_v4;
	struct relay_socket *relay_v6;
	char *account;
	struct account_share *share;
	guint8 transaction_id[STUN_TRANSACTION_ID_LEN];
	guint8 token[TURN_RESERVATION_TOKEN_LEN];
	bool has_token;
	guint8 ticket[ALLOCATION_TICKET_LEN];
	bool is_mobile;
	struct ratelimit moves, answers;
	bool knows_end;
	guint64 rate;
	struct byte_bucket bucket;
	struct traffic traffic;
	struct expiry expiry;
	struct allocation_table *table;
	GHashTable *permissions, *channels_by_number, *channels_by_peer, *channels_by_address;
};

/**
 * struct channel - a number that stands for a peer
 * @allocation: whose
 * @peer: the peer
 * @number: the number
 * @expiry: when it ends
 * @previous: private: the channel before, of those of the allocation to the same address
 * @next: private: the channel behind, of those of the allocation to the same address
 */
struct channel {
	struct allocation *allocation;
	struct endpoint peer;
	guint16 number;
	struct expiry expiry;
	struct channel *previous, *next;
};

/**
 * allocation_table_new() - make an empty table
 * @queue: (borrowed) lets things expire
 * @offload: (borrowed) is told what there is of clients over UDP, or NULL
 *
 * Return: (owned by the caller) the table; free with allocation_table_free().
 */
struct allocation_table *allocation_table_new(struct expiry_queue *queue,
					      const struct offload *offload);

/**
 * allocation_table_free() - end all allocations and free the table
 * @table: the table, or NULL
 */
void allocation_table_free(struct allocation_table *table);

/**
 * allocation_table_on_empty() - have something called whenever the last allocation has ended
 * @table: the table
 * @empty: called from the main loop
 * @data: handed to @empty
 */
void allocation_table_on_empty(struct allocation_table *table, void (*empty)(void *data),
			       void *data);

/**
 * allocation_for_each() - do something with all allocations
 * @table: the table
 * @what: the something; ends none
 * @data: for @what
 */
void allocation_for_each(struct allocation_table *table,
			 void (*what)(struct allocation *allocation, void *data), void *data);

/**
 * allocation_count() - how many allocations there are
 * @table: the table
 * @account: count those of this one; NULL counts all
 */
guint allocation_count(const struct allocation_table *table, const char *account);

/**
 * allocation_count_source() - how many allocations the clients of a host or a network have
 * @table: the table
 * @source: one of them
 * @level: what of it
 */
guint allocation_count_source(const struct allocation_table *table, const struct endpoint *source,
			      enum rate_level level);

/**
 * allocation_count_transport() - how many allocations there are of some clients
 * @table: the table
 * @transport: what the clients come by
 * @family: AF_INET or AF_INET6, with which they come
 */
guint allocation_count_transport(const struct allocation_table *table, enum transport transport,
				 sa_family_t family);

/**
 * allocation_read_offload() - what was forwarded elsewhere, for these allocations and earlier ones
 * @table: the table
 * @totals: gets it
 *
 * Return: false when there is no elsewhere.
 */
bool allocation_read_offload(const struct allocation_table *table, struct offload_totals *totals);

/**
 * allocation_find() - the allocation of a client
 * @table: the table
 * @tuple: the client
 *
 * Return: (borrowed from @table) the allocation, or NULL.
 */
struct allocation *allocation_find(struct allocation_table *table, const struct five_tuple *tuple);

/**
 * allocation_new() - add an allocation
 * @table: the table
 * @tuple: the client; has none yet
 * @fd: the socket of the listener it came through, with UDP; must outlive the allocation
 * @stream: the connection it came through, or NULL; when that closes, the allocation ends
 * @account: who it is
 * @lifetime_s: seconds until it expires
 *
 * The caller then gives it its relayed transport addresses, which the allocation owns.
 *
 * Return: (borrowed from @table) the allocation.
 */
struct allocation *allocation_new(struct allocation_table *table, const struct five_tuple *tuple,
				  int fd, struct stream *stream, const char *account,
				  guint lifetime_s);

/**
 * allocation_end() - end an allocation with everything in it
 * @allocation: the allocation; freed
 */
void allocation_end(struct allocation *allocation);

/**
 * allocation_refresh() - let it last longer, or shorter
 * @allocation: the allocation
 * @lifetime_s: seconds from now
 */
void allocation_refresh(struct allocation *allocation, guint lifetime_s);

/**
 * allocation_restore() - let it end when another process had it end
 * @allocation: the allocation
 * @lifetime_ms: from now
 */
void allocation_restore(struct allocation *allocation, guint lifetime_ms);

/**
 * allocation_make_mobile() - give an allocation a ticket
 * @allocation: of a client over UDP; has none yet
 * @ticket: ALLOCATION_TICKET_LEN bytes; NULL draws one
 *
 * The ticket proves nothing: who moves the allocation is authenticated all the same.
 *
 * Return: false when another allocation has that ticket.
 */
bool allocation_make_mobile(struct allocation *allocation, const guint8 *ticket);

/**
 * allocation_find_ticket() - an allocation by its ticket
 * @table: the table
 * @ticket: what the client sent
 * @len: length of @ticket in bytes
 *
 * Return: (borrowed from @table) the allocation, or NULL.
 */
struct allocation *allocation_find_ticket(struct allocation_table *table, const guint8 *ticket,
					  gsize len);

/**
 * allocation_move() - its client is at another endpoint now
 * @allocation: the allocation, mobile
 * @tuple: the client; over UDP, and without an allocation there
 * @fd: the socket of the listener it comes through now
 *
 * Relayed addresses, permissions and channels stay what they are. The offload is given all of it
 * anew, so this costs as much as binding all channels; in between, data is forwarded here.
 *
 * Return: false when it moves too often.
 */
bool allocation_move(struct allocation *allocation, const struct five_tuple *tuple, int fd);

/**
 * allocation_allows_answer() - whether what its client may not have sent is answered once more
 * @allocation: the allocation
 * @now_us: a monotonic clock in microseconds
 *
 * It comes from the client's endpoint, or somebody says so.
 */
bool allocation_allows_answer(struct allocation *allocation, gint64 now_us);

/**
 * allocation_relay() - its relayed transport address of a family
 * @allocation: the allocation
 * @family: AF_INET or AF_INET6
 *
 * Return: (borrowed from @allocation) the socket, or NULL.
 */
struct relay_socket *allocation_relay(const struct allocation *allocation, sa_family_t family);

/**
 * allocation_drop_relay() - give up one of two relayed transport addresses
 * @allocation: the allocation, which has the other one too
 * @family: AF_INET or AF_INET6
 *
 * Permissions and channels of that family end.
 */
void allocation_drop_relay(struct allocation *allocation, sa_family_t family);

/**
 * allocation_end_gone() - give up relayed transport addresses that this host does not have any more
 * @table: the table
 * @is_gone: whether it has not this one
 * @data: handed to @is_gone
 *
 * An allocation ends with its last one; see allocation_drop_relay().
 *
 * Return: how many allocations that changed.
 */
guint allocation_end_gone(struct allocation_table *table,
			  bool (*is_gone)(const struct endpoint *address, void *data),
			  void *data);

/**
 * allocation_end_account() - end the allocations of an account
 * @table: the table
 * @account: the account
 *
 * Return: how many there were.
 */
guint allocation_end_account(struct allocation_table *table, const char *account);

/**
 * allocation_traffic() - what it has carried, here and elsewhere
 * @allocation: the allocation
 */
struct traffic allocation_traffic(const struct allocation *allocation);

/**
 * permission_has_room() - whether so many permissions more fit
 * @allocation: in which
 * @n: how many; one that is refreshed needs no room
 */
bool permission_has_room(const struct allocation *allocation, guint n);

/**
 * permission_count() - how many permissions there are
 * @table: the table
 */
guint permission_count(const struct allocation_table *table);

/**
 * permission_set() - permit a peer's address, or refresh its permission
 * @allocation: the allocation
 * @peer: the address; the port does not count
 *
 * RFC 8656 section 9.
 */
void permission_set(struct allocation *allocation, const struct endpoint *peer);

/**
 * permission_exists() - whether a peer's address is permitted
 * @allocation: the allocation
 * @peer: the address; the port does not count
 */
bool permission_exists(const struct allocation *allocation, const struct endpoint *peer);

/**
 * channel_find() - a channel by its number
 * @allocation: the allocation
 * @number: the number
 *
 * Return: (borrowed from @allocation) the channel, or NULL.
 */
struct channel *channel_find(const struct allocation *allocation, guint16 number);

/**
 * channel_find_peer() - a channel by its peer
 * @allocation: the allocation
 * @peer: address and port
 *
 * Return: (borrowed from @allocation) the channel, or NULL.
 */
struct channel *channel_find_peer(const struct allocation *allocation,
				  const struct endpoint *peer);

/**
 * channel_has_room() - whether one more channel fits
 * @allocation: in which
 */
bool channel_has_room(const struct allocation *allocation);

/**
 * channel_count() - how many channels there are
 * @table: the table
 */
guint channel_count(const struct allocation_table *table);

/**
 * channel_set() - bind a channel or refresh it, and the permission of its peer
 * @allocation: the allocation
 * @number: the number, which stands for no other peer
 * @peer: the peer, which has no other number
 *
 * RFC 8656 section 12.2.
 */
void channel_set(struct allocation *allocation, guint16 number, const struct endpoint *peer);

/**
 * channel_restore() - bind a channel that another process had bound
 * @allocation: the allocation
 * @number: the number, which stands for no other peer
 * @peer: the peer, which has no other number
 * @lifetime_ms: when it ends, from now
 * @permission_ms: when the permission of its peer ends; 0 when it has none
 */
void channel_restore(struct allocation *allocation, guint16 number, const struct endpoint *peer,
		     guint lifetime_ms, guint permission_ms);

#endif
