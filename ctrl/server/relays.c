// SPDX-License-Identifier: GPL-2.0
/* The relays of the network, and the credentials that nodes get for them. */
#include "relays.h"

#include <sodium.h>
#include <string.h>

#include "lib/log.h"
#include "refusal.h"
#include "revoker.h"

#define OPERATOR_LIFETIME_S 60

/* The wall clock may jump, so it is looked at now and then rather than waited for. */
#define CHECK_INTERVAL_S 60

struct relays {
	struct store *store;
	gint64 lifetime_s;
	void (*changed)(void *data);
	void *data;
	GArray *list; /* of struct store_relay, by name */
	struct revoker *revoker;
	gint64 issued_s; /* since when credentials are what they are, since 1970 */
	guint timer;
};

static gint64 now_s(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

/* What is given out from now on. When a node is removed, that counts which is good for longest. */
static bool issue(struct relays *relays, GError **error)
{
	relays->issued_s = now_s();
	return store_set_credentials_until(relays->store, relays->issued_s + relays->lifetime_s,
					   error);
}

static void renew(struct relays *relays)
{
	g_autoptr(GError) error = NULL;

	if (!issue(relays, &error))
		log_limited(LOG_LEVEL_ERROR, "cannot store until when credentials are good: %s",
			    error->message);
	relays->changed(relays->data);
}

static gboolean check_due(gpointer data)
{
	struct relays *relays = data;
	gint64 age_s = now_s() - relays->issued_s;

	if (relays->list->len && (age_s < 0 || age_s >= relays->lifetime_s / 2))
		renew(relays);
	return G_SOURCE_CONTINUE;
}

static void load(const struct store_relay *relay, void *data)
{
	g_array_append_vals(((struct relays *)data)->list, relay, 1);
}

static void wipe(void *relay)
{
	sodium_memzero(relay, sizeof(struct store_relay));
}

/* Where a relay of this name is, or would be. */
static guint position(const struct relays *relays, const char *name, bool *found)
{
	guint i;

	*found = false;
	for (i = 0; i < relays->list->len; i++) {
		int order = strcmp(g_array_index(relays->list, struct store_relay, i).info.name,
				   name);

		*found = order == 0;
		if (order >= 0)
			break;
	}
	return i;
}

/* The operator's word counts more: a relay of this name that was added stays. */
static void add_local(struct relays *relays, const struct relays_options *options)
{
	struct store_relay relay = {
		.info = { .name = RELAYS_LOCAL, .port = options->local_port,
			  .transports = RELAYINFO_UDP | RELAYINFO_TCP,
			  .tls_port = RELAYINFO_DEFAULT_TLS_PORT },
	};
	bool found;
	guint at = position(relays, relay.info.name, &found);

	if (found || relays->list->len >= RELAYINFO_MAX) {
		log_warning("the relay of this machine is not used: %s", found ?
			    "another one was added as '" RELAYS_LOCAL "'" :
			    "there are as many as there can be");
		return;
	}
	g_strlcpy(relay.secret, options->local_secret, sizeof(relay.secret));
	g_array_insert_vals(relays->list, at, &relay, 1);
	sodium_memzero(&relay, sizeof(relay));
}

struct relays *relays_new(struct store *store, const struct relays_options *options,
			  void (*changed)(void *data), void *data, GError **error)
{
	struct relays *relays = g_new0(struct relays, 1);

	relays->store = store;
	relays->lifetime_s = options->lifetime_s;
	relays->changed = changed;
	relays->data = data;
	relays->list = g_array_sized_new(FALSE, FALSE, sizeof(struct store_relay), RELAYINFO_MAX);
	g_array_set_clear_func(relays->list, wipe);
	if (!issue(relays, error) || !store_each_relay(store, load, relays, error)) {
		relays_free(relays);
		return NULL;
	}
	if (options->local_secret)
		add_local(relays, options);
	relays->revoker = revoker_new(store, options->listen);
	for (guint i = 0; i < relays->list->len; i++)
		revoker_add(relays->revoker, &g_array_index(relays->list, struct store_relay, i));
	relays->timer = g_timeout_add_seconds(CLAMP(relays->lifetime_s / 8, 1, CHECK_INTERVAL_S),
					      check_due, relays);
	return relays;
}

void relays_free(struct relays *relays)
{
	if (!relays)
		return;
	g_clear_handle_id(&relays->timer, g_source_remove);
	revoker_free(relays->revoker);
	g_array_unref(relays->list);
	g_free(relays);
}

const GArray *relays_list(const struct relays *relays)
{
	return relays->list;
}

bool relays_add(struct relays *relays, const struct store_relay *relay, GError **error)
{
	bool found;
	guint at = position(relays, relay->info.name, &found);

	if (found) {
		g_set_error(error, REFUSAL, REFUSAL_BAD_MESSAGE,
			    "there is a relay '%s' already; remove it first, or choose another name",
			    relay->info.name);
		return false;
	}
	if (relays->list->len >= RELAYINFO_MAX) {
		g_set_error(error, REFUSAL, REFUSAL_FULL,
			    "the network has %d relays, and that is as many as it can have; remove "
			    "one first", RELAYINFO_MAX);
		return false;
	}
	if (!store_add_relay(relays->store, relay, error))
		return false;
	g_array_insert_vals(relays->list, at, relay, 1);
	revoker_add(relays->revoker, relay);
	renew(relays);
	return true;
}

bool relays_remove(struct relays *relays, const char *name, GError **error)
{
	bool found;
	guint at = position(relays, name, &found);

	if (!found) {
		g_set_error(error, REFUSAL, REFUSAL_BAD_MESSAGE,
			    "there is no relay '%s'; \"meshctl relay list\" names those that are",
			    name);
		return false;
	}
	if (!g_array_index(relays->list, struct store_relay, at).info.host[0]) {
		g_set_error(error, REFUSAL, REFUSAL_BAD_MESSAGE,
			    "relay '%s' was not added: it is the mesh-relayd of this machine; to have "
			    "nodes not use it, take its secret away and restart mesh-server", name);
		return false;
	}
	if (!store_remove_relay(relays->store, name, error))
		return false;
	g_array_remove_index(relays->list, at);
	revoker_remove(relays->revoker, name);
	renew(relays);
	return true;
}

bool relays_has_local(const struct relays *relays)
{
	bool found;
	guint at = position(relays, RELAYS_LOCAL, &found);

	return found && !g_array_index(relays->list, struct store_relay, at).info.host[0];
}

static GArray *with_credentials(const struct relays *relays, gint64 expires_s, const char *account)
{
	g_autofree char *username = turn_credential_name(expires_s, account);
	GArray *infos = relayinfo_new_list();

	for (guint i = 0; i < relays->list->len; i++) {
		const struct store_relay *relay =
			&g_array_index(relays->list, struct store_relay, i);
		char *password = turn_credential_password(relay->secret, username);
		struct relayinfo info = relay->info;

		if (!password) {
			log_limited(LOG_LEVEL_ERROR, "relay '%s': no password can be computed",
				    info.name);
			continue;
		}
		g_strlcpy(info.username, username, sizeof(info.username));
		g_strlcpy(info.password, password, sizeof(info.password));
		info.expires = expires_s;
		g_array_append_val(infos, info);
		turn_credential_free(password);
	}
	return infos;
}

GArray *relays_for_node(const struct relays *relays,
			const guint8 account[static STORE_ACCOUNT_SIZE])
{
	char text[2 * STORE_ACCOUNT_SIZE + 1];

	sodium_bin2hex(text, sizeof(text), account, STORE_ACCOUNT_SIZE);
	return with_credentials(relays, relays->issued_s + relays->lifetime_s, text);
}

void relays_nodes_removed(struct relays *relays)
{
	revoker_tell(relays->revoker);
}

gint64 relays_untold(const struct relays *relays, const char *name)
{
	return revoker_untold(relays->revoker, name);
}

GArray *relays_for_operator(const struct relays *relays)
{
	return with_credentials(relays, now_s() + OPERATOR_LIFETIME_S, "operator");
}
