/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Recognising WireGuard's messages, by the protocol's paper (section 5.4): a type
 * of one byte, three zero bytes, and a length that fits the type.
 */
#ifndef WGMESH_MESSAGE_H
#define WGMESH_MESSAGE_H

#include "compat.h"

enum wgmesh_message_type {
	WGMESH_MESSAGE_NONE = 0,
	WGMESH_MESSAGE_INITIATION = 1,
	WGMESH_MESSAGE_RESPONSE = 2,
	WGMESH_MESSAGE_COOKIE = 3,
	WGMESH_MESSAGE_DATA = 4,
};

/* What has to be linear to recognise a message and the index that it answers to. No
 * message is that short.
 */
#define WGMESH_MESSAGE_HEAD_LEN	12

/**
 * wgmesh_message_type() - which WireGuard message is this datagram?
 * @message: its payload, at least WGMESH_MESSAGE_HEAD_LEN linear bytes, or fewer when
 *	@len says so
 * @len: bytes in the payload
 *
 * STUN, ChannelData and everything else that shares the port cannot be mistaken for
 * one: STUN has its length where WireGuard has zeros.
 *
 * Return: the type, or WGMESH_MESSAGE_NONE.
 */
static inline enum wgmesh_message_type wgmesh_message_type(const void *message, unsigned int len)
{
	if (unlikely(len < 32))
		return WGMESH_MESSAGE_NONE;
	switch (get_unaligned_le32(message)) {
	case WGMESH_MESSAGE_DATA:
		return WGMESH_MESSAGE_DATA;
	case WGMESH_MESSAGE_INITIATION:
		return len == 148 ? WGMESH_MESSAGE_INITIATION : WGMESH_MESSAGE_NONE;
	case WGMESH_MESSAGE_RESPONSE:
		return len == 92 ? WGMESH_MESSAGE_RESPONSE : WGMESH_MESSAGE_NONE;
	case WGMESH_MESSAGE_COOKIE:
		return len == 64 ? WGMESH_MESSAGE_COOKIE : WGMESH_MESSAGE_NONE;
	}
	return WGMESH_MESSAGE_NONE;
}

/**
 * wgmesh_message_sender() - the index that a handshake message of this node asks to be answered to
 * @message: an initiation or a response
 */
static inline u32 wgmesh_message_sender(const void *message)
{
	return get_unaligned_le32(message + 4);
}

/**
 * wgmesh_message_receiver() - the index that a message answers to
 * @message: a response or a data message
 * @type: which of them
 */
static inline u32 wgmesh_message_receiver(const void *message, enum wgmesh_message_type type)
{
	return get_unaligned_le32(message + (type == WGMESH_MESSAGE_RESPONSE ? 8 : 4));
}

#endif /* WGMESH_MESSAGE_H */
