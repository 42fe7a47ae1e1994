/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_TRAFFIC_H
#define WGMESH_RELAY_TRAFFIC_H

#include <glib.h>

/**
 * struct traffic - what an allocation has carried: application data, without any headers
 * @to_peers_packets: datagrams from the client
 * @to_peers_bytes: and their bytes
 * @to_client_packets: datagrams from peers
 * @to_client_bytes: and their bytes
 */
struct traffic {
	guint64 to_peers_packets;
	guint64 to_peers_bytes;
	guint64 to_client_packets;
	guint64 to_client_bytes;
};

#endif
