/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_PATHNL_NAMES_H
#define WGMESH_PATHNL_NAMES_H

#include <linux/wgmesh.h>
#include <stdbool.h>

/*
 * The values of the module's enumerations as genl-spec/wgmesh.yaml names them: for JSON and the
 * command line. A value of a module that is newer than this program is "unknown".
 */
const char *pathnl_kind_name(enum wgmesh_path_kind kind);
const char *pathnl_state_name(enum wgmesh_path_state state);
const char *pathnl_policy_name(enum wgmesh_path_policy policy);
const char *pathnl_reason_name(enum wgmesh_reason reason);

/**
 * pathnl_parse_policy() - read what an operator wants of a path
 * @name: "auto", "force" or "forbid"
 * @policy: where it goes; untouched when @name is none of them
 *
 * Return: whether it is one of them.
 */
bool pathnl_parse_policy(const char *name, enum wgmesh_path_policy *policy);

#endif
