/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PATHNL_PRIVATE_H
#define WGMESH_PATHNL_PRIVATE_H

/* What pathnl.c and pathnl-relay.c share. */

#include "pathnl.h"

struct pathnl {
	struct netlink *socket;
	guint16 family;
};

/* Begin a request; netlink_message_free() it. */
struct nl_msg *pathnl_request_new(struct pathnl *nl, guint8 command);

/* netlink_request(), and once more when the module was loaded anew. */
bool pathnl_request(struct pathnl *nl, struct nl_msg *msg, const char *what, netlink_reply_fn reply,
		    void *data, GError **error);

/* The same for a request that has the number of an object and nothing else; @what lacks it. */
bool pathnl_request_by_id(struct pathnl *nl, guint8 command, int attribute, guint32 id,
			  const char *what, netlink_reply_fn reply, void *data, GError **error);

/* Read a list: @parse reads a message into an element of @item_size bytes. NULL on error. */
GArray *pathnl_dump(struct pathnl *nl, struct nl_msg *msg, const char *what,
		    bool (*parse)(const struct nlmsghdr *, void *), gsize item_size,
		    GError **error);

#endif
