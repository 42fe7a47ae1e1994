/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PATHNL_H
#define WGMESH_PATHNL_H

#include <glib.h>
#include <linux/wgmesh.h>
#include <net/if.h>
#include <stdbool.h>

#include "endpoint.h"
#include "key.h"
#include "netlink.h"
#include "prefix.h"

/*
 * The kernel module's netlink family, "wgmesh": genl-spec/wgmesh.yaml says what each thing means.
 * All functions here act on the network namespace in which they opened their socket: the underlay.
 */

/* Room for the name of a selector and the final zero. */
#define PATHNL_SELECTOR_SIZE 16

/**
 * struct pathnl_settings - how paths are probed and chosen, for a device or for one of its peers
 * @selector: name of what chooses among the paths of a peer: "failover", "latency", "duplicate",
 *	      or that of another module
 * @default_selector: in place of @selector: a peer gets that of its device, a device "failover";
 *		      never set when read
 * @probe_active_ms: between probes of the path in use while there is traffic;
 *	WGMESH_PROBE_PACE_MIN to WGMESH_PROBE_PACE_MAX
 * @probe_standby_ms: between probes of the other paths while there is traffic;
 *	WGMESH_PROBE_PACE_MIN to WGMESH_PROBE_PACE_MAX
 * @probe_idle_ms: between probes while there is none;
 *	WGMESH_PROBE_IDLE_MIN to WGMESH_PROBE_PACE_MAX
 * @probe_attempts: how many probes in a row have to stay without an answer before a path is dead;
 *		    WGMESH_PROBE_ATTEMPTS_MIN to WGMESH_PROBE_ATTEMPTS_MAX
 *
 * What is empty or 0 is left as it is, when given; and was not told, when read.
 */
struct pathnl_settings {
	char selector[PATHNL_SELECTOR_SIZE];
	bool default_selector;
	guint32 probe_active_ms;
	guint32 probe_standby_ms;
	guint32 probe_idle_ms;
	guint32 probe_attempts;
};

/**
 * struct pathnl_probe_keys - what probes of the paths of a peer are authenticated with
 * @tx: of those that are sent; the peer has it as its @rx
 * @rx: of those that are received
 */
struct pathnl_probe_keys {
	struct key tx;
	struct key rx;
};

/**
 * struct pathnl_device - an attached WireGuard interface
 * @id: number of the device
 * @ifindex: of the interface, in the namespace where the interface lives
 * @ifname: its name there
 * @listen_port: of WireGuard's own socket, host byte order; 0 while it is not known
 * @mark: firewall mark of the packets that WireGuard sends; 0 is none
 * @virtual_network: the block out of which virtual endpoints are given
 * @peers: how many peers it has here
 * @drop_no_peer: packets WireGuard sent to a virtual endpoint that no peer has
 * @drop_no_socket: packets received while WireGuard had no open socket
 * @drop_probe: probes that were not authentic, or had been here before
 * @settings: how the paths of its peers are probed and chosen
 */
struct pathnl_device {
	guint32 id;
	guint32 ifindex;
	char ifname[IFNAMSIZ];
	guint16 listen_port;
	guint32 mark;
	struct prefix virtual_network;
	guint32 peers;
	guint64 drop_no_peer;
	guint64 drop_no_socket;
	guint64 drop_probe;
	struct pathnl_settings settings;
};

/**
 * struct pathnl_peer - a peer of an attached interface
 * @id: number of the peer
 * @device: number of its device
 * @public_key: WireGuard's
 * @virtual_endpoint: to be configured for this peer in WireGuard; never changes
 * @selected_path: number of the path that packets to it take; 0 when there is none
 * @paths: how many paths it has
 * @drop_no_path: packets that were dropped because it had no path
 * @settings: how its paths are probed and chosen
 * @probing: it has keys, so its paths are probed
 * @active: there is traffic
 * @second_path: number of the path that gets a copy of each packet; 0 when there is none
 * @switches: how often another path was selected
 * @switch_age_ms: milliseconds since that was last done; -1 when it never was
 * @switch_reason: why it was; of no meaning when it never was
 */
struct pathnl_peer {
	guint32 id;
	guint32 device;
	struct key public_key;
	struct endpoint virtual_endpoint;
	guint32 selected_path;
	guint32 paths;
	guint64 drop_no_path;
	struct pathnl_settings settings;
	bool probing;
	bool active;
	guint32 second_path;
	guint64 switches;
	gint64 switch_age_ms;
	enum wgmesh_reason switch_reason;
};

