/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Paths that leave by one interface.
 */
#ifndef WGMESH_INTERFACE_H
#define WGMESH_INTERFACE_H

struct wgmesh_path;

void wgmesh_interface_set(struct wgmesh_path *path, int ifindex);
void wgmesh_interface_change(struct wgmesh_path *path, int ifindex);
void wgmesh_interface_forget(struct wgmesh_path *path);
int wgmesh_interface_init(void);
void wgmesh_interface_exit(void);

#endif /* WGMESH_INTERFACE_H */
