/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Forwarding between the peers of WireGuard interfaces.
 */
#ifndef WGMESH_BOUNCE_FORWARD_H
#define WGMESH_BOUNCE_FORWARD_H

#include <linux/netfilter.h>

#define WGMESH_BOUNCE_HOOKS	2

extern const struct nf_hook_ops wgmesh_bounce_hooks[WGMESH_BOUNCE_HOOKS];

#endif /* WGMESH_BOUNCE_FORWARD_H */
