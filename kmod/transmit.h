/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way out: from WireGuard's virtual endpoint to the selected path.
 */
#ifndef WGMESH_TRANSMIT_H
#define WGMESH_TRANSMIT_H

#include <linux/netfilter.h>

#define WGMESH_TRANSMIT_HOOKS 1

extern const struct nf_hook_ops wgmesh_transmit_hooks[WGMESH_TRANSMIT_HOOKS];

#endif /* WGMESH_TRANSMIT_H */
