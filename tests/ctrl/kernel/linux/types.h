/* SPDX-License-Identifier: GPL-2.0 */
/* That of the system, too, for headers of the C library include it. */
#include_next <linux/types.h>
#include "kernel.h"
