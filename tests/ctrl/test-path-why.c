// SPDX-License-Identifier: GPL-2.0
/*
 * Why packets do not take a path: what is wrong with it is said first, then how it compares with the
 * one in use.
 */
#include "agent/path-why.h"

#include <string.h>

#define ALIVE WGMESH_PATH_STATE_ALIVE

static const struct pathnl_path in_use = { .id = 1, .priority = 5, .state = ALIVE };

static void check(const struct pathnl_path *path, const char *selector, const char *expected)
{
	struct pathnl_peer peer = { .probing = true };

	g_strlcpy(peer.settings.selector, selector, sizeof(peer.settings.selector));
	g_assert_nonnull(strstr(path_why_not(path, &in_use, &peer), expected));
}

static void test_bad(void)
{
	static const struct {
		struct pathnl_path path;
		const char *why;
	} cases[] = {
		{ { .priority = 9, .state = WGMESH_PATH_STATE_DEAD }, "does not answer" },
		{ { .priority = 9, .state = WGMESH_PATH_STATE_SUSPECT }, "last probes" },
		{ { .priority = 9, .state = ALIVE, .lossy = true }, "loses too many" },
		{ { .priority = 9, .state = ALIVE, .held = true }, "failed while it was in use" },
		{ { .priority = 9, .state = ALIVE, .held = true, .lossy = true }, "failed while" },
		{ { .priority = 9, .state = WGMESH_PATH_STATE_DEAD,
		    .policy = WGMESH_PATH_POLICY_FORBID }, "forbidden" },
		{ { .priority = 1, .state = WGMESH_PATH_STATE_DEAD }, "does not answer" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		check(&cases[i].path, "failover", cases[i].why);
		check(&cases[i].path, "latency", cases[i].why);
	}
}

static void test_compared(void)
{
	const struct pathnl_path lower = { .priority = 4, .state = ALIVE };
	const struct pathnl_path equal = { .priority = 5, .state = ALIVE };
	const struct pathnl_path higher = { .priority = 6, .state = ALIVE };
	const struct pathnl_path untested = { .priority = 6 };

	check(&lower, "failover", "priority is lower");
	check(&equal, "failover", "no better");
	check(&higher, "failover", "answer for some time");
	check(&higher, "latency", "not faster");
	check(&untested, "failover", "no probe was answered");
}

static void test_forced(void)
{
	const struct pathnl_path forced = { .policy = WGMESH_PATH_POLICY_FORCE,
					    .state = WGMESH_PATH_STATE_DEAD };
	const struct pathnl_path good = { .priority = 9, .state = ALIVE };
	const struct pathnl_path forbidden = { .policy = WGMESH_PATH_POLICY_FORBID };
	const struct pathnl_peer peer = {};

	g_assert_nonnull(strstr(path_why_not(&good, &forced, &peer), "another path is forced"));
	g_assert_nonnull(strstr(path_why_not(&forbidden, &forced, &peer), "forbidden"));
	g_assert_nonnull(strstr(path_why_not(&forbidden, NULL, &peer), "forbidden"));
	g_assert_nonnull(strstr(path_why_not(&good, NULL, &peer), "just added"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/path-why/bad", test_bad);
	g_test_add_func("/path-why/compared", test_compared);
	g_test_add_func("/path-why/forced", test_forced);
	return g_test_run();
}
