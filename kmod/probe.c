// SPDX-License-Identifier: GPL-2.0
/*
 * Writing and judging probes.
 */
#include <crypto/algapi.h>

#include "compat.h"
#include "probe.h"

static void make_mac(u8 *mac, const struct wgmesh_probe *probe, const u8 *key)
{
	wgmesh_blake2s(key, WGMESH_PROBE_KEY_LEN, (const u8 *)probe,
		       offsetof(struct wgmesh_probe, mac), mac, WGMESH_PROBE_MAC_LEN);
}

/**
 * wgmesh_probe_write() - write a probe
 * @probe: where to
 * @type: request or answer
 * @sequence: of the request
 * @session: the receiver's that a request names, or that of who answers
 * @receiver: the receiver's index of WireGuard, or 0
 * @len: bytes of the whole payload, which the caller fills with zeros after the probe
 * @key: the one for probes to the receiver, WGMESH_PROBE_KEY_LEN bytes
 *
 * Context: Any.
 */
void wgmesh_probe_write(struct wgmesh_probe *probe, enum wgmesh_probe_type type, u64 sequence,
			u64 session, u32 receiver, u16 len, const u8 *key)
{
	*probe = (struct wgmesh_probe){
		.magic = htonl(WGMESH_PROBE_MAGIC),
		.receiver = cpu_to_le32(receiver),
		.sequence = cpu_to_be64(sequence),
		.session = cpu_to_be64(session),
		.len = htons(len),
		.type = type,
		.version = WGMESH_PROBE_VERSION,
	};
	make_mac(probe->mac, probe, key);
}

/**
 * wgmesh_probe_is_one() - does a payload look like a probe?
 * @data: its beginning, 4 linear bytes when @len says that there are any
 * @len: its length
 *
 * Context: Any.
 */
bool wgmesh_probe_is_one(const void *data, unsigned int len)
{
	return len >= sizeof(struct wgmesh_probe) &&
	       get_unaligned_be32(data) == WGMESH_PROBE_MAGIC;
}

/**
 * wgmesh_probe_authentic() - was a probe made by who knows the key?
 * @probe: what wgmesh_probe_is_one() said yes to, all of it linear
 * @len: bytes in the payload
 * @key: the one for probes to this node from the peer
 *
 * Compares in constant time.
 *
 * Context: Any.
 */
bool wgmesh_probe_authentic(const struct wgmesh_probe *probe, unsigned int len, const u8 *key)
{
	u8 mac[WGMESH_PROBE_MAC_LEN];

	if (get_unaligned_be16(&probe->len) != len || probe->version != WGMESH_PROBE_VERSION ||
	    (probe->type != WGMESH_PROBE_REQUEST && probe->type != WGMESH_PROBE_ANSWER))
		return false;
	make_mac(mac, probe, key);
	return !crypto_memneq(mac, probe->mac, sizeof(mac));
}

static void window_shift(struct wgmesh_probe_window *window, u64 by)
{
	const unsigned int words = ARRAY_SIZE(window->seen);
	unsigned int skip, bits;

	if (by >= WGMESH_PROBE_WINDOW) {
		memset(window->seen, 0, sizeof(window->seen));
		return;
	}
	skip = by / 64;
	bits = by % 64;
	for (int i = words - 1; i >= 0; i--) {
		u64 word = i >= skip ? window->seen[i - skip] << bits : 0;

		if (bits && i > skip)
			word |= window->seen[i - skip - 1] >> (64 - bits);
		window->seen[i] = word;
	}
}

/**
 * wgmesh_probe_window_take() - is this the first request with its sequence?
 * @window: which have been here; this one is noted
 * @sequence: that of an authentic request
 *
 * Context: Any; the caller serializes.
 * Return: false for a replay, and for one that is older than the window.
 */
bool wgmesh_probe_window_take(struct wgmesh_probe_window *window, u64 sequence)
{
	u64 behind;

	if (sequence > window->highest) {
		window_shift(window, sequence - window->highest);
		window->highest = sequence;
	}
	behind = window->highest - sequence;
	if (behind >= WGMESH_PROBE_WINDOW || window->seen[behind / 64] & BIT_ULL(behind % 64))
		return false;
	window->seen[behind / 64] |= BIT_ULL(behind % 64);
	return true;
}

/**
 * wgmesh_probe_session_take() - is a request new?
 * @session: of the peer; the request is noted, and may begin the next session
 * @named: the session that an authentic request names
 * @sequence: its sequence
 *
 * Context: Any; the caller serializes.
 */
enum wgmesh_probe_verdict wgmesh_probe_session_take(struct wgmesh_probe_session *session,
						    u64 named, u64 sequence)
{
	if (!named || (named != session->id && named != session->next))
		return WGMESH_PROBE_FOREIGN;
	if (named == session->next)
		*session = (struct wgmesh_probe_session){ .id = named };
	return wgmesh_probe_window_take(&session->window, sequence) ? WGMESH_PROBE_NEW :
								      WGMESH_PROBE_REPEATED;
}

/**
 * wgmesh_probe_session_next() - the session to tell to who names another one
 * @session: of the peer
 * @random: a random number, which becomes the session when none was drawn yet
 *
 * It stays the same until it begins: whoever sends copies of old requests does not keep others
 * from being understood.
 *
 * Context: Any; the caller serializes.
 */
u64 wgmesh_probe_session_next(struct wgmesh_probe_session *session, u64 random)
{
	if (!session->next)
		session->next = random ?: 1;
	return session->next;
}
