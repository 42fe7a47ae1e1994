/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The registry of selectors, and those that come with the module.
 */
#ifndef WGMESH_SELECTOR_REGISTRY_H
#define WGMESH_SELECTOR_REGISTRY_H

#include <wgmesh/selector.h>

extern struct wgmesh_selector wgmesh_selector_failover;
extern struct wgmesh_selector wgmesh_selector_latency;
extern struct wgmesh_selector wgmesh_selector_duplicate;

const struct wgmesh_selector *wgmesh_selector_get(const char *name);
void wgmesh_selector_put(const struct wgmesh_selector *selector);

#endif /* WGMESH_SELECTOR_REGISTRY_H */
