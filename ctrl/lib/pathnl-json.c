// SPDX-License-Identifier: GPL-2.0
/* What the module says, as members of JSON. */
#include "pathnl-json.h"

#include "message.h"
#include "pathnl-names.h"

static void set_number(JsonObject *object, const char *member, gint64 number)
{
	if (number > 0)
		json_object_set_int_member(object, member, number);
}

/* Of numbers for which zero says something, a negative one is none. */
static void set_measured(JsonObject *object, const char *member, gint64 number)
{
	if (number >= 0)
		json_object_set_int_member(object, member, number);
}

void pathnl_json_set_settings(JsonObject *object, const struct pathnl_settings *settings)
{
	if (*settings->selector)
		json_object_set_string_member(object, "selector", settings->selector);
	set_number(object, "probe_active_ms", settings->probe_active_ms);
	set_number(object, "probe_standby_ms", settings->probe_standby_ms);
	set_number(object, "probe_idle_ms", settings->probe_idle_ms);
	set_number(object, "probe_attempts", settings->probe_attempts);
}

void pathnl_json_set_choice(JsonObject *object, const struct pathnl_peer *peer)
{
	pathnl_json_set_settings(object, &peer->settings);
	json_object_set_boolean_member(object, "probing", peer->probing);
	json_object_set_boolean_member(object, "active", peer->active);
	json_object_set_int_member(object, "switches", peer->switches);
	set_measured(object, "switch_age_ms", peer->switch_age_ms);
	if (peer->switch_age_ms >= 0)
		json_object_set_string_member(object, "switch_reason",
					      pathnl_reason_name(peer->switch_reason));
}

void pathnl_json_set_path(JsonObject *object, const struct pathnl_path *path)
{
	json_object_set_int_member(object, "id", path->id);
	json_object_set_string_member(object, "kind", pathnl_kind_name(path->kind));
	message_set_endpoint(object, "local", &path->local);
	message_set_endpoint(object, "remote", &path->remote);
	set_number(object, "channel", path->channel);
	json_object_set_int_member(object, "priority", path->priority);
	json_object_set_boolean_member(object, "selected", path->selected);
	json_object_set_string_member(object, "policy", pathnl_policy_name(path->policy));
	json_object_set_string_member(object, "state", pathnl_state_name(path->state));
	if (path->state == WGMESH_PATH_STATE_DEAD)
		json_object_set_string_member(object, "dead_reason",
					      pathnl_reason_name(path->dead_reason));
	set_measured(object, "state_age_ms", path->state_age_ms);
	json_object_set_boolean_member(object, "lossy", path->lossy);
	json_object_set_boolean_member(object, "held", path->held);
	json_object_set_int_member(object, "mtu_bytes", path->mtu_bytes);
	set_measured(object, "pmtu_bytes", path->pmtu_bytes);
	set_measured(object, "rtt_us", path->rtt_us);
	set_measured(object, "jitter_us", path->jitter_us);
	set_measured(object, "loss_permille", path->loss_permille);
	json_object_set_int_member(object, "probes_sent", path->probes_sent);
	json_object_set_int_member(object, "probes_answered", path->probes_answered);
	json_object_set_int_member(object, "rx_packets", path->rx_packets);
	json_object_set_int_member(object, "rx_bytes", path->rx_bytes);
	json_object_set_int_member(object, "tx_packets", path->tx_packets);
	json_object_set_int_member(object, "tx_bytes", path->tx_bytes);
	json_object_set_int_member(object, "tx_errors", path->tx_errors);
	set_measured(object, "rx_age_ms", path->rx_age_ms);
}
