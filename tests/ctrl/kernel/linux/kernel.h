/* SPDX-License-Identifier: GPL-2.0 */
/* As much of the kernel's headers as its state machines need, for tests in userspace. */
#ifndef TEST_KERNEL_H
#define TEST_KERNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;

#define NSEC_PER_SEC 1000000000L
#define U64_MAX UINT64_MAX
#define WRITE_ONCE(x, value) ((x) = (value))
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))

#endif
