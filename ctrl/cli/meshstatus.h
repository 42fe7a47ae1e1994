/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHCTL_MESHSTATUS_H
#define MESHCTL_MESHSTATUS_H

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "cli.h"
#include "lib/control.h"

/*
 * STATUS of docs/protocol.md section 6.1 as C structs. Texts are clean to print (cli_clean()) and
 * never NULL but where it is said; lists end with NULL; what meshd leaves out is "" or 0.
 */

/**
 * struct mesh_path - a path of a peer
 * @id: number in the kernel
 * @kind: "direct" or "relay"
 * @local: endpoint on this node
 * @remote: endpoint packets go to
 * @relay: name of the relay that it is; "" when it is none, or not known
 * @channel: of the relay; 0 when there is none
 * @priority: the path with the highest is selected
 * @selected: whether packets take it
 * @mtu_bytes: largest packet that its route takes whole
 * @pmtu_bytes: largest packet that passes whole; -1 when that was not measured
 * @rtt_us: smoothed round-trip time; -1 when it is not known
 * @rx_packets: WireGuard messages received
 * @rx_bytes: their bytes
 * @tx_packets: WireGuard messages sent
 * @tx_bytes: their bytes
 * @tx_errors: messages that could not be sent
 * @rx_age_ms: since the last one was received; -1 when none was
 * @copies: it gets a copy of each packet
 * @why_not: why packets do not take it; "" when they do
 * @state: "untested", "alive", "suspect", "dead"; "" when it is not known
 * @state_age_ms: since it became that; -1 when it is not known
 * @jitter_us: smoothed deviation of the round-trip time; -1 when it is not known
 * @loss_permille: of probes; -1 when none were sent
 * @lossy: it loses so much that another one is preferred
 * @held: it failed while it was in use, and has to answer for some time first
 * @policy: "auto", "force", "forbid"; "" when it is not known
 * @probes_sent: probes sent
 * @probes_answered: of these, answered
 */
struct mesh_path {
	gint64 id;
	char *kind;
	char *local;
	char *remote;
	char *relay;
	gint64 channel;
	gint64 priority;
	bool selected;
	gint64 mtu_bytes;
	gint64 pmtu_bytes;
	gint64 rtt_us;
	gint64 rx_packets;
	gint64 rx_bytes;
	gint64 tx_packets;
	gint64 tx_bytes;
	gint64 tx_errors;
	gint64 rx_age_ms;
	bool copies;
	char *why_not;
	char *state;
	gint64 state_age_ms;
	gint64 jitter_us;
	gint64 loss_permille;
	bool lossy;
	bool held;
	char *policy;
	gint64 probes_sent;
	gint64 probes_answered;
};

/**
 * struct mesh_ice - what the search for a path is at
 * @state: of the session; "" when there is none
 * @local_candidates: of this node
 * @remote_candidates: of the peer, that are tried
 * @left_out: of the peer, that are not tried
 * @error: why the last session failed; "" when it did not
 */
struct mesh_ice {
	char *state;
	char **local_candidates;
	char **remote_candidates;
	char **left_out;
	char *error;
};

/**
 * struct mesh_key_change - a name or an address of a peer was that of another key before
 * @what: the name or the address
 * @from: the other key
 * @when: seconds since 1970
 */
struct mesh_key_change {
	char *what;
	char *from;
	gint64 when;
};

/**
 * struct mesh_peer - a peer
 * @public_key: as wg prints it
 * @hostname: unique in the network
 * @addresses: in the overlay
 * @online: whether it is connected to the server
 * @state: "direct", "relayed", "connecting", "offline", "failed"
 * @why_relayed: why there is no direct path; "" when packets take one
 * @relay_error: why there is no path through relays; "" when there is one
 * @address_refused: which address that the server gives it is refused, and why; "" when none is
 * @key_changes: array of struct mesh_key_change
 * @route_error: which route of this machine keeps packets from it; "" when none does
 * @route_shared: which other interface has a peer of its address, but not the route; "" when none has
 * @selector: what chooses among its paths; "" when it is not known
 * @probing: its paths are probed
 * @switches: how often another path was selected
 * @switch_age_ms: since the last time; -1 when there was none
 * @switch_reason: why, as the kernel names it: "lost"; "" when there was none
 * @ice: what the search for a path is at
 * @paths: array of struct mesh_path
 * @virtual_endpoint: what WireGuard sends to
 * @last_handshake: seconds since 1970; 0 is never
 * @wg_rx_bytes: received from it by WireGuard
 * @wg_tx_bytes: sent to it by WireGuard
 */
