// SPDX-License-Identifier: GPL-2.0
/* Frames of WebSocket: reading a client's, writing the server's. */
#include "frame.h"

#include <string.h>

#define FINAL 0x80
#define RESERVED 0x70
#define MASKED 0x80

static guint64 read_be(const guint8 *data, gsize size)
{
	guint64 value = 0;

	while (size-- > 0)
		value = value << 8 | *data++;
	return value;
}

static const char *find_fault(const struct frame *frame, guint8 first, guint8 second)
{
	if (first & RESERVED)
		return "an extension that was not agreed on";
	if (frame->opcode > FRAME_PONG ||
	    (frame->opcode > FRAME_BINARY && frame->opcode < FRAME_CONTROL))
		return "unknown opcode";
	if (!(second & MASKED))
		return "frame without a mask";
	if (frame->opcode >= FRAME_CONTROL &&
	    (!frame->final || (second & ~MASKED) > FRAME_MAX_CONTROL))
		return "control frame that is a fragment or too large";
	return NULL;
}

enum frame_status frame_parse(const guint8 *data, gsize available, struct frame *frame,
			      const char **why)
{
	gsize length_size;

	if (available < 2)
		return FRAME_INCOMPLETE;
	frame->final = data[0] & FINAL;
	frame->opcode = data[0] & 0x0f;
	*why = find_fault(frame, data[0], data[1]);
	if (*why)
		return FRAME_INVALID;

	frame->size = data[1] & ~MASKED;
	length_size = frame->size == 127 ? 8 : frame->size == 126 ? 2 : 0;
	frame->header_size = 2 + length_size + sizeof(frame->mask);
	if (available < frame->header_size)
		return FRAME_INCOMPLETE;
	if (length_size > 0)
		frame->size = read_be(data + 2, length_size);
	if ((length_size == 2 && frame->size < 126) ||
	    (length_size == 8 && (frame->size <= G_MAXUINT16 || frame->size >> 63))) {
		*why = "length in a wrong form";
		return FRAME_INVALID;
	}
	memcpy(frame->mask, data + 2 + length_size, sizeof(frame->mask));
	return FRAME_COMPLETE;
}

void frame_unmask(guint8 *data, gsize size, const guint8 mask[static 4])
{
	for (gsize i = 0; i < size; i++)
		data[i] ^= mask[i % 4];
}

gsize frame_write_header(enum frame_opcode opcode, gsize size,
			 guint8 header[static FRAME_MAX_HEADER])
{
	gsize length_size = size <= 125 ? 0 : size <= G_MAXUINT16 ? 2 : 8;

	header[0] = FINAL | opcode;
	header[1] = length_size == 0 ? size : length_size == 2 ? 126 : 127;
	for (gsize i = 0; i < length_size; i++)
		header[2 + i] = (guint64)size >> 8 * (length_size - 1 - i);
	return 2 + length_size;
}
