// SPDX-License-Identifier: GPL-2.0
/*
 * Which path a peer uses, and the reason that is told.
 */
#include <kunit/test.h>
#include <linux/ktime.h>

#include "netns.h"
#include "select.h"
#include "selector.h"
#include "tunnel.h"
#include "wire.h"

/* Two paths of a peer: the one that is preferred, and another one. */
struct pair {
	struct wgmesh_path *direct;
	struct wgmesh_path *relay;
};

static void change(struct wgmesh_path *path, u32 priority, enum wgmesh_path_policy policy)
{
	struct wgmesh_net *wn = wire_underlay();

	mutex_lock(&wn->lock);
	wgmesh_path_change(path, path->kind, priority, policy);
	mutex_unlock(&wn->lock);
}

/* Probes found something out. */
static void set_state(struct wgmesh_path *path, enum wgmesh_path_state state)
{
	spin_lock_bh(&path->peer->lock);
	path->liveness.state = state;
	wgmesh_select(path->peer, WGMESH_REASON_RECOVERED);
	spin_unlock_bh(&path->peer->lock);
}

static struct pair make_pair(struct kunit *test)
{
	struct pair pair;

	pair.relay = tunnel_path(test, AF_INET, TUNNEL_CHANNEL);
	pair.direct = tunnel_path(test, AF_INET, 0);
	change(pair.direct, 100, WGMESH_PATH_POLICY_AUTO);
	set_state(pair.relay, WGMESH_PATH_STATE_ALIVE);
	set_state(pair.direct, WGMESH_PATH_STATE_ALIVE);
	return pair;
}

static void remove(struct wgmesh_path *path)
{
	struct wgmesh_net *wn = wire_underlay();

	mutex_lock(&wn->lock);
	wgmesh_path_remove(path);
	mutex_unlock(&wn->lock);
}

static const struct wgmesh_record no_record;

static void expect_record(struct kunit *test, const struct wgmesh_path *path,
			  const struct wgmesh_record *expected)
{
	const struct wgmesh_record *record = &path->liveness.record;

	KUNIT_EXPECT_EQ(test, record->lossy, expected->lossy);
	KUNIT_EXPECT_EQ(test, record->hold_ms, expected->hold_ms);
	KUNIT_EXPECT_EQ(test, record->failed_ns, expected->failed_ns);
}

static struct wgmesh_path *selected(void)
{
	return rcu_access_pointer(tunnel_peer()->selected);
}

static struct wgmesh_path *copy(void)
{
	return rcu_access_pointer(tunnel_peer()->copy);
}

static void test_added_and_removed(struct kunit *test)
{
	struct wgmesh_path *relay, *direct;

	KUNIT_EXPECT_NULL(test, selected());
	relay = tunnel_path(test, AF_INET, TUNNEL_CHANNEL);
	KUNIT_EXPECT_PTR_EQ(test, selected(), relay);
	KUNIT_EXPECT_EQ(test, tunnel_peer()->switches, 1);
	KUNIT_EXPECT_EQ(test, tunnel_peer()->switch_reason, WGMESH_REASON_ADDED);
	direct = tunnel_path(test, AF_INET, 0);
	KUNIT_EXPECT_PTR_EQ_MSG(test, selected(), relay, "the older one of equals");
	change(direct, 1, WGMESH_PATH_POLICY_AUTO);
	KUNIT_EXPECT_PTR_EQ(test, selected(), direct);
	KUNIT_EXPECT_EQ(test, tunnel_peer()->switch_reason, WGMESH_REASON_PRIORITY);
	remove(direct);
	KUNIT_EXPECT_PTR_EQ(test, selected(), relay);
	KUNIT_EXPECT_EQ(test, tunnel_peer()->switch_reason, WGMESH_REASON_REMOVED);
	remove(relay);
	KUNIT_EXPECT_NULL(test, selected());
	KUNIT_EXPECT_EQ(test, tunnel_peer()->switches, 4);
}

