/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHCTL_MODULE_LOAD_H
#define MESHCTL_MODULE_LOAD_H

#include <glib.h>
#include <stdbool.h>

/**
 * module_load() - make sure that the kernel module is there
 * @error: why it is not, and after a line break what to do
 *
 * The kernel loads it by itself, if it is installed. Root is told by modprobe(8) why it did not.
 */
bool module_load(GError **error);

/**
 * module_explain() - what modprobe(8) says, for people
 * @said: by it, in English
 * @release: of the kernel
 *
 * Return: (owned by the caller) what is wrong, and after a line break what to do.
 */
char *module_explain(const char *said, const char *release);

#endif
