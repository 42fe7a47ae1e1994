// SPDX-License-Identifier: GPL-2.0
/* One ICE session with one peer, by libnice. */
#include "ice.h"

#include <gio/gio.h>
#include <netinet/in.h>
#include <nice/agent.h>
#include <nice/interfaces.h>
#include <sys/socket.h>

#include "candidate.h"
#include "port.h"

/* ice_new() asks for exactly one. */
#define COMPONENT 1

/*
 * More than candidate_choice_offer() lets there be, and what libnice learns by itself from the checks
 * of the peer. libnice throws away what is more than its bound, without a word, and takes 100 for
 * that unless it is told.
 */
#define PAIRS_MAX (CANDIDATE_MAX * CANDIDATE_MAX)

/**
 * struct ice - see ice.h
 * @agent: of libnice; NULL when it was stopped
 * @stream: its number there
 * @state: of its one component
 * @events: of the owner
 * @data: for @events
 * @local: array of strings: our candidates
 * @choice: of the peer's candidates
 * @remote: array of strings: those that are tried
 * @waiting: arrays of strings by worth: those that are put off
 * @left_out: array of strings: those that are not tried
 */
struct ice {
	NiceAgent *agent;
	guint stream;
	NiceComponentState state;
	const struct ice_events *events;
	void *data;
	GPtrArray *local;
	struct candidate_choice choice;
	GPtrArray *remote;
	GPtrArray *waiting[CANDIDATE_WORTHS];
	GPtrArray *left_out;
};

/* (owned by the program) the addresses of this node that were given to ICE last, as text */
static GPtrArray *offered;

static void offer_addresses(const GArray *addresses)
{
	g_clear_pointer(&offered, g_ptr_array_unref);
	offered = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < addresses->len; i++) {
		const struct endpoint *ep = &g_array_index(addresses, struct endpoint, i);
		g_autoptr(GSocketAddress) address = endpoint_to_gsocket_address(ep);

		g_ptr_array_add(offered, g_inet_address_to_string(g_inet_socket_address_get_address(
						 G_INET_SOCKET_ADDRESS(address))));
	}
}

/*
 * Takes the place of libnice's own, which it calls for the priority of each candidate: that is the
 * lower, the later the address comes in this list. Its own list has all addresses of the machine,
 * whoever has them, in no order that means anything; and it ends the program when the one of a
 * candidate is not among the first 64.
 */
GList *nice_interfaces_get_local_ips(G_GNUC_UNUSED gboolean include_loopback)
{
	GList *list = NULL;

	for (guint i = offered ? offered->len : 0; i-- > 0;)
		list = g_list_prepend(list, g_strdup(offered->pdata[i]));
	return list;
}

static bool to_endpoint(const NiceAddress *address, struct endpoint *ep)
{
	union {
		struct sockaddr sa;
		struct sockaddr_storage storage;
	} name;

	nice_address_copy_to_sockaddr(address, &name.sa);
	return endpoint_from_sockaddr(ep, &name.sa, sizeof(name));
}

/* What WireGuard sent before the module knew the path; WireGuard sends it again. */
static void drop_data(G_GNUC_UNUSED NiceAgent *agent, G_GNUC_UNUSED guint stream,
		      G_GNUC_UNUSED guint component, G_GNUC_UNUSED guint size,
		      G_GNUC_UNUSED char *bytes, G_GNUC_UNUSED void *data)
{
}

static void on_candidate(NiceAgent *agent, NiceCandidate *candidate, struct ice *ice)
{
	g_autofree char *sdp = nice_agent_generate_local_candidate_sdp(agent, candidate);
	const char *text;

	if (!g_str_has_prefix(sdp, "a=") || ice->local->len == CANDIDATE_MAX)
		return;
	text = sdp + strlen("a=");
	g_ptr_array_add(ice->local, g_strdup(text));
	ice->events->candidate(text, ice->data);
}

static void on_gathering_done(G_GNUC_UNUSED NiceAgent *agent, G_GNUC_UNUSED guint stream,
			      struct ice *ice)
{
	ice->events->candidates_done(ice->data);
}

static bool is_bound_to(GSocket *socket, const struct endpoint *local)
{
	g_autoptr(GSocketAddress) address = g_socket_get_local_address(socket, NULL);
	struct endpoint ep;

	return address && endpoint_from_gsocket_address(&ep, address, NULL) &&
	       endpoint_equal(&ep, local);
}

/* libnice ties each of its sockets to the interface that has the address. */
static guint32 interface_of(GSocket *socket)
{
	bool v6 = g_socket_get_family(socket) == G_SOCKET_FAMILY_IPV6;
	guint32 ifindex = 0;
	socklen_t size = sizeof(ifindex);

	if (getsockopt(g_socket_get_fd(socket), v6 ? IPPROTO_IPV6 : IPPROTO_IP,
		       v6 ? IPV6_UNICAST_IF : IP_UNICAST_IF, &ifindex, &size) < 0)
		return 0;
	return ntohl(ifindex);
}

