/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHCTL_SERVER_H
#define MESHCTL_SERVER_H

#include "cli.h"
#include "daemon.h"

extern const struct command command_server_status, command_server_key, command_server_peer;

/**
 * server_call() - send a request to mesh-server and wait for its answer
 * @cli: may say where its socket is
 * @request: (owned by the callee from now on) the request
 * @error: see control_client_call()
 *
 * Return: (owned by the caller) the answer; NULL on error.
 */
JsonObject *server_call(const struct cli *cli, JsonObject *request, GError **error);

/**
 * server_print_list() - print a list of an answer as JSON
 * @answer: the answer
 * @member: the list; it has to be there
 *
 * Return: CLI_OK
 */
enum cli_status server_print_list(JsonObject *answer, const char *member);

#endif
