/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A WireGuard device with a peer, attached, for the tests of paths.
 */
#ifndef WGMESH_KUNIT_TUNNEL_H
#define WGMESH_KUNIT_TUNNEL_H

#include <kunit/test.h>

#include "packet.h"
#include "path.h"
#include "peer.h"

/* Of the device, as tests/kunit/run makes it */
#define TUNNEL_PORT		51820

/* Ports of the paths, and the channel of those through a relay */
#define TUNNEL_LOCAL_PORT	5000
#define TUNNEL_REMOTE_PORT	6000
#define TUNNEL_REMOTE		2
#define TUNNEL_CHANNEL		0x4123

/**
 * struct tunnel_case - what a rewrite is tested with
 * @family: of the path
 * @channel: of the path, 0 when there is none
 * @sum: of the packet
 */
struct tunnel_case {
	u16 family;
	u16 channel;
	enum packet_sum sum;
};

int tunnel_open(struct kunit *test);
void tunnel_close(struct kunit *test);
struct wgmesh_peer *tunnel_peer(void);
void tunnel_remove_peer(void);
struct wgmesh_peer *tunnel_other_peer(struct kunit *test);
struct sock *tunnel_socket(struct kunit *test);
struct wgmesh_path *tunnel_path(struct kunit *test, u16 family, u16 channel);
struct wgmesh_path *tunnel_path_between(struct kunit *test, u16 local_port, u8 remote);
struct packet tunnel_packet(const struct wgmesh_path *path);
const void *tunnel_next_case(const void *previous, char *name, unsigned int sums);

int tunnel_tap(struct kunit *test);
void tunnel_untap(struct kunit *test);
struct sk_buff *tunnel_delivered(void);

#endif /* WGMESH_KUNIT_TUNNEL_H */
