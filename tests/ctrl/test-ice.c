// SPDX-License-Identifier: GPL-2.0
/* ICE sessions, in a network of their own. */
#include "agent/ice.h"

#include "network.h"

/* More than libnice can tell apart. */
#define MANY 100

struct fixture {
	struct ice *ice;
	guint candidates;
	bool done;
};

static void on_candidate(G_GNUC_UNUSED const char *candidate, void *data)
{
	struct fixture *f = data;

	f->candidates++;
}

static void on_done(void *data)
{
	struct fixture *f = data;

	f->done = true;
}

static const struct ice_events events = {
	.candidate = on_candidate,
	.candidates_done = on_done,
};

static void gather(struct fixture *f, guint number)
{
	g_autofree char *text = g_strdup_printf("10.9.0.%u:0", number);
	g_autoptr(GArray) addresses = g_array_new(FALSE, FALSE, sizeof(struct endpoint));
	struct endpoint none = {}, ep;

	g_assert_true(endpoint_parse(text, &ep, NULL));
	g_array_append_val(addresses, ep);
	f->ice = ice_new(true, &none, &events, f);
	g_assert_true(ice_gather(f->ice, addresses, NULL));
	while (!f->done)
		g_main_context_iteration(NULL, TRUE);
}

/* Wherever the address comes in the list of all that the machine has. */
static void test_many_addresses(void)
{
	for (guint i = 1; i <= MANY; i++)
		network_ip("address add 10.9.0.%u/32 dev lo", i);
	for (guint i = 1; i <= MANY; i += MANY - 1) {
		struct fixture f = {};

		gather(&f, i);
		g_assert_cmpuint(f.candidates, ==, 1);
		ice_free(f.ice);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	if (!network_enter()) {
		g_print("1..0 # SKIP no network namespaces here\n");
		return 0;
	}
	network_ip("link set lo up");
	g_test_add_func("/ice/many-addresses", test_many_addresses);
	return g_test_run();
}
