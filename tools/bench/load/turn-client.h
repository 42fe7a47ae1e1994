/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_LOAD_TURN_CLIENT_H
#define WGMESH_LOAD_TURN_CLIENT_H

#include "lib/endpoint.h"
#include "lib/stun.h"

/* A client of any TURN server, as little of one as a benchmark needs (RFC 8656). */

/**
 * struct turn_client - a client that talks to one server
 * @fd: (borrowed) its socket, which receives nothing but answers while a function here runs
 * @server: the server
 * @user: of the long-term credentials
 * @password: of the long-term credentials
 *
 * The rest is private and zero at first.
 */
struct turn_client {
	int fd;
	struct endpoint server;
	const char *user, *password;
	char *realm, *nonce;
	guint8 key[16];
};

/**
 * turn_client_allocate() - have a relayed address
 * @client: the client
 * @relayed: gets the address
 *
 * These functions end the program when the server refuses.
 */
void turn_client_allocate(struct turn_client *client, struct endpoint *relayed);

/**
 * turn_client_bind() - bind a channel
 * @client: the client, which has a relayed address
 * @number: of the channel
 * @peer: what it leads to
 */
void turn_client_bind(struct turn_client *client, guint16 number, const struct endpoint *peer);

/**
 * turn_client_end() - give the relayed address back
 * @client: the client; what it has allocated itself is freed
 */
void turn_client_end(struct turn_client *client);

#endif
