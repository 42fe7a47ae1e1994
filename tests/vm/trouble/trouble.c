// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the kernel complain, to see that tools/vm/run notices. Never loaded anywhere but in its
 * machine.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>

static char *kind = "none";
module_param(kind, charp, 0);
MODULE_PARM_DESC(kind, "none, note, warning, oops, or leak");

static char *device = "";
module_param(device, charp, 0);
MODULE_PARM_DESC(device, "network device of the loader's namespace that leak takes a reference of");

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
	return 0;
}

static void __exit trouble_exit(void)
{
}

module_init(trouble_init);
module_exit(trouble_exit);
MODULE_DESCRIPTION("Kernel complaints on request");
MODULE_LICENSE("GPL");
