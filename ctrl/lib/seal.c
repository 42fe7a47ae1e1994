// SPDX-License-Identifier: GPL-2.0
/* Sealed boxes between two nodes, each of which opens once. */
#include "seal.h"

#include <gio/gio.h>
#include <sodium.h>

#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define MAC_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES

/* Greatest number that a message can carry (message.h). */
#define MAX_COUNTER G_GINT64_CONSTANT(999999999999999999)

/*
 * How many ended sessions of a peer are remembered. A peer that starts more often than that while
 * this node runs could have its own oldest boxes replayed to us; they ask for an ICE session that
 * fails, and nothing else.
 */
#define MAX_ENDED 64

static const char key_label[] = "wgmesh signal 1";

/**
 * struct seal - see seal.h
 * @shared: the key that both nodes agree on
 * @self: this node's public key
 * @peer: the peer's public key
 * @session: of this node
 * @sent: counter of the last box that was closed; from the first one on greater than those of a seal
 *	  before, for the peer may know them: no node closes a million boxes a second
 * @peer_session: of the peer that was accepted last
 * @received: counter of the last box of @peer_session
 * @ended: sessions of the peer that have ended
 */
struct seal {
	struct key shared;
	struct key self;
	struct key peer;
	struct seal_session session;
	gint64 sent;
	struct seal_session peer_session;
	gint64 received;
	GArray *ended;
};

struct seal *seal_new(const struct key *private_key, const struct key *peer,
		      const struct seal_session *session, GError **error)
{
	struct key secret;
	struct seal *seal;

	if (!key_agree(private_key, peer, &secret, error))
		return NULL;
	seal = g_new0(struct seal, 1);
	crypto_generichash(seal->shared.bytes, KEY_SIZE, (const guint8 *)key_label,
			   strlen(key_label), secret.bytes, KEY_SIZE);
	key_wipe(&secret);
	key_derive_public(private_key, &seal->self);
	seal->peer = *peer;
	seal->session = *session;
	seal->sent = g_get_monotonic_time();
	return seal;
}

void seal_free(struct seal *seal)
{
	if (!seal)
		return;
	key_wipe(&seal->shared);
	if (seal->ended)
		g_array_unref(seal->ended);
	g_free(seal);
}

/* The additional data binds a box to its direction: one's own box sent back does not open. */
static void put_direction(guint8 data[static 2 * KEY_SIZE], const struct key *from,
			  const struct key *to)
{
	memcpy(data, from->bytes, KEY_SIZE);
	memcpy(data + KEY_SIZE, to->bytes, KEY_SIZE);
}

guint8 *seal_close(struct seal *seal, JsonObject *message, const struct seal_session *peer_session,
		   gsize *size)
{
	guint8 direction[2 * KEY_SIZE];
	g_autofree char *text = NULL;
	gsize length;
	guint8 *box;

	message_set_binary(message, "session", &seal->session, SEAL_SESSION_SIZE);
	message_set_binary(message, "for", peer_session, SEAL_SESSION_SIZE);
	json_object_set_int_member(message, "counter", ++seal->sent);
	text = message_serialise(message, &length);
	if (NONCE_SIZE + length + MAC_SIZE > MESSAGE_MAX_BOX)
		return NULL;

	*size = NONCE_SIZE + length + MAC_SIZE;
	box = g_malloc(*size);
	randombytes_buf(box, NONCE_SIZE);
	put_direction(direction, &seal->self, &seal->peer);
	crypto_aead_xchacha20poly1305_ietf_encrypt(box + NONCE_SIZE, NULL, (guint8 *)text, length,
						   direction, sizeof(direction), NULL, box,
						   seal->shared.bytes);
	return box;
}

static JsonObject *decrypt(struct seal *seal, const guint8 *box, gsize size, GError **error)
{
	guint8 direction[2 * KEY_SIZE];
	g_autofree guint8 *text = NULL;
	unsigned long long length;

	if (size < NONCE_SIZE + MAC_SIZE || size > MESSAGE_MAX_BOX) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
			    "a box of %" G_GSIZE_FORMAT " bytes", size);
		return NULL;
	}
	text = g_malloc(size);
	put_direction(direction, &seal->peer, &seal->self);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(text, &length, NULL, box + NONCE_SIZE,
						       size - NONCE_SIZE, direction,
						       sizeof(direction), box,
						       seal->shared.bytes) < 0) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
			    "a box that is not from this peer, or damaged");
		return NULL;
	}
	return message_parse((char *)text, length, MESSAGE_MAX_BOX, "type", error);
}

static bool has_ended(const struct seal *seal, const struct seal_session *session)
{
	for (guint i = 0; seal->ended && i < seal->ended->len; i++) {
		if (seal_session_equal(&g_array_index(seal->ended, struct seal_session, i),
				       session))
			return true;
	}
	return false;
}

static void begin_session(struct seal *seal, const struct seal_session *session)
{
	if (!seal->ended)
		seal->ended = g_array_new(FALSE, FALSE, sizeof(struct seal_session));
	if (seal->received) {
		if (seal->ended->len == MAX_ENDED)
			g_array_remove_index(seal->ended, 0);
		g_array_append_val(seal->ended, seal->peer_session);
	}
	seal->peer_session = *session;
	seal->received = 0;
}

static bool is_replayed(const struct seal *seal, const struct seal_session *session, gint64 counter)
{
	if (seal->received && seal_session_equal(&seal->peer_session, session))
		return counter <= seal->received;
	return has_ended(seal, session);
}

enum seal_verdict seal_open(struct seal *seal, const guint8 *box, gsize size, JsonObject **message,
			    struct seal_session *peer_session, GError **error)
{
	g_autoptr(JsonObject) opened = decrypt(seal, box, size, error);
	struct seal_session meant_for;
	gint64 counter;

	*message = NULL;
	if (!opened ||
	    !message_get_binary(opened, "session", peer_session, SEAL_SESSION_SIZE, error) ||
	    !message_get_binary(opened, "for", &meant_for, SEAL_SESSION_SIZE, error) ||
	    !message_get_int(opened, "counter", 1, MAX_COUNTER, &counter, error))
		return SEAL_REFUSED;

	if (strcmp(json_object_get_string_member(opened, "type"), "hello") == 0) {
		*message = g_steal_pointer(&opened);
		return SEAL_HELLO;
	}
	if (!seal_session_equal(&meant_for, &seal->session))
		return SEAL_OTHER_SESSION;
	if (is_replayed(seal, peer_session, counter)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
			    "a box that was sent before (counter %" G_GINT64_FORMAT ")", counter);
		return SEAL_REFUSED;
	}
	if (!seal->received || !seal_session_equal(&seal->peer_session, peer_session))
		begin_session(seal, peer_session);
	seal->received = counter;
	*message = g_steal_pointer(&opened);
	return SEAL_ACCEPTED;
}
