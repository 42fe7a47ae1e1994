// SPDX-License-Identifier: GPL-2.0
/*
 * Making the memory that an object has for each CPU, in the midst of its first packet.
 */
#include <linux/gfp.h>
#include <linux/jiffies.h>

#include "percpu.h"

DEFINE_PER_CPU(struct wgmesh_cpu, wgmesh_cpu) = {
	.lock = INIT_LOCAL_LOCK(lock),
};

/* Nobody who has to wait asks: what is not there at once is tried again in the next jiffy. The
 * kernel populates more of its per-CPU memory meanwhile.
 */
static bool is_tried(struct wgmesh_percpu *percpu)
{
	const u32 now = (u32)jiffies | 1;

	if (READ_ONCE(percpu->tried_jiffies) == now)
		return true;
	WRITE_ONCE(percpu->tried_jiffies, now);
	return false;
}

static void __percpu *percpu_allocate(struct mem_cgroup *payer,
				      const struct wgmesh_percpu_kind *kind)
{
	struct mem_cgroup *former;
	void __percpu *memory;

	/* who pays is said to the CPU */
	wgmesh_cpu_lock();
	former = set_active_memcg(payer);
	memory = __alloc_percpu_gfp(kind->size, kind->align, GFP_NOWAIT | __GFP_NOWARN |
				    __GFP_ACCOUNT | __GFP_ZERO);
	set_active_memcg(former);
	wgmesh_cpu_unlock();
	return memory;
}

/**
 * wgmesh_percpu_make() - make memory for each CPU, if there is none
 * @percpu: for whom
 * @kind: what
 *
 * It may fail, and is tried at most once a jiffy: packets have to do without.
 *
 * Context: Bottom halves disabled.
 */
void wgmesh_percpu_make(struct wgmesh_percpu *percpu, const struct wgmesh_percpu_kind *kind)
{
	void __percpu *memory;
	int cpu;

	if (is_tried(percpu))
		return;
	memory = percpu_allocate(percpu->payer, kind);
	if (!memory)
		return;
	if (kind->begin)
		for_each_possible_cpu(cpu)
			kind->begin(per_cpu_ptr(memory, cpu));
	/* another CPU may have been first */
	if (cmpxchg((__force void **)&percpu->memory, NULL,
		    (__force void *)(__force unsigned long)memory))
		free_percpu(memory);
}
