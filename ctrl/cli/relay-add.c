// SPDX-License-Identifier: GPL-2.0
/* meshctl relay add: another relay for the network. */
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

#include "lib/joinstring.h"
#include "lib/stun.h"
#include "lib/turn-credential.h"
#include "relay.h"
#include "server.h"

static char *address;
static char *secret_file;
static char *transports;
static int tls_port;

static const GOptionEntry options[] = {
	{ "address", 0, 0, G_OPTION_ARG_STRING, &address,
	  "how nodes reach it: a name or an address, and :PORT [3478]", "HOST" },
	{ "secret-file", 0, 0, G_OPTION_ARG_FILENAME, &secret_file,
	  "its secret: a copy of what it has itself", "FILE" },
	{ "transport", 0, 0, G_OPTION_ARG_STRING, &transports,
	  "udp, tcp, tls, or several with commas [udp]", "LIST" },
	{ "tls-port", 0, 0, G_OPTION_ARG_INT, &tls_port, "its port for TLS [5349]", "PORT" },
	{ NULL },
};

static enum cli_status read_options(const char *name, struct relayinfo *info)
{
	g_autoptr(GError) error = NULL;

	*info = (struct relayinfo){ .transports = RELAYINFO_UDP,
				    .tls_port = RELAYINFO_DEFAULT_TLS_PORT };
	if (!hostname_is_valid(name))
		return cli_misused("\"%s\" is no name for a relay: it has to be of a-z, 0-9 and \"-\", "
				   "with no \"-\" at its ends, and of at most 63 characters", name);
	g_strlcpy(info->name, name, sizeof(info->name));
	if (!address)
		return cli_misused("--address is missing: nodes have to know how to reach the relay");
	if (!joinstring_parse_address(address, info->host, &info->port, &error))
		return cli_misused("--address: %s", error->message);
	if (!info->port)
		info->port = STUN_DEFAULT_PORT;
	if (!secret_file)
		return cli_misused("--secret-file is missing: \"meshctl relay secret FILE\" makes one, "
				   "and the relay needs the same");
	if (transports && !relayinfo_parse_transports(transports, &info->transports, &error))
		return cli_misused("--transport: %s", error->message);
	if (tls_port && !(info->transports & RELAYINFO_TLS))
		return cli_misused("--tls-port: there is no tls in --transport");
	if (tls_port < 0 || tls_port > 65535)
		return cli_misused("--tls-port: a port is from 1 to 65535");
	if (tls_port)
		info->tls_port = tls_port;
	return CLI_OK;
}

static enum cli_status add(const struct cli *cli, char **arguments)
{
	g_autoptr(JsonObject) answer = NULL;
	g_autoptr(GError) error = NULL;
	struct relayinfo info;
	enum cli_status status = read_options(arguments[0], &info);
	JsonObject *request;
	char *secret;

	if (status != CLI_OK)
		return status;
	secret = turn_credential_read_secret(secret_file, &error);
	if (!secret)
		return cli_fail_error(error);
	request = relayinfo_build(&info);
	json_object_set_string_member(request, "request", "relay-add");
	json_object_set_string_member(request, "secret", secret);
	turn_credential_free(secret);
	answer = server_call(cli, request, &error);
	if (!answer)
		return cli_fail_error(error);
	puts("added; \"meshctl relay status\" tries whether it answers and knows the secret");
	return CLI_OK;
}

const struct command command_relay_add = {
	.name = "add",
	.arguments = "NAME --address HOST[:PORT] --secret-file FILE",
	.summary = "tell the nodes of a relay",
	.description =
		"The relay and mesh-server share a secret, the first line of a file that nobody else may\n"
		"read: mesh-relayd gets it with --secret-file, or from " RELAY_SECRET_FILE " by its\n"
		"unit. \"meshctl relay secret\" makes one. The relay that runs beside mesh-server need not\n"
		"be added: when the units started both, nodes know it as \"local\".",
	.options = options,
	.min = 1,
	.max = 1,
	.run = add,
};
