/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_CONTROL_H
#define WGMESH_CONTROL_H

#include <glib.h>
#include <stdbool.h>

#include "message.h"

/*
 * The local sockets of docs/protocol.md section 6: requests and answers, one JSON object a line.
 * control-server.c is the daemons' side, control-client.c that of the command line.
 */

struct control_server;
struct control_request;

/* Clients beyond this number are turned away with an error. */
#define CONTROL_MAX_CLIENTS 64

/**
 * typedef control_handler - called with every request
 * @request: belongs to the callee until it calls control_finish() or control_fail(), which may be
 *	     now or at any later time
 * @data: what control_server_new() was given
 */
typedef void (*control_handler)(struct control_request *request, void *data);

/**
 * typedef control_gone - called when the client went away before its answer was finished, from the
 *			   main loop or from control_server_free()
 * @request: still has to be finished; what is sent to it goes nowhere
 * @data: what control_on_gone() was given
 */
typedef void (*control_gone)(struct control_request *request, void *data);

/* The group of those who may look, unless the settings say another one. */
#define CONTROL_VIEWERS "wgmesh"

/**
 * struct control_access - who may request what, beside root and the user of this process
 * @group: name of the group whose members may request anything; NULL for the one of this process
 * @viewers: name of the group whose members may look; NULL for CONTROL_VIEWERS, which need not exist
 * @views: requests that only look, ending with NULL
 */
struct control_access {
	const char *group;
	const char *viewers;
	const char *const *views;
};

/**
 * control_server_new() - listen on a Unix socket, in the default main context
 * @path: the socket. One there that nobody listens on is replaced. The directory is made too when it
 *	  is missing (0755)
 * @access: who may request what; @access->views is borrowed
 * @handler: called with every request; those of one client one after the other
 * @data: for @handler
 * @error: what is wrong; G_IO_ERROR_ADDRESS_IN_USE when another daemon is listening there
 *
 * A socket of that path that the service manager hands over (systemd.socket(5)) is used instead of a
 * new one, and left to it; its group is the one that may request anything then.
 *
 * What a client may do follows from its credentials (SO_PEERCRED, SO_PEERGROUPS) alone. The mode of a
 * socket that is made here is 0660, and 0666 when there is a group of viewers, for a file has one
 * group. Who may not is told which group is needed.
 *
 * Return: (owned by the caller) the server; NULL on error.
 */
struct control_server *control_server_new(const char *path, const struct control_access *access,
					  control_handler handler, void *data, GError **error);

/**
 * control_server_free() - stop listening, drop all clients, remove the socket
 * @server: the server; NULL does nothing
 *
 * Unfinished requests learn it by their control_gone, and still have to be finished. Not to be
 * called from a control_handler.
 */
void control_server_free(struct control_server *server);

/**
 * control_request_name() - what is requested
 * @request: the request
 *
 * Return: (borrowed from @request) its member `request`, 1 to MESSAGE_MAX_NAME bytes.
 */
const char *control_request_name(const struct control_request *request);

/**
 * control_request_message() - the whole request, for the getters of message.h
 * @request: the request
 *
 * Return: (borrowed from @request) the object.
 */
JsonObject *control_request_message(const struct control_request *request);

/**
 * control_on_gone() - ask to be told when the client goes away
 * @request: the request
 * @gone: called at most once, and never after the request was finished; NULL for nobody
 * @data: for @gone
 */
void control_on_gone(struct control_request *request, control_gone gone, void *data);

/**
 * control_send() - send one line of an answer that goes on
 * @request: the request
 * @line: (owned by the callee from now on) the object
 */
void control_send(struct control_request *request, JsonObject *line);

/**
 * control_progress() - tell the one who waits how far it is: {"progress":"…"}
 * @request: the request
 * @format: printf's
 */
void control_progress(struct control_request *request, const char *format, ...)
	G_GNUC_PRINTF(2, 3);

/**
 * control_finish() - send the last line of an answer, with "done":true, and free the request
 * @request: the request
 * @line: (owned by the callee from now on) the object; NULL when there is nothing to say
 *
 * More than MESSAGE_MAX_ANSWER bytes are not sent, but an error that says so.
 */
void control_finish(struct control_request *request, JsonObject *line);

/**
 * control_fail() - send {"error":"…","done":true} and free the request
 * @request: the request
 * @format: printf's: what is wrong and what to do
 */
void control_fail(struct control_request *request, const char *format, ...) G_GNUC_PRINTF(2, 3);

struct control_client;

/* What a daemon has not begun to answer by then is told to whoever waits. */
#define CONTROL_LATE_MS 3000

/**
 * control_client_open() - connect to a daemon
 * @path: its socket
 * @unit: of the service manager, whose journal says what the daemon does
 * @not_running: what to tell when nobody listens there, e.g. "meshd is not running for network
 *		 'default'; start it with: systemctl start meshd@default"
 * @error: G_IO_ERROR_NOT_FOUND with @not_running; G_IO_ERROR_PERMISSION_DENIED when we are not let
 *	   in, with what to do; or what else is wrong
 *
 * Return: (owned by the caller) the connection; NULL on error.
 */
struct control_client *control_client_open(const char *path, const char *unit,
					   const char *not_running, GError **error);

/**
 * control_client_send() - send a request
 * @client: the connection
 * @request: the object, with its member `request`
 * @error: G_IO_ERROR
 *
 * A daemon that ends before it has read the request never knew of it: it goes to the next one.
 */
bool control_client_send(struct control_client *client, JsonObject *request, GError **error);

/**
 * control_client_next() - wait for the next line of the answer
 * @client: the connection
 * @done: whether it was the last
 * @error: G_IO_ERROR_FAILED with what the daemon says when it refused, G_IO_ERROR_PERMISSION_DENIED
 *	   when it did because of who we are; else what went wrong with the connection
 *
 * Return: (owned by the caller) the line; NULL on error.
 */
JsonObject *control_client_next(struct control_client *client, bool *done, GError **error);

/**
 * control_client_call() - send a request and wait for the last line of the answer
 * @client: the connection
 * @request: the object
 * @progress: called with the text of each {"progress":"…"}, and when the daemon does not answer for
 *	     CONTROL_LATE_MS, for the service manager may keep the socket while there is none; may be
 *	     NULL
 * @data: for @progress
 * @error: as of control_client_next()
 *
 * Return: (owned by the caller) the last line; NULL on error.
 */
JsonObject *control_client_call(struct control_client *client, JsonObject *request,
				void (*progress)(const char *text, void *data), void *data,
				GError **error);

/**
 * control_client_close() - end the connection
 * @client: the connection; NULL does nothing
 */
void control_client_close(struct control_client *client);

/* for g_autoptr(control_client) */
typedef struct control_client control_client;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(control_client, control_client_close)

#endif
