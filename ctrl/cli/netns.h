/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHCTL_NETNS_H
#define MESHCTL_NETNS_H

#include <glib.h>
#include <stdbool.h>

/**
 * netns_open() - open a network namespace
 * @name: a name that "ip netns" knows, or the number of a process
 * @error: G_FILE_ERROR with what to do
 *
 * Return: a descriptor, to be closed; -1 on error.
 */
int netns_open(const char *name, GError **error);

/**
 * netns_run() - do something in a network namespace, and come back
 * @fd: the namespace; -1 is the one we are in
 * @run: does it; sockets that it opens stay in the namespace
 * @data: for @run
 * @error: G_FILE_ERROR when it cannot be entered, or what @run set
 *
 * Return: what @run returned; false when the namespace cannot be entered.
 */
bool netns_run(int fd, bool (*run)(void *data, GError **error), void *data, GError **error);

#endif
