/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_TESTS_DAEMON_H
#define WGMESH_TESTS_DAEMON_H

#include <gio/gio.h>

#include "lib/endpoint.h"

/*
 * Servers beside a unit test, on loopback. What goes wrong here ends the test program.
 */

/* What has not happened after so many seconds will not. */
#define PATIENCE_S 60

/**
 * daemon_free_endpoint() - find an endpoint where nothing listens, on UDP and TCP
 * @address: as IPv4:0
 *
 * Return: the endpoint; no other test takes its port until this program ends.
 */
struct endpoint daemon_free_endpoint(const char *address);

/**
 * daemon_start() - start a server; it ends with this program at the latest
 * @argv: as for execvp(3)
 * @endpoints: where it will listen on TCP; waited for. A server that takes connections takes
 *	datagrams, too
 * @n_endpoints: how many
 *
 * Return: (owned by the caller) the process; end it with daemon_stop().
 */
GSubprocess *daemon_start(const char *const *argv, const struct endpoint *const *endpoints,
			  gsize n_endpoints);

/**
 * daemon_suspend() - stop a server from answering, until it gets SIGCONT
 * @process: the server; each of its threads has stopped on return
 */
void daemon_suspend(GSubprocess *process);

/**
 * daemon_stop() - kill a server and wait for its end
 * @process: the server, or NULL; set to NULL
 */
void daemon_stop(GSubprocess **process);

/**
 * daemon_impatience_new() - end the program if nothing comes of what is waited for
 *
 * Return: a GLib source, to be removed when it has come.
 */
guint daemon_impatience_new(void);

#endif
