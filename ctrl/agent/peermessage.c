// SPDX-License-Identifier: GPL-2.0
/* Reading and writing what two nodes say to each other inside the box. */
#include "peermessage.h"

#include <gio/gio.h>
#include <string.h>

#include "candidate.h"
#include "ice.h"

static const char *const types[] = {
	[PEERMESSAGE_HELLO] = "hello",
	[PEERMESSAGE_REQUEST] = "request",
	[PEERMESSAGE_OFFER] = "offer",
	[PEERMESSAGE_ANSWER] = "answer",
	[PEERMESSAGE_CANDIDATE] = "candidate",
	[PEERMESSAGE_CANDIDATES_DONE] = "candidates-done",
	[PEERMESSAGE_READY] = "ready",
	[PEERMESSAGE_RELAY] = "relay",
	[PEERMESSAGE_RELAY_READY] = "relay-ready",
};

static const char *const reasons[] = {
	[PEERMESSAGE_START] = "start",
	[PEERMESSAGE_FAILED] = "failed",
	[PEERMESSAGE_NETWORK_CHANGED] = "network-changed",
	[PEERMESSAGE_ASKED] = "asked",
};

static bool find(const char *const *words, guint count, const char *word, guint *index,
		 GError **error)
{
	for (*index = 0; *index < count; (*index)++) {
		if (strcmp(words[*index], word) == 0)
			return true;
	}
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "'%s' is unknown", word);
	return false;
}

static bool parse_reason(JsonObject *object, enum peermessage_reason *reason, GError **error)
{
	const char *text = message_get_string(object, "reason", 1, MESSAGE_MAX_NAME, error);
	guint index;

	if (!text || !find(reasons, G_N_ELEMENTS(reasons), text, &index, error))
		return false;
	*reason = index;
	return true;
}

/* A member that is missing when it is false. */
static bool parse_flag(JsonObject *object, const char *member, bool *flag, GError **error)
{
	return !message_has(object, member) || message_get_bool(object, member, flag, error);
}

static bool parse_ice(JsonObject *object, struct peermessage *message, GError **error)
{
	JsonObject *ice = message_get_object(object, "ice", error);

	if (!ice || !message_get_binary(ice, "id", &message->id, PEERMESSAGE_ID_SIZE, error))
		return false;
	message->ufrag = message_get_string(ice, "ufrag", ICE_MIN_UFRAG, ICE_MAX_UFRAG, error);
	if (!message->ufrag)
		return false;
	message->pwd = message_get_string(ice, "pwd", ICE_MIN_PWD, ICE_MAX_PWD, error);
	return message->pwd;
}

static bool parse_endpoint(JsonObject *object, const char *member, struct endpoint *ep,
			   GError **error)
{
	const char *text = message_get_string(object, member, 1, ENDPOINT_STRLEN, error);

	/* a scope of another node says nothing here, and is not to be looked up */
	if (text && strchr(text, '%')) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: has a scope", member);
		return false;
	}
	return text && endpoint_parse(text, ep, error);
}

/* A peer gets a permission and a channel there, so it has to be the endpoint of somebody. */
static bool parse_relayed(JsonObject *object, const char *member, struct endpoint *relayed,
			  GError **error)
{
	if (!message_has(object, member))
		return true;
	if (!parse_endpoint(object, member, relayed, error))
		return false;
	endpoint_canonicalise(relayed);
	if (endpoint_port(relayed) && !endpoint_is_wildcard(relayed))
		return true;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: nothing can be sent there",
		    member);
	return false;
}

bool peermessage_parse(JsonObject *object, struct peermessage *message, GError **error)
{
	const char *type = json_object_get_string_member(object, "type");
	guint index;

	*message = (struct peermessage){};
	if (!find(types, G_N_ELEMENTS(types), type, &index, error))
		return false;
	message->type = index;

	switch (message->type) {
	case PEERMESSAGE_HELLO:
		return true;
	case PEERMESSAGE_REQUEST:
		return parse_reason(object, &message->reason, error);
	case PEERMESSAGE_OFFER:
	case PEERMESSAGE_ANSWER:
		return parse_ice(object, message, error) &&
		       parse_flag(object, "never_shaken", &message->never_shaken, error);
	case PEERMESSAGE_CANDIDATE:
		message->candidate =
			message_get_string(object, "candidate", 1, CANDIDATE_MAX_LEN, error);
		if (!message->candidate)
			return false;
		break;
	case PEERMESSAGE_CANDIDATES_DONE:
		break;
	case PEERMESSAGE_READY:
		if (!parse_endpoint(object, "local", &message->local, error) ||
		    !parse_endpoint(object, "remote", &message->remote, error))
			return false;
		break;
	case PEERMESSAGE_RELAY:
		return parse_relayed(object, "endpoint", &message->relayed, error) &&
		       parse_relayed(object, "second", &message->second, error) &&
		       parse_flag(object, "heard", &message->heard, error);
	case PEERMESSAGE_RELAY_READY:
		return parse_endpoint(object, "local", &message->local, error) &&
		       parse_endpoint(object, "remote", &message->remote, error) &&
		       parse_flag(object, "never_shaken", &message->never_shaken, error);
	}
	return message_get_binary(object, "id", &message->id, PEERMESSAGE_ID_SIZE, error);
}

static void put_ice(JsonObject *object, const struct peermessage *message)
{
	JsonObject *ice = json_object_new();

	message_set_binary(ice, "id", &message->id, PEERMESSAGE_ID_SIZE);
	json_object_set_string_member(ice, "ufrag", message->ufrag);
	json_object_set_string_member(ice, "pwd", message->pwd);
	json_object_set_object_member(object, "ice", ice);
}

static void put_flag(JsonObject *object, const char *member, bool flag)
{
	if (flag)
		json_object_set_boolean_member(object, member, TRUE);
}

JsonObject *peermessage_build(const struct peermessage *message)
{
	JsonObject *object = message_new(types[message->type]);

	switch (message->type) {
	case PEERMESSAGE_HELLO:
		return object;
	case PEERMESSAGE_REQUEST:
		json_object_set_string_member(object, "reason", reasons[message->reason]);
		return object;
	case PEERMESSAGE_OFFER:
	case PEERMESSAGE_ANSWER:
		put_ice(object, message);
		put_flag(object, "never_shaken", message->never_shaken);
		return object;
	case PEERMESSAGE_CANDIDATE:
		json_object_set_string_member(object, "candidate", message->candidate);
		break;
	case PEERMESSAGE_CANDIDATES_DONE:
		break;
	case PEERMESSAGE_READY:
		message_set_endpoint(object, "local", &message->local);
		message_set_endpoint(object, "remote", &message->remote);
		break;
	case PEERMESSAGE_RELAY:
		if (endpoint_is_set(&message->relayed))
			message_set_endpoint(object, "endpoint", &message->relayed);
		if (endpoint_is_set(&message->second))
			message_set_endpoint(object, "second", &message->second);
		put_flag(object, "heard", message->heard);
		return object;
	case PEERMESSAGE_RELAY_READY:
		message_set_endpoint(object, "local", &message->local);
		message_set_endpoint(object, "remote", &message->remote);
		put_flag(object, "never_shaken", message->never_shaken);
		return object;
	}
	message_set_binary(object, "id", &message->id, PEERMESSAGE_ID_SIZE);
	return object;
}
