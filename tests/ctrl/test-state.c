// SPDX-License-Identifier: GPL-2.0
/* What a node keeps on disk. */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "agent/overlay.h"
#include "agent/state.h"
#include "directory.h"
#include "lib/secretfile.h"

/* The key and what was wanted are there again; meanwhile nobody else has the directory. */
static void test_one_at_a_time(void)
{
	g_autofree char *top = g_dir_make_tmp("test-state-XXXXXX", NULL);
	g_autofree char *directory = g_build_filename(top, "network", NULL);
	g_autoptr(state) first = NULL, second = NULL;
	g_autoptr(GError) error = NULL;
	struct key key;

	first = state_open(directory, &error);
	g_assert_no_error(error);
	key = first->private_key;
	first->up = true;
	g_assert_true(state_save(first, &error));

	g_assert_null(state_open(directory, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_BUSY);
	g_assert_nonnull(strstr(error->message, directory));
	g_clear_error(&error);

	g_clear_pointer(&first, state_free);
	second = state_open(directory, &error);
	g_assert_no_error(error);
	g_assert_true(key_equal(&second->private_key, &key));
	g_assert_true(second->up);
	g_clear_pointer(&second, state_free);
	directory_remove(directory);
	g_assert_cmpint(g_rmdir(top), ==, 0);
}

/* Who left begins with another key, as if there had never been a network. */
static void test_forget(void)
{
	g_autofree char *directory = g_dir_make_tmp("test-state-XXXXXX", NULL);
	g_autofree char *half = g_build_filename(directory, "state.json.new", NULL);
	g_autoptr(JsonObject) map = json_object_new();
	g_autoptr(state) left = NULL, next = NULL;
	g_autoptr(GError) error = NULL;
	struct key key;

	left = state_open(directory, &error);
	g_assert_no_error(error);
	key = left->private_key;
	left->up = true;
	g_assert_true(state_save(left, &error));
	g_assert_true(state_save_map(left, map, &error));
	g_assert_true(g_file_set_contents(half, "half", -1, &error));
	g_assert_true(state_forget(left, &error));
	g_assert_no_error(error);
	g_assert_true(state_forget(left, &error));
	g_clear_pointer(&left, state_free);
	g_assert_cmpint(g_rmdir(directory), ==, 0);

	next = state_open(directory, &error);
	g_assert_no_error(error);
	g_assert_false(key_equal(&next->private_key, &key));
	g_assert_false(next->up);
	g_clear_pointer(&next, state_free);
	directory_remove(directory);
}

/* A disk that takes no more leaves what was there, and says so. */
static void test_full(void)
{
	g_autofree char *directory = g_dir_make_tmp("test-state-XXXXXX", NULL);
	g_autoptr(state) state = state_open(directory, NULL);
	g_autoptr(GError) error = NULL;
	struct rlimit limit, none;

	state->up = true;
	g_assert_true(state_save(state, NULL));
	g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &limit), ==, 0);
	none = limit;
	none.rlim_cur = 0;
	signal(SIGXFSZ, SIG_IGN);
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &none), ==, 0);
	state->up = false;
	g_assert_false(state_save(state, &error));
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
	g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED);
	g_assert_nonnull(strstr(error->message, "state.json"));

	g_clear_pointer(&state, state_free);
	state = state_open(directory, NULL);
	g_assert_true(state->up);
	g_clear_pointer(&state, state_free);
	directory_remove(directory);
}

/* The prefixes of the network */

#define ID "00112233445566778899aabbccddeeff"
#define WELCOME(addresses, more) "{\"type\":\"welcome\",\"network\":{\"id\":\"" ID "\"," \
	"\"name\":\"n\"},\"hostname\":\"a\",\"addresses\":[" addresses "],\"stun\":[]" more "}"
#define PREFIXES(list) ",\"prefixes\":[" list "]"
#define OWN "\"100.64.9.1\",\"fd12::1\""

static JsonObject *parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	JsonObject *message = message_parse(text, strlen(text), 4096, "type", &error);

	g_assert_no_error(error);
	return message;
}

