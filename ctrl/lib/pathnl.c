// SPDX-License-Identifier: GPL-2.0
/* The module's requests about devices, peers and paths. */
#include "pathnl.h"

#include <errno.h>

#include "pathnl-message.h"
#include "pathnl-private.h"

/**
 * struct list - a dump that is being read
 * @parse: reads one message into one element
 * @items: what came so far
 */
struct list {
	bool (*parse)(const struct nlmsghdr *message, void *item);
	GArray *items;
};

static bool module_missing(GError **error)
{
	return netlink_fail(error, EPROTONOSUPPORT,
			    "the kernel module wgmesh is not loaded: run \"modprobe wgmesh\"; "
			    "if it is not installed for this kernel, \"dkms status wgmesh\" "
			    "says why");
}

static bool find_family(struct netlink *socket, bool load, guint16 *id, GError **error)
{
	g_autoptr(GError) problem = NULL;
	struct netlink_family family;

	if (netlink_family(socket, WGMESH_FAMILY_NAME, NULL, load, &family, &problem)) {
		*id = family.id;
		return true;
	}
	if (g_error_matches(problem, NETLINK_ERROR, ENOENT))
		return module_missing(error);
	g_propagate_error(error, g_steal_pointer(&problem));
	return false;
}

struct pathnl *pathnl_open(GError **error)
{
	g_autoptr(netlink) socket = netlink_open(NETLINK_GENERIC, error);
	struct pathnl *nl;
	guint16 family;

	if (!socket || !find_family(socket, true, &family, error))
		return NULL;
	nl = g_new0(struct pathnl, 1);
	nl->socket = g_steal_pointer(&socket);
	nl->family = family;
	return nl;
}

void pathnl_close(struct pathnl *nl)
{
	if (!nl)
		return;
	netlink_close(nl->socket);
	g_free(nl);
}

struct nl_msg *pathnl_request_new(struct pathnl *nl, guint8 command)
{
	return netlink_genl_message(nl->family, command, PATHNL_REQUEST_SIZE);
}

/*
 * ENOENT is the answer to an unknown object, but to an unknown family, too. A module that was
 * loaded again has another family number: then @msg is worth sending once more.
 */
static bool family_changed(struct pathnl *nl, struct nl_msg *msg, GError **error)
{
	g_autoptr(GError) problem = NULL;
	guint16 family;

	if (!g_error_matches(*error, NETLINK_ERROR, ENOENT))
		return false;
	if (!find_family(nl->socket, false, &family, &problem)) {
		g_clear_error(error);
		g_propagate_error(error, g_steal_pointer(&problem));
		return false;
	}
	if (family == nl->family)
		return false;
	nl->family = family;
	nlmsg_hdr(msg)->nlmsg_type = family;
	g_clear_error(error);
	return true;
}

bool pathnl_request(struct pathnl *nl, struct nl_msg *msg, const char *what, netlink_reply_fn reply,
		    void *data, GError **error)
{
	g_autoptr(GError) problem = NULL;

	if (netlink_request(nl->socket, msg, what, reply, data, &problem) ||
	    (family_changed(nl, msg, &problem) &&
	     netlink_request(nl->socket, msg, what, reply, data, &problem)))
		return true;
	g_propagate_error(error, g_steal_pointer(&problem));
	return false;
}

bool pathnl_request_by_id(struct pathnl *nl, guint8 command, int attribute, guint32 id,
			  const char *what, netlink_reply_fn reply, void *data, GError **error)
{
	g_autoptr(netlink_msg) msg = pathnl_request_new(nl, command);
	g_autofree char *named = g_strdup_printf("%s %u", what, id);

	netlink_put_u32(msg, attribute, id);
	return pathnl_request(nl, msg, named, reply, data, error);
}

static void begin_list(void *data)
{
	struct list *list = data;

	g_array_set_size(list->items, 0);
}

static bool add_to_list(const struct nlmsghdr *reply, void *data, G_GNUC_UNUSED GError **error)
{
	struct list *list = data;
	guint last = list->items->len;

	g_array_set_size(list->items, last + 1);
	return list->parse(reply, list->items->data + last * g_array_get_element_size(list->items));
}

