// SPDX-License-Identifier: GPL-2.0
/* The settings of mesh-relayd. */
#include "settings.h"

#include <gio/gio.h>
#include <string.h>

#include "defaults.h"
#include "lib/config.h"
#include "lib/log.h"
#include "metrics-server.h"

#define DEFAULT_REALM "wgmesh"
#define DEFAULT_ALLOCATIONS 10000
#define DEFAULT_ALLOCATIONS_PER_USER 100
#define DEFAULT_DRAIN_S 60

/*
 * RFC 8656 ends the range of channels at 0x4fff. Clients written for RFC 5766 draw from all of
 * this, some even the last one, which that reserves; nothing else that comes to the port begins
 * with these bits.
 */
#define CHANNEL_FIRST 0x4000
#define CHANNEL_LAST 0x7fff

static bool refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static bool refuse(GError **error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (error)
		*error = g_error_new_valist(G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, format, args);
	va_end(args);
	return false;
}

static bool parse_number(const char *text, guint64 min, guint64 max, guint64 *number,
			 GError **error)
{
	if (g_ascii_string_to_unsigned(text, 10, min, max, number, NULL))
		return true;
	return refuse(error, "'%s' is not a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
		      text, min, max);
}

static bool add_endpoint(GArray *endpoints, const char *value, guint16 port, GError **error)
{
	struct endpoint address;

	if (!endpoint_parse_default(value, port, &address, error))
		return false;
	g_array_append_val(endpoints, address);
	return true;
}

static bool set_listen(const char *value, void *target, GError **error)
{
	return add_endpoint(((struct settings *)target)->listen, value, STUN_DEFAULT_PORT, error);
}

static void clear_listen(void *target)
{
	g_array_set_size(((struct settings *)target)->listen, 0);
}

static bool set_listen_tls(const char *value, void *target, GError **error)
{
	return add_endpoint(((struct settings *)target)->listen_tls, value, STUN_DEFAULT_TLS_PORT,
			    error);
}

static void clear_listen_tls(void *target)
{
	g_array_set_size(((struct settings *)target)->listen_tls, 0);
}

static bool set_text(char **text, const char *value)
{
	g_free(*text);
	*text = g_strdup(value);
	return true;
}

static bool set_tls_cert(const char *value, void *target, GError **error G_GNUC_UNUSED)
{
	return set_text(&((struct settings *)target)->tls_cert, value);
}

static bool set_tls_key(const char *value, void *target, GError **error G_GNUC_UNUSED)
{
	return set_text(&((struct settings *)target)->tls_key, value);
}

/* One address, no wildcard, no port. */
static bool add_address(GArray *addresses, const char *value, GError **error)
{
	struct endpoint address;

	if (!endpoint_parse_default(value, 0, &address, error))
		return false;
	if (endpoint_port(&address) || endpoint_is_wildcard(&address))
		return refuse(error, "'%s': expected one address, without a port", value);
	g_array_append_val(addresses, address);
	return true;
}

static bool set_relay(const char *value, void *target, GError **error)
{
	return add_address(((struct settings *)target)->relay, value, error);
}

static void clear_relay(void *target)
{
	g_array_set_size(((struct settings *)target)->relay, 0);
}

static bool set_external(const char *value, void *target, GError **error)
{
	return add_address(((struct settings *)target)->external, value, error);
}

static void clear_external(void *target)
{
	g_array_set_size(((struct settings *)target)->external, 0);
}

/* Sent between quotes in other protocols, so RFC 8489 section 14.9 allows none within. */
static bool set_realm(const char *value, void *target, GError **error)
{
	if (strlen(value) > AUTH_REALM_MAX || !g_utf8_validate(value, -1, NULL) ||
	    strpbrk(value, "\"\\"))
		return refuse(error, "expected UTF-8 of at most %d bytes, without \" and \\",
			      AUTH_REALM_MAX);
	return set_text(&((struct settings *)target)->realm, value);
}

