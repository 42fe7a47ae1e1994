/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_MAP_WRITER_H
#define WGMESH_MAP_WRITER_H

#include "state.h"

/*
 * Puts the map on disk by a thread, for that takes as long as the disk likes. One is written at a
 * time; of those that come meanwhile the last.
 */
struct map_writer;

/**
 * map_writer_new() - begin with nothing to write
 * @state: where the map belongs; outlives the writer
 * @written: called from the main loop when the disk has the last map, or, with what is wrong, when it
 *	     does not take it
 * @data: for @written
 *
 * Return: (owned by the caller) the writer.
 */
struct map_writer *map_writer_new(const struct state *state,
				  void (*written)(const GError *error, void *data), void *data);

/**
 * map_writer_free() - write what is to be written, and free the writer
 * @writer: the writer, or NULL
 */
void map_writer_free(struct map_writer *writer);

/**
 * map_writer_write() - have a map written
 * @writer: the writer
 * @map: (owned by the callee from now on) as mesh_save() makes it; nobody else may have it
 */
void map_writer_write(struct map_writer *writer, JsonObject *map);

/**
 * map_writer_is_busy() - whether the disk does not have the last map yet
 * @writer: the writer
 */
bool map_writer_is_busy(const struct map_writer *writer);

/**
 * map_writer_wait() - wait for the disk
 * @writer: the writer; @written is called before this returns if it was busy
 */
void map_writer_wait(struct map_writer *writer);

#endif
