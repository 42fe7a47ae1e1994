/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_NETWORK_TAG_H
#define WGMESH_NETWORK_TAG_H

#include <glib.h>

/* Of a network's id: bytes. */
#define NETWORK_TAG_ID_SIZE 16

/* Hexadecimal digits. */
#define NETWORK_TAG_LEN 32

/**
 * network_tag() - what everybody may know a network by (docs/protocol.md section 2.2)
 * @id: of the network, which is for its members alone
 * @tag: the text goes here
 */
void network_tag(const guint8 id[static NETWORK_TAG_ID_SIZE],
		 char tag[static NETWORK_TAG_LEN + 1]);

#endif
