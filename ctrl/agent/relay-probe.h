/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_PROBE_H
#define WGMESH_RELAY_PROBE_H

#include "lib/endpoint.h"

/**
 * struct relay_probe - one measurement of how far away a relay is, by UDP (STUN Binding)
 */
typedef struct relay_probe relay_probe;

/**
 * relay_probe_new() - ask a relay
 * @relay: where it listens
 * @done: called once, from the default main context, never before this returns: the round-trip time
 *	  in microseconds, -1 when there is no answer within 2 s, or the relay is about to stop.
 *	  May free the probe
 * @data: for @done
 *
 * Return: (owned by the caller) the probe; NULL when there is no way to the relay. relay_probe_free()
 * it.
 */
struct relay_probe *relay_probe_new(const struct endpoint *relay,
				    void (*done)(gint64 rtt_us, void *data), void *data);

/**
 * relay_probe_free() - end it
 * @probe: a probe, or NULL
 */
void relay_probe_free(struct relay_probe *probe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(relay_probe, relay_probe_free)

#endif
