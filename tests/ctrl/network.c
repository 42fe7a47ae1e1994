// SPDX-License-Identifier: GPL-2.0
/*
 * A network namespace to try the real rtnetlink in.
 */
#include "network.h"

#include <sched.h>
#include <unistd.h>

bool network_enter(void)
{
	g_autofree char *map = g_strdup_printf("0 %u 1", geteuid());

	if (unshare(CLONE_NEWNET) == 0)
		return true;
	return unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 &&
	       g_file_set_contents_full("/proc/self/uid_map", map, -1, G_FILE_SET_CONTENTS_NONE, 0,
					NULL);
}

void network_ip(const char *arguments, ...)
{
	g_autofree char *words = NULL, *line = NULL;
	g_autoptr(GError) error = NULL;
	va_list list;
	int status;

	va_start(list, arguments);
	words = g_strdup_vprintf(arguments, list);
	va_end(list);
	line = g_strdup_printf("ip %s", words);
	g_spawn_command_line_sync(line, NULL, NULL, &status, &error);
	g_assert_no_error(error);
	g_spawn_check_wait_status(status, &error);
	g_assert_no_error(error);
}
