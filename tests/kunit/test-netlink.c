// SPDX-License-Identifier: GPL-2.0
/*
 * Requests that come through generic netlink: whom they wait for, what lists have, and what is
 * left of their secrets.
 */
#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/net.h>
#include <net/genetlink.h>
#include <net/sock.h>
#include <uapi/linux/wgmesh.h>

#include "netlink-message.h"
#include "netns.h"
#include "packet.h"
#include "relayed.h"
#include "tunnel.h"
#include "wire.h"

/* Nothing is concluded from it: it ends a test that would never end. */
#define BOUND	(30 * HZ)
#define ROOM	8192

/**
 * struct client - a socket of a privileged process
 * @sock: the socket
 * @file: whose it is
 * @answer: what the kernel said
 * @len: bytes of @answer
 */
struct client {
	struct socket *sock;
	struct file *file;
	u8 *answer;
	int len;
};

static void client_open(struct kunit *test, struct client *client)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };

	KUNIT_ASSERT_EQ(test, sock_create_kern(&init_net, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC,
					       &client->sock), 0);
	client->file = sock_alloc_file(client->sock, 0, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, client->file);
	KUNIT_ASSERT_EQ(test, kernel_bind(client->sock, (struct sockaddr *)&any, sizeof(any)), 0);
	client->answer = kunit_kzalloc(test, ROOM, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, client->answer);
}

static void client_close(struct client *client)
{
	fput(client->file);
}

static int client_send(struct client *client, struct sk_buff *request)
{
	struct msghdr msg = {};
	struct kvec part = { .iov_base = request->data, .iov_len = request->len };

	nlmsg_hdr(request)->nlmsg_len = request->len;
	return kernel_sendmsg(client->sock, &msg, &part, 1, request->len);
}

static void client_receive(struct client *client)
{
	struct msghdr msg = {};
	struct kvec part = { .iov_base = client->answer, .iov_len = ROOM };

	client->len = kernel_recvmsg(client->sock, &msg, &part, 1, ROOM, MSG_DONTWAIT);
}

static struct sk_buff *begin(struct kunit *test, u8 cmd, u16 flags, int attribute, u32 value)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, msg);
	KUNIT_ASSERT_NOT_NULL(test, genlmsg_put(msg, 0, 1, &wgmesh_family,
						NLM_F_REQUEST | flags, cmd));
	KUNIT_ASSERT_EQ(test, nla_put_u32(msg, attribute, value), 0);
	return msg;
}

/**
 * struct asking - a thread that asks
 * @client: by what
 * @request: what
 * @done: it was answered
 */
struct asking {
	struct client *client;
	struct sk_buff *request;
	struct completion done;
};

static int ask_thread(void *data)
{
	struct asking *asking = data;

	client_send(asking->client, asking->request);
	client_receive(asking->client);
	complete(&asking->done);
	return 0;
}

/* Another family's request may take long under this lock, while it waits for RTNL for instance. */
static void test_parallel(struct kunit *test)
{
	struct client client;
	struct asking asking = { .client = &client };
	struct task_struct *thread;
	bool waited;

	client_open(test, &client);
	asking.request = begin(test, WGMESH_CMD_PEER_GET, 0, WGMESH_A_PEER_ID, tunnel_peer()->id);
	init_completion(&asking.done);

	genl_lock();
	thread = kthread_run(ask_thread, &asking, "wgmesh-test");
	waited = !IS_ERR(thread) && !wait_for_completion_timeout(&asking.done, BOUND);
	genl_unlock();

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, thread);
	KUNIT_EXPECT_FALSE_MSG(test, waited, "it waited for the lock of all families");
	if (waited)
		wait_for_completion(&asking.done);
	KUNIT_EXPECT_GT(test, client.len, (int)NLMSG_HDRLEN);
	KUNIT_EXPECT_EQ(test, ((struct nlmsghdr *)client.answer)->nlmsg_type, wgmesh_family.id);
	nlmsg_free(asking.request);
	client_close(&client);
}

/* Asks for a list, and reads the numbers of what is in it. Return: how many; all in one part. */
static unsigned int list(struct kunit *test, u8 cmd, int filter, u32 of, int id, u32 *ids,
			 unsigned int room)
{
	struct sk_buff *request = begin(test, cmd, NLM_F_DUMP, filter, of);
	struct nlmsghdr *message;
	struct nlattr *attr;
	struct client client;
	unsigned int n = 0;
	int rest;

	client_open(test, &client);
	KUNIT_EXPECT_GT(test, client_send(&client, request), 0);
	client_receive(&client);
	rest = client.len;
	for (message = (void *)client.answer; nlmsg_ok(message, rest);
	     message = nlmsg_next(message, &rest)) {
		KUNIT_EXPECT_FALSE(test, message->nlmsg_flags & NLM_F_DUMP_INTR);
		if (message->nlmsg_type == NLMSG_DONE)
			break;
		attr = nlmsg_find_attr(message, GENL_HDRLEN, id);
		KUNIT_ASSERT_NOT_NULL(test, attr);
		KUNIT_ASSERT_LT(test, n, room);
		ids[n++] = nla_get_u32(attr);
	}
	KUNIT_EXPECT_TRUE_MSG(test, nlmsg_ok(message, rest), "the end comes in another part");
	nlmsg_free(request);
	client_close(&client);
	return n;
}