/* The reason is why the path in use failed, whatever drew attention to it. */
static void test_dead(struct kunit *test)
{
	static const enum wgmesh_reason reasons[] = {
		WGMESH_REASON_LOST, WGMESH_REASON_UNREACHABLE, WGMESH_REASON_LINK
	};
	struct pair pair = make_pair(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		pair.direct->dead_reason = reasons[i];
		set_state(pair.direct, WGMESH_PATH_STATE_DEAD);
		KUNIT_EXPECT_PTR_EQ(test, selected(), pair.relay);
		KUNIT_EXPECT_EQ(test, tunnel_peer()->switch_reason, reasons[i]);
		KUNIT_EXPECT_GT(test, pair.direct->liveness.record.hold_ms, 0);

		pair.direct->liveness.held_until_ns = ktime_get_ns() + NSEC_PER_SEC * 3600;
		set_state(pair.direct, WGMESH_PATH_STATE_ALIVE);
		KUNIT_EXPECT_PTR_EQ_MSG(test, selected(), pair.relay, "it is held");
		pair.direct->liveness.held_until_ns = 0;
		set_state(pair.direct, WGMESH_PATH_STATE_ALIVE);
		KUNIT_EXPECT_PTR_EQ(test, selected(), pair.direct);
		KUNIT_EXPECT_EQ(test, tunnel_peer()->switch_reason, WGMESH_REASON_RECOVERED);
	}
}

/* A path that is suspect stays until it is dead; one that loses much goes. */
static void test_suspect_and_lossy(struct kunit *test)
{
	struct pair pair = make_pair(test);

	set_state(pair.direct, WGMESH_PATH_STATE_SUSPECT);
	KUNIT_EXPECT_PTR_EQ(test, selected(), pair.direct);
	pair.direct->liveness.record.lossy = true;
	set_state(pair.direct, WGMESH_PATH_STATE_ALIVE);
	KUNIT_EXPECT_PTR_EQ(test, selected(), pair.relay);
	KUNIT_EXPECT_EQ(test, tunnel_peer()->switch_reason, WGMESH_REASON_LOSSY);
}

/* A path beside the direct one, and the one that takes its place, begin with that record. */
static void expect_inherited(struct kunit *test, struct pair *pair,
			     const struct wgmesh_record *record)
{
	struct wgmesh_path *other;

	other = tunnel_path_between(test, TUNNEL_LOCAL_PORT + 1, TUNNEL_REMOTE);
	expect_record(test, other, record);
	remove(other);
	remove(pair->direct);
	pair->direct = tunnel_path(test, AF_INET, 0);
	expect_record(test, pair->direct, record);
}

/* A new direct path between the same addresses begins with the record of the one before, whether
 * that is gone or still there. The addresses of a path through a relay do not tell where it leads.
 */
static void test_record_is_inherited(struct kunit *test)
{
	struct pair pair = make_pair(test);
	struct wgmesh_record record;

	set_state(pair.direct, WGMESH_PATH_STATE_DEAD);
	pair.direct->liveness.record.lossy = true;
	record = pair.direct->liveness.record;
	KUNIT_ASSERT_GT(test, record.hold_ms, 0);
	expect_inherited(test, &pair, &record);
	expect_record(test, tunnel_path(test, AF_INET6, 0), &no_record);
	expect_record(test, tunnel_path(test, AF_INET, TUNNEL_CHANNEL + 1), &no_record);
}

/* A path that recovered leaves nothing behind; one that nothing is known of says nothing. */
static void test_good_record_is_inherited(struct kunit *test)
{
	const struct wgmesh_record good = { .recorded = WGMESH_RECORDED_MAX };
	struct wgmesh_record bad = { .lossy = true };
	struct pair pair = make_pair(test);

	pair.direct->liveness.record = bad;
	remove(pair.direct);
	pair.direct = tunnel_path(test, AF_INET, 0);
	pair.direct->liveness.record = no_record;
	expect_inherited(test, &pair, &bad);
	pair.direct->liveness.record = good;
	remove(pair.direct);
	expect_record(test, tunnel_path(test, AF_INET, 0), &no_record);
}

static void test_forced(struct kunit *test)
{
	struct pair pair = make_pair(test);

	change(pair.relay, 0, WGMESH_PATH_POLICY_FORCE);
	KUNIT_EXPECT_PTR_EQ(test, selected(), pair.relay);
	KUNIT_EXPECT_EQ(test, tunnel_peer()->switch_reason, WGMESH_REASON_POLICY);
	set_state(pair.relay, WGMESH_PATH_STATE_DEAD);
	KUNIT_EXPECT_PTR_EQ_MSG(test, selected(), pair.relay, "even if nobody answers");
	change(pair.relay, 0, WGMESH_PATH_POLICY_AUTO);
	KUNIT_EXPECT_PTR_EQ(test, selected(), pair.direct);
}