GArray *pathnl_dump(struct pathnl *nl, struct nl_msg *msg, const char *what,
		    bool (*parse)(const struct nlmsghdr *, void *), gsize item_size, GError **error)
{
	g_autoptr(GArray) items = g_array_new(FALSE, TRUE, item_size);
	g_autoptr(GError) problem = NULL;
	struct list list = { .parse = parse, .items = items };

	if (netlink_dump(nl->socket, msg, what, begin_list, add_to_list, &list, &problem) ||
	    (family_changed(nl, msg, &problem) &&
	     netlink_dump(nl->socket, msg, what, begin_list, add_to_list, &list, &problem)))
		return g_steal_pointer(&items);
	g_propagate_error(error, g_steal_pointer(&problem));
	return NULL;
}

static bool parse_device(const struct nlmsghdr *message, void *item)
{
	return pathnl_parse_device(message, item);
}

static bool read_device(const struct nlmsghdr *reply, void *data, G_GNUC_UNUSED GError **error)
{
	return !data || pathnl_parse_device(reply, data);
}

static struct nl_msg *device_set_new(struct pathnl *nl, guint32 ifindex, int netns_fd)
{
	struct nl_msg *msg = pathnl_request_new(nl, WGMESH_CMD_DEVICE_SET);

	netlink_put_u32(msg, WGMESH_A_DEVICE_IFINDEX, ifindex);
	if (netns_fd >= 0)
		netlink_put_u32(msg, WGMESH_A_DEVICE_NETNS_FD, netns_fd);
	return msg;
}

bool pathnl_device_set(struct pathnl *nl, guint32 ifindex, int netns_fd, guint16 listen_port,
		       guint32 mark, struct pathnl_device *device, GError **error)
{
	g_autoptr(netlink_msg) msg = device_set_new(nl, ifindex, netns_fd);
	g_autoptr(netlink_msg) correction = NULL;

	if (listen_port)
		netlink_put_u16(msg, WGMESH_A_DEVICE_LISTEN_PORT, listen_port);
	if (!pathnl_request(nl, msg, "cannot attach the interface", read_device, device, error))
		return false;
	if (device->mark == mark)
		return true;
	/* only then: a module of before an upgrade knows no mark */
	correction = device_set_new(nl, ifindex, netns_fd);
	netlink_put_u32(correction, WGMESH_A_DEVICE_MARK, mark);
	return pathnl_request(nl, correction, "cannot set the mark of the interface", read_device,
			      device, error);
}

bool pathnl_device_configure(struct pathnl *nl, guint32 ifindex, int netns_fd,
			     const struct pathnl_settings *settings, struct pathnl_device *device,
			     GError **error)
{
	g_autoptr(netlink_msg) msg = device_set_new(nl, ifindex, netns_fd);

	pathnl_put_device_settings(msg, settings);
	return pathnl_request(nl, msg, "cannot change the settings of the interface", read_device,
			      device, error);
}

bool pathnl_device_del(struct pathnl *nl, guint32 id, GError **error)
{
	return pathnl_request_by_id(nl, WGMESH_CMD_DEVICE_DEL, WGMESH_A_DEVICE_ID, id,
			     "cannot detach device", NULL, NULL, error);
}

GArray *pathnl_device_dump(struct pathnl *nl, GError **error)
{
	g_autoptr(netlink_msg) msg = pathnl_request_new(nl, WGMESH_CMD_DEVICE_GET);

	return pathnl_dump(nl, msg, "cannot list the devices", parse_device, sizeof(struct pathnl_device),
		    error);
}

static bool parse_peer(const struct nlmsghdr *message, void *item)
{
	return pathnl_parse_peer(message, item);
}

static bool read_peer(const struct nlmsghdr *reply, void *data, G_GNUC_UNUSED GError **error)
{
	return !data || pathnl_parse_peer(reply, data);
}

static struct nl_msg *peer_set_new(struct pathnl *nl, guint32 device, const struct key *public_key)
{
	struct nl_msg *msg = pathnl_request_new(nl, WGMESH_CMD_PEER_SET);

	netlink_put_u32(msg, WGMESH_A_PEER_DEVICE, device);
	netlink_put(msg, WGMESH_A_PEER_PUBLIC_KEY, public_key->bytes, KEY_SIZE);
	return msg;
}

