// SPDX-License-Identifier: GPL-2.0
/*
 * Selection: which of its paths a peer uses.
 */
#include "netlink.h"
#include "netns.h"
#include "path.h"
#include "peer.h"
#include "select.h"

static struct wgmesh_path *highest_priority(struct wgmesh_peer *peer)
{
	struct wgmesh_path *path, *best = NULL;

	list_for_each_entry(path, &peer->paths, peer_node)
		if (!best || path->priority > best->priority)
			best = path;
	return best;
}

/**
 * wgmesh_select() - choose the path of a peer anew
 * @peer: the peer, whose paths changed
 * @reason: what changed
 *
 * Every packet sees either the old path or the new one.
 *
 * Context: Process, under the lock of the namespace; may sleep.
 */
void wgmesh_select(struct wgmesh_peer *peer, enum wgmesh_reason reason)
{
	struct wgmesh_path *to = highest_priority(peer);
	struct wgmesh_path *from;

	from = rcu_replace_pointer(peer->selected, to,
				   lockdep_is_held(&peer->device->wn->lock));
	if (from != to)
		wgmesh_notify_selection(peer, from, to, reason);
}
