// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's search for the MTU of a path, on a made-up path: it loses what is larger than its
 * MTU without a word, or sends ICMP errors, true ones and others.
 */
#include "../../kmod/pmtu.c"

#include <glib.h>

#define MS 1000000ull
#define S (1000 * MS)
#define TIMEOUT (30 * MS)
#define RTT (10 * MS)

/**
 * struct line - a path
 * @pmtu: what is tested
 * @mtu: of the smallest link on the way
 * @cut: nothing passes at all
 * @icmp: what is too large is told by ICMP
 * @now: the time
 * @bytes: data sent
 * @sequence: of the last probe
 * @probes: how many were sent
 * @largest: of these
 */
struct line {
	struct wgmesh_pmtu pmtu;
	u32 mtu;
	bool cut;
	bool icmp;
	u64 now;
	u64 bytes;
	u64 sequence;
	unsigned int probes;
	u32 largest;
};

static struct line line_new(u32 route, u32 mtu, bool ipv6)
{
	struct line line = { .mtu = mtu, .now = S };

	wgmesh_pmtu_init(&line.pmtu, ipv6);
	wgmesh_pmtu_set_ceiling(&line.pmtu, route);
	return line;
}

/* One look of the prober, and what follows from it. Return: whether a probe was sent. */
static bool step(struct line *line, bool used)
{
	const u32 size = wgmesh_pmtu_probe(&line->pmtu, used, line->bytes, line->now);
	u64 proven = 0;

	if (!size)
		return false;
	line->probes++;
	line->largest = max(line->largest, size);
	wgmesh_pmtu_sent(&line->pmtu, ++line->sequence, line->now);
	if (!line->cut) {
		proven = line->now;
		if (line->icmp && size > line->mtu)
			wgmesh_pmtu_hint(&line->pmtu, line->mtu, line->now);
	}
	line->now += RTT;
	if (!line->cut && size <= line->mtu)
		g_assert_true(wgmesh_pmtu_answered(&line->pmtu, line->sequence, line->now));
	line->now += TIMEOUT;
	wgmesh_pmtu_expire(&line->pmtu, TIMEOUT, false, proven, line->now);
	return true;
}

/* Until there is nothing to do. */
static unsigned int run(struct line *line, bool used)
{
	unsigned int steps = 0;

	while (step(line, used))
		g_assert_cmpuint(++steps, <, 200);
	return steps;
}

/* A while with traffic passes. */
static void use(struct line *line, u64 ns)
{
	const u64 end = line->now + ns;

	while (line->now < end) {
		line->now += 100 * MS;
		line->bytes += 10000;
		step(line, true);
	}
}

static void test_all_fits(void)
{
	struct line line = line_new(1500, 1500, false);

	g_assert_cmpuint(line.pmtu.mtu, ==, WGMESH_PMTU_UNKNOWN);
	g_assert_cmpuint(run(&line, false), ==, 1);
	g_assert_cmpuint(line.pmtu.mtu, ==, 1500);
}

/* Every size is found, from every route. */
static void test_every_size(void)
{
	for (u32 mtu = 1280; mtu <= 1500; mtu++) {
		for (int icmp = 0; icmp < 2; icmp++) {
			struct line line = line_new(1500, mtu, icmp);

			line.icmp = icmp;
			g_assert_cmpuint(run(&line, true), <=, icmp ? 5 : 35);
			g_assert_cmpuint(line.pmtu.mtu, ==, mtu);
		}
	}
	for (u32 mtu = 1280; mtu <= 9000; mtu += 7) {
		struct line line = line_new(9000, mtu, false);

		run(&line, true);
		g_assert_cmpuint(line.pmtu.mtu, ==, mtu);
	}
}

/* Less than 1280 is there with IPv4 alone. */
static void test_small(void)
{
	struct line four = line_new(1500, 700, false), tiny = line_new(1500, 100, false),
		    six = line_new(1500, 700, true), narrow = line_new(500, 500, false);

	run(&four, true);
	g_assert_cmpuint(four.pmtu.mtu, ==, 700);
	run(&tiny, true);
	g_assert_cmpuint(tiny.pmtu.mtu, ==, 576);
	run(&six, true);
	g_assert_cmpuint(six.pmtu.mtu, ==, 1280);
	run(&narrow, true);
	g_assert_cmpuint(narrow.pmtu.mtu, ==, 500);
}

