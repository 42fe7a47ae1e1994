/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_TRANSPORT_H
#define WGMESH_RELAY_TRANSPORT_H

/* How a client reaches this server. To peers it is always UDP. */
enum transport {
	TRANSPORT_UDP,
	TRANSPORT_TCP,
	TRANSPORT_TLS,
	TRANSPORTS,
};

#endif
