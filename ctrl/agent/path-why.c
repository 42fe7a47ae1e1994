// SPDX-License-Identifier: GPL-2.0
/* Why packets do not take a path, in words. */
#include "path-why.h"

#include <string.h>

/* What is wrong with the path itself; NULL when nothing is. */
static const char *why_bad(const struct pathnl_path *path)
{
	if (path->state == WGMESH_PATH_STATE_DEAD)
		return "the peer does not answer on it";
	if (path->held)
		return "it failed while it was in use, and has to answer for some time first";
	if (path->lossy)
		return "it loses too many packets";
	if (path->state == WGMESH_PATH_STATE_SUSPECT)
		return "the last probes on it were not answered";
	return NULL;
}

static const char *compare(const struct pathnl_path *path, const struct pathnl_path *selected,
			   const struct pathnl_peer *peer)
{
	if (path->state == WGMESH_PATH_STATE_UNTESTED &&
	    selected->state == WGMESH_PATH_STATE_ALIVE)
		return "no probe was answered on it yet";
	if (strcmp(peer->settings.selector, "latency") == 0)
		return "it is not faster, or not for long enough";
	if (path->priority < selected->priority)
		return "its priority is lower";
	if (path->priority == selected->priority)
		return "it is no better than the one in use";
	return "it has to answer for some time first";
}

const char *path_why_not(const struct pathnl_path *path, const struct pathnl_path *selected,
			 const struct pathnl_peer *peer)
{
	const char *bad = why_bad(path);

	if (path->policy == WGMESH_PATH_POLICY_FORBID)
		return "it is forbidden";
	if (selected && selected->policy == WGMESH_PATH_POLICY_FORCE)
		return "another path is forced";
	if (bad)
		return bad;
	return selected ? compare(path, selected, peer) : "it was just added";
}
