// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel module as what forwards for channels: it is told what changes, and told all again
 * when it was loaded anew.
 */
#include "kernel.h"

#include <errno.h>
#include <gio/gio.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adopt.h"
#include "allocation.h"
#include "kernel-count.h"
#include "lib/log.h"
#include "lib/pathnl-events.h"
#include "lib/pathnl-relay.h"

/**
 * struct kernel_channel - what the kernel was told of a channel
 * @id: number in the kernel; 0 when the kernel does not have it
 * @permission_expires_us: until when the channel's peer may send
 */
struct kernel_channel {
	guint32 id;
	gint64 permission_expires_us;
};

/**
 * struct kernel_allocation - what the kernel knows of an allocation, from its first channel on
 * @id: number in the kernel; 0 when the kernel does not have it
 * @channels: struct channel to struct kernel_channel
 * @ended: traffic of channels that have ended
 */
struct kernel_allocation {
	guint32 id;
	GHashTable *channels;
	struct traffic ended;
};

/**
 * struct kernel - see kernel.h
 * @nl: the module
 * @events: the module's coming and going
 * @count: what the kernel forwarded
 * @allocations: struct allocation to struct kernel_allocation
 * @offload: as which allocation.c knows this
 * @handing_over: what the kernel has is for the next process
 */
struct kernel {
	struct pathnl *nl;
	struct pathnl_events *events;
	struct kernel_count *count;
	GHashTable *allocations;
	struct offload offload;
	bool handing_over;
};

static void kernel_allocation_free(void *data)
{
	struct kernel_allocation *known = data;

	g_hash_table_unref(known->channels);
	g_free(known);
}

static void complain(const GError *error)
{
	log_limited(LOG_LEVEL_WARNING, "the kernel does not forward a channel: %s",
		    error->message);
}

/* What has expired in the kernel is not there to be removed or read. */
static void complain_unless_gone(const GError *error)
{
	if (error && !g_error_matches(error, NETLINK_ERROR, ENOENT))
		complain(error);
}

static void allocation_added(void *data, const struct allocation *allocation)
{
	struct kernel *kernel = data;
	struct kernel_allocation *known = g_new0(struct kernel_allocation, 1);

	known->channels = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	g_hash_table_insert(kernel->allocations, (void *)allocation, known);
}

static void allocation_removed(void *data, const struct allocation *allocation)
{
	struct kernel *kernel = data;
	struct kernel_allocation *known = g_hash_table_lookup(kernel->allocations, allocation);
	g_autoptr(GError) error = NULL;

	if (known->id && !kernel->handing_over) {
		kernel_count_allocation_ends(kernel->count, known->id);
		if (!pathnl_allocation_del(kernel->nl, known->id, &error))
			complain_unless_gone(error);
	}
	g_hash_table_remove(kernel->allocations, allocation);
}

static guint32 ms_until(gint64 at_us)
{
	return CLAMP((at_us - g_get_monotonic_time()) / 1000, 1, G_MAXINT32);
}

static bool set_allocation(struct kernel *kernel, const struct allocation *allocation,
			   struct kernel_allocation *known)
{
	g_autofree char *note = known->id ? NULL : adopt_note(allocation);
	g_autoptr(GError) error = NULL;

	if (pathnl_allocation_set(kernel->nl, &allocation->tuple.server, &allocation->tuple.client,
				  ms_until(allocation->expiry.at_us), allocation->rate, note,
				  &known->id, &error))
		return true;
	complain(error);
	return false;
}

static void allocation_refreshed(void *data, const struct allocation *allocation)
{
	struct kernel *kernel = data;
	struct kernel_allocation *known = g_hash_table_lookup(kernel->allocations, allocation);

	if (known->id)
		set_allocation(kernel, allocation, known);
}

