/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PATH_MTU_H
#define WGMESH_PATH_MTU_H

#include <glib.h>
#include <sys/socket.h>

struct dataplane_path;

/* How large packets inside of the tunnel may be, so that those around them are not fragmented. */

/**
 * path_mtu_inside() - what a path leaves for packets inside
 * @path: the path; may be NULL
 *
 * Return: bytes of IP packet; 0 when its MTU was not measured.
 */
guint32 path_mtu_inside(const struct dataplane_path *path);

/**
 * path_mtu_of_family() - the same for packets of one IP version
 * @mtu_bytes: what there is room for
 * @family: of the packets inside
 *
 * IPv6 cannot do with less than 1280 (RFC 8200 section 5): the underlay has to fragment then.
 */
guint32 path_mtu_of_family(guint32 mtu_bytes, sa_family_t family);

/**
 * path_mtu_inside_any() - what is left on the worst path, one through a relay over IPv6
 * @underlay_bytes: MTU of the underlay
 *
 * Return: at least 1280.
 */
guint32 path_mtu_inside_any(guint32 underlay_bytes);

#endif
