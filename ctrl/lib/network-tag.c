// SPDX-License-Identifier: GPL-2.0
/* What everybody may know a network by: a hash of its id. */
#include "network-tag.h"

#include <sodium.h>
#include <string.h>

#define LABEL "wgmesh network 1"

void network_tag(const guint8 id[static NETWORK_TAG_ID_SIZE],
		 char tag[static NETWORK_TAG_LEN + 1])
{
	guint8 hash[NETWORK_TAG_LEN / 2];

	crypto_generichash(hash, sizeof(hash), (const guint8 *)LABEL, strlen(LABEL), id,
			   NETWORK_TAG_ID_SIZE);
	sodium_bin2hex(tag, NETWORK_TAG_LEN + 1, hash, sizeof(hash));
}