static bool set_user(const char *value, void *target, GError **error)
{
	return users_add(((struct settings *)target)->users, value, error);
}

static void clear_users(void *target)
{
	users_clear(((struct settings *)target)->users);
}

static bool set_secret_file(const char *value, void *target, GError **error)
{
	return users_read_secret(((struct settings *)target)->users, value, error);
}

static bool set_ports(const char *value, void *target, GError **error)
{
	return ports_parse(value, &((struct settings *)target)->ports, error);
}

static bool set_channels(const char *value, void *target, GError **error)
{
	g_auto(GStrv) parts = g_strsplit(value, "-", 2);
	struct settings *settings = target;
	guint64 min, max;

	if (g_strv_length(parts) != 2 || !g_str_has_prefix(parts[0], "0x") ||
	    !g_str_has_prefix(parts[1], "0x") ||
	    !g_ascii_string_to_unsigned(parts[0] + 2, 16, CHANNEL_FIRST, CHANNEL_LAST, &min,
					NULL) ||
	    !g_ascii_string_to_unsigned(parts[1] + 2, 16, min, CHANNEL_LAST, &max, NULL))
		return refuse(error, "'%s': expected 0xMIN-0xMAX, from 0x4000 to 0x7fff", value);
	settings->channel_min = min;
	settings->channel_max = max;
	return true;
}

static bool add_rule(struct settings *settings, const char *value, bool allow, GError **error)
{
	struct prefix prefix;

	if (!prefix_parse(value, &prefix, error))
		return false;
	peer_policy_add(settings->policy, &prefix, allow);
	return true;
}

static bool set_allow_peer(const char *value, void *target, GError **error)
{
	return add_rule(target, value, true, error);
}

static void clear_allow_peer(void *target)
{
	peer_policy_clear(((struct settings *)target)->policy, true);
}

static bool set_deny_peer(const char *value, void *target, GError **error)
{
	return add_rule(target, value, false, error);
}

static void clear_deny_peer(void *target)
{
	peer_policy_clear(((struct settings *)target)->policy, false);
}

static bool set_max_allocations(const char *value, void *target, GError **error)
{
	guint64 number;

	if (!parse_number(value, 1, 1000000, &number, error))
		return false;
	((struct settings *)target)->limits.allocations = number;
	return true;
}

static bool set_max_per_user(const char *value, void *target, GError **error)
{
	guint64 number;

	if (!parse_number(value, 1, 1000000, &number, error))
		return false;
	((struct settings *)target)->limits.allocations_per_account = number;
	return true;
}

static bool set_rate(const char *value, void *target, GError **error)
{
	return parse_number(value, 1, 1000000000000, &((struct settings *)target)->limits.rate,
			    error);
}

static bool set_alternate(const char *value, void *target, GError **error)
{
	struct settings *settings = target;

	if (!endpoint_parse_default(value, STUN_DEFAULT_PORT, &settings->alternate, error))
		return false;
	if (endpoint_is_wildcard(&settings->alternate) || !endpoint_port(&settings->alternate))
		return refuse(error, "'%s': clients cannot be sent there", value);
	return true;
}

static bool set_metrics(const char *value, void *target, GError **error)
{
	return endpoint_parse_default(value, METRICS_DEFAULT_PORT,
				      &((struct settings *)target)->metrics, error);
}

static bool set_drain_time(const char *value, void *target, GError **error)
{
	guint64 number;

	if (!parse_number(value, 0, ALLOCATION_LIFETIME_MAX_S, &number, error))
		return false;
	((struct settings *)target)->drain_s = number;
	return true;
}

static bool set_kernel(const char *value, void *target, GError **error)
{
	static const char *const words[] = {
		[KERNEL_AUTO] = "auto",
		[KERNEL_REQUIRE] = "require",
		[KERNEL_OFF] = "off",
	};

	for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
		if (strcmp(value, words[i]) == 0) {
			((struct settings *)target)->kernel = i;
			return true;
		}
	}
	return refuse(error, "'%s': \"auto\", \"require\" or \"off\"", value);
}

