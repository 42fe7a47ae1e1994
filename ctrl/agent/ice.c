// SPDX-License-Identifier: GPL-2.0
#include "ice.h"

#include <gio/gio.h>
#include <nice/agent.h>

#include "candidate.h"

/* ice_new() asks for exactly one. */
#define COMPONENT 1

struct ice {
	NiceAgent *agent;
	guint stream;
	NiceComponentState state;
	const struct ice_events *events;
	void *data;
	GPtrArray *local;
	GPtrArray *remote;
};

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

static void on_selected(G_GNUC_UNUSED NiceAgent *agent, G_GNUC_UNUSED guint stream,
			G_GNUC_UNUSED guint component, NiceCandidate *local,
			NiceCandidate *remote, struct ice *ice)
{
	struct ice_pair pair;

	if (!to_endpoint(&local->base_addr, &pair.base) || !to_endpoint(&local->addr, &pair.local) ||
	    !to_endpoint(&remote->addr, &pair.remote))
		return;
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

	g_object_set(agent, "controlling-mode", controlling, "upnp", FALSE, "ice-tcp", FALSE, NULL);
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

void ice_free(struct ice *ice)
{
	if (!ice)
		return;
	g_signal_handlers_disconnect_by_data(ice->agent, ice);

	/* libnice itself may be on the stack, above the event in which the owner frees this */
	g_idle_add_full(G_PRIORITY_DEFAULT, unref_agent, ice->agent, NULL);
	g_ptr_array_unref(ice->local);
	g_ptr_array_unref(ice->remote);
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
	for (guint i = 0; i < MIN(addresses->len, ICE_MAX_ADDRESSES); i++) {
		struct endpoint ep = g_array_index(addresses, struct endpoint, i);
		NiceAddress address;

		endpoint_set_port(&ep, 0);
		nice_address_init(&address);
		nice_address_set_from_sockaddr(&address, &ep.sa);
		nice_agent_add_local_address(ice->agent, &address);
	}

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

bool ice_add_candidate(struct ice *ice, const char *text)
{
	g_autofree char *sdp = g_strconcat("a=", text, NULL);
	NiceCandidate *candidate;
	GSList list = {};
	int added;

	if (ice->remote->len == CANDIDATE_MAX)
		return false;
	candidate = nice_agent_parse_remote_candidate_sdp(ice->agent, ice->stream, sdp);
	if (!candidate)
		return false;
	list.data = candidate;
	added = nice_agent_set_remote_candidates(ice->agent, ice->stream, COMPONENT, &list);
	nice_candidate_free(candidate);
	g_ptr_array_add(ice->remote, g_strdup(text));
	return added > 0;
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
