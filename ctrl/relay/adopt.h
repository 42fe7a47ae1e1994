/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_ADOPT_H
#define WGMESH_RELAY_ADOPT_H

#include "listeners.h"
#include "turn.h"

struct pathnl;

/*
 * A restart of this program that no client notices: the kernel goes on forwarding, and the next
 * process takes over what it finds there. What the kernel does not know of an allocation itself is
 * in the note that it keeps with it. Not found again are permissions that no channel leads to, and
 * allocations without a channel; their clients make them anew.
 */

/**
 * adopt_note() - what has to be found again of an allocation
 * @allocation: the allocation
 *
 * Return: (owned by the caller) text for pathnl_allocation_set().
 */
char *adopt_note(const struct allocation *allocation);

/**
 * adopt() - take over what the kernel forwards for
 * @nl: the kernel
 * @turn: the server, which has no allocation yet
 * @listeners: where its clients send to
 *
 * What cannot be taken over is removed from the kernel, and the log says why.
 */
void adopt(struct pathnl *nl, struct turn *turn, const struct listeners *listeners);

#endif
