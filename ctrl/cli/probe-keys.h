/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHCTL_PROBE_KEYS_H
#define MESHCTL_PROBE_KEYS_H

#include "lib/pathnl.h"

/**
 * probe_keys_read() - read what probes are authenticated with
 * @path: a file of two lines, each a key as `wg genkey` prints it: first that of probes to the
 *	  peer, then that of probes from it
 * @keys: where they go; probe_keys_wipe() them
 * @error: what is wrong with the file; see secretfile_read(). No key is repeated in it
 */
bool probe_keys_read(const char *path, struct pathnl_probe_keys *keys, GError **error);

/**
 * probe_keys_wipe() - overwrite them
 * @keys: the keys
 */
void probe_keys_wipe(struct pathnl_probe_keys *keys);

#endif
