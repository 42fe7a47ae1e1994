/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_RESERVATION_H
#define WGMESH_RELAY_RESERVATION_H

#include "lib/expiry.h"
#include "relay-socket.h"

/* Relayed transport addresses that wait for their client: RFC 8656 section 7.2, EVEN-PORT. */

/* Seconds; the RFC says at least as many. */
#define RESERVATION_LIFETIME_S 30

struct reservation_table;

/**
 * reservation_table_new() - make an empty table
 * @queue: (borrowed) lets things expire
 *
 * Return: (owned by the caller) the table; free with reservation_table_free().
 */
struct reservation_table *reservation_table_new(struct expiry_queue *queue);

/**
 * reservation_table_free() - close what is reserved and free the table
 * @table: the table, or NULL
 */
void reservation_table_free(struct reservation_table *table);

/**
 * reservation_count() - how many there are
 * @table: the table
 */
guint reservation_count(const struct reservation_table *table);

/**
 * reservation_add() - keep a socket for later
 * @table: the table
 * @socket: (taken over) the socket
 * @account: for whom
 * @token: TURN_RESERVATION_TOKEN_LEN random bytes go here, by which it can be had
 */
void reservation_add(struct reservation_table *table, struct relay_socket *socket,
		     const char *account, guint8 *token);

/**
 * reservation_take() - have what was reserved
 * @table: the table
 * @account: who asks
 * @token: TURN_RESERVATION_TOKEN_LEN bytes
 *
 * Return: (owned by the caller) the socket; NULL when the token is not known, or is another's.
 */
struct relay_socket *reservation_take(struct reservation_table *table, const char *account,
				      const guint8 *token);

#endif
