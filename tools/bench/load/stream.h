/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_LOAD_STREAM_H
#define WGMESH_LOAD_STREAM_H

#include "lib/endpoint.h"

/*
 * Datagrams from one socket to another one, whatever is between them, and what they cost.
 *
 * A window of them is sent at once; then they are received, all of them and as they were. So
 * nothing is lost, and nobody waits, but for a program between the two, which gets the CPU
 * when all is sent. Sending and receiving cost the same whatever is between.
 */

/* So many are under way. */
#define STREAM_WINDOW 32
#define STREAM_SIZE_MAX 1472

/**
 * struct stream_flow - datagrams of one kind
 * @from: the address that they leave from
 * @to: where they are sent to
 * @channel: number of the channel in which it is sent as ChannelData, or 0
 */
struct stream_flow {
	struct endpoint from, to;
	guint16 channel;
};

/**
 * struct stream - a stream of datagrams
 * @from: the socket that sends
 * @to: the socket that receives
 * @flows: (of struct stream_flow) sent in turns
 * @in_channel: what arrives is ChannelData
 */
struct stream {
	int from, to;
	const GArray *flows;
	bool in_channel;
};

/**
 * stream_socket() - a UDP socket of another network namespace, for all its IPv4 addresses
 * @netns: name of the namespace, as for ip(8)
 * @port: where to bind it
 *
 * What is received may take 5 s. The program ends when there can be none; likewise below.
 *
 * Return: the socket.
 */
int stream_socket(const char *netns, guint16 port);

/**
 * stream_run() - send and receive
 * @stream: the stream
 * @size: bytes of data in a datagram
 * @packets: how many at least
 *
 * Return: nanoseconds it took for each datagram.
 */
double stream_run(const struct stream *stream, gsize size, guint64 packets);

#endif