static void test_forbidden(struct kunit *test)
{
	struct pair pair = make_pair(test);

	change(pair.direct, 100, WGMESH_PATH_POLICY_FORBID);
	KUNIT_EXPECT_PTR_EQ(test, selected(), pair.relay);
	KUNIT_EXPECT_EQ(test, tunnel_peer()->switch_reason, WGMESH_REASON_POLICY);
	set_state(pair.relay, WGMESH_PATH_STATE_DEAD);
	KUNIT_EXPECT_PTR_EQ_MSG(test, selected(), pair.relay, "even if nobody answers there");
	change(pair.relay, 0, WGMESH_PATH_POLICY_FORBID);
	KUNIT_EXPECT_NULL(test, selected());
	change(pair.direct, 100, WGMESH_PATH_POLICY_AUTO);
	KUNIT_EXPECT_PTR_EQ(test, selected(), pair.direct);
}

/* A path that is only tried carries nothing, however good it is. */
static void test_follower(struct kunit *test)
{
	struct wgmesh_path *path = tunnel_path(test, AF_INET, 0), *follower;
	struct wgmesh_net *wn = wire_underlay();
	struct wgmesh_flow flow = path->node.flow;

	flow.remote_port = htons(TUNNEL_REMOTE_PORT + 1);
	mutex_lock(&wn->lock);
	follower = wgmesh_path_add_follower(path, &flow, 0);
	mutex_unlock(&wn->lock);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, follower);
	follower->priority = 1000;
	set_state(path, WGMESH_PATH_STATE_DEAD);
	set_state(follower, WGMESH_PATH_STATE_ALIVE);
	KUNIT_EXPECT_PTR_EQ(test, selected(), path);
}

static struct wgmesh_selector_choice nonsense_choice;

static struct wgmesh_selector_choice choose_nonsense(const struct wgmesh_selector_view *view,
						     u64 *state)
{
	return nonsense_choice;
}

static const struct wgmesh_selector nonsense = { .name = "nonsense", .choose = choose_nonsense };

static void set_selector(const struct wgmesh_selector *selector)
{
	struct wgmesh_net *wn = wire_underlay();

	mutex_lock(&wn->lock);
	wgmesh_peer_set_selector(tunnel_peer(), selector);
	mutex_unlock(&wn->lock);
}

/* Another module's selector may be wrong: a choice of nothing that there is means the first. */
static void test_wrong_selector(struct kunit *test)
{
	static const struct wgmesh_selector_choice choices[] = {
		{ -1, -1 }, { -7, 1 }, { 2, -1 }, { INT_MAX, 1 }, { 0, 0 }, { 0, 2 },
		{ 0, INT_MAX }, { 0, -7 },
	};
	struct pair pair = make_pair(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(choices); i++) {
		nonsense_choice = choices[i];
		set_selector(&nonsense);
		KUNIT_EXPECT_PTR_EQ_MSG(test, selected(), pair.relay, "choice %u", i);
		KUNIT_EXPECT_NULL_MSG(test, copy(), "choice %u", i);
	}
	nonsense_choice = (struct wgmesh_selector_choice){ 1, 0 };
	set_selector(&nonsense);
	KUNIT_EXPECT_PTR_EQ(test, selected(), pair.direct);
	KUNIT_EXPECT_PTR_EQ(test, copy(), pair.relay);
	set_selector(NULL);
	KUNIT_EXPECT_NULL(test, copy());
}

static void test_duplicate(struct kunit *test)
{
	struct pair pair = make_pair(test);

	set_selector(&wgmesh_selector_duplicate);
	KUNIT_EXPECT_PTR_EQ(test, selected(), pair.direct);
	KUNIT_EXPECT_PTR_EQ(test, copy(), pair.relay);
	set_state(pair.direct, WGMESH_PATH_STATE_DEAD);
	KUNIT_EXPECT_PTR_EQ(test, selected(), pair.relay);
	KUNIT_EXPECT_NULL(test, copy());
	set_state(pair.direct, WGMESH_PATH_STATE_ALIVE);
	remove(pair.relay);
	KUNIT_EXPECT_PTR_EQ(test, selected(), pair.direct);
	KUNIT_EXPECT_NULL(test, copy());
}

static struct kunit_case cases[] = {
	KUNIT_CASE(test_added_and_removed),
	KUNIT_CASE(test_dead),
	KUNIT_CASE(test_suspect_and_lossy),
	KUNIT_CASE(test_record_is_inherited),
	KUNIT_CASE(test_good_record_is_inherited),
	KUNIT_CASE(test_forced),
	KUNIT_CASE(test_forbidden),
	KUNIT_CASE(test_follower),
	KUNIT_CASE(test_wrong_selector),
	KUNIT_CASE(test_duplicate),
	{}
};

static struct kunit_suite suite = {
	.name = "wgmesh-select",
	.init = tunnel_open,
	.exit = tunnel_close,
	.test_cases = cases,
};

kunit_test_suite(suite);