bool pathnl_peer_set(struct pathnl *nl, guint32 device, const struct key *public_key,
		     struct pathnl_peer *peer, GError **error)
{
	g_autoptr(netlink_msg) msg = peer_set_new(nl, device, public_key);

	return pathnl_request(nl, msg, "cannot add the peer", read_peer, peer, error);
}

bool pathnl_peer_configure(struct pathnl *nl, guint32 device, const struct key *public_key,
			   const struct pathnl_settings *settings,
			   const struct pathnl_probe_keys *keys, struct pathnl_peer *peer,
			   GError **error)
{
	g_autoptr(netlink_msg) msg = peer_set_new(nl, device, public_key);

	if (settings)
		pathnl_put_peer_settings(msg, settings);
	if (keys)
		pathnl_put_probe_keys(msg, keys);
	return pathnl_request(nl, msg, "cannot change the settings of the peer", read_peer, peer,
			      error);
}

bool pathnl_peer_del(struct pathnl *nl, guint32 id, GError **error)
{
	return pathnl_request_by_id(nl, WGMESH_CMD_PEER_DEL, WGMESH_A_PEER_ID, id, "cannot remove peer",
			     NULL, NULL, error);
}

bool pathnl_peer_get(struct pathnl *nl, guint32 id, struct pathnl_peer *peer, GError **error)
{
	return pathnl_request_by_id(nl, WGMESH_CMD_PEER_GET, WGMESH_A_PEER_ID, id, "cannot read peer",
			     read_peer, peer, error);
}

GArray *pathnl_peer_dump(struct pathnl *nl, guint32 device, GError **error)
{
	g_autoptr(netlink_msg) msg = pathnl_request_new(nl, WGMESH_CMD_PEER_GET);

	if (device)
		netlink_put_u32(msg, WGMESH_A_PEER_DEVICE, device);
	return pathnl_dump(nl, msg, "cannot list the peers", parse_peer, sizeof(struct pathnl_peer),
		    error);
}

static bool parse_path(const struct nlmsghdr *message, void *item)
{
	return pathnl_parse_path(message, item);
}

static bool read_path(const struct nlmsghdr *reply, void *data, G_GNUC_UNUSED GError **error)
{
	return !data || pathnl_parse_path(reply, data);
}

bool pathnl_path_set(struct pathnl *nl, const struct pathnl_path *wanted, struct pathnl_path *path,
		     GError **error)
{
	g_autoptr(netlink_msg) msg = pathnl_request_new(nl, WGMESH_CMD_PATH_SET);

	pathnl_put_path(msg, wanted);
	return pathnl_request(nl, msg, "cannot set the path", read_path, path, error);
}

bool pathnl_path_set_policy(struct pathnl *nl, const struct pathnl_path *path,
			    enum wgmesh_path_policy policy, struct pathnl_path *result,
			    GError **error)
{
	g_autoptr(netlink_msg) msg = pathnl_request_new(nl, WGMESH_CMD_PATH_SET);

	pathnl_put_policy(msg, path, policy);
	return pathnl_request(nl, msg, "cannot set the policy of the path", read_path, result,
			      error);
}

bool pathnl_path_del(struct pathnl *nl, guint32 id, GError **error)
{
	return pathnl_request_by_id(nl, WGMESH_CMD_PATH_DEL, WGMESH_A_PATH_ID, id, "cannot remove path",
			     NULL, NULL, error);
}

bool pathnl_path_get(struct pathnl *nl, guint32 id, struct pathnl_path *path, GError **error)
{
	return pathnl_request_by_id(nl, WGMESH_CMD_PATH_GET, WGMESH_A_PATH_ID, id, "cannot read path",
			     read_path, path, error);
}

GArray *pathnl_path_dump(struct pathnl *nl, guint32 peer, GError **error)
{
	g_autoptr(netlink_msg) msg = pathnl_request_new(nl, WGMESH_CMD_PATH_GET);

	if (peer)
		netlink_put_u32(msg, WGMESH_A_PATH_PEER, peer);
	return pathnl_dump(nl, msg, "cannot list the paths", parse_path, sizeof(struct pathnl_path),
		    error);
}
