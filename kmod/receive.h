/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way in: from a path to WireGuard.
 */
#ifndef WGMESH_RECEIVE_H
#define WGMESH_RECEIVE_H

#include <linux/netfilter.h>

#define WGMESH_RECEIVE_HOOKS 4
#define WGMESH_RECEIVE_BRIDGED_HOOKS 2

extern const struct nf_hook_ops wgmesh_receive_hooks[WGMESH_RECEIVE_HOOKS];
extern const struct nf_hook_ops wgmesh_receive_bridged_hooks[WGMESH_RECEIVE_BRIDGED_HOOKS];

#endif /* WGMESH_RECEIVE_H */