static bool welcome(struct state *state, const char *text)
{
	g_autoptr(JsonObject) message = parse(text);
	g_autoptr(GError) error = NULL;

	return state_welcome(state, message, &error);
}

static void expect_prefixes(const struct state *state, const char *expected)
{
	g_autofree char *text = overlay_print_prefixes(state->prefixes);

	g_assert_cmpstr(text, ==, expected);
}

static struct state *open_in(const char *directory)
{
	g_autoptr(GError) error = NULL;
	struct state *state = state_open(directory, &error);

	g_assert_no_error(error);
	return state;
}

static void save(const struct state *state)
{
	g_autoptr(GError) error = NULL;

	state_save(state, &error);
	g_assert_no_error(error);
}

/* What the server tells first counts, over a restart, too. */
static void test_pinned(void)
{
	g_autofree char *directory = g_dir_make_tmp("test-state-XXXXXX", NULL);
	g_autoptr(state) state = open_in(directory);

	g_assert_false(welcome(state, WELCOME(OWN, PREFIXES("\"10.0.0.0/8\",\"fd12::/64\""))));
	g_assert_false(state->joined);
	g_assert_false(welcome(state, WELCOME(OWN, PREFIXES("\"0.0.0.0/0\",\"fd12::/64\""))));
	g_assert_false(welcome(state, WELCOME(OWN, PREFIXES("\"100.64.0.0/10\",\"fc00::/7\""))));
	g_assert_true(welcome(state, WELCOME(OWN, PREFIXES("\"100.64.8.0/22\",\"fd12::/64\""))));
	expect_prefixes(state, "100.64.8.0/22 and fd12::/64");
	g_assert_null(state->prefixes_refused);

	g_assert_true(welcome(state, WELCOME("\"192.168.1.1\"", PREFIXES("\"192.168.0.0/16\""))));
	expect_prefixes(state, "100.64.8.0/22 and fd12::/64");
	g_assert_nonnull(strstr(state->prefixes_refused, "192.168.0.0/16 now"));
	save(state);
	g_clear_pointer(&state, state_free);
	state = open_in(directory);
	expect_prefixes(state, "100.64.8.0/22 and fd12::/64");
	g_assert_true(welcome(state, WELCOME(OWN, PREFIXES("\"100.64.0.0/10\",\"fd12::/64\""))));
	expect_prefixes(state, "100.64.8.0/22 and fd12::/64");
	g_assert_nonnull(state->prefixes_refused);
	g_assert_true(welcome(state, WELCOME(OWN, PREFIXES("\"fd12::/64\",\"100.64.8.0/22\""))));
	g_assert_null(state->prefixes_refused);
	g_assert_true(welcome(state, WELCOME(OWN, "")));
	expect_prefixes(state, "100.64.8.0/22 and fd12::/64");

	/* the join string is given again */
	state_unpin(state);
	expect_prefixes(state, "100.64.0.0/10 and fd12::/64");
	g_assert_true(welcome(state, WELCOME(OWN, PREFIXES("\"100.64.0.0/16\",\"fd12::/64\""))));
	expect_prefixes(state, "100.64.0.0/16 and fd12::/64");
	g_clear_pointer(&state, state_free);
	directory_remove(directory);
}

/* Of a server that does not tell them, this node's own addresses do; until the server does. */
static void test_old_server(void)
{
	g_autofree char *directory = g_dir_make_tmp("test-state-XXXXXX", NULL);
	g_autoptr(state) state = open_in(directory);

	g_assert_true(welcome(state, WELCOME(OWN, "")));
	expect_prefixes(state, "100.64.0.0/10 and fd12::/64");
	g_assert_true(welcome(state, WELCOME("\"192.168.1.1\"", "")));
	expect_prefixes(state, "100.64.0.0/10 and fd12::/64");
	save(state);
	g_clear_pointer(&state, state_free);
	state = open_in(directory);
	expect_prefixes(state, "100.64.0.0/10 and fd12::/64");
	g_assert_true(welcome(state, WELCOME(OWN, PREFIXES("\"100.64.8.0/22\",\"fd12::/64\""))));
	expect_prefixes(state, "100.64.8.0/22 and fd12::/64");
	g_clear_pointer(&state, state_free);
	directory_remove(directory);
}