/**
 * struct pathnl_path - one way to reach a peer
 * @id: number of the path
 * @device: number of the device of the peer
 * @peer: number of the peer
 * @local: endpoint of the underlay on this node
 * @remote: endpoint of the underlay where the peer, or its relay, receives
 * @channel: number of the TURN channel that messages are sent in; 0 when there is none
 * @ifindex: interface to send through; 0 leaves it to the routing table
 * @kind: how the path reaches its peer
 * @priority: the path with the highest is selected
 * @selected: whether packets to the peer take it
 * @mtu_bytes: largest IP packet of its route
 * @pmtu_bytes: largest IP packet that is sent whole, as padded probes measured it; -1 when nothing
 *		was measured
 * @rtt_us: smoothed round-trip time in microseconds; -1 when nothing was measured yet
 * @tx_packets: WireGuard messages sent
 * @tx_bytes: their bytes, without IP and UDP headers
 * @rx_packets: WireGuard messages received
 * @rx_bytes: their bytes, without IP and UDP headers
 * @tx_errors: messages that could not be sent
 * @rx_age_ms: milliseconds since the last message was received; -1 when none was
 * @policy: what an operator wants of it
 * @state: what probes found out
 * @dead_reason: why the path is dead, when it is
 * @state_age_ms: milliseconds since the state became what it is; -1 when that was not told
 * @jitter_us: smoothed deviation of the round-trip time in microseconds; -1 when probes measured
 *	       nothing yet
 * @loss_permille: of the last 64 probes those without an answer, in thousandths; -1 when none were
 *		   sent
 * @lossy: it loses so much that another path is preferred
 * @held: it failed while it was in use, and has to answer for some time before it is used again
 * @probes_sent: probes sent
 * @probes_answered: of these, answered
 *
 * When @ifindex is not 0, it is also the scope of link-local addresses in @local and @remote.
 */
struct pathnl_path {
	guint32 id;
	guint32 device;
	guint32 peer;
	struct endpoint local;
	struct endpoint remote;
	guint16 channel;
	guint32 ifindex;
	enum wgmesh_path_kind kind;
	guint32 priority;
	bool selected;
	guint32 mtu_bytes;
	gint64 pmtu_bytes;
	gint64 rtt_us;
	guint64 tx_packets;
	guint64 tx_bytes;
	guint64 rx_packets;
	guint64 rx_bytes;
	guint64 tx_errors;
	gint64 rx_age_ms;
	enum wgmesh_path_policy policy;
	enum wgmesh_path_state state;
	enum wgmesh_reason dead_reason;
	gint64 state_age_ms;
	gint64 jitter_us;
	gint64 loss_permille;
	bool lossy;
	bool held;
	guint64 probes_sent;
	guint64 probes_answered;
};

/**
 * struct pathnl_selection - another path was selected for a peer
 * @device: number of the device
 * @peer: number of the peer
 * @from: number of the path that was in use; 0 when there was none
 * @to: number of the path now in use; 0 when none is left
 * @reason: why
 */
struct pathnl_selection {
	guint32 device;
	guint32 peer;
	guint32 from;
	guint32 to;
	enum wgmesh_reason reason;
};

/**
 * struct pathnl - a socket for requests to the module
 *
 * It keeps working when the module is unloaded and loaded again; in between every request fails
 * with EPROTONOSUPPORT. What the module held (devices, peers, paths) is gone after that.
 */
typedef struct pathnl pathnl;

/**
 * pathnl_open() - open a socket for requests to the module
 * @error: NETLINK_ERROR; EPROTONOSUPPORT when the module is not loaded, with what to do about it
 *
 * The kernel loads the module when it is installed, here and only here.
 *
 * Return: (owned by the caller) the socket; NULL on error. pathnl_close() it.
 */
struct pathnl *pathnl_open(GError **error);

/**
 * pathnl_close() - close it; devices, peers and paths stay
 * @nl: a socket, or NULL
 */
void pathnl_close(struct pathnl *nl);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pathnl, pathnl_close)

/*
 * Errors of the functions below are NETLINK_ERROR with the message of the kernel in them. EPERM:
 * CAP_NET_ADMIN is missing. ENOENT: there is no such device, peer or path.
 * EPROTONOSUPPORT: the module is not loaded (any more).
 */

/**
 * pathnl_device_set() - attach a WireGuard interface, or tell the port and mark of an attached one
 * @nl: the socket
 * @ifindex: of the interface
 * @netns_fd: the network namespace where the interface lives; -1 when it is that of the socket
 * @listen_port: of WireGuard's own socket, host byte order; 0 leaves it to the module to learn it
 * @mark: firewall mark of the packets that WireGuard sends; 0 is none
 * @device: the result goes here
 * @error: NETLINK_ERROR
 */
bool pathnl_device_set(struct pathnl *nl, guint32 ifindex, int netns_fd, guint16 listen_port,
		       guint32 mark, struct pathnl_device *device, GError **error);

/**
 * pathnl_device_configure() - say how the paths of the peers of an interface are probed and chosen
 * @nl: the socket
 * @ifindex: of the interface; it is attached when it was not
 * @netns_fd: the network namespace where the interface lives; -1 when it is that of the socket
 * @settings: what is to change; what a peer has of its own goes before
 * @device: the result goes here; may be NULL
 * @error: NETLINK_ERROR; ENOENT when there is no selector of that name
 */