/* While a search goes on data is small enough for what is known. */
static void test_safe_meanwhile(void)
{
	struct line line = line_new(1500, 1400, false);

	while (step(&line, true))
		g_assert_true(line.pmtu.mtu == WGMESH_PMTU_UNKNOWN ? line.probes < 3 :
								     line.pmtu.mtu <= 1400);
	g_assert_cmpuint(line.pmtu.mtu, ==, 1400);
}

static void test_shrinks(void)
{
	struct line line = line_new(1500, 1500, false);

	run(&line, true);
	line.mtu = 1350;
	use(&line, 5 * S);
	g_assert_cmpuint(line.pmtu.mtu, ==, 1350);
}

/* Three probes to see that it is true, one of the size that ICMP said, three of one more. */
static void test_shrinks_and_says_so(void)
{
	struct line line = line_new(1500, 1500, false);

	run(&line, true);
	line.icmp = true;
	line.mtu = 1350;
	wgmesh_pmtu_switched(&line.pmtu);
	g_assert_cmpuint(run(&line, true), ==, 7);
	g_assert_cmpuint(line.pmtu.mtu, ==, 1350);
}

static void test_grows(void)
{
	struct line line = line_new(1500, 1350, false);
	unsigned int probes;

	run(&line, true);
	line.mtu = 1500;
	use(&line, 590 * S);
	g_assert_cmpuint(line.pmtu.mtu, ==, 1350);
	use(&line, 20 * S);
	g_assert_cmpuint(line.pmtu.mtu, ==, 1500);

	/* that it did not grow is found out with few probes */
	line = line_new(1500, 1350, false);
	run(&line, true);
	line.now += 601 * S;
	line.pmtu.verified_ns = line.now;
	probes = line.probes;
	run(&line, true);
	g_assert_cmpuint(line.probes - probes, ==, 6);
	g_assert_cmpuint(line.pmtu.mtu, ==, 1350);
}

/* One that carries nothing is searched once, and looked at when it is used. */
static void test_standby(void)
{
	struct line line = line_new(1500, 1400, true);

	run(&line, false);
	g_assert_cmpuint(line.pmtu.mtu, ==, 1400);
	line.now += 3600 * S;
	line.bytes += 1 << 20;
	g_assert_cmpuint(run(&line, false), ==, 0);
	line.mtu = 1300;
	wgmesh_pmtu_switched(&line.pmtu);
	run(&line, true);
	g_assert_cmpuint(line.pmtu.mtu, ==, 1300);
}

/* Without data nothing is verified. */
static void test_quiet(void)
{
	struct line line = line_new(1500, 1500, false);

	run(&line, true);
	line.now += 300 * S;
	line.bytes += 1499;
	g_assert_cmpuint(run(&line, true), ==, 0);
	line.bytes++;
	g_assert_cmpuint(run(&line, true), ==, 1);
}

/* A path that is dead says nothing of sizes. */
static void test_cut(void)
{
	struct line line = line_new(1500, 1500, false);

	run(&line, true);
	line.cut = true;
	line.bytes += 5000;
	line.now += 3 * S;
	for (int i = 0; i < 50; i++)
		g_assert_true(step(&line, true));
	g_assert_cmpuint(line.pmtu.mtu, ==, 1500);
	line.cut = false;
	g_assert_cmpuint(run(&line, true), ==, 1);
	g_assert_cmpuint(line.pmtu.mtu, ==, 1500);
}

