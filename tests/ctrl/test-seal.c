// SPDX-License-Identifier: GPL-2.0
#include "lib/seal.h"

#include <gio/gio.h>
#include <sodium.h>

/* Two nodes; each knows the session of the other. */
struct fixture {
	struct key private[2], public[2];
	struct seal_session session[2];
	struct seal *seal[2];
};

static struct seal *new_seal(const struct fixture *f, guint node)
{
	struct seal *seal = seal_new(&f->private[node], &f->public[!node], &f->session[node], NULL);

	g_assert_nonnull(seal);
	return seal;
}

static void setup(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	for (guint node = 0; node < 2; node++) {
		key_generate(&f->private[node]);
		key_derive_public(&f->private[node], &f->public[node]);
		randombytes_buf(&f->session[node], sizeof(f->session[node]));
	}
	for (guint node = 0; node < 2; node++)
		f->seal[node] = new_seal(f, node);
}

static void teardown(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	for (guint node = 0; node < 2; node++)
		seal_free(f->seal[node]);
}

/* The node forgets the other one, and meets it again in the same session. */
static void forget(struct fixture *f, guint node)
{
	seal_free(f->seal[node]);
	f->seal[node] = new_seal(f, node);
}

/* Return: (owned by the caller) a box from the node to the other one. */
static GBytes *close_box(struct fixture *f, guint node, const char *type)
{
	g_autoptr(JsonObject) message = message_new(type);
	gsize size;
	guint8 *box = seal_close(f->seal[node], message, &f->session[!node], &size);

	g_assert_nonnull(box);
	return g_bytes_new_take(box, size);
}

static void assert_opens(struct fixture *f, guint node, GBytes *box, enum seal_verdict wanted)
{
	g_autoptr(JsonObject) message = NULL;
	g_autoptr(GError) error = NULL;
	struct seal_session session;
	gsize size;
	const guint8 *bytes = g_bytes_get_data(box, &size);
	enum seal_verdict verdict = seal_open(f->seal[node], bytes, size, &message, &session, &error);

	g_assert_cmpint(verdict, ==, wanted);
	g_assert_true(!message == (wanted != SEAL_ACCEPTED && wanted != SEAL_HELLO));
	if (wanted == SEAL_REFUSED)
		g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
	else
		g_assert_true(seal_session_equal(&session, &f->session[!node]));
}

static void test_opens_once(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autoptr(GBytes) first = close_box(f, 0, "ready");
	g_autoptr(GBytes) second = close_box(f, 0, "ready");
	g_autoptr(GBytes) third = close_box(f, 0, "ready");

	assert_opens(f, 1, first, SEAL_ACCEPTED);
	assert_opens(f, 1, first, SEAL_REFUSED);
	assert_opens(f, 1, third, SEAL_ACCEPTED);
	assert_opens(f, 1, second, SEAL_REFUSED);
}

static void test_is_for_the_other(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autoptr(GBytes) box = close_box(f, 0, "ready");

	assert_opens(f, 0, box, SEAL_REFUSED);
}

static void test_damaged(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autoptr(GBytes) box = close_box(f, 0, "ready");
	gsize size = g_bytes_get_size(box);
	g_autofree guint8 *bytes = g_bytes_unref_to_data(g_steal_pointer(&box), &size);

	for (gsize i = 0; i < size; i++) {
		g_autoptr(GBytes) damaged = NULL;

		bytes[i] ^= 1;
		damaged = g_bytes_new(bytes, size);
		bytes[i] ^= 1;
		assert_opens(f, 1, damaged, SEAL_REFUSED);
	}
}

/* A node that was removed and joins again has not forgotten those that have forgotten it. */
static void test_forgotten(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	for (guint i = 0; i < 20; i++) {
		g_autoptr(GBytes) box = close_box(f, 0, "ready");

		assert_opens(f, 1, box, SEAL_ACCEPTED);
	}
	forget(f, 0);
	for (guint node = 0; node < 2; node++) {
		g_autoptr(GBytes) box = close_box(f, node, "ready");

		assert_opens(f, !node, box, SEAL_ACCEPTED);
		assert_opens(f, !node, box, SEAL_REFUSED);
	}
}

static void test_sessions(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autoptr(GBytes) before = close_box(f, 0, "ready");
	g_autoptr(GBytes) unseen = close_box(f, 0, "ready");
	g_autoptr(GBytes) after = NULL;

	assert_opens(f, 1, before, SEAL_ACCEPTED);
	randombytes_buf(&f->session[0], sizeof(f->session[0]));
	forget(f, 0);
	after = close_box(f, 0, "ready");
	assert_opens(f, 1, after, SEAL_ACCEPTED);
	assert_opens(f, 1, unseen, SEAL_REFUSED);
}

static void test_hello(struct fixture *f, gconstpointer unused G_GNUC_UNUSED)
{
	g_autoptr(GBytes) ready = close_box(f, 0, "ready");
	g_autoptr(GBytes) hello = close_box(f, 0, "hello");

	randombytes_buf(&f->session[1], sizeof(f->session[1]));
	forget(f, 1);
	assert_opens(f, 1, ready, SEAL_OTHER_SESSION);
	assert_opens(f, 1, hello, SEAL_HELLO);
	assert_opens(f, 1, hello, SEAL_HELLO);
}

#define ADD(path, test) g_test_add(path, struct fixture, NULL, setup, test, teardown)

int main(int argc, char **argv)
{
	g_assert_cmpint(sodium_init(), >=, 0);
	g_test_init(&argc, &argv, NULL);
	ADD("/seal/opens-once", test_opens_once);
	ADD("/seal/is-for-the-other", test_is_for_the_other);
	ADD("/seal/damaged", test_damaged);
	ADD("/seal/forgotten", test_forgotten);
	ADD("/seal/sessions", test_sessions);
	ADD("/seal/hello", test_hello);
	return g_test_run();
}
