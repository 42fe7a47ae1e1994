// SPDX-License-Identifier: GPL-2.0
/* An operator forces paths, forbids them, or leaves them to the selector. */
#include "path-policy.h"

#include <gio/gio.h>

static struct dataplane_path *find(struct dataplane_peer *peer, guint32 id)
{
	const GPtrArray *paths = dataplane_paths(peer);

	for (guint i = 0; i < paths->len; i++) {
		struct dataplane_path *path = paths->pdata[i];

		if (path->id == id)
			return path;
	}
	return NULL;
}

bool path_policy_set(struct dataplane_peer *peer, guint32 id, enum wgmesh_path_policy policy,
		     GError **error)
{
	struct dataplane_path *path = find(peer, id);

	if (path)
		return dataplane_set_policy(peer, path, policy, error);
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
		    "the peer has no path %u (any more); \"meshctl paths PEER\" lists them", id);
	return false;
}

bool path_policy_clear(struct dataplane_peer *peer, GError **error)
{
	const GPtrArray *paths = dataplane_paths(peer);

	for (guint i = 0; i < paths->len; i++) {
		struct dataplane_path *path = paths->pdata[i];

		if (path->policy != WGMESH_PATH_POLICY_AUTO &&
		    !dataplane_set_policy(peer, path, WGMESH_PATH_POLICY_AUTO, error))
			return false;
	}
	return true;
}
