// SPDX-License-Identifier: GPL-2.0
/* The names of the module's enumerations. */
#include "pathnl-names.h"

#include <glib.h>
#include <string.h>

static const char *const kinds[] = {
	[WGMESH_PATH_KIND_DIRECT] = "direct",
	[WGMESH_PATH_KIND_RELAY] = "relay",
};

static const char *const states[] = {
	[WGMESH_PATH_STATE_UNTESTED] = "untested",
	[WGMESH_PATH_STATE_ALIVE] = "alive",
	[WGMESH_PATH_STATE_SUSPECT] = "suspect",
	[WGMESH_PATH_STATE_DEAD] = "dead",
};

static const char *const policies[] = {
	[WGMESH_PATH_POLICY_AUTO] = "auto",
	[WGMESH_PATH_POLICY_FORCE] = "force",
	[WGMESH_PATH_POLICY_FORBID] = "forbid",
};

static const char *const reasons[] = {
	[WGMESH_REASON_ADDED] = "added",
	[WGMESH_REASON_REMOVED] = "removed",
	[WGMESH_REASON_PRIORITY] = "priority",
	[WGMESH_REASON_LOST] = "lost",
	[WGMESH_REASON_UNREACHABLE] = "unreachable",
	[WGMESH_REASON_LINK] = "link",
	[WGMESH_REASON_LOSSY] = "lossy",
	[WGMESH_REASON_RECOVERED] = "recovered",
	[WGMESH_REASON_FASTER] = "faster",
	[WGMESH_REASON_POLICY] = "policy",
	[WGMESH_REASON_SELECTOR] = "selector",
	[WGMESH_REASON_LOOP] = "loop",
};

static const char *name_of(const char *const *names, guint count, guint value)
{
	return value < count ? names[value] : "unknown";
}

const char *pathnl_kind_name(enum wgmesh_path_kind kind)
{
	return name_of(kinds, G_N_ELEMENTS(kinds), kind);
}

const char *pathnl_state_name(enum wgmesh_path_state state)
{
	return name_of(states, G_N_ELEMENTS(states), state);
}

const char *pathnl_policy_name(enum wgmesh_path_policy policy)
{
	return name_of(policies, G_N_ELEMENTS(policies), policy);
}

const char *pathnl_reason_name(enum wgmesh_reason reason)
{
	return name_of(reasons, G_N_ELEMENTS(reasons), reason);
}

bool pathnl_parse_policy(const char *name, enum wgmesh_path_policy *policy)
{
	for (guint i = 0; i < G_N_ELEMENTS(policies); i++) {
		if (strcmp(name, policies[i]) == 0) {
			*policy = i;
			return true;
		}
	}
	return false;
}
