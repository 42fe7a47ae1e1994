/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_VERSION_H
#define WGMESH_VERSION_H

/* What --version of every program says; the Makefile may set it for a package. */
#ifndef WGMESH_VERSION
#define WGMESH_VERSION "0.1.0"
#endif

#endif
