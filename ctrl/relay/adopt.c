// SPDX-License-Identifier: GPL-2.0
/*
 * Taking over the allocations that the kernel kept through a restart, and the note from which that
 * is done.
 */
#include "adopt.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "lib/log.h"
#include "lib/pathnl-relay.h"
#include "turn-request.h"

/*
 * "1 TRANSACTION-ID[-TICKET] RELAYED-IPV4 RELAYED-IPV6 ACCOUNT", the relayed ones "-" when there is
 * none
 */
#define VERSION "1"

enum { NOTE_VERSION, NOTE_TRANSACTION, NOTE_RELAY_V4, NOTE_RELAY_V6, NOTE_ACCOUNT, NOTE_PARTS };

#define ID_HEX_LEN (2 * STUN_TRANSACTION_ID_LEN)
#define TICKET_HEX_LEN (2 * ALLOCATION_TICKET_LEN)

static char *print_relay(const struct relay_socket *relay)
{
	return relay ? endpoint_format(relay_socket_local(relay)) : g_strdup("-");
}

char *adopt_note(const struct allocation *allocation)
{
	g_autofree char *v4 = print_relay(allocation->relay_v4);
	g_autofree char *v6 = print_relay(allocation->relay_v6);
	char id[ID_HEX_LEN + 1], ticket[TICKET_HEX_LEN + 1] = "";

	sodium_bin2hex(id, sizeof(id), allocation->transaction_id,
		       sizeof(allocation->transaction_id));
	if (allocation->is_mobile)
		sodium_bin2hex(ticket, sizeof(ticket), allocation->ticket,
			       sizeof(allocation->ticket));
	return g_strdup_printf(VERSION " %s%s%s %s %s %s", id, ticket[0] ? "-" : "", ticket, v4, v6,
			       allocation->account);
}

static bool fail(GError **error, const char *why)
{
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, why);
	return false;
}

static bool open_relay(struct turn *turn, struct allocation *allocation, const char *text,
		       struct relay_socket **relay, GError **error)
{
	struct endpoint address;
	int saved;

	if (g_str_equal(text, "-"))
		return true;
	if (!endpoint_parse(text, &address, error))
		return false;
	*relay = relay_socket_open(&address);
	if (*relay && relay_socket_start(*relay, turn->poller, &forward_from_peers, allocation))
		return true;
	saved = errno;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(saved), "cannot open %s: %s", text,
		    g_strerror(saved));
	return false;
}

static bool read_hex(const char *text, guint8 *bytes, gsize size, const char **end)
{
	gsize len;

	return sodium_hex2bin(bytes, size, text, strlen(text), NULL, &len, end) == 0 &&
	       len == size;
}

static bool read_transaction(struct allocation *allocation, const char *text)
{
	guint8 ticket[ALLOCATION_TICKET_LEN];
	const char *end;

	if (!read_hex(text, allocation->transaction_id, sizeof(allocation->transaction_id), &end))
		return false;
	if (*end == '\0')
		return true;
	return *end == '-' && read_hex(end + 1, ticket, sizeof(ticket), &end) && *end == '\0' &&
	       allocation_make_mobile(allocation, ticket);
}

static bool restore(struct turn *turn, struct allocation *allocation, char **parts, GError **error)
{
	allocation->rate = turn->limits.rate;
	if (!read_transaction(allocation, parts[NOTE_TRANSACTION]))
		return fail(error, "its note cannot be read");
	if (!open_relay(turn, allocation, parts[NOTE_RELAY_V4], &allocation->relay_v4, error) ||
	    !open_relay(turn, allocation, parts[NOTE_RELAY_V6], &allocation->relay_v6, error))
		return false;
	return allocation->relay_v4 || allocation->relay_v6 ||
	       fail(error, "it has no relayed address");
}