static guint32 tested_interface(struct ice *ice, const struct endpoint *base)
{
	g_autoptr(GPtrArray) sockets = nice_agent_get_sockets(ice->agent, ice->stream, COMPONENT);

	for (guint i = 0; sockets && i < sockets->len; i++) {
		if (is_bound_to(sockets->pdata[i], base))
			return interface_of(sockets->pdata[i]);
	}
	return 0;
}

static void on_selected(G_GNUC_UNUSED NiceAgent *agent, G_GNUC_UNUSED guint stream,
			G_GNUC_UNUSED guint component, NiceCandidate *local,
			NiceCandidate *remote, struct ice *ice)
{
	struct ice_pair pair;

	if (!to_endpoint(&local->base_addr, &pair.base) || !to_endpoint(&local->addr, &pair.local) ||
	    !to_endpoint(&remote->addr, &pair.remote))
		return;
	pair.ifindex = tested_interface(ice, &pair.base);
	ice->events->selected(&pair, ice->data);
}

static void on_state(G_GNUC_UNUSED NiceAgent *agent, G_GNUC_UNUSED guint stream,
		     G_GNUC_UNUSED guint component, guint state, struct ice *ice)
{
	ice->state = state;
	if (state == NICE_COMPONENT_STATE_READY)
		ice->events->concluded(ice->data);
	else if (state == NICE_COMPONENT_STATE_FAILED)
		ice->events->failed(ice->data);
}

/*
 * Aggressive nomination (every check of the controlling side nominates): the first pair that works
 * is in use after one round trip. With regular nomination libnice waits until hopeless pairs, such
 * as two private addresses behind different NATs, have used up all their retransmissions: 2 s. The
 * price is that a better pair may follow, which costs nothing here, since changing a path loses no
 * packet.
 */
static NiceAgent *new_agent(bool controlling, const struct endpoint *stun)
{
	NiceAgent *agent = nice_agent_new_full(g_main_context_default(),
					       NICE_COMPATIBILITY_RFC5245,
					       NICE_AGENT_OPTION_CONSENT_FRESHNESS |
					       NICE_AGENT_OPTION_ICE_TRICKLE);

	g_object_set(agent, "controlling-mode", controlling, "upnp", FALSE, "ice-tcp", FALSE,
		     "max-connectivity-checks", PAIRS_MAX, NULL);
	if (endpoint_is_set(stun)) {
		g_autoptr(GSocketAddress) address = endpoint_to_gsocket_address(stun);
		GInetAddress *inet =
			g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address));
		g_autofree char *text = g_inet_address_to_string(inet);

		g_object_set(agent, "stun-server", text, "stun-server-port", endpoint_port(stun),
			     NULL);
	}
	return agent;
}

struct ice *ice_new(bool controlling, const struct endpoint *stun, const struct ice_events *events,
		    void *data)
{
	struct ice *ice = g_new0(struct ice, 1);

	ice->agent = new_agent(controlling, stun);
	ice->events = events;
	ice->data = data;
	ice->state = NICE_COMPONENT_STATE_DISCONNECTED;
	ice->local = g_ptr_array_new_with_free_func(g_free);
	ice->remote = g_ptr_array_new_with_free_func(g_free);
	ice->left_out = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < CANDIDATE_WORTHS; i++)
		ice->waiting[i] = g_ptr_array_new_with_free_func(g_free);
	ice->stream = nice_agent_add_stream(ice->agent, 1);
	if (!ice->stream) {
		ice_free(ice);
		return NULL;
	}

	g_signal_connect(ice->agent, "new-candidate-full", G_CALLBACK(on_candidate), ice);
	g_signal_connect(ice->agent, "candidate-gathering-done", G_CALLBACK(on_gathering_done),
			 ice);
	g_signal_connect(ice->agent, "new-selected-pair-full", G_CALLBACK(on_selected), ice);
	g_signal_connect(ice->agent, "component-state-changed", G_CALLBACK(on_state), ice);

	/* without a receiver libnice does not even read the answers to its checks */
	nice_agent_attach_recv(ice->agent, ice->stream, COMPONENT, g_main_context_default(),
			       drop_data, NULL);
	return ice;
}

static gboolean unref_agent(void *agent)
{
	g_object_unref(agent);
	return G_SOURCE_REMOVE;
}

static GPtrArray *take_ports(struct ice *ice)
{
	GPtrArray *ports = port_array_new();
	g_autoptr(GPtrArray) sockets = nice_agent_get_sockets(ice->agent, ice->stream, COMPONENT);

	for (guint i = 0; sockets && i < sockets->len; i++) {
		struct port *port = port_take(g_socket_get_fd(sockets->pdata[i]));

		if (port)
			g_ptr_array_add(ports, port);
	}
	return ports;
}

static void end_agent(struct ice *ice)
{
	g_signal_handlers_disconnect_by_data(ice->agent, ice);

	/* libnice itself may be on the stack, above the event in which the owner ends this */
	g_idle_add_full(G_PRIORITY_DEFAULT, unref_agent, g_steal_pointer(&ice->agent), NULL);
}

