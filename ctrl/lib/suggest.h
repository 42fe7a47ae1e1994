/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_SUGGEST_H
#define WGMESH_SUGGEST_H

#include <glib.h>

/* Longer words than any command or setting has. */
#define SUGGEST_MAX_LENGTH 32

/**
 * suggest_distance() - how many slips of the finger lie between two words
 * @a: a word
 * @b: another
 *
 * One slip is a letter too many, missing or wrong, or two neighbours swapped. Words of more than
 * SUGGEST_MAX_LENGTH letters are infinitely far, G_MAXUINT, from all others.
 */
guint suggest_distance(const char *a, const char *b);

/**
 * suggest_close_enough() - whether a word may have been meant by what was typed
 * @typed: what was typed
 * @word: the word
 *
 * Return: the distance, or G_MAXUINT when it is too large to be a slip.
 */
guint suggest_close_enough(const char *typed, const char *word);

#endif
