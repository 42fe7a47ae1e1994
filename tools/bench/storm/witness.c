// SPDX-License-Identifier: GPL-2.0
/*
 * witness: a node by meshd's own code, on a machine whose kernel has no WireGuard, that joins and then
 * watches others come and go. It needs a network namespace of its own, or one that it may change.
 *
 *	witness DIRECTORY JOIN-STRING
 *
 * DIRECTORY is where it keeps its state.
 */
#include <err.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

#include "agent/node.h"
#include "lib/link.h"
#include "lib/wireguard-private.h"

/* No family has this number. */
#define NO_FAMILY 0xffff

/* In place of what would end meshd here. */
struct wireguard *__wrap_wireguard_open(GError **error);
bool __wrap_link_create_wireguard(struct netlink *nl, const char *ifname, struct link *link,
				  GError **error);

struct wireguard *__wrap_wireguard_open(GError **error)
{
	struct wireguard *wg = g_new0(struct wireguard, 1);

	wg->socket = netlink_open(NETLINK_GENERIC, error);
	wg->family = NO_FAMILY;
	return wg;
}

bool __wrap_link_create_wireguard(G_GNUC_UNUSED struct netlink *nl, const char *ifname,
				  G_GNUC_UNUSED struct link *link, GError **error)
{
	return netlink_fail(error, EOPNOTSUPP, "%s: no WireGuard here", ifname);
}

static void on_progress(G_GNUC_UNUSED const char *text, G_GNUC_UNUSED void *data)
{
}

static void on_settled(G_GNUC_UNUSED const char *error, G_GNUC_UNUSED void *data)
{
}

static const struct node_events events = { .progress = on_progress, .settled = on_settled };

int main(int argc, char **argv)
{
	struct node_settings settings = { .ifname = "wgmesh0" };
	g_autoptr(GError) error = NULL;
	struct joinstring join;
	struct node *node;

	if (argc != 3 || sodium_init() < 0)
		errx(EXIT_FAILURE, "usage: witness DIRECTORY JOIN-STRING");
	settings.state_directory = argv[1];
	if (!joinstring_parse(argv[2], &join, &error))
		errx(EXIT_FAILURE, "%s", error->message);
	node = node_new(&settings, &events, NULL, &error);
	if (!node || !node_up(node, &join, "witness", &error))
		errx(EXIT_FAILURE, "%s", error->message);
	g_main_loop_run(g_main_loop_new(NULL, FALSE));
}