/* In the order of their age, which the table, sorted by number, does not know. */
static void test_paths_of_peer(struct kunit *test)
{
	struct wgmesh_net *wn = wire_underlay();
	struct wgmesh_path *first, *second;
	u32 ids[WGMESH_PATHS_PER_PEER];

	wn->next_path = INT_MAX;
	first = tunnel_path(test, AF_INET, 0);
	second = tunnel_path(test, AF_INET6, 0);
	KUNIT_ASSERT_GT(test, first->id, second->id);

	KUNIT_ASSERT_EQ(test, list(test, WGMESH_CMD_PATH_GET, WGMESH_A_PATH_PEER,
				   tunnel_peer()->id, WGMESH_A_PATH_ID, ids, ARRAY_SIZE(ids)), 2);
	KUNIT_EXPECT_EQ(test, ids[0], first->id);
	KUNIT_EXPECT_EQ(test, ids[1], second->id);
	KUNIT_EXPECT_EQ(test, list(test, WGMESH_CMD_PATH_GET, WGMESH_A_PATH_PEER,
				   tunnel_other_peer(test)->id, WGMESH_A_PATH_ID, ids,
				   ARRAY_SIZE(ids)), 0);
}

static void test_channels_of_allocation(struct kunit *test)
{
	struct wgmesh_allocation *allocation = relayed_allocation(test, AF_INET, 2);
	struct wgmesh_allocation *other = relayed_allocation(test, AF_INET, 3);
	struct wgmesh_channel *first, *second;
	u32 ids[4];

	wire_underlay()->next_channel = INT_MAX;
	first = relayed_channel(test, allocation, 0x4001, AF_INET, 50000, 4, RELAYED_PEER_PORT);
	second = relayed_channel(test, allocation, 0x4002, AF_INET, 50000, 5, RELAYED_PEER_PORT);
	relayed_channel(test, other, 0x4001, AF_INET, 50001, 4, RELAYED_PEER_PORT);
	KUNIT_ASSERT_GT(test, first->id, second->id);

	KUNIT_ASSERT_EQ(test, list(test, WGMESH_CMD_CHANNEL_GET, WGMESH_A_CHANNEL_ALLOCATION,
				   allocation->id, WGMESH_A_CHANNEL_ID, ids, ARRAY_SIZE(ids)), 2);
	KUNIT_EXPECT_EQ(test, ids[0], first->id);
	KUNIT_EXPECT_EQ(test, ids[1], second->id);
}

static void do_nothing(struct work_struct *work)
{
}

/* What is cancelled when a namespace ends may be asked for by somebody who is late. */
static void test_ending(struct kunit *test)
{
	struct wgmesh_net *wn = kunit_kzalloc(test, sizeof(*wn), GFP_KERNEL);
	struct delayed_work *later = kunit_kzalloc(test, sizeof(*later), GFP_KERNEL);
	struct work_struct *work = kunit_kzalloc(test, sizeof(*work), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, wn);
	KUNIT_ASSERT_NOT_NULL(test, later);
	KUNIT_ASSERT_NOT_NULL(test, work);
	spin_lock_init(&wn->work_lock);
	INIT_WORK(work, do_nothing);
	INIT_DELAYED_WORK(later, do_nothing);

	wgmesh_net_queue_delayed(wn, later, 1000 * HZ);
	KUNIT_EXPECT_TRUE(test, cancel_delayed_work_sync(later));
	wgmesh_net_end(wn);
	wgmesh_net_queue_delayed(wn, later, 1000 * HZ);
	KUNIT_EXPECT_FALSE(test, cancel_delayed_work_sync(later));
	wgmesh_net_queue(wn, work);
	KUNIT_EXPECT_FALSE(test, work_busy(work));
	cancel_work_sync(work);
}

static void close_all(struct kunit *test)
{
	relayed_remove_all();
	tunnel_close(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(test_parallel),
	KUNIT_CASE(test_paths_of_peer),
	KUNIT_CASE(test_channels_of_allocation),
	KUNIT_CASE(test_ending),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-netlink",
	.init = tunnel_open,
	.exit = close_all,
	.test_cases = cases,
};

kunit_test_suite(suite);
