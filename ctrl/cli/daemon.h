/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHCTL_DAEMON_H
#define MESHCTL_DAEMON_H

#include "cli.h"
#include "lib/control.h"

/**
 * daemon_open_meshd() - connect to the meshd of the network
 * @cli: says which
 * @error: G_IO_ERROR_NOT_FOUND when it is not running; see control_client_open()
 *
 * Return: (owned by the caller) the connection; NULL on error.
 */
struct control_client *daemon_open_meshd(const struct cli *cli, GError **error);

/**
 * daemon_open_server() - connect to the mesh-server of this machine
 * @cli: may say where its socket is
 * @error: G_IO_ERROR_NOT_FOUND when it is not running; see control_client_open()
 *
 * Return: (owned by the caller) the connection; NULL on error.
 */
struct control_client *daemon_open_server(const struct cli *cli, GError **error);

/**
 * daemon_ask_or_run() - have meshd do it, or do it in its place when it does not run
 * @cli: says which meshd, and where its socket is
 * @word: the request, and the argument of meshd that does the same once: "down", "leave"
 * @done: what to print when the meshd that runs has done it; another one says that itself
 *
 * Return: the exit status.
 */
enum cli_status daemon_ask_or_run(const struct cli *cli, const char *word, const char *done);

/**
 * daemon_request() - begin a request
 * @name: what is requested
 *
 * Return: (owned by the caller) the object.
 */
JsonObject *daemon_request(const char *name);

/**
 * daemon_call() - send a request and wait for its answer
 * @client: the connection
 * @request: (owned by the callee from now on) the request
 * @error: see control_client_call()
 *
 * What the daemon tells in between goes to stderr, one line each.
 *
 * Return: (owned by the caller) the last line of the answer; NULL on error.
 */
JsonObject *daemon_call(struct control_client *client, JsonObject *request, GError **error);

#endif