/* What a meshd of before has stored: the first contact tells the prefixes. */
static void test_old_state(void)
{
	static const char text[] = "{\"version\":1,\"up\":true,\"hostname\":\"a\",\"server\":"
		"{\"host\":\"192.0.2.1\",\"port\":7443},\"joined\":" WELCOME(OWN, "") "}";
	g_autofree char *directory = g_dir_make_tmp("test-state-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(directory, "state.json", NULL);
	g_autoptr(state) state = NULL;

	g_assert_true(secretfile_write(path, text, strlen(text), NULL));
	state = open_in(directory);
	g_assert_true(state->joined);
	expect_prefixes(state, "100.64.0.0/10 and fd12::/64");
	g_assert_true(welcome(state, WELCOME(OWN, PREFIXES("\"100.64.8.0/22\",\"fd12::/64\""))));
	expect_prefixes(state, "100.64.8.0/22 and fd12::/64");
	g_clear_pointer(&state, state_free);
	directory_remove(directory);
}

/* A server that says what it said before changes nothing on disk. */
static void test_stored(void)
{
	g_autofree char *directory = g_dir_make_tmp("test-state-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(directory, "state.json", NULL);
	g_autoptr(state) state = open_in(directory);
	static const char said[] = WELCOME(OWN, PREFIXES("\"100.64.8.0/22\",\"fd12::/64\""));

	g_assert_false(state_is_stored(state));
	g_assert_true(welcome(state, said));
	g_assert_false(state_is_stored(state));
	save(state);
	g_assert_true(state_is_stored(state));
	g_assert_true(welcome(state, said));
	g_assert_true(state_is_stored(state));
	g_clear_pointer(&state, state_free);
	state = open_in(directory);
	g_assert_true(welcome(state, said));
	g_assert_true(state_is_stored(state));

	g_assert_true(welcome(state, WELCOME("\"100.64.9.2\"", "")));
	g_assert_false(state_is_stored(state));
	save(state);
	g_assert_true(state_is_stored(state));
	state->up = true;
	g_assert_false(state_is_stored(state));
	save(state);
	g_assert_cmpint(g_unlink(path), ==, 0);
	g_assert_false(state_is_stored(state));
	g_clear_pointer(&state, state_free);
	directory_remove(directory);
}

/* Another network has prefixes of its own. */
static void test_other_network(void)
{
	static const struct joinstring join = { .host = "192.0.2.9", .port = 7443 };
	g_autofree char *directory = g_dir_make_tmp("test-state-XXXXXX", NULL);
	g_autoptr(state) state = open_in(directory);
	g_autoptr(JsonObject) other = parse(WELCOME("\"10.9.0.2\"", PREFIXES("\"10.9.0.0/16\"")));
	g_autoptr(GError) error = NULL;

	g_assert_true(welcome(state, WELCOME(OWN, PREFIXES("\"100.64.8.0/22\",\"fd12::/64\""))));
	g_assert_true(state_change(state, &join, other, &error));
	expect_prefixes(state, "10.9.0.0/16");
	g_assert_null(state->prefixes_refused);
	state_join(state, &join);
	g_assert_true(welcome(state, WELCOME(OWN, PREFIXES("\"100.64.0.0/10\",\"fd12::/64\""))));
	expect_prefixes(state, "100.64.0.0/10 and fd12::/64");
	g_clear_pointer(&state, state_free);
	directory_remove(directory);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/state/one-at-a-time", test_one_at_a_time);
	g_test_add_func("/state/forget", test_forget);
	g_test_add_func("/state/full", test_full);
	g_test_add_func("/state/pinned", test_pinned);
	g_test_add_func("/state/old-server", test_old_server);
	g_test_add_func("/state/old-state", test_old_state);
	g_test_add_func("/state/stored", test_stored);
	g_test_add_func("/state/other-network", test_other_network);
	return g_test_run();
}