static struct allocation *adopt_allocation(struct turn *turn, const struct listeners *listeners,
					   const struct pathnl_found_allocation *found,
					   GError **error)
{
	const struct five_tuple tuple = { found->client, found->local, TRANSPORT_UDP };
	g_auto(GStrv) parts = g_strsplit(found->note, " ", NOTE_PARTS);
	int fd = listeners_find_udp(listeners, &found->local);
	struct allocation *allocation;

	if (g_strv_length(parts) != NOTE_PARTS || !g_str_equal(parts[NOTE_VERSION], VERSION) ||
	    !found->lifetime_ms) {
		fail(error, "this program did not make it");
		return NULL;
	}
	if (fd < 0) {
		fail(error, "nothing listens any more where its client sends to");
		return NULL;
	}
	allocation = allocation_new(turn->allocations, &tuple, fd, NULL, parts[NOTE_ACCOUNT], 0);
	allocation_restore(allocation, found->lifetime_ms);
	if (restore(turn, allocation, parts, error))
		return allocation;
	allocation_end(allocation);
	return NULL;
}

/* Whether the channel is as it would be made today. */
static bool may_stay(const struct turn *turn, const struct allocation *allocation,
		     const struct pathnl_channel *found)
{
	const struct relay_socket *relay = allocation_relay(allocation, found->peer.sa.sa_family);

	return relay && endpoint_equal(relay_socket_local(relay), &found->relayed) &&
	       found->lifetime_ms && turn_allows_address(turn, &found->peer) &&
	       !turn_is_own(turn, &found->peer) &&
	       !channel_find(allocation, found->number) &&
	       !channel_find_peer(allocation, &found->peer);
}

/* Return: (owned by the caller) the channels of each allocation, by its number in the kernel. */
static GHashTable *by_allocation(GArray *channels)
{
	GHashTable *table = g_hash_table_new_full(NULL, NULL, NULL,
						  (GDestroyNotify)g_ptr_array_unref);

	for (guint i = 0; i < channels->len; i++) {
		struct pathnl_channel *found = &g_array_index(channels, struct pathnl_channel, i);
		void *id = GUINT_TO_POINTER(found->allocation);
		GPtrArray *group = g_hash_table_lookup(table, id);

		if (!group) {
			group = g_ptr_array_new();
			g_hash_table_insert(table, id, group);
		}
		g_ptr_array_add(group, found);
	}
	return table;
}

/* Return: false when the allocation has a channel that may not stay. */
static bool adopt_channels(struct turn *turn, struct allocation *allocation,
			   const GPtrArray *channels)
{
	for (guint i = 0; channels && i < channels->len; i++) {
		const struct pathnl_channel *found = channels->pdata[i];

		if (!may_stay(turn, allocation, found))
			return false;
		channel_restore(allocation, found->number, &found->peer, found->lifetime_ms,
				found->permission_ms);
	}
	return true;
}

static bool adopt_one(struct turn *turn, const struct listeners *listeners,
		      const struct pathnl_found_allocation *found, const GPtrArray *channels,
		      GError **error)
{
	struct allocation *allocation = adopt_allocation(turn, listeners, found, error);

	if (!allocation)
		return false;
	if (adopt_channels(turn, allocation, channels))
		return true;
	allocation_end(allocation);
	return fail(error, "one of its channels is not allowed any more");
}

void adopt(struct pathnl *nl, struct turn *turn, const struct listeners *listeners)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) allocations = pathnl_allocation_find_all(nl, &error);
	g_autoptr(GArray) channels = allocations ? pathnl_channel_find_all(nl, &error) : NULL;
	g_autoptr(GHashTable) groups = NULL;
	guint adopted = 0;

	if (!channels) {
		log_warning("what the kernel forwards already stays without an owner: %s",
			    error->message);
		return;
	}
	groups = by_allocation(channels);
	for (guint i = 0; i < allocations->len; i++) {
		const struct pathnl_found_allocation *found =
			&g_array_index(allocations, struct pathnl_found_allocation, i);
		g_autoptr(GError) why = NULL;
		char buf[ENDPOINT_STRLEN];

		if (adopt_one(turn, listeners, found,
			      g_hash_table_lookup(groups, GUINT_TO_POINTER(found->id)), &why)) {
			adopted++;
			continue;
		}
		log_warning("removing the allocation of %s from the kernel: %s",
			    endpoint_print(&found->client, buf), why->message);
		pathnl_allocation_del(nl, found->id, NULL);
	}
	if (adopted)
		log_info("taken over from the kernel: %u allocations", adopted);
}
