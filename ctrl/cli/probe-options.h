/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHCTL_PROBE_OPTIONS_H
#define MESHCTL_PROBE_OPTIONS_H

#include "lib/pathnl.h"

/* How paths are probed and chosen: the options that "device set" and "peer set" share. */

/**
 * struct probe_options - what the command line says; NULL or 0 when it does not
 * @selector: --selector
 * @active: --probe-active
 * @standby: --probe-standby
 * @idle: --probe-idle
 * @attempts: --probe-attempts
 */
struct probe_options {
	char *selector;
	char *active;
	char *standby;
	char *idle;
	int attempts;
};

extern struct probe_options probe_options;

/* Entries of a table of GOptionEntry. */
#define PROBE_OPTIONS \
	{ "selector", 0, 0, G_OPTION_ARG_STRING, &probe_options.selector, \
	  "chooses among paths: failover, latency, duplicate, default", "NAME" }, \
	{ "probe-active", 0, 0, G_OPTION_ARG_STRING, &probe_options.active, \
	  "between probes of the path in use [100ms]", "TIME" }, \
	{ "probe-standby", 0, 0, G_OPTION_ARG_STRING, &probe_options.standby, \
	  "between probes of the other paths [1s]", "TIME" }, \
	{ "probe-idle", 0, 0, G_OPTION_ARG_STRING, &probe_options.idle, \
	  "between probes while there is no traffic [20s]", "TIME" }, \
	{ "probe-attempts", 0, 0, G_OPTION_ARG_INT, &probe_options.attempts, \
	  "probes without an answer until a path is dead [5]", "N" }

/**
 * probe_options_read() - turn them into settings
 * @settings: where they go; what was not given stays empty or 0
 *
 * Return: false after cli_misused() when one of them is wrong.
 */
bool probe_options_read(struct pathnl_settings *settings);

/**
 * probe_options_given() - whether there is any
 * @settings: as probe_options_read() made them
 */
bool probe_options_given(const struct pathnl_settings *settings);

/**
 * probe_options_describe() - the pace of probes in a few words: "0.1/1/20 s, 5"
 * @settings: what the module has
 *
 * Return: (owned by the caller) the text; "" when the module tells none.
 */
char *probe_options_describe(const struct pathnl_settings *settings);

#endif
