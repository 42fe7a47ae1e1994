/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_FRAME_H
#define WGMESH_FRAME_H

#include <glib.h>
#include <stdbool.h>

/* RFC 6455 section 5.2 */
enum frame_opcode {
	FRAME_CONTINUATION = 0x0,
	FRAME_TEXT = 0x1,
	FRAME_BINARY = 0x2,
	FRAME_CLOSE = 0x8,
	FRAME_PING = 0x9,
	FRAME_PONG = 0xa,
};

/* Opcodes from here on are control frames. */
#define FRAME_CONTROL 0x8

/* The largest payload of a control frame, in bytes. */
#define FRAME_MAX_CONTROL 125

/* The largest header that a server writes: of a frame that is not masked. */
#define FRAME_MAX_HEADER 10

/**
 * struct frame - the header of a frame from a client
 * @final: whether the message ends with it
 * @opcode: one of enum frame_opcode
 * @mask: of the payload
 * @header_size: in bytes
 * @size: of the payload, in bytes; anything that 63 bits hold
 */
struct frame {
	bool final;
	enum frame_opcode opcode;
	guint8 mask[4];
	gsize header_size;
	guint64 size;
};

enum frame_status { FRAME_INCOMPLETE, FRAME_COMPLETE, FRAME_INVALID };

/**
 * frame_parse() - read the header of a frame from a client
 * @data: what was received
 * @available: how many bytes of it there are
 * @frame: where the header goes
 * @why: what is wrong with a frame that is invalid; static
 *
 * Refuses what RFC 6455 section 5 forbids: unmasked frames, reserved bits and opcodes, lengths in
 * more bytes than needed, control frames that are fragments or large.
 */
enum frame_status frame_parse(const guint8 *data, gsize available, struct frame *frame,
			      const char **why);

/**
 * frame_unmask() - turn the payload of a client's frame into what it means, in place
 * @data: the payload
 * @size: in bytes
 * @mask: from the frame's header
 */
void frame_unmask(guint8 *data, gsize size, const guint8 mask[static 4]);

/**
 * frame_write_header() - the header of a whole message in one frame from a server
 * @opcode: what it is
 * @size: of the payload, in bytes
 * @header: where it goes
 *
 * Return: the size of the header, in bytes.
 */
gsize frame_write_header(enum frame_opcode opcode, gsize size,
			 guint8 header[static FRAME_MAX_HEADER]);

#endif
