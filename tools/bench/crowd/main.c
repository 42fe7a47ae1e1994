// SPDX-License-Identifier: GPL-2.0
/*
 * crowd: gives many peers their paths, faster than a program for each could.
 *
 * Reads a line for each path, attaches the interface when it is not yet, and adds the peer:
 *
 *	IFNAME OWN-KEY KEY LOCAL REMOTE PRIORITY
 *
 * What the interface sends is authenticated with its own key, and what the peer sends with that of
 * the peer: secret they are not, but the same on both ends. With "-" for the own key nothing is
 * probed.
 */
#include <err.h>
#include <net/if.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/pathnl.h"

/* (owned by the program) numbers of devices by the names of their interfaces */
static GHashTable *devices;
static struct pathnl *nl;

static guint32 device_of(const char *ifname)
{
	g_autoptr(GError) error = NULL;
	guint32 id = GPOINTER_TO_UINT(g_hash_table_lookup(devices, ifname));
	struct pathnl_device device;

	if (id)
		return id;
	if (!pathnl_device_set(nl, if_nametoindex(ifname), -1, 0, 0, &device, &error))
		errx(EXIT_FAILURE, "%s: %s", ifname, error->message);
	g_hash_table_insert(devices, g_strdup(ifname), GUINT_TO_POINTER(device.id));
	return device.id;
}

static bool add(char **words, GError **error)
{
	struct pathnl_path path = {
		.kind = WGMESH_PATH_KIND_DIRECT,
		.priority = atoi(words[5]),
	};
	const bool probed = !g_str_equal(words[1], "-");
	struct pathnl_probe_keys keys;
	struct pathnl_peer peer;

	if ((probed && !key_parse(words[1], &keys.tx, error)) ||
	    !key_parse(words[2], &keys.rx, error) ||
	    !endpoint_parse(words[3], &path.local, error) ||
	    !endpoint_parse(words[4], &path.remote, error) ||
	    !pathnl_peer_configure(nl, device_of(words[0]), &keys.rx, NULL, probed ? &keys : NULL,
				   &peer, error))
		return false;
	path.peer = peer.id;
	return pathnl_path_set(nl, &path, NULL, error);
}

int main(void)
{
	g_autoptr(GError) error = NULL;
	char line[256];

	nl = sodium_init() < 0 ? NULL : pathnl_open(&error);
	if (!nl)
		errx(EXIT_FAILURE, "%s", error ? error->message : "no libsodium");
	devices = g_hash_table_new(g_str_hash, g_str_equal);
	while (fgets(line, sizeof(line), stdin)) {
		g_auto(GStrv) words = g_strsplit(g_strchomp(line), " ", 0);

		if (g_strv_length(words) != 6)
			errx(EXIT_FAILURE, "not six words: %s", line);
		if (!add(words, &error))
			errx(EXIT_FAILURE, "%s: %s", line, error->message);
	}
	return EXIT_SUCCESS;
}
