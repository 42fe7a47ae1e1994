// SPDX-License-Identifier: GPL-2.0
/* What happened since the program started, counted in one place. */
#include "counters.h"

struct counters counters;
