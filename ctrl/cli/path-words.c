// SPDX-License-Identifier: GPL-2.0
/* What the module says of a path, in words. */
#include "path-words.h"

#include <string.h>

#include "format.h"
#include "lib/pathnl-names.h"

static const char *const reasons[] = {
	[WGMESH_REASON_ADDED] = "a better path was added",
	[WGMESH_REASON_REMOVED] = "the path before was removed",
	[WGMESH_REASON_PRIORITY] = "the priority of a path was changed",
	[WGMESH_REASON_LOST] = "the peer did not answer any more on the path before",
	[WGMESH_REASON_UNREACHABLE] =
		"an ICMP error came about the path before, and the peer did not answer on it",
	[WGMESH_REASON_LINK] =
		"the interface, the address or the route of the path before is gone",
	[WGMESH_REASON_LOSSY] = "the path before lost too many packets",
	[WGMESH_REASON_RECOVERED] = "a better path has been answering for long enough",
	[WGMESH_REASON_FASTER] = "another path has been faster for some time",
	[WGMESH_REASON_POLICY] = "a path was forced, forbidden or left to the selector",
	[WGMESH_REASON_SELECTOR] = "the peer got another selector",
	[WGMESH_REASON_LOOP] = "the path before would carry itself: it led into the network",
};

const char *path_words_reason(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(reasons); i++) {
		if (strcmp(pathnl_reason_name(i), name) == 0)
			return reasons[i];
	}
	return name;
}

char *path_words_where(const struct mesh_path *path)
{
	return g_strdup_printf("%s%s%s, %s", path->kind, *path->relay ? " " : "", path->relay,
			       path->remote);
}

static const char *wanted(const struct mesh_path *path)
{
	if (strcmp(path->policy, "force") == 0)
		return ", forced";
	return "";
}

char *path_words_use(const struct mesh_path *path)
{
	if (path->selected)
		return g_strdup_printf("in use%s", wanted(path));
	if (path->copies)
		return g_strdup_printf("gets a copy of each packet%s", wanted(path));
	return g_strdup_printf("not used%s%s%s", *path->why_not ? ": " : "", path->why_not,
			       wanted(path));
}

static void append_us(GString *text, const char *what, gint64 us)
{
	char buf[FORMAT_STRLEN];

	if (us >= 0)
		g_string_append_printf(text, ", %s %s", what, format_us(us, buf));
}

char *path_words_state(const struct mesh_path *path)
{
	GString *text = g_string_new(*path->state ? path->state : "untested");
	char age[FORMAT_STRLEN];

	if (path->state_age_ms >= 0)
		g_string_append_printf(text, " for %s", format_ms(path->state_age_ms, age));
	if (path->lossy)
		g_string_append(text, ", lossy");
	if (path->held)
		g_string_append(text, ", held");
	append_us(text, "round trip", path->rtt_us);
	append_us(text, "jitter", path->jitter_us);
	if (path->loss_permille >= 0)
		g_string_append_printf(text, ", %.1f %% lost", path->loss_permille / 10.0);
	return g_string_free(text, FALSE);
}

char *path_words_switch(const struct mesh_peer *peer)
{
	char age[FORMAT_STRLEN];

	if (peer->switch_age_ms < 0)
		return NULL;
	return g_strdup_printf("%s ago: %s (%" G_GINT64_FORMAT " in all)",
			       format_ms(peer->switch_age_ms, age),
			       path_words_reason(peer->switch_reason), peer->switches);
}

enum style path_words_style(const struct mesh_path *path)
{
	if (strcmp(path->state, "dead") == 0)
		return STYLE_BAD;
	if (strcmp(path->state, "suspect") == 0 || path->lossy || path->held)
		return STYLE_PENDING;
	return strcmp(path->state, "alive") == 0 ? STYLE_GOOD : STYLE_FAINT;
}