struct mesh_peer {
	char *public_key;
	char *hostname;
	char **addresses;
	bool online;
	char *state;
	char *why_relayed;
	char *relay_error;
	char *address_refused;
	GArray *key_changes;
	char *route_error;
	char *route_shared;
	char *selector;
	bool probing;
	gint64 switches;
	gint64 switch_age_ms;
	char *switch_reason;
	struct mesh_ice ice;
	GArray *paths;
	char *virtual_endpoint;
	gint64 last_handshake;
	gint64 wg_rx_bytes;
	gint64 wg_tx_bytes;
};

/**
 * struct mesh_mended - what somebody else changed, and meshd put right
 * @what: "interface", "addresses", "routes", "wireguard", "peers", "module"
 * @count: how many since meshd started
 * @last: when, seconds since 1970
 * @again_and_again: somebody goes on changing it
 */
struct mesh_mended {
	char *what;
	gint64 count;
	gint64 last;
	bool again_and_again;
};

/**
 * struct mesh_status - how a network is
 * @state: "up", "down", "joining", "error"
 * @error: why, when it is "error"; else ""
 * @warning: what is wrong while all seems to work; else ""
 * @network_id: number of the network; "" before joining
 * @network_name: its name on the server
 * @server_url: where the server is; "" before joining
 * @server_connected: whether meshd is connected to it
 * @server_error: why not; else ""
 * @interface: name of the WireGuard interface
 * @public_key: of this node
 * @hostname: of this node
 * @addresses: of this node in the overlay
 * @prefixes_refused: which prefixes the server tells that were others when this node joined; else ""
 * @address_refused: which address that the server gives this node is refused, and why; else ""
 * @address_error: what else on this machine has one of them; else ""
 * @address_shared: which other interface has a peer with one of them; else ""
 * @left_out: addresses of this node that are too many to be offered to peers
 * @module: whether the kernel module is there
 * @module_error: what is wrong with it; else ""
 * @ipv6: whether the interface takes IPv6
 * @mended: array of struct mesh_mended
 * @peers: array of struct mesh_peer
 */
typedef struct mesh_status {
	char *state;
	char *error;
	char *warning;
	char *network_id;
	char *network_name;
	char *server_url;
	bool server_connected;
	char *server_error;
	char *interface;
	char *public_key;
	char *hostname;
	char **addresses;
	char *prefixes_refused;
	char *address_refused;
	char *address_error;
	char *address_shared;
	char **left_out;
	bool module;
	char *module_error;
	bool ipv6;
	GArray *mended;
	GArray *peers;
} mesh_status;

/**
 * mesh_status_read() - take over what meshd says
 * @object: STATUS
 *
 * A member that is missing or of another type counts as left out.
 *
 * Return: (owned by the caller) the status; mesh_status_free() it.
 */
struct mesh_status *mesh_status_read(JsonObject *object);

void mesh_status_free(struct mesh_status *status);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mesh_status, mesh_status_free)

/**
 * mesh_status_get() - ask meshd
 * @client: the connection
 * @peer: public key of the only peer that is of interest; NULL for all
 * @error: see control_client_call()
 *
 * Return: (owned by the caller) the status; NULL on error.
 */
struct mesh_status *mesh_status_get(struct control_client *client, const char *peer,
				    GError **error);

/**
 * mesh_status_find_peer() - find the peer that a person means
 * @status: the status
 * @name: hostname, overlay address, or the beginning of a public key (4 characters or more)
 * @error: G_IO_ERROR_NOT_FOUND when it is none or several
 *
 * Return: (borrowed from @status) the peer; NULL on error.
 */
const struct mesh_peer *mesh_status_find_peer(const struct mesh_status *status, const char *name,
					      GError **error);

/**
 * mesh_peer_selected() - the path that packets to a peer take
 * @peer: the peer
 *
 * Return: (borrowed from @peer) the path; NULL when there is none.
 */
const struct mesh_path *mesh_peer_selected(const struct mesh_peer *peer);

/**
 * mesh_peer_latest() - the path on which a packet of a peer came last
 * @peer: the peer
 *
 * Return: (borrowed from @peer) the path; NULL when nothing came on any.
 */
const struct mesh_path *mesh_peer_latest(const struct mesh_peer *peer);

#endif
