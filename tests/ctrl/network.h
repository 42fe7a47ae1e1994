/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_TESTS_NETWORK_H
#define WGMESH_TESTS_NETWORK_H

#include <glib.h>
#include <stdbool.h>

/*
 * A network namespace of the test program's own, to try the real rtnetlink in.
 */

/**
 * network_enter() - make one, and go there
 *
 * Who is not root becomes it in a user namespace.
 *
 * Return: false when none may be made here.
 */
bool network_enter(void);

/**
 * network_ip() - run ip(8) there; what goes wrong ends the test program
 * @arguments: printf's
 */
void network_ip(const char *arguments, ...) G_GNUC_PRINTF(1, 2);

#endif
