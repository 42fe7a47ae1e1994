// SPDX-License-Identifier: GPL-2.0
/* Which addresses the server may give to whom. */
#include "overlay.h"

#include <string.h>

/* Of a subscriber of IPv6 (RFC 4291 section 2.5.1). */
#define NETWORK6_LENGTH 64

/**
 * struct overlay - the addresses of the network
 * @owners: struct key by struct prefix: who was given an address first
 * @prefixes: array of struct prefix: of the network
 * @needed: see overlay_set_needed()
 */
struct overlay {
	GHashTable *owners;
	GArray *prefixes;
	GHashTable *needed;
};

struct overlay *overlay_new(void)
{
	struct overlay *overlay = g_new0(struct overlay, 1);

	overlay->owners = g_hash_table_new_full(prefix_hash, prefix_same, g_free, g_free);
	overlay->prefixes = g_array_new(FALSE, FALSE, sizeof(struct prefix));
	return overlay;
}

void overlay_free(struct overlay *overlay)
{
	if (!overlay)
		return;
	overlay_set_needed(overlay, NULL);
	g_hash_table_unref(overlay->owners);
	g_array_unref(overlay->prefixes);
	g_free(overlay);
}

/* Prefixes */

static struct prefix network_of(const struct prefix *address)
{
	const struct prefix *block = prefix_private_block(address);
	struct prefix network = { .family = AF_INET6, .length = NETWORK6_LENGTH };

	if (address->family == AF_INET6)
		memcpy(&network.in6, &address->in6, NETWORK6_LENGTH / 8);
	else
		network = block ? *block : *address;
	return network;
}

GArray *overlay_guess_prefixes(const GArray *addresses)
{
	GArray *prefixes = g_array_new(FALSE, FALSE, sizeof(struct prefix));

	for (guint i = 0; i < addresses->len; i++) {
		struct prefix network = network_of(&g_array_index(addresses, struct prefix, i));

		g_array_append_val(prefixes, network);
	}
	return prefixes;
}

char *overlay_print_prefixes(const GArray *prefixes)
{
	GString *all = g_string_new(NULL);
	char text[PREFIX_STRLEN];

	for (guint i = 0; i < prefixes->len; i++)
		g_string_append_printf(all, "%s%s", i ? " and " : "",
				       prefix_print(&g_array_index(prefixes, struct prefix, i),
						    text));
	return g_string_free(all, FALSE);
}

bool overlay_is_of(const struct prefix *address, const GArray *prefixes)
{
	for (guint i = 0; i < prefixes->len; i++) {
		if (prefix_contains(&g_array_index(prefixes, struct prefix, i), address))
			return true;
	}
	return false;
}

void overlay_set_prefixes(struct overlay *overlay, const GArray *prefixes)
{
	g_array_set_size(overlay->prefixes, 0);
	g_array_append_vals(overlay->prefixes, prefixes->data, prefixes->len);
}

/* Addresses */

bool overlay_set_needed(struct overlay *overlay, GHashTable *needed)
{
	bool changed = needed != overlay->needed;

	if (needed)
		g_hash_table_ref(needed);
	g_clear_pointer(&overlay->needed, g_hash_table_unref);
	overlay->needed = needed;
	return changed;
}

static const struct link_needed *needed_as(const struct overlay *overlay,
					   const struct prefix *address)
{
	return overlay->needed ? g_hash_table_lookup(overlay->needed, address) : NULL;
}

static char *explain(const struct overlay *overlay, const struct prefix *address,
		     const struct key *key, bool self)
{
	const struct link_needed *needed = needed_as(overlay, address);
	g_autofree char *prefixes = NULL;
	char text[PREFIX_STRLEN];

	prefix_print(address, text);
	if (!overlay_owns(overlay, address, key))
		return g_strdup_printf("%s is the address of another node, too", text);
	if (needed && !(needed->own && self))
		return g_strdup_printf("%s is %s", text, needed->what);
	if (overlay_is_of(address, overlay->prefixes))
		return NULL;
	prefixes = overlay_print_prefixes(overlay->prefixes);
	return g_strdup_printf("%s is not of %s, which the network had when this node joined; if "
			       "its operator changed that, run \"meshctl up\" with the join string "
			       "again", text, prefixes);
}

char *overlay_claim(struct overlay *overlay, const struct prefix *address, const struct key *key,
		    bool self)
{
	if (!g_hash_table_contains(overlay->owners, address))
		g_hash_table_insert(overlay->owners, g_memdup2(address, sizeof(*address)),
				    g_memdup2(key, sizeof(*key)));
	return explain(overlay, address, key, self);
}

bool overlay_owns(const struct overlay *overlay, const struct prefix *address,
		  const struct key *key)
{
	const struct key *owner = g_hash_table_lookup(overlay->owners, address);

	return owner && key_equal(owner, key);
}

void overlay_disclaim(struct overlay *overlay, const GArray *addresses, const struct key *key)
{
	for (guint i = 0; i < addresses->len; i++) {
		const struct prefix *address = &g_array_index(addresses, struct prefix, i);

		if (overlay_owns(overlay, address, key))
			g_hash_table_remove(overlay->owners, address);
	}
}

void overlay_clear(struct overlay *overlay)
{
	g_hash_table_remove_all(overlay->owners);
}

bool overlay_has(const struct overlay *overlay, const struct prefix *address)
{
	if (needed_as(overlay, address) || !overlay_is_of(address, overlay->prefixes))
		return false;
	return address->family == AF_INET6 || g_hash_table_contains(overlay->owners, address);
}
