/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic-netlink family, specified by genl-spec/wgmesh.yaml.
 */
#ifndef WGMESH_NETLINK_H
#define WGMESH_NETLINK_H

int wgmesh_netlink_init(void);
void wgmesh_netlink_exit(void);

#endif /* WGMESH_NETLINK_H */