bool pathnl_device_configure(struct pathnl *nl, guint32 ifindex, int netns_fd,
			     const struct pathnl_settings *settings, struct pathnl_device *device,
			     GError **error);

/**
 * pathnl_device_del() - detach an interface and forget its peers and paths
 * @nl: the socket
 * @id: number of the device
 * @error: NETLINK_ERROR
 */
bool pathnl_device_del(struct pathnl *nl, guint32 id, GError **error);

/**
 * pathnl_device_dump() - read all devices
 * @nl: the socket
 * @error: NETLINK_ERROR
 *
 * Return: (owned by the caller) an array of struct pathnl_device, consistent; NULL on error.
 */
GArray *pathnl_device_dump(struct pathnl *nl, GError **error);

/**
 * pathnl_peer_set() - give a peer of a device its virtual endpoint, or find the one it has
 * @nl: the socket
 * @device: number of the device
 * @public_key: WireGuard's
 * @peer: the result goes here; may be NULL
 * @error: NETLINK_ERROR
 *
 * Idempotent. WireGuard itself is not touched: see wireguard_set_peers().
 */
bool pathnl_peer_set(struct pathnl *nl, guint32 device, const struct key *public_key,
		     struct pathnl_peer *peer, GError **error);

/**
 * pathnl_peer_configure() - say how the paths of a peer are probed and chosen
 * @nl: the socket
 * @device: number of the device
 * @public_key: WireGuard's; the peer is added when it was not there
 * @settings: what is to change; NULL leaves all
 * @keys: without them the paths of a peer are not probed; NULL leaves those it has
 * @peer: the result goes here; may be NULL
 * @error: NETLINK_ERROR; ENOENT when there is no selector of that name
 */
bool pathnl_peer_configure(struct pathnl *nl, guint32 device, const struct key *public_key,
			   const struct pathnl_settings *settings,
			   const struct pathnl_probe_keys *keys, struct pathnl_peer *peer,
			   GError **error);

/**
 * pathnl_peer_del() - forget a peer and its paths
 * @nl: the socket
 * @id: number of the peer
 * @error: NETLINK_ERROR
 */
bool pathnl_peer_del(struct pathnl *nl, guint32 id, GError **error);

/**
 * pathnl_peer_get() - read one peer
 * @nl: the socket
 * @id: number of the peer
 * @peer: the result goes here
 * @error: NETLINK_ERROR
 */
bool pathnl_peer_get(struct pathnl *nl, guint32 id, struct pathnl_peer *peer, GError **error);

/**
 * pathnl_peer_dump() - read the peers
 * @nl: the socket
 * @device: number of the device whose peers to read; 0 for all of the namespace
 * @error: NETLINK_ERROR
 *
 * Return: (owned by the caller) an array of struct pathnl_peer, consistent; NULL on error.
 */
GArray *pathnl_peer_dump(struct pathnl *nl, guint32 device, GError **error);

/**
 * pathnl_path_set() - add a path to a peer, or change the kind and priority of one
 * @nl: the socket
 * @wanted: peer, local, remote, channel, kind and priority are read, and ifindex, or in its place
 *	    the scope of a link-local address. The path is found by local, remote and channel, and
 *	    keeps its policy
 * @path: the result goes here; may be NULL or @wanted
 * @error: NETLINK_ERROR
 */
bool pathnl_path_set(struct pathnl *nl, const struct pathnl_path *wanted, struct pathnl_path *path,
		     GError **error);

/**
 * pathnl_path_set_policy() - force a path, forbid it, or leave it to the selector
 * @nl: the socket
 * @path: the one that is meant: peer, local, remote, channel and ifindex are read. It is added when
 *	  it is not there any more
 * @policy: one path of a peer can be forced
 * @result: the path as it is then; may be NULL or @path
 * @error: NETLINK_ERROR; the kernel's reason when another path is forced
 */
bool pathnl_path_set_policy(struct pathnl *nl, const struct pathnl_path *path,
			    enum wgmesh_path_policy policy, struct pathnl_path *result,
			    GError **error);

/**
 * pathnl_path_del() - remove a path
 * @nl: the socket
 * @id: number of the path
 * @error: NETLINK_ERROR
 */
bool pathnl_path_del(struct pathnl *nl, guint32 id, GError **error);

/**
 * pathnl_path_get() - read one path
 * @nl: the socket
 * @id: number of the path
 * @path: the result goes here
 * @error: NETLINK_ERROR
 */
bool pathnl_path_get(struct pathnl *nl, guint32 id, struct pathnl_path *path, GError **error);

/**
 * pathnl_path_dump() - read the paths
 * @nl: the socket
 * @peer: number of the peer whose paths to read; 0 for all of the namespace
 * @error: NETLINK_ERROR
 *
 * Return: (owned by the caller) an array of struct pathnl_path, consistent; NULL on error.
 */
GArray *pathnl_path_dump(struct pathnl *nl, guint32 peer, GError **error);

#endif
