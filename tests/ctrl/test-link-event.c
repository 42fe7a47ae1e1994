// SPDX-License-Identifier: GPL-2.0
/*
 * What the real rtnetlink tells of links, addresses and routes, and which route is in the way of
 * another one: in a network namespace of this process's own, with two cables, eth0 and eth1.
 */
#include "lib/link.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <string.h>

static struct netlink *rtnl;
static GArray *events;
static guint32 eth0;

static void ip(const char *arguments)
{
	g_autofree char *line = g_strdup_printf("ip %s", arguments);
	g_autoptr(GError) error = NULL;
	int status;

	g_spawn_command_line_sync(line, NULL, NULL, &status, &error);
	g_assert_no_error(error);
	g_spawn_check_wait_status(status, &error);
	g_assert_no_error(error);
}

static struct prefix prefix_of(const char *text)
{
	struct prefix prefix;

	g_assert_true(prefix_parse(text, &prefix, NULL));
	return prefix;
}

static void on_event(const struct nlmsghdr *message, G_GNUC_UNUSED void *data)
{
	struct link_event event;

	if (link_event_read(message, &event))
		g_array_append_val(events, event);
}

static void on_changed(G_GNUC_UNUSED unsigned int what, void *data)
{
	*(bool *)data = true;
}

/* Events of a command; what it caused is told by the time the next change is. */
static void run(const char *arguments)
{
	g_autoptr(GError) error = NULL;
	bool told = false;
	g_autoptr(link_watch) watch = link_watch_new(on_changed, &told, &error);

	g_assert_no_error(error);
	g_array_set_size(events, 0);
	link_watch_tell(watch, on_event, NULL);
	ip(arguments);
	ip("link add last type bridge");
	while (!told)
		g_main_context_iteration(NULL, TRUE);
	ip("link del last");
}

static const struct link_event *find_route_event(bool gone, const char *destination)
{
	struct prefix wanted = prefix_of(destination);

	for (guint i = 0; i < events->len; i++) {
		const struct link_event *event = &g_array_index(events, struct link_event, i);

		if (event->type == LINK_EVENT_ROUTE && event->gone == gone &&
		    event->route.table == RT_TABLE_MAIN &&
		    prefix_equal(&event->route.destination, &wanted))
			return event;
	}
	g_assert_not_reached();
}

static void test_routes(void)
{
	static const struct {
		const char *destination;
		guint32 metric;
	} cases[] = { { "100.64.0.9", 0 }, { "fd00::9", 1024 } };

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *to = cases[i].destination;
		g_autofree char *add = g_strdup_printf("route add %s dev eth0 proto 119", to);
		g_autofree char *replace = g_strdup_printf("route replace %s dev eth1", to);
		g_autofree char *del = g_strdup_printf("route del %s dev eth1", to);
		const struct link_event *event;

		run(add);
		event = find_route_event(false, to);
		g_assert_cmpuint(event->route.ifindex, ==, eth0);
		g_assert_cmpuint(event->route.protocol, ==, LINK_ROUTE_PROTOCOL);
		g_assert_cmpuint(event->route.metric, ==, cases[i].metric);
		g_assert_false(event->replaces);

		/* nobody is told that the one before is gone, but by this */
		run(replace);
		event = find_route_event(false, to);
		g_assert_cmpuint(event->route.ifindex, !=, eth0);
		g_assert_true(event->replaces);
		run(del);
		find_route_event(true, to);
	}
}

static guint count(enum link_event_type type, bool gone)
{
	guint found = 0;

	for (guint i = 0; i < events->len; i++) {
		const struct link_event *event = &g_array_index(events, struct link_event, i);

		found += event->type == type && event->gone == gone && event->ifindex == eth0 &&
			 !event->link_local;
	}
	return found;
}

