// SPDX-License-Identifier: GPL-2.0
/* meshd for one request: a node that does not run leaves its network. */
#include "once.h"

#include <errno.h>
#include <gio/gio.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/file-error.h"
#include "lib/log.h"

/* The service manager hides the directories of dynamic users from these users themselves. */
#define KEPT (1u << CAP_NET_ADMIN | 1u << CAP_DAC_READ_SEARCH)

struct leaving {
	GMainLoop *loop;
	char *error;
	bool left;
};

/* A node without a state has no key by which an interface could be known as its own. */
static bool has_state(const char *directory, struct stat *st, GError **error)
{
	g_autofree char *file = g_build_filename(directory, "state.json", NULL);

	if (stat(directory, st) == 0 && access(file, F_OK) == 0)
		return true;
	if (errno != ENOENT)
		return file_error(error, directory, "cannot look at it");
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
		    "this machine is not in that network: there is no %s", file);
	return false;
}

static bool keep_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { .effective = KEPT, .permitted = KEPT } };

	return syscall(SYS_capset, &header, data) == 0;
}

/* What is written from now on meshd can read. */
static bool become_owner(const struct stat *st, const char *directory, GError **error)
{
	if (geteuid() != 0 || st->st_uid == 0)
		return true;
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 && setgroups(0, NULL) == 0 &&
	    setresgid(st->st_gid, st->st_gid, st->st_gid) == 0 &&
	    setresuid(st->st_uid, st->st_uid, st->st_uid) == 0 && keep_capabilities())
		return true;
	return file_error(error, directory, "cannot become the user that it belongs to");
}

static void on_progress(const char *text, G_GNUC_UNUSED void *data)
{
	fprintf(stderr, "%s\n", text);
}

static void on_settled(G_GNUC_UNUSED const char *error, G_GNUC_UNUSED void *data)
{
}

static void on_left(const char *error, void *data)
{
	struct leaving *leaving = data;

	leaving->left = true;
	leaving->error = g_strdup(error);
	g_main_loop_quit(leaving->loop);
}

static const struct node_events events = {
	.progress = on_progress,
	.settled = on_settled,
	.left = on_left,
};

static bool leave(struct node *node, struct leaving *leaving, GError **error)
{
	if (!node_leave(node, error))
		return false;
	if (!leaving->left)
		g_main_loop_run(leaving->loop);
	if (!leaving->error)
		return true;
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, leaving->error);
	return false;
}

static bool perform(enum settings_task task, const struct node_settings *settings, GError **error)
{
	struct leaving leaving = { .loop = g_main_loop_new(NULL, FALSE) };
	struct node_settings at_rest = *settings;
	struct node *node;
	bool ok;

	at_rest.at_rest = true;
	node = node_new(&at_rest, &events, &leaving, error);
	ok = node && (task == SETTINGS_DOWN ? node_down(node, error) :
					      leave(node, &leaving, error));
	node_free(node);
	g_main_loop_unref(leaving.loop);
	g_free(leaving.error);
	return ok;
}

bool once_run(enum settings_task task, const struct node_settings *settings, GError **error)
{
	struct stat st;

	log_set_level(LOG_LEVEL_WARNING);
	if (!has_state(settings->state_directory, &st, error) ||
	    !become_owner(&st, settings->state_directory, error) ||
	    !perform(task, settings, error))
		return false;
	puts(task == SETTINGS_DOWN ? "down: \"meshctl up\" goes back into the network" :
				     "left: the key of this node is gone, and it is in no network");
	return true;
}
