/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_TESTS_DIRECTORY_H
#define WGMESH_TESTS_DIRECTORY_H

/**
 * directory_remove() - remove a directory that a test made, and the files in it
 * @path: the directory; has no directories in it. What goes wrong ends the test program
 */
void directory_remove(const char *path);

#endif