/* What ICMP says is looked at, whatever it says, and not more often than is worth it. */
static void test_lies(void)
{
	static const u32 lies[] = { 0, 1, 68, 576, 1280, 1281, 1399, 1400, 1401, 1499, 1500, 9000,
				    UINT32_MAX };
	struct line line = line_new(1500, 1500, false);
	unsigned int probes;

	run(&line, true);
	for (unsigned int i = 0; i < G_N_ELEMENTS(lies); i++) {
		line.now += 2 * S;
		g_assert_true(wgmesh_pmtu_hint(&line.pmtu, lies[i], line.now) == (lies[i] < 1500));
		run(&line, true);
		g_assert_cmpuint(line.pmtu.mtu, ==, 1500);
	}
	line.now += 2 * S;
	probes = line.probes;
	for (int i = 0; i < 1000; i++) {
		wgmesh_pmtu_hint(&line.pmtu, 1300, line.now);
		step(&line, true);
		line.now += MS;
	}
	g_assert_cmpuint(line.probes - probes, <=, 2);
	g_assert_cmpuint(line.pmtu.mtu, ==, 1500);

	/* during a search, too */
	for (unsigned int i = 0; i < G_N_ELEMENTS(lies); i++) {
		line = line_new(1500, 1400, false);
		do
			wgmesh_pmtu_hint(&line.pmtu, lies[i], line.now);
		while (step(&line, true));
		g_assert_cmpuint(line.pmtu.mtu, ==, 1400);
	}
}

/* Somebody says of every size that it is one too large. */
static void test_flood_of_lies(void)
{
	struct line line = line_new(1500, 1490, false);
	unsigned int steps = 0;

	do {
		for (u32 mtu = 1499; mtu > 1280; mtu--)
			wgmesh_pmtu_hint(&line.pmtu, mtu, line.now);
		g_assert_cmpuint(++steps, <, 60);
	} while (step(&line, true));
	g_assert_cmpuint(line.pmtu.mtu, ==, 1490);
}

static void test_route_changes(void)
{
	struct line line = line_new(1500, 1500, false);

	run(&line, true);
	wgmesh_pmtu_set_ceiling(&line.pmtu, 1400);
	g_assert_cmpuint(line.pmtu.mtu, ==, 1400);
	run(&line, true);
	g_assert_cmpuint(line.pmtu.mtu, ==, 1400);
	wgmesh_pmtu_set_ceiling(&line.pmtu, 0);
	g_assert_cmpuint(run(&line, true), ==, 0);
	wgmesh_pmtu_set_ceiling(&line.pmtu, 1500);
	run(&line, true);
	g_assert_cmpuint(line.pmtu.mtu, ==, 1500);

	/* in the middle of a search, at any step of it */
	for (int after = 0; after < 30; after++) {
		line = line_new(1500, 1410, false);
		for (int i = 0; i < after; i++)
			step(&line, true);
		line.mtu = 1390;
		wgmesh_pmtu_set_ceiling(&line.pmtu, 1400);
		line.bytes += 5000;
		line.now += 3 * S;
		run(&line, true);
		g_assert_cmpuint(line.pmtu.mtu, ==, 1390);
		g_assert_cmpuint(line.largest, <=, 1500);
	}
}

/* The route vanishes while a size is tried: what data is cut into must not get smaller than what
 * passes anyway.
 */
static void test_route_vanishes(void)
{
	struct line line = line_new(1500, 1400, false);

	g_assert_cmpuint(wgmesh_pmtu_probe(&line.pmtu, true, 0, line.now), ==, 1500);
	for (int i = 0; i < 3; i++) {
		wgmesh_pmtu_sent(&line.pmtu, ++line.sequence, line.now);
		wgmesh_pmtu_set_ceiling(&line.pmtu, 0);
		line.now += TIMEOUT;
		wgmesh_pmtu_expire(&line.pmtu, TIMEOUT, false, line.now, line.now);
	}
	g_assert_cmpuint(line.pmtu.mtu, ==, WGMESH_PMTU_BASE);
	g_assert_false(step(&line, true));
	wgmesh_pmtu_set_ceiling(&line.pmtu, 1500);
	run(&line, true);
	g_assert_cmpuint(line.pmtu.mtu, ==, 1400);
}