static void test_addresses(void)
{
	const struct link_event *event;

	run("address add 192.0.2.1/32 dev eth0");
	g_assert_cmpuint(count(LINK_EVENT_ADDRESS, false), ==, 1);
	event = &g_array_index(events, struct link_event, 0);
	for (guint i = 0; event->type != LINK_EVENT_ADDRESS; i++)
		event = &g_array_index(events, struct link_event, i);
	g_assert_true(event->address.in.s_addr == g_htonl(0xc0000201));
	run("address del 192.0.2.1/32 dev eth0");
	g_assert_cmpuint(count(LINK_EVENT_ADDRESS, true), ==, 1);
}

/* With the interface its IPv4 routes go, and the kernel does not say so: this is why links count. */
static void test_down(void)
{
	ip("route add 100.64.0.9 dev eth0");
	run("link set eth0 down");
	g_assert_cmpuint(count(LINK_EVENT_LINK, false), >, 0);
	g_assert_cmpuint(count(LINK_EVENT_ROUTE, true), ==, 0);
	ip("link set eth0 up");
}

static void test_rename(void)
{
	g_autoptr(GError) error = NULL;
	struct link link;

	link_rename(rtnl, eth0, "other0", &error);
	g_assert_no_error(error);
	link_find(rtnl, "other0", &link, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(link.ifindex, ==, eth0);
	g_assert_false(link_rename(rtnl, eth0, "eth1", &error));
	g_assert_error(error, NETLINK_ERROR, EEXIST);
	g_clear_error(&error);
	link_rename(rtnl, eth0, "eth0", &error);
	g_assert_no_error(error);
	ip("link set eth0 up");
}

/* The route that wins is found, with all that tells it from others. */
static void test_in_the_way(void)
{
	static const char *const cases[][2] = {
		{ "100.64.0.9", "100.64.0.9 dev eth1 proto static metric 0" },
		{ "fd00::9", "fd00::9 dev eth1 proto static metric 1024" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct link_route ours = { .destination = prefix_of(cases[i][0]) };
		g_autofree char *add = g_strdup_printf("route add %s dev eth1 proto static",
						       cases[i][0]);
		g_autofree char *del = g_strdup_printf("route del %s dev eth1", cases[i][0]);
		g_autofree char *text = NULL;
		g_autoptr(GError) error = NULL;
		struct link_fib_route found;
		bool was_there;

		ip(add);
		g_assert_false(link_add_route(rtnl, eth0, &ours, &was_there, &error));
		g_assert_error(error, NETLINK_ERROR, EEXIST);
		g_assert_nonnull(strstr(error->message, cases[i][1]));
		g_clear_error(&error);
		link_find_route(rtnl, &ours.destination, &found, &error);
		g_assert_no_error(error);
		text = link_describe_route(&found);
		g_assert_cmpstr(text, ==, cases[i][1]);
		ip(del);
		g_assert_false(link_find_route(rtnl, &ours.destination, &found, &error));
		g_assert_error(error, NETLINK_ERROR, ENETUNREACH);
	}
}

int main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	struct link link;

	g_test_init(&argc, &argv, NULL);
	if (unshare(CLONE_NEWNET) != 0) {
		g_test_message("no network namespace may be made here");
		return g_test_run();
	}
	ip("link add eth0 type veth peer name far0");
	ip("link add eth1 type veth peer name far1");
	ip("link set eth0 up");
	ip("link set eth1 up");
	rtnl = netlink_open(NETLINK_ROUTE, &error);
	g_assert_no_error(error);
	link_find(rtnl, "eth0", &link, &error);
	g_assert_no_error(error);
	eth0 = link.ifindex;
	events = g_array_new(FALSE, FALSE, sizeof(struct link_event));
	g_test_add_func("/link-event/routes", test_routes);
	g_test_add_func("/link-event/addresses", test_addresses);
	g_test_add_func("/link-event/down", test_down);
	g_test_add_func("/link-event/rename", test_rename);
	g_test_add_func("/link-event/in-the-way", test_in_the_way);
	return g_test_run();
}
