// SPDX-License-Identifier: GPL-2.0
/* What a hostname may look like. */
#include "hostname.h"

#include <string.h>

bool hostname_is_valid(const char *text)
{
	size_t len = strlen(text);

	return len >= 1 && len <= HOSTNAME_MAX && text[0] != '-' && text[len - 1] != '-' &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}
