/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_HOSTNAME_H
#define WGMESH_HOSTNAME_H

#include <stdbool.h>

/* The longest hostname (docs/protocol.md section 1), and room for it with its final zero. */
#define HOSTNAME_MAX 63
#define HOSTNAME_SIZE (HOSTNAME_MAX + 1)

/**
 * hostname_is_valid() - whether a text is a hostname of the overlay
 * @text: the text
 *
 * 1 to HOSTNAME_MAX characters of a-z, 0-9 and "-", neither first nor last a "-".
 */
bool hostname_is_valid(const char *text);

#endif
