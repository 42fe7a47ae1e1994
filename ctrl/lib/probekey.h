/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PROBEKEY_H
#define WGMESH_PROBEKEY_H

#include "pathnl.h"

/**
 * probekey_derive() - what authenticates the probes between this node and a peer
 * @private_key: of this node
 * @peer: public key of the peer
 * @keys: the result goes here; wipe it after use
 * @error: G_IO_ERROR_INVALID_DATA: @peer is a key that gives no secret
 *
 * docs/protocol.md section 5.6. Both ends find the same keys by themselves, so paths are probed
 * after any restart, and whether the server is there or not.
 */
bool probekey_derive(const struct key *private_key, const struct key *peer,
		     struct pathnl_probe_keys *keys, GError **error);

#endif
