/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An allocation with a channel on this host, for the tests of the relay.
 */
#ifndef WGMESH_KUNIT_RELAYED_H
#define WGMESH_KUNIT_RELAYED_H

#include <kunit/test.h>

#include "relay.h"

/* Ports: the relay's own, those of its clients and their peers */
#define RELAYED_PORT		3478
#define RELAYED_CLIENT_PORT	40000
#define RELAYED_PEER_PORT	60000

/* More than a test lasts */
#define RELAYED_LIFETIME_MS	(600 * MSEC_PER_SEC)

struct wgmesh_allocation *relayed_allocation(struct kunit *test, u16 family, u8 client);
struct wgmesh_channel *relayed_channel(struct kunit *test, struct wgmesh_allocation *allocation,
				       u16 number, u16 family, u16 local_port, u8 peer,
				       u16 peer_port);
void relayed_remove_all(void);

#endif /* WGMESH_KUNIT_RELAYED_H */
