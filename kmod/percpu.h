/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory for each CPU that an object gets with its first packet: most paths and channels never
 * carry one, and what they had for each CPU would be most of what they take.
 */
#ifndef WGMESH_PERCPU_H
#define WGMESH_PERCPU_H

#include <linux/local_lock.h>
#include <linux/percpu.h>
#include <linux/sched/mm.h>

struct mem_cgroup;

/**
 * struct wgmesh_cpu - guards what each CPU has
 * @lock: nests inside of bottom halves that are disabled
 *
 * With PREEMPT_RT these do not keep others from the CPU any more, since 6.18 or so: a packet may be
 * interrupted by another one on the same CPU. There this is a lock; elsewhere it is nothing. What
 * is counted needs none, for each counter is added to at once.
 */
struct wgmesh_cpu {
	local_lock_t lock;
};

DECLARE_PER_CPU(struct wgmesh_cpu, wgmesh_cpu);

#ifdef WGMESH_HAVE_LOCAL_LOCK_NESTED_BH
#define wgmesh_cpu_lock()	local_lock_nested_bh(&wgmesh_cpu.lock)
#define wgmesh_cpu_unlock()	local_unlock_nested_bh(&wgmesh_cpu.lock)
#else
static inline void wgmesh_cpu_lock(void)
{
}

static inline void wgmesh_cpu_unlock(void)
{
}
#endif

/**
 * struct wgmesh_percpu_kind - what is made for each CPU
 * @size: bytes
 * @align: their alignment
 * @begin: prepares what one CPU has, which is zeroed; or NULL
 */
struct wgmesh_percpu_kind {
	size_t size;
	size_t align;
	void (*begin)(void *one);
};

/**
 * struct wgmesh_percpu - memory for each CPU, or none yet
 * @memory: of each CPU, or NULL; once it is there it stays
 * @payer: the memory cgroup that it is charged to; its owner holds a reference, and is charged
 *	likewise
 * @tried_jiffies: when it was tried last to make it; 0 is never
 */
struct wgmesh_percpu {
	void __percpu *memory;
	struct mem_cgroup *payer;
	u32 tried_jiffies;
};

void wgmesh_percpu_make(struct wgmesh_percpu *percpu, const struct wgmesh_percpu_kind *kind);

/**
 * wgmesh_percpu_memory() - the memory of all CPUs
 * @percpu: of whom
 *
 * Context: Any.
 * Return: the memory, or NULL when there was no packet yet, or no memory for it.
 */
static inline void __percpu *wgmesh_percpu_memory(const struct wgmesh_percpu *percpu)
{
	/* pairs with the cmpxchg() of wgmesh_percpu_make() */
	return READ_ONCE(percpu->memory);
}

/**
 * wgmesh_percpu_this() - the memory of this CPU
 * @percpu: of whom
 *
 * Context: Bottom halves disabled.
 * Return: the memory, or NULL when there is none.
 */
static inline void *wgmesh_percpu_this(const struct wgmesh_percpu *percpu)
{
	void __percpu *memory = wgmesh_percpu_memory(percpu);

	return likely(memory) ? this_cpu_ptr(memory) : NULL;
}

/**
 * wgmesh_percpu_for_packet() - the memory of this CPU, for a packet: it is made if need be
 * @percpu: of whom
 * @kind: what is made
 *
 * Context: Bottom halves disabled.
 * Return: the memory; NULL when there is none to be had at the moment.
 */
static inline void *wgmesh_percpu_for_packet(struct wgmesh_percpu *percpu,
					     const struct wgmesh_percpu_kind *kind)
{
	if (unlikely(!wgmesh_percpu_memory(percpu)))
		wgmesh_percpu_make(percpu, kind);
	return wgmesh_percpu_this(percpu);
}

#endif /* WGMESH_PERCPU_H */
