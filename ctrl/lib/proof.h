/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PROOF_H
#define WGMESH_PROOF_H

#include "key.h"

#define PROOF_SIZE 32
#define PROOF_NONCE_SIZE 32
#define PROOF_FINGERPRINT_SIZE 32

/**
 * struct proof_challenge - what both sides know of one connection (docs/protocol.md section 2.2)
 * @nonce: drawn by the server
 * @server_key: public half of the key that the server made for this connection alone
 * @fingerprint: SHA-256 of the server's certificate (DER): of the one it uses on the server, of the
 *		 one that was presented on the node
 */
struct proof_challenge {
	guint8 nonce[PROOF_NONCE_SIZE];
	struct key server_key;
	guint8 fingerprint[PROOF_FINGERPRINT_SIZE];
};

/**
 * proof_make() - prove possession of the node's private key
 * @challenge: of this connection
 * @node_private: the node's private key
 * @proof: where the proof goes
 * @error: G_IO_ERROR_INVALID_DATA: the server's key gives no secret
 */
bool proof_make(const struct proof_challenge *challenge, const struct key *node_private,
		guint8 proof[static PROOF_SIZE], GError **error);

/**
 * proof_check() - check a node's proof, in constant time
 * @challenge: of this connection
 * @server_private: private half of challenge->server_key
 * @node_public: the key that the node claims to have
 * @proof: what it sent
 * @error: G_IO_ERROR_INVALID_DATA: the node's key gives no secret; G_IO_ERROR_PERMISSION_DENIED:
 *	   the proof is not that of this key and this connection
 */
bool proof_check(const struct proof_challenge *challenge, const struct key *server_private,
		 const struct key *node_public, const guint8 proof[static PROOF_SIZE],
		 GError **error);

#endif
