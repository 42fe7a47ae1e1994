/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_SEAL_H
#define WGMESH_SEAL_H

#include <glib.h>
#include <string.h>

#include "key.h"
#include "message.h"

/* Bytes of a session, which a node draws at its start (docs/protocol.md section 2.2). */
#define SEAL_SESSION_SIZE 16

/**
 * struct seal_session - one run of a node, from its start to its end
 * @bytes: random
 *
 * A plain value.
 */
struct seal_session {
	guint8 bytes[SEAL_SESSION_SIZE];
};

/**
 * seal_session_equal() - whether two sessions are the same
 * @a: a session
 * @b: another
 */
static inline bool seal_session_equal(const struct seal_session *a, const struct seal_session *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/**
 * struct seal - what this node shares with one peer: the key, and what protects against replay
 *
 * docs/protocol.md sections 5.1 and 5.2.
 */
typedef struct seal seal;

/**
 * seal_new() - agree with a peer on the key
 * @private_key: of this node
 * @peer: public key of the peer
 * @session: of this node
 * @error: G_IO_ERROR_INVALID_DATA: @peer is a key that gives no secret
 *
 * Return: (owned by the caller) the seal; NULL on error.
 */
struct seal *seal_new(const struct key *private_key, const struct key *peer,
		      const struct seal_session *session, GError **error);

/**
 * seal_free() - wipe the key and forget the peer's sessions
 * @seal: a seal, or NULL
 */
void seal_free(struct seal *seal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(seal, seal_free)

/**
 * seal_close() - put a message into a box that only the peer can open, and only once
 * @seal: of the peer
 * @message: gets the members `session`, `for` and `counter`
 * @peer_session: the session of the peer that it is meant for
 * @size: the size of the box goes here
 *
 * Return: (owned by the caller) the box; NULL when it would exceed MESSAGE_MAX_BOX.
 */
guint8 *seal_close(struct seal *seal, JsonObject *message, const struct seal_session *peer_session,
		   gsize *size);

/**
 * enum seal_verdict - what seal_open() says about a box
 * @SEAL_ACCEPTED: it is from the peer, for this session of this node, and new
 * @SEAL_HELLO: it is from the peer, and a `hello`; perhaps not for this session, perhaps not new
 * @SEAL_OTHER_SESSION: it is from the peer, but for another session of this node: say `hello`
 * @SEAL_REFUSED: anything else: forged, damaged, replayed, not a message
 */
enum seal_verdict {
	SEAL_ACCEPTED,
	SEAL_HELLO,
	SEAL_OTHER_SESSION,
	SEAL_REFUSED,
};

/**
 * seal_open() - open a box
 * @seal: of the peer that it is said to be from
 * @box: the box
 * @size: size of @box in bytes
 * @message: (owned by the caller) the message when accepted or a hello, NULL otherwise
 * @peer_session: the peer's session when it was sent, unless it is refused
 * @error: G_IO_ERROR_INVALID_DATA when refused: why
 *
 * Only an accepted box changes anything: nothing up to its counter is accepted again, nor is
 * anything from a session of the peer that was before this one.
 */
enum seal_verdict seal_open(struct seal *seal, const guint8 *box, gsize size, JsonObject **message,
			    struct seal_session *peer_session, GError **error);

#endif
