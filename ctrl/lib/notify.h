/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_NOTIFY_H
#define WGMESH_NOTIFY_H

/**
 * notify_service_manager() - tell the service manager about this daemon's state
 * @state: assignments, one a line: "READY=1", "STOPPING=1", "STATUS=3 peers"; see sd_notify(3)
 *
 * Does nothing when NOTIFY_SOCKET is not set. A failure is logged and otherwise ignored: the daemon
 * works without a listener.
 */
void notify_service_manager(const char *state);

#endif
