/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHD_STATUS_H
#define MESHD_STATUS_H

#include "node.h"

/**
 * status_build() - STATUS of docs/protocol.md section 6.1
 * @node: the node
 * @peer: public key or hostname of the only peer that is of interest; NULL for all
 *
 * Return: (owned by the caller) the object.
 */
JsonObject *status_build(const struct node *node, const char *peer);

#endif