static void test_inherits(void)
{
	struct line line = line_new(1500, 1400, false);
	struct wgmesh_pmtu former;

	run(&line, true);
	former = line.pmtu;
	wgmesh_pmtu_inherit(&line.pmtu, &former);
	g_assert_cmpuint(line.pmtu.mtu, ==, 1400);
	line.mtu = 1300;
	run(&line, true);
	g_assert_cmpuint(line.pmtu.mtu, ==, 1300);

	line = line_new(1500, 1400, false);
	step(&line, true);
	former = line.pmtu;
	wgmesh_pmtu_inherit(&line.pmtu, &former);
	run(&line, true);
	g_assert_cmpuint(line.pmtu.mtu, ==, 1400);
}

/* Answers count once, and only those to what was asked. */
static void test_answers(void)
{
	struct line line = line_new(1500, 1500, false);

	g_assert_false(wgmesh_pmtu_answered(&line.pmtu, 0, line.now));
	g_assert_cmpuint(wgmesh_pmtu_probe(&line.pmtu, true, 0, line.now), ==, 1500);
	wgmesh_pmtu_sent(&line.pmtu, 7, line.now);
	g_assert_cmpuint(wgmesh_pmtu_probe(&line.pmtu, true, 0, line.now), ==, 0);
	g_assert_false(wgmesh_pmtu_answered(&line.pmtu, 0, line.now));
	g_assert_false(wgmesh_pmtu_answered(&line.pmtu, 6, line.now));
	g_assert_cmpuint(line.pmtu.mtu, ==, WGMESH_PMTU_UNKNOWN);

	/* late, after the next one was sent */
	wgmesh_pmtu_expire(&line.pmtu, TIMEOUT, false, line.now, line.now + TIMEOUT);
	wgmesh_pmtu_probe(&line.pmtu, true, 0, line.now + TIMEOUT);
	wgmesh_pmtu_sent(&line.pmtu, 8, line.now + TIMEOUT);
	g_assert_true(wgmesh_pmtu_answered(&line.pmtu, 7, line.now + TIMEOUT));
	g_assert_cmpuint(line.pmtu.mtu, ==, 1500);
	g_assert_false(wgmesh_pmtu_answered(&line.pmtu, 7, line.now));
	g_assert_false(wgmesh_pmtu_answered(&line.pmtu, 8, line.now));
}

/* Half of all padded probes are lost by chance, while the small ones behind them are not. */
static void test_losing(void)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(1);
	unsigned int wrong = 0;

	for (int i = 0; i < 1000; i++) {
		struct line line = line_new(1500, 1500, false);
		u32 size;

		while ((size = wgmesh_pmtu_probe(&line.pmtu, true, 0, line.now))) {
			wgmesh_pmtu_sent(&line.pmtu, ++line.sequence, line.now);
			if (g_rand_boolean(random))
				wgmesh_pmtu_answered(&line.pmtu, line.sequence, line.now);
			line.now += TIMEOUT;
			wgmesh_pmtu_expire(&line.pmtu, TIMEOUT, true, line.now, line.now);
		}
		wrong += line.pmtu.mtu != 1500;
	}
	g_assert_cmpuint(wrong, <=, 5);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/pmtu/all-fits", test_all_fits);
	g_test_add_func("/pmtu/every-size", test_every_size);
	g_test_add_func("/pmtu/small", test_small);
	g_test_add_func("/pmtu/safe-meanwhile", test_safe_meanwhile);
	g_test_add_func("/pmtu/shrinks", test_shrinks);
	g_test_add_func("/pmtu/shrinks-and-says-so", test_shrinks_and_says_so);
	g_test_add_func("/pmtu/grows", test_grows);
	g_test_add_func("/pmtu/standby", test_standby);
	g_test_add_func("/pmtu/quiet", test_quiet);
	g_test_add_func("/pmtu/cut", test_cut);
	g_test_add_func("/pmtu/lies", test_lies);
	g_test_add_func("/pmtu/flood-of-lies", test_flood_of_lies);
	g_test_add_func("/pmtu/route-changes", test_route_changes);
	g_test_add_func("/pmtu/route-vanishes", test_route_vanishes);
	g_test_add_func("/pmtu/inherits", test_inherits);
	g_test_add_func("/pmtu/answers", test_answers);
	g_test_add_func("/pmtu/losing", test_losing);
	return g_test_run();
}
