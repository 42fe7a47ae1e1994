/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RESOLVERS_H
#define WGMESH_RESOLVERS_H

#include <glib.h>

/* So many nameservers are read, at most; the C library heeds three. */
#define RESOLVERS_MAX 32

/**
 * resolvers_read() - whom this machine asks for names
 * @paths: files as resolv.conf(5), the last one NULL; one that is not there has none
 *
 * Return: (owned by the caller) array of struct prefix of full length.
 */
GArray *resolvers_read(const char *const *paths);

#endif
