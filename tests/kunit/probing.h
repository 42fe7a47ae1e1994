/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Probes on the cable, for the tests of what becomes of them.
 */
#ifndef WGMESH_KUNIT_PROBING_H
#define WGMESH_KUNIT_PROBING_H

#include <kunit/test.h>

#include "packet.h"
#include "probe.h"
#include "tunnel.h"

/* Of the probes to the peer, and of those from it */
extern const u8 probing_key_tx[WGMESH_PROBE_KEY_LEN];
extern const u8 probing_key_rx[WGMESH_PROBE_KEY_LEN];

/* Later than what this node has sent, or the peer */
#define PROBING_SEQUENCE	0x8000000000000000ULL

/* What the requests of the peer name */
#define PROBING_SESSION		0x0123456789abcdefULL

int probing_open(struct kunit *test);
struct wgmesh_probe probing_write(enum wgmesh_probe_type type, u64 sequence, u32 receiver);
unsigned int probing_arrives(struct kunit *test, const struct packet *packet,
			     const struct wgmesh_probe *probe);
bool probing_sent(const struct packet *packet, enum wgmesh_probe_type type,
		  struct wgmesh_probe *probe);
void probing_look(struct wgmesh_path *path);

#endif /* WGMESH_KUNIT_PROBING_H */
