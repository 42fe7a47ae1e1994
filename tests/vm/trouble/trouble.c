// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the kernel complain, to see that tools/vm/run and tools/uml/run notice. Never loaded
 * anywhere but in their machines.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *kind = "none";
module_param(kind, charp, 0);
MODULE_PARM_DESC(kind, "none, note, warning, oops, leak, memory, overrun, shift, sleep, or locks");

static char *device = "";
module_param(device, charp, 0);
MODULE_PARM_DESC(device, "network device of the loader's namespace that leak takes a reference of");

static DEFINE_SPINLOCK(first);
static DEFINE_SPINLOCK(second);

/* Bytes that nobody frees, and nobody knows where they are. */
static void lose_memory(void)
{
	void *lost = kmalloc(1000, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(lost);
}

static void write_too_far(void)
{
	char *bytes = kmalloc(10, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(bytes);
	if (bytes)
		bytes[10] = 1;
	kfree(bytes);
}

static void shift_too_far(void)
{
	int by = 40;

	OPTIMIZER_HIDE_VAR(by);
	pr_info("%d\n", 1 << by);
}

static void sleep_under_lock(void)
{
	spin_lock(&first);
	might_sleep();
	spin_unlock(&first);
}

/* Nothing is locked for ever here, but two threads that do this could. */
static void lock_in_both_orders(void)
{
	spin_lock(&first);
	spin_lock(&second);
	spin_unlock(&second);
	spin_unlock(&first);

	spin_lock(&second);
	spin_lock(&first);
	spin_unlock(&first);
	spin_unlock(&second);
}

static int __init trouble_init(void)
{
	if (!strcmp(kind, "note"))
		pr_warn("a line of warning level is not a complaint\n");
	else if (!strcmp(kind, "warning"))
		WARN(1, "asked for\n");
	else if (!strcmp(kind, "oops"))
		WRITE_ONCE(*(int *)NULL, 1);
	else if (!strcmp(kind, "leak"))
		return dev_get_by_name(current->nsproxy->net_ns, device) ? 0 : -ENODEV;
	else if (!strcmp(kind, "memory"))
		lose_memory();
	else if (!strcmp(kind, "overrun"))
		write_too_far();
	else if (!strcmp(kind, "shift"))
		shift_too_far();
	else if (!strcmp(kind, "sleep"))
		sleep_under_lock();
	else if (!strcmp(kind, "locks"))
		lock_in_both_orders();
	return 0;
}

static void __exit trouble_exit(void)
{
}

module_init(trouble_init);
module_exit(trouble_exit);
MODULE_DESCRIPTION("Kernel complaints on request");
MODULE_LICENSE("GPL");
