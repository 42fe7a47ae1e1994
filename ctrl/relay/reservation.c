// SPDX-License-Identifier: GPL-2.0
/* Sockets that are kept for a client that asked for a pair of ports. */
#include "reservation.h"

#include <sodium.h>
#include <string.h>

#include "lib/key.h"

struct reservation {
	guint8 token[TURN_RESERVATION_TOKEN_LEN];
	struct reservation_table *table;
	struct relay_socket *socket;
	char *account;
	struct expiry expiry;
};

/**
 * struct reservation_table - see reservation.h
 * @queue: ends reservations
 * @by_token: set of struct reservation; owns them
 */
struct reservation_table {
	struct expiry_queue *queue;
	GHashTable *by_token;
};

static guint hash_token(gconstpointer reservation)
{
	return key_hash_bytes(reservation, TURN_RESERVATION_TOKEN_LEN);
}

static gboolean equal_token(gconstpointer a, gconstpointer b)
{
	return sodium_memcmp(a, b, TURN_RESERVATION_TOKEN_LEN) == 0;
}

/* Without the socket, which may have a new owner. */
static void forget(struct reservation *reservation)
{
	expiry_cancel(reservation->table->queue, &reservation->expiry);
	g_hash_table_remove(reservation->table->by_token, reservation);
	g_free(reservation->account);
	g_free(reservation);
}

static void expired(struct expiry *expiry)
{
	struct reservation *reservation = expiry_owner(expiry, struct reservation, expiry);

	relay_socket_free(reservation->socket);
	forget(reservation);
}

struct reservation_table *reservation_table_new(struct expiry_queue *queue)
{
	struct reservation_table *table = g_new0(struct reservation_table, 1);

	table->queue = queue;
	table->by_token = g_hash_table_new(hash_token, equal_token);
	return table;
}

void reservation_table_free(struct reservation_table *table)
{
	g_autoptr(GList) all = NULL;

	if (!table)
		return;
	all = g_hash_table_get_keys(table->by_token);
	for (GList *item = all; item; item = item->next)
		expired(&((struct reservation *)item->data)->expiry);
	g_hash_table_unref(table->by_token);
	g_free(table);
}

guint reservation_count(const struct reservation_table *table)
{
	return g_hash_table_size(table->by_token);
}

void reservation_add(struct reservation_table *table, struct relay_socket *socket,
		     const char *account, guint8 *token)
{
	struct reservation *reservation = g_new0(struct reservation, 1);

	randombytes_buf(reservation->token, sizeof(reservation->token));
	memcpy(token, reservation->token, sizeof(reservation->token));
	reservation->table = table;
	reservation->socket = socket;
	reservation->account = g_strdup(account);
	reservation->expiry.expired = expired;
	g_hash_table_add(table->by_token, reservation);
	expiry_set(table->queue, &reservation->expiry,
		   g_get_monotonic_time() + RESERVATION_LIFETIME_S * G_USEC_PER_SEC);
}

struct relay_socket *reservation_take(struct reservation_table *table, const char *account,
				      const guint8 *token)
{
	struct reservation *reservation = g_hash_table_lookup(table->by_token, token);
	struct relay_socket *socket;

	if (!reservation || !g_str_equal(reservation->account, account))
		return NULL;
	socket = reservation->socket;
	forget(reservation);
	return socket;
}