static void set_channel(struct kernel *kernel, const struct channel *channel,
			struct kernel_allocation *known, struct kernel_channel *told)
{
	const struct allocation *allocation = channel->allocation;
	struct relay_socket *relay = allocation_relay(allocation, channel->peer.sa.sa_family);
	struct pathnl_channel wanted = {
		.number = channel->number,
		.relayed = *relay_socket_local(relay),
		.peer = channel->peer,
		.lifetime_ms = ms_until(channel->expiry.at_us),
		.permission_ms = ms_until(told->permission_expires_us),
	};
	g_autoptr(GError) error = NULL;

	if (!set_allocation(kernel, allocation, known))
		return;
	kernel_count_allocation(kernel->count, known->id);
	wanted.allocation = known->id;
	if (pathnl_channel_set(kernel->nl, &wanted, &told->id, &error))
		kernel_count_channel(kernel->count, told->id);
	else
		complain(error);
}

static void channel_set_in_kernel(void *data, const struct channel *channel,
				  gint64 permission_expires_us)
{
	struct kernel *kernel = data;
	struct kernel_allocation *known = g_hash_table_lookup(kernel->allocations,
							      channel->allocation);
	struct kernel_channel *told = g_hash_table_lookup(known->channels, channel);

	if (!told) {
		told = g_new0(struct kernel_channel, 1);
		g_hash_table_insert(known->channels, (void *)channel, told);
	}
	told->permission_expires_us = permission_expires_us;
	set_channel(kernel, channel, known, told);
}

static void add_counters(struct traffic *traffic, const struct pathnl_channel_counters *counters)
{
	traffic->to_peers_packets += counters->to_peer_packets;
	traffic->to_peers_bytes += counters->to_peer_bytes;
	traffic->to_client_packets += counters->to_client_packets;
	traffic->to_client_bytes += counters->to_client_bytes;
}

static void add_channel(struct kernel *kernel, guint32 id, struct traffic *traffic)
{
	struct pathnl_channel_counters counters;
	g_autoptr(GError) error = NULL;

	if (pathnl_channel_read(kernel->nl, id, &counters, &error))
		add_counters(traffic, &counters);
	else
		complain_unless_gone(error);
}

static void channel_removed(void *data, const struct channel *channel)
{
	struct kernel *kernel = data;
	struct kernel_allocation *known = g_hash_table_lookup(kernel->allocations,
							      channel->allocation);
	const struct kernel_channel *told = g_hash_table_lookup(known->channels, channel);
	guint32 id = told ? told->id : 0;
	g_autoptr(GError) error = NULL;

	g_hash_table_remove(known->channels, channel);
	if (!id || kernel->handing_over)
		return;
	add_channel(kernel, id, &known->ended);
	kernel_count_channel_ends(kernel->count, id);
	if (!pathnl_channel_del(kernel->nl, id, &error))
		complain_unless_gone(error);
}

static void add_traffic(void *data, const struct allocation *allocation,
			struct traffic *traffic)
{
	struct kernel *kernel = data;
	struct kernel_allocation *known = g_hash_table_lookup(kernel->allocations, allocation);
	const struct kernel_channel *told;
	GHashTableIter iter;

	traffic->to_peers_packets += known->ended.to_peers_packets;
	traffic->to_peers_bytes += known->ended.to_peers_bytes;
	traffic->to_client_packets += known->ended.to_client_packets;
	traffic->to_client_bytes += known->ended.to_client_bytes;
	g_hash_table_iter_init(&iter, known->channels);
	while (g_hash_table_iter_next(&iter, NULL, (void **)&told))
		if (told->id)
			add_channel(kernel, told->id, traffic);
}

static void read_totals(void *data, struct offload_totals *totals)
{
	kernel_count_read(((struct kernel *)data)->count, totals);
}

