/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_COUNTERS_H
#define WGMESH_RELAY_COUNTERS_H

#include "traffic.h"
#include "transport.h"

/*
 * What happened since the program started. There is one relay in a process, and one thread: so
 * there is one of these, and the code that sees something happen counts it.
 */

/* Where data passed that this program forwarded. */
enum counters_path {
	COUNTERS_USERSPACE, /* to and from a client over UDP */
	COUNTERS_STREAM,    /* over TCP or TLS */
	COUNTERS_PATHS,
};

enum counters_request {
	COUNTERS_BINDING,
	COUNTERS_ALLOCATE,
	COUNTERS_REFRESH,
	COUNTERS_CREATE_PERMISSION,
	COUNTERS_CHANNEL_BIND,
	COUNTERS_REQUESTS,
};

/* Why something was dropped in silence. */
enum counters_drop {
	COUNTERS_DROP_MALFORMED,     /* no message of any protocol here */
	COUNTERS_DROP_NO_ALLOCATION, /* data of a client that has none */
	COUNTERS_DROP_NO_CHANNEL,    /* in a channel that is not bound */
	COUNTERS_DROP_NO_PERMISSION, /* to or from a peer that is not permitted */
	COUNTERS_DROP_PEER,	     /* to a peer that cannot be: another family, no port, this server */
	COUNTERS_DROP_RATE,	     /* above the rate of the allocation */
	COUNTERS_DROP_QUEUE,	     /* to a client over TCP or TLS that does not read */
	COUNTERS_DROP_SEND,	     /* the kernel did not take it */
	COUNTERS_DROPS,
};

/* Codes of errors: 300 to 699. */
#define COUNTERS_CODE_MIN 300
#define COUNTERS_CODES 400

/**
 * struct counters - the counts
 * @traffic: data that was passed on
 * @requests: requests by kind, whatever became of them
 * @refusals: answers with an error, by code less COUNTERS_CODE_MIN
 * @limited: answers to strangers that were not sent, because there were too many
 * @drops: what was dropped
 * @allocations: that were made
 * @connections: that were accepted
 * @connections_refused: that were not, because their source had too many
 * @connections_open: that there are
 */
struct counters {
	struct traffic traffic[COUNTERS_PATHS];
	guint64 requests[COUNTERS_REQUESTS];
	guint64 refusals[COUNTERS_CODES];
	guint64 limited;
	guint64 drops[COUNTERS_DROPS];
	guint64 allocations[TRANSPORTS];
	guint64 connections[TRANSPORTS];
	guint64 connections_refused;
	guint64 connections_open[TRANSPORTS];
};

extern struct counters counters;

#endif
