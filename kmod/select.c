// SPDX-License-Identifier: GPL-2.0
/*
 * Selection: which of its paths a peer uses.
 */
#include <linux/ktime.h>

#include "events.h"
#include "netns.h"
#include "path.h"
#include "peer.h"
#include "select.h"
#include "selector.h"

/**
 * wgmesh_path_standing() - how fit a path is
 * @path: the path, whose peer is locked
 * @now_ns: the time
 */
enum wgmesh_standing wgmesh_path_standing(const struct wgmesh_path *path, u64 now_ns)
{
	switch (path->liveness.state) {
	case WGMESH_PATH_STATE_DEAD:
		return WGMESH_STANDING_DEAD;
	case WGMESH_PATH_STATE_UNTESTED:
		return WGMESH_STANDING_UNTESTED;
	case WGMESH_PATH_STATE_ALIVE:
	case WGMESH_PATH_STATE_SUSPECT:
		break;
	}
	if (path->liveness.record.lossy)
		return WGMESH_STANDING_LOSSY;
	return wgmesh_liveness_held(&path->liveness, now_ns) ? WGMESH_STANDING_HELD :
							       WGMESH_STANDING_GOOD;
}

static bool is_forced(const struct wgmesh_peer *peer)
{
	const struct wgmesh_path *path;

	list_for_each_entry(path, &peer->paths, peer_node)
		if (path->policy == WGMESH_PATH_POLICY_FORCE)
			return true;
	return false;
}

/* The paths that may be chosen, as they are now. Return: how many. */
static int list_choices(struct wgmesh_peer *peer, struct wgmesh_path **paths,
			struct wgmesh_selector_path *views, u64 now_ns)
{
	const bool forced = is_forced(peer);
	struct wgmesh_path *path;
	int n = 0;

	list_for_each_entry(path, &peer->paths, peer_node) {
		if (path->follows || path->policy == WGMESH_PATH_POLICY_FORBID ||
		    (forced && path->policy != WGMESH_PATH_POLICY_FORCE))
			continue;
		paths[n] = path;
		views[n++] = (struct wgmesh_selector_path){
			.id = path->id,
			.kind = path->kind,
			.priority = path->priority,
			.standing = wgmesh_path_standing(path, now_ns),
			.rtt_us = wgmesh_path_rtt_us(path),
			.jitter_us = path->liveness.jitter_us,
			.loss_permille = wgmesh_liveness_loss_permille(&path->liveness),
		};
	}
	return n;
}

static struct wgmesh_selector_choice select_choose(struct wgmesh_peer *peer,
						   struct wgmesh_path **paths, u64 now_ns)
{
	const struct wgmesh_path *current_path = rcu_access_pointer(peer->selected);
	const struct wgmesh_selector *selector = peer->selector ?: peer->device->selector;
	struct wgmesh_selector_path views[WGMESH_PATHS_PER_PEER];
	struct wgmesh_selector_view view = {
		.paths = views,
		.current_path = -1,
		.now_ns = now_ns,
	};
	struct wgmesh_selector_choice choice;
	int i;

	view.n = list_choices(peer, paths, views, now_ns);
	if (!view.n)
		return (struct wgmesh_selector_choice){ .path = -1, .copy = -1 };
	for (i = 0; i < view.n; i++)
		if (paths[i] == current_path)
			view.current_path = i;
	choice = selector->choose(&view, peer->selector_state);
	if (choice.path < 0 || choice.path >= view.n)
		choice = (struct wgmesh_selector_choice){ .path = 0, .copy = -1 };
	if (choice.copy >= view.n || choice.copy == choice.path)
		choice.copy = -1;
	return choice;
}

/* The reason that is told for a switch. If the former path failed, that says more than @reason,
 * which only drew attention to it.
 */
static enum wgmesh_reason select_why(const struct wgmesh_path *from, const struct wgmesh_path *to,
				     enum wgmesh_reason reason, u64 now_ns)
{
	if (!from || !to || reason != WGMESH_REASON_RECOVERED)
		return reason;
	switch (wgmesh_path_standing(from, now_ns)) {
	case WGMESH_STANDING_DEAD:
		return from->dead_reason;
	case WGMESH_STANDING_LOSSY:
		return WGMESH_REASON_LOSSY;
	case WGMESH_STANDING_UNTESTED:
	case WGMESH_STANDING_HELD:
	case WGMESH_STANDING_GOOD:
		break;
	}
	return to->priority < from->priority ? WGMESH_REASON_FASTER : WGMESH_REASON_RECOVERED;
}

static void note_switch(struct wgmesh_peer *peer, struct wgmesh_path *from,
			struct wgmesh_path *to, enum wgmesh_reason reason, u64 now_ns)
{
	enum wgmesh_standing standing;

	reason = select_why(from, to, reason, now_ns);
	if (from && !from->removed) {
		standing = wgmesh_path_standing(from, now_ns);
		if (standing == WGMESH_STANDING_DEAD || standing == WGMESH_STANDING_LOSSY)
			wgmesh_liveness_abandoned(&from->liveness, now_ns);
	}
	if (to)
		wgmesh_pmtu_switched(&to->pmtu);
	memset(peer->selector_state, 0, sizeof(peer->selector_state));
	peer->switches++;
	peer->switched_ns = now_ns;
	peer->switch_reason = reason;
	wgmesh_notify_selection(peer, from, to, reason);
}

/**
 * wgmesh_select() - choose the path of a peer anew
 * @peer: the peer, locked; something about its paths changed
 * @reason: what changed; WGMESH_REASON_RECOVERED when it is what probes found out
 *
 * Every packet sees either the old path or the new one.
 *
 * Context: Any, under the lock of the peer.
 */
void wgmesh_select(struct wgmesh_peer *peer, enum wgmesh_reason reason)
{
	struct wgmesh_path *paths[WGMESH_PATHS_PER_PEER], *from, *to, *copy;
	struct wgmesh_selector_choice choice;
	u64 now_ns = ktime_get_ns();

	choice = select_choose(peer, paths, now_ns);
	to = choice.path < 0 ? NULL : paths[choice.path];
	copy = choice.copy < 0 ? NULL : paths[choice.copy];
	if (rcu_access_pointer(peer->copy) != copy)
		rcu_assign_pointer(peer->copy, copy);
	from = rcu_dereference_protected(peer->selected, lockdep_is_held(&peer->lock));
	if (from == to)
		return;
	rcu_assign_pointer(peer->selected, to);
	note_switch(peer, from, to, reason, now_ns);
}