GPtrArray *ice_stop(struct ice *ice)
{
	GPtrArray *ports;

	if (!ice->agent)
		return port_array_new();
	ports = take_ports(ice);
	end_agent(ice);
	return ports;
}

bool ice_is_running(const struct ice *ice)
{
	return ice->agent;
}

void ice_free(struct ice *ice)
{
	if (!ice)
		return;
	if (ice->agent)
		end_agent(ice);
	g_ptr_array_unref(ice->local);
	g_ptr_array_unref(ice->remote);
	g_ptr_array_unref(ice->left_out);
	for (guint i = 0; i < CANDIDATE_WORTHS; i++)
		g_ptr_array_unref(ice->waiting[i]);
	g_free(ice);
}

void ice_get_credentials(struct ice *ice, char **ufrag, char **pwd)
{
	nice_agent_get_local_credentials(ice->agent, ice->stream, ufrag, pwd);
}

/* RFC 8839 section 5.4: between min and max of ice-char */
static bool is_credential(const char *text, gsize min, gsize max)
{
	gsize len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

	return text[len] == '\0' && len >= min && len <= max;
}

bool ice_set_remote_credentials(struct ice *ice, const char *ufrag, const char *pwd)
{
	if (!is_credential(ufrag, ICE_MIN_UFRAG, ICE_MAX_UFRAG) ||
	    !is_credential(pwd, ICE_MIN_PWD, ICE_MAX_PWD))
		return false;
	return nice_agent_set_remote_credentials(ice->agent, ice->stream, ufrag, pwd);
}

bool ice_gather(struct ice *ice, const GArray *addresses, GError **error)
{
	offer_addresses(addresses);
	for (guint i = 0; i < addresses->len; i++) {
		struct endpoint ep = g_array_index(addresses, struct endpoint, i);
		NiceAddress address;

		endpoint_set_port(&ep, 0);
		nice_address_init(&address);
		nice_address_set_from_sockaddr(&address, &ep.sa);
		nice_agent_add_local_address(ice->agent, &address);
	}

	candidate_choice_begin(&ice->choice, addresses->len);

	/* without addresses libnice would look for some itself, overlay addresses among them */
	if (addresses->len == 0) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
			    "this node has no address on any network");
		return false;
	}
	if (!nice_agent_gather_candidates(ice->agent, ice->stream)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED,
			    "cannot open a UDP socket on any address of this node");
		return false;
	}
	return true;
}

static bool try_candidate(struct ice *ice, const char *text)
{
	g_autofree char *sdp = g_strconcat("a=", text, NULL);
	NiceCandidate *candidate;
	GSList list = {};
	int added;

	candidate = nice_agent_parse_remote_candidate_sdp(ice->agent, ice->stream, sdp);
	if (!candidate)
		return false;
	list.data = candidate;
	added = nice_agent_set_remote_candidates(ice->agent, ice->stream, COMPONENT, &list);
	nice_candidate_free(candidate);
	g_ptr_array_add(ice->remote, g_strdup(text));
	return added > 0;
}

static guint count_told(const struct ice *ice)
{
	guint told = ice->remote->len + ice->left_out->len;

	for (guint i = 0; i < CANDIDATE_WORTHS; i++)
		told += ice->waiting[i]->len;
	return told;
}

static bool offer(struct ice *ice, const char *text, enum candidate_worth worth, bool complete)
{
	switch (candidate_choice_offer(&ice->choice, worth, complete)) {
	case CANDIDATE_TAKE:
		return try_candidate(ice, text);
	case CANDIDATE_WAIT:
		g_ptr_array_add(ice->waiting[worth], g_strdup(text));
		break;
	case CANDIDATE_CUT:
		g_ptr_array_add(ice->left_out, g_strdup(text));
		break;
	}
	return true;
}

bool ice_add_candidate(struct ice *ice, const char *text, enum candidate_worth worth)
{
	return count_told(ice) < CANDIDATE_MAX && offer(ice, text, worth, false);
}

void ice_try_waiting(struct ice *ice)
{
	for (guint worth = 0; worth < CANDIDATE_WORTHS; worth++) {
		GPtrArray *waiting = ice->waiting[worth];

		for (guint i = 0; i < waiting->len; i++)
			offer(ice, waiting->pdata[i], worth, true);
		g_ptr_array_set_size(waiting, 0);
	}
}

void ice_candidates_done(struct ice *ice)
{
	nice_agent_peer_candidate_gathering_done(ice->agent, ice->stream);
}

const char *ice_state(const struct ice *ice)
{
	return nice_component_state_to_string(ice->state);
}

const GPtrArray *ice_local_candidates(const struct ice *ice)
{
	return ice->local;
}

const GPtrArray *ice_remote_candidates(const struct ice *ice)
{
	return ice->remote;
}

const GPtrArray *ice_left_out(const struct ice *ice)
{
	return ice->left_out;
}
