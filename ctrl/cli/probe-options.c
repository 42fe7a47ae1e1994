// SPDX-License-Identifier: GPL-2.0
/* The options that say how often paths are probed, and what chooses among them. */
#include "probe-options.h"

#include <linux/wgmesh.h>
#include <string.h>

#include "cli.h"
#include "format.h"

struct probe_options probe_options;

static bool read_time(const char *option, const char *text, guint32 min_ms, guint32 *ms)
{
	g_autoptr(GError) error = NULL;
	gint64 value;

	if (!text)
		return true;
	if (!format_parse_ms(text, &value, &error)) {
		cli_misused("%s: %s", option, error->message);
		return false;
	}
	if (value < min_ms || value > WGMESH_PROBE_PACE_MAX) {
		cli_misused("%s: %u ms to %u s", option, min_ms, WGMESH_PROBE_PACE_MAX / 1000);
		return false;
	}
	*ms = value;
	return true;
}

static bool read_selector(struct pathnl_settings *settings)
{
	const char *text = probe_options.selector;

	if (!text)
		return true;
	if (strcmp(text, "default") == 0) {
		settings->default_selector = true;
		return true;
	}
	if (!*text || strlen(text) >= PATHNL_SELECTOR_SIZE) {
		cli_misused("--selector: a name has 1 to %d characters", PATHNL_SELECTOR_SIZE - 1);
		return false;
	}
	g_strlcpy(settings->selector, text, PATHNL_SELECTOR_SIZE);
	return true;
}

static bool read_attempts(guint32 *attempts)
{
	if (probe_options.attempts && (probe_options.attempts < WGMESH_PROBE_ATTEMPTS_MIN ||
				       probe_options.attempts > WGMESH_PROBE_ATTEMPTS_MAX)) {
		cli_misused("--probe-attempts: %d to %d", WGMESH_PROBE_ATTEMPTS_MIN,
			    WGMESH_PROBE_ATTEMPTS_MAX);
		return false;
	}
	*attempts = probe_options.attempts;
	return true;
}

bool probe_options_read(struct pathnl_settings *settings)
{
	*settings = (struct pathnl_settings){ 0 };
	return read_selector(settings) &&
	       read_time("--probe-active", probe_options.active, WGMESH_PROBE_PACE_MIN,
			 &settings->probe_active_ms) &&
	       read_time("--probe-standby", probe_options.standby, WGMESH_PROBE_PACE_MIN,
			 &settings->probe_standby_ms) &&
	       read_time("--probe-idle", probe_options.idle, WGMESH_PROBE_IDLE_MIN,
			 &settings->probe_idle_ms) &&
	       read_attempts(&settings->probe_attempts);
}

bool probe_options_given(const struct pathnl_settings *settings)
{
	return *settings->selector || settings->default_selector || settings->probe_active_ms ||
	       settings->probe_standby_ms || settings->probe_idle_ms || settings->probe_attempts;
}

char *probe_options_describe(const struct pathnl_settings *settings)
{
	if (!settings->probe_attempts)
		return g_strdup("");
	return g_strdup_printf("%g/%g/%g s, %u", settings->probe_active_ms / 1000.0,
			       settings->probe_standby_ms / 1000.0,
			       settings->probe_idle_ms / 1000.0, settings->probe_attempts);
}
