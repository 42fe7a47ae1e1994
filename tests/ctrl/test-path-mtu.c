// SPDX-License-Identifier: GPL-2.0
/*
 * What paths leave for packets inside.
 */
#include "agent/path-mtu.h"

#include "agent/dataplane.h"

static guint32 inside(const char *local, guint16 channel, guint32 pmtu_bytes)
{
	struct dataplane_path path = { .channel = channel, .pmtu_bytes = pmtu_bytes };

	g_assert_true(endpoint_parse(local, &path.local, NULL));
	return path_mtu_inside(&path);
}

static void test_inside(void)
{
	g_assert_cmpuint(inside("192.0.2.1:1", 0, 1500), ==, 1440);
	g_assert_cmpuint(inside("192.0.2.1:1", 0x4000, 1500), ==, 1436);
	g_assert_cmpuint(inside("[2001:db8::1]:1", 0, 1500), ==, 1420);
	g_assert_cmpuint(inside("[2001:db8::1]:1", 0x4000, 1500), ==, 1416);
}

static void test_not_measured(void)
{
	g_assert_cmpuint(path_mtu_inside(NULL), ==, 0);
	g_assert_cmpuint(inside("192.0.2.1:1", 0, 0), ==, 0);
	g_assert_cmpuint(inside("[2001:db8::1]:1", 0x4000, 84), ==, 0);
}

static void test_of_family(void)
{
	g_assert_cmpuint(path_mtu_of_family(1220, AF_INET), ==, 1220);
	g_assert_cmpuint(path_mtu_of_family(1220, AF_INET6), ==, 1280);
	g_assert_cmpuint(path_mtu_of_family(1340, AF_INET6), ==, 1340);
}

static void test_inside_any(void)
{
	g_assert_cmpuint(path_mtu_inside_any(1500), ==, 1416);
	g_assert_cmpuint(path_mtu_inside_any(1364), ==, 1280);
	g_assert_cmpuint(path_mtu_inside_any(576), ==, 1280);
	g_assert_cmpuint(path_mtu_inside_any(0), ==, 1280);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/path-mtu/inside", test_inside);
	g_test_add_func("/path-mtu/not-measured", test_not_measured);
	g_test_add_func("/path-mtu/of-family", test_of_family);
	g_test_add_func("/path-mtu/inside-any", test_inside_any);
	return g_test_run();
}