static const struct config_key keys[] = {
	{ "listen", "ADDR:PORT",
	  "Answer on this endpoint, UDP and TCP; may be repeated (default: [::]:3478 and "
	  "0.0.0.0:3478)",
	  set_listen, clear_listen },
	{ "listen-tls", "ADDR:PORT",
	  "Answer on this endpoint over TLS; may be repeated (default: those of --listen, port 5349)",
	  set_listen_tls, clear_listen_tls },
	{ "tls-cert", "FILE", "The certificate for TLS (PEM); without it there is no TLS",
	  set_tls_cert, NULL },
	{ "tls-key", "FILE", "The private key of --tls-cert (PEM)", set_tls_key, NULL },
	{ "user", "NAME:PASSWORD", "Relay for this user; may be repeated", set_user, clear_users },
	{ "secret-file", "FILE", "Relay for users whose passwords derive from the secret in FILE",
	  set_secret_file, NULL },
	{ "realm", "REALM", "What the credentials are for (default: " DEFAULT_REALM ")", set_realm,
	  NULL },
	{ "relay-address", "ADDR",
	  "Relay from this address; may be repeated (default: those of --listen, or the usual ones)", set_relay,
	  clear_relay },
	{ "external-address", "ADDR",
	  "Tell clients this in place of the relay address of that family", set_external,
	  clear_external },
	{ "ports", "MIN-MAX", "Relay from these ports (default: 49152-65535)", set_ports, NULL },
	{ "channels", "0xMIN-0xMAX", "Channel numbers clients may take (default: 0x4000-0x7fff)",
	  set_channels, NULL },
	{ "allow-peer", "ADDR/LENGTH", "Relay to these peers, public or not; may be repeated",
	  set_allow_peer, clear_allow_peer },
	{ "deny-peer", "ADDR/LENGTH", "Do not relay to these peers; may be repeated",
	  set_deny_peer, clear_deny_peer },
	{ "max-allocations", "N", "In all (default: 10000)", set_max_allocations, NULL },
	{ "max-allocations-per-user", "N", "Of one user (default: 100)", set_max_per_user, NULL },
	{ "rate", "BYTES", "A second and allocation, both ways together (default: no limit)",
	  set_rate, NULL },
	{ "alternate-server", "ADDR:PORT", "Where to send clients while going down", set_alternate,
	  NULL },
	{ "metrics", "ADDR:PORT", "Show metrics there to Prometheus (default: nowhere)",
	  set_metrics, NULL },
	{ "kernel", "auto|require|off",
	  "Let the kernel module forward the data of channels (default: auto)", set_kernel, NULL },
	{ "drain-time", "SECONDS", "Wait for allocations to end when told to stop (default: 60)",
	  set_drain_time, NULL },
	{}
};

static const struct config_program program = {
	.name = "mesh-relayd",
	.summary = "Tells wgmesh nodes, and any other STUN client, under which address and port\n"
		   "they are seen from here, and relays for its users (TURN).",
	.file = "/etc/wgmesh/relay.conf",
	.keys = keys,
};

static bool has_family(const GArray *addresses, sa_family_t family)
{
	for (guint i = 0; i < addresses->len; i++)
		if (g_array_index(addresses, struct endpoint, i).sa.sa_family == family)
			return true;
	return false;
}

static bool listens_on_wildcard(const struct settings *settings)
{
	for (guint i = 0; i < settings->listen->len; i++)
		if (endpoint_is_wildcard(&g_array_index(settings->listen, struct endpoint, i)))
			return true;
	return settings->listen->len == 0;
}

/* If the relay listens on single addresses, it can relay from these. */
static void default_relay(struct settings *settings)
{
	if (settings->relay->len)
		return;
	if (listens_on_wildcard(settings)) {
		settings->relay_follows = true;
		defaults_relay_addresses(settings->relay);
		return;
	}
	for (guint i = 0; i < settings->listen->len; i++) {
		struct endpoint address = g_array_index(settings->listen, struct endpoint, i);

		endpoint_set_port(&address, 0);
		g_array_append_val(settings->relay, address);
	}
}