/* With the module all is gone that it had, and the numbers are those of others when it is back. */
static void module_gone(struct kernel *kernel)
{
	struct kernel_allocation *known;
	struct kernel_channel *told;
	GHashTableIter allocations, channels;

	log_warning("the kernel module wgmesh was unloaded: this program forwards until it is "
		    "back; load it: modprobe wgmesh");
	kernel_count_forget(kernel->count);
	g_hash_table_iter_init(&allocations, kernel->allocations);
	while (g_hash_table_iter_next(&allocations, NULL, (void **)&known)) {
		known->id = 0;
		g_hash_table_iter_init(&channels, known->channels);
		while (g_hash_table_iter_next(&channels, NULL, (void **)&told))
			told->id = 0;
	}
}

static void module_loaded(struct kernel *kernel)
{
	struct kernel_allocation *known;
	struct kernel_channel *told;
	const struct channel *channel;
	GHashTableIter allocations, channels;

	log_info("the kernel module wgmesh is back: the kernel forwards the data again");
	g_hash_table_iter_init(&allocations, kernel->allocations);
	while (g_hash_table_iter_next(&allocations, NULL, (void **)&known)) {
		g_hash_table_iter_init(&channels, known->channels);
		while (g_hash_table_iter_next(&channels, (void **)&channel, (void **)&told))
			set_channel(kernel, channel, known, told);
	}
}

static void on_module(const struct pathnl_event *event, void *data)
{
	struct kernel *kernel = data;

	if (event->type == PATHNL_MODULE_GONE)
		module_gone(kernel);
	else if (event->type == PATHNL_MODULE_LOADED && !kernel->handing_over)
		module_loaded(kernel);
}

/*
 * If this program runs in a VRF (ip vrf exec), all of its sockets are tied to that. The kernel
 * looks for the packets of a relay outside of all VRFs, and would forward nothing.
 */
static bool is_outside_vrfs(GError **error)
{
	int probe = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char name[IFNAMSIZ] = "";
	socklen_t size = sizeof(name);
	bool tied = probe >= 0 &&
		    getsockopt(probe, SOL_SOCKET, SO_BINDTODEVICE, name, &size) == 0 && name[0];

	if (probe >= 0)
		close(probe);
	if (tied)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
			    "the sockets of this program belong to %s, and the kernel forwards for "
			    "those that belong to no VRF", name);
	return !tied;
}

struct kernel *kernel_new(GError **error)
{
	struct pathnl *nl = is_outside_vrfs(error) ? pathnl_open(error) : NULL;
	struct kernel *kernel;
	GArray *devices;

	if (!nl)
		return NULL;
	/* a request that needs what all of them need, and changes nothing */
	devices = pathnl_device_dump(nl, error);
	if (!devices) {
		pathnl_close(nl);
		return NULL;
	}
	g_array_unref(devices);

	kernel = g_new0(struct kernel, 1);
	kernel->events = pathnl_module_watch(on_module, kernel, error);
	if (!kernel->events) {
		pathnl_close(nl);
		g_free(kernel);
		return NULL;
	}
	kernel->nl = nl;
	kernel->count = kernel_count_new(nl);
	kernel->allocations = g_hash_table_new_full(NULL, NULL, NULL, kernel_allocation_free);
	kernel->offload = (struct offload){
		.data = kernel,
		.allocation_added = allocation_added,
		.allocation_refreshed = allocation_refreshed,
		.allocation_removed = allocation_removed,
		.channel_set = channel_set_in_kernel,
		.channel_removed = channel_removed,
		.add_traffic = add_traffic,
		.read_totals = read_totals,
	};
	return kernel;
}

void kernel_free(struct kernel *kernel)
{
	if (!kernel)
		return;
	pathnl_events_free(kernel->events);
	g_hash_table_unref(kernel->allocations);
	kernel_count_free(kernel->count);
	pathnl_close(kernel->nl);
	g_free(kernel);
}

struct pathnl *kernel_netlink(const struct kernel *kernel)
{
	return kernel->nl;
}

void kernel_hand_over(struct kernel *kernel)
{
	kernel->handing_over = true;
}

const struct offload *kernel_offload(const struct kernel *kernel)
{
	return &kernel->offload;
}
