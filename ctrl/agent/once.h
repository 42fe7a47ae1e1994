/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHD_ONCE_H
#define MESHD_ONCE_H

#include "node.h"
#include "settings.h"

/*
 * What a meshd that does not run would have been asked: the node leaves its network, for now or for
 * good, and nothing goes on running.
 */

/**
 * once_run() - do it, and say so on the standard output
 * @task: SETTINGS_DOWN or SETTINGS_LEAVE
 * @settings: of the node
 * @error: what cannot be done, and why; G_IO_ERROR_BUSY: meshd does run
 *
 * Root becomes the user that the state directory belongs to, so that meshd can read what is left
 * there.
 */
bool once_run(enum settings_task task, const struct node_settings *settings, GError **error);

#endif
