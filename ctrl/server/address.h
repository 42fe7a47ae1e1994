/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_ADDRESS_H
#define WGMESH_ADDRESS_H

#include <glib.h>
#include <netinet/in.h>
#include <stdbool.h>

#include "lib/key.h"
#include "lib/prefix.h"

#define NETWORK_ID_SIZE 16

/**
 * typedef address_taken - whether an address belongs to a node already
 * @address: a struct in_addr or a struct in6_addr
 * @data: what the chooser was given
 */
typedef bool (*address_taken)(const void *address, void *data);

/**
 * address_check_prefix() - whether nodes can get their IPv4 addresses from a prefix
 * @prefix: the prefix
 * @error: G_IO_ERROR_INVALID_ARGUMENT: why not
 */
bool address_check_prefix(const struct prefix *prefix, GError **error);

/**
 * address_capacity() - how many nodes a prefix has addresses for
 * @prefix: as address_check_prefix() takes it
 *
 * The network's address, the first after it and the broadcast address are given to no node.
 */
guint32 address_capacity(const struct prefix *prefix);

/**
 * address_choose() - choose a node's IPv4 address
 * @prefix: of the network, as address_check_prefix() takes it
 * @network_id: NETWORK_ID_SIZE bytes
 * @node: the node's public key
 * @taken: asked about each address in turn
 * @data: for @taken
 * @address: where it goes
 *
 * Begins at a hash of network and key, so that a node that is registered again tends to get the
 * address it had, and goes on with the next ones.
 *
 * Return: false when all are taken.
 */
bool address_choose(const struct prefix *prefix, const guint8 *network_id, const struct key *node,
		    address_taken taken, void *data, struct in_addr *address);

/**
 * address_prefix6() - the network's ULA /64 (RFC 4193), which is a hash of its id
 * @network_id: NETWORK_ID_SIZE bytes
 * @prefix: where it goes
 */
void address_prefix6(const guint8 *network_id, struct prefix *prefix);

/**
 * address_choose6() - choose a node's IPv6 address out of the network's /64
 * @network_id: NETWORK_ID_SIZE bytes
 * @node: the node's public key
 * @taken: asked about each address in turn
 * @data: for @taken
 * @address: where it goes
 *
 * Return: false when no free one was found in a few tries: somebody computed colliding keys.
 */
bool address_choose6(const guint8 *network_id, const struct key *node, address_taken taken,
		     void *data, struct in6_addr *address);

#endif
