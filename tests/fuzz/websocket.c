// SPDX-License-Identifier: GPL-2.0

/*
 * Any bytes as the start of a connection to mesh-server: a request to open a WebSocket, and frames
 * of a client. Beyond not crashing: an answer is HTTP, and a frame's header lies within what came.
 *
 *	clang -fsanitize=fuzzer,address,undefined ... tests/fuzz/websocket.c \
 *		build/libmesh-server.a build/libwgmesh.a
 *	./websocket -max_len=9000 NEW-FINDINGS tests/fuzz/websocket
 */
#include "server/frame.h"
#include "server/upgrade.h"

#include <stdlib.h>
#include <string.h>

static void require(bool holds)
{
	if (!holds)
		abort();
}

static gsize check_request(const guint8 *data, gsize len)
{
	gsize size = upgrade_head_size(data, len);
	g_autofree char *answer = NULL;
	bool upgraded;

	if (size == 0)
		return 0;
	require(size >= 4 && size <= len);
	answer = upgrade_answer(data, size, "/v1/node", &upgraded);
	require(g_str_has_prefix(answer, upgraded ? "HTTP/1.1 101 " : "HTTP/1.1 4"));
	require(strlen(answer) < 500 && strstr(answer, "\r\n\r\n"));
	require(!upgraded || g_str_has_prefix((const char *)data, "GET /v1/node HTTP/1.1\r\n"));
	return size;
}

static void check_frames(const guint8 *data, gsize len)
{
	struct frame frame;
	const char *why;

	while (frame_parse(data, len, &frame, &why) == FRAME_COMPLETE) {
		g_autofree guint8 *payload = NULL;
		gsize size;

		require(frame.header_size >= 6 && frame.header_size <= 14);
		require(frame.header_size <= len);
		require(frame.opcode < FRAME_CONTROL ||
			(frame.final && frame.size <= FRAME_MAX_CONTROL));
		size = MIN(frame.size, len - frame.header_size);
		payload = g_memdup2(data + frame.header_size, size);
		frame_unmask(payload, size, frame.mask);
		frame_unmask(payload, size, frame.mask);
		require(size == 0 || !memcmp(payload, data + frame.header_size, size));
		data += frame.header_size + size;
		len -= frame.header_size + size;
	}
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize len);

int LLVMFuzzerTestOneInput(const guint8 *data, gsize len)
{
	gsize head = check_request(data, len);

	check_frames(data + head, len - head);
	return 0;
}