static bool check_external(const struct settings *settings, GError **error)
{
	const GArray *external = settings->external;

	for (guint i = 0; i < external->len; i++) {
		sa_family_t family = g_array_index(external, struct endpoint, i).sa.sa_family;

		if (!settings->relay_follows && !has_family(settings->relay, family))
			return refuse(error, "external-address: there is no relay-address of that "
					     "family");
		for (guint other = 0; other < i; other++)
			if (g_array_index(external, struct endpoint, other).sa.sa_family == family)
				return refuse(error, "external-address: two of one family");
	}
	return true;
}

/* Where clients are answered without TLS they are with it. */
static void default_listen_tls(struct settings *settings)
{
	for (guint i = 0; i < settings->listen->len; i++) {
		struct endpoint address = g_array_index(settings->listen, struct endpoint, i);

		endpoint_set_port(&address, STUN_DEFAULT_TLS_PORT);
		g_array_append_val(settings->listen_tls, address);
	}
}

static bool check_tls(struct settings *settings, GError **error)
{
	if (!settings->tls_cert != !settings->tls_key)
		return refuse(error, "tls-cert and tls-key go together: give both or none");
	if (settings->listen_tls->len && !settings->tls_cert)
		return refuse(error, "listen-tls: there is no certificate; give tls-cert and "
				     "tls-key as well");
	if (!settings->listen_tls->len)
		default_listen_tls(settings);
	return true;
}

static bool check(struct settings *settings, GError **error)
{
	if (!check_tls(settings, error))
		return false;
	if (!users_are_configured(settings->users)) {
		if (settings->relay->len || settings->external->len)
			return refuse(error, "relay-address: nobody may use it; give user or "
					     "secret-file as well");
		return true;
	}
	default_relay(settings);
	if (!settings->relay->len)
		log_warning("relaying for nobody until this host has a route to the internet, which "
			    "says what to relay from; or give relay-address");
	return check_external(settings, error);
}

bool settings_load(struct settings *settings, int argc, char **argv, GError **error)
{
	g_autofree char **words = g_memdup2(argv, (argc + 1) * sizeof(*argv));
	char **rest = words;

	*settings = (struct settings){
		.listen = g_array_new(FALSE, FALSE, sizeof(struct endpoint)),
		.listen_tls = g_array_new(FALSE, FALSE, sizeof(struct endpoint)),
		.relay = g_array_new(FALSE, FALSE, sizeof(struct endpoint)),
		.external = g_array_new(FALSE, FALSE, sizeof(struct endpoint)),
		.realm = g_strdup(DEFAULT_REALM),
		.users = users_new(),
		.policy = peer_policy_new(),
		.ports = { PORTS_DEFAULT_MIN, PORTS_DEFAULT_MAX },
		.channel_min = CHANNEL_FIRST,
		.channel_max = CHANNEL_LAST,
		.limits = { DEFAULT_ALLOCATIONS, DEFAULT_ALLOCATIONS_PER_USER, 0 },
		.drain_s = DEFAULT_DRAIN_S,
	};
	if (!config_load(&program, &argc, &rest, settings, error))
		return false;
	if (argc > 1)
		return refuse(error, "unexpected argument '%s'; try --help", rest[1]);
	if (!users_are_configured(settings->users))
		defaults_secret(settings->users);
	return check(settings, error);
}

void settings_clear(struct settings *settings)
{
	g_array_unref(settings->listen);
	g_array_unref(settings->listen_tls);
	g_free(settings->tls_cert);
	g_free(settings->tls_key);
	g_array_unref(settings->relay);
	g_array_unref(settings->external);
	g_free(settings->realm);
	users_free(settings->users);
	peer_policy_free(settings->policy);
}
