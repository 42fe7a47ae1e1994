/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHCTL_PEER_NAMES_H
#define MESHCTL_PEER_NAMES_H

#include "cli.h"

/**
 * struct peer_names - hostnames of the peers that the module knows by number
 */
typedef struct peer_names peer_names;

/**
 * peer_names_new() - none is known yet
 * @cli: says which meshd to ask; borrowed
 *
 * Return: (owned by the caller) the names; peer_names_free() them.
 */
struct peer_names *peer_names_new(const struct cli *cli);

void peer_names_free(struct peer_names *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(peer_names, peer_names_free)

/**
 * peer_names_find() - the hostname of a peer
 * @names: the names
 * @id: number of the peer in the module
 *
 * The module and meshd are asked the first time; when one of them does not answer, or the peer is
 * not meshd's, that is remembered, too.
 *
 * Return: (borrowed from @names) the hostname; NULL when there is none.
 */
const char *peer_names_find(struct peer_names *names, guint32 id);

/**
 * peer_names_forget() - numbers mean other peers from now on
 * @names: the names
 */
void peer_names_forget(struct peer_names *names);

#endif
