// SPDX-License-Identifier: GPL-2.0
/*
 * The allocations that meshd keeps on two of three relays, which are mesh-relayd on the loopback.
 * RELAYD names the program, build/bin/mesh-relayd by default.
 */
#include "agent/relays.h"

#include <gio/gio.h>
#include <signal.h>
#include <string.h>

#include "daemon.h"
#include "lib/stun.h"

#define USER "user"
#define PASSWORD "pw"
#define RELAYS 3

/* A resolver: of SILENT its servers never tell, all other names have two addresses. */
#define SILENT "silent.test"

typedef GResolver TestResolver;
typedef GResolverClass TestResolverClass;

static GType test_resolver_get_type(void);
G_DEFINE_TYPE(TestResolver, test_resolver, G_TYPE_RESOLVER)

static void on_cancelled(G_GNUC_UNUSED GCancellable *cancellable, void *task)
{
	g_task_return_error_if_cancelled(task);
}

static void free_addresses(void *addresses)
{
	g_resolver_free_addresses(addresses);
}

/* Nobody is at the first one. */
static GList *two_addresses(void)
{
	GList *addresses = g_list_append(NULL, g_inet_address_new_from_string("127.0.0.99"));

	return g_list_append(addresses, g_inet_address_new_from_string("127.0.0.1"));
}

static void look_up(GResolver *resolver, const char *hostname, GCancellable *cancellable,
		    GAsyncReadyCallback callback, void *data)
{
	g_autoptr(GTask) task = g_task_new(resolver, cancellable, callback, data);

	if (strcmp(hostname, SILENT) == 0)
		g_cancellable_connect(cancellable, G_CALLBACK(on_cancelled), g_object_ref(task),
				      g_object_unref);
	else
		g_task_return_pointer(task, two_addresses(), free_addresses);
}

static GList *take_addresses(G_GNUC_UNUSED GResolver *resolver, GAsyncResult *result,
			     GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}

static void test_resolver_init(G_GNUC_UNUSED TestResolver *resolver)
{
}

static void test_resolver_class_init(TestResolverClass *class)
{
	class->lookup_by_name_async = look_up;
	class->lookup_by_name_finish = take_addresses;
}

struct server {
	GSubprocess *process;
	struct endpoint endpoint;
};

struct fixture {
	struct server servers[RELAYS];
	GArray *infos;
	struct relays *relays;
	guint changes;
	guint16 bound;
	const struct turn *bound_in;
};

static void wait_until(struct fixture *f, bool (*reached)(struct fixture *f))
{
	guint timer = daemon_impatience_new();

	while (!reached(f))
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
}

static void start(struct server *server)
{
	const struct endpoint *endpoint = &server->endpoint;
	g_autofree char *listen = NULL, *address = NULL;
	const char *argv[] = { g_getenv("RELAYD") ?: "build/bin/mesh-relayd", "--listen", NULL,
			       "--relay-address", NULL, "--realm", "test", "--user",
			       USER ":" PASSWORD, "--allow-peer", "127.0.0.0/8", "--kernel", "off",
			       NULL };
	struct endpoint relay = server->endpoint;

	argv[2] = listen = endpoint_format(&server->endpoint);
	endpoint_set_port(&relay, 0);
	address = endpoint_format(&relay);
	*strrchr(address, ':') = '\0';
	argv[4] = address;
	server->process = daemon_start(argv, &endpoint, 1);
}

static void on_changed(void *data)
{
	((struct fixture *)data)->changes++;
}

static void on_bound(const struct turn *turn, guint16 channel, G_GNUC_UNUSED void *user,
		     void *data)
{
	struct fixture *f = data;

	f->bound_in = turn;
	f->bound = channel;
}

static void on_refused(G_GNUC_UNUSED const struct turn *turn, G_GNUC_UNUSED guint16 channel,
		       G_GNUC_UNUSED void *user, const char *why, G_GNUC_UNUSED void *data)
{
	g_error("refused: %s", why);
}

static const struct relays_events events = {
	.changed = on_changed,
	.bound = on_bound,
	.refused = on_refused,
};

static struct relayinfo info_of(const struct server *server, guint number)
{
	struct relayinfo info = {
		.port = endpoint_port(&server->endpoint),
		.transports = RELAYINFO_UDP,
		.username = USER,
		.password = PASSWORD,
	};

	g_snprintf(info.name, sizeof(info.name), "relay-%u", number);
	g_snprintf(info.host, sizeof(info.host), "127.0.0.%u", number + 1);
	return info;
}

static void set_up(struct fixture *f, const void *data)
{
	guint count = GPOINTER_TO_UINT(data);

	f->infos = relayinfo_new_list();
	for (guint i = 0; i < count; i++) {
		g_autofree char *address = g_strdup_printf("127.0.0.%u:0", i + 1);
		struct relayinfo info;

		f->servers[i].endpoint = daemon_free_endpoint(address);
		start(&f->servers[i]);
		info = info_of(&f->servers[i], i);
		g_array_append_val(f->infos, info);
	}
	f->relays = relays_new(&events, f);
	relays_set(f->relays, f->infos);
}

static void tear_down(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	relays_free(f->relays);
	g_array_unref(f->infos);
	for (guint i = 0; i < RELAYS; i++)
		daemon_stop(&f->servers[i].process);
}

static bool has_first(struct fixture *f)
{
	return relays_turn(f->relays, LEASES_FIRST);
}

static bool has_both(struct fixture *f)
{
	return has_first(f) && relays_turn(f->relays, LEASES_SECOND);
}

static bool has_none(struct fixture *f)
{
	return !has_first(f);
}

static guint server_of(struct fixture *f, enum leases_rank rank)
{
	const struct endpoint *remote = turn_remote(relays_turn(f->relays, rank));

	for (guint i = 0; i < RELAYS; i++) {
		if (endpoint_equal(&f->servers[i].endpoint, remote))
			return i;
	}
	g_assert_not_reached();
}

static void test_one(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	wait_until(f, has_first);
	g_assert_null(relays_turn(f->relays, LEASES_SECOND));
	g_assert_null(relays_error(f->relays));
}

static void test_two(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	g_autoptr(JsonArray) list = NULL;
	guint relayed = 0;

	wait_until(f, has_both);
	g_assert_cmpuint(server_of(f, LEASES_FIRST), !=, server_of(f, LEASES_SECOND));

	list = relays_list(f->relays);
	for (guint i = 0; i < json_array_get_length(list); i++)
		relayed += json_object_has_member(json_array_get_object_element(list, i), "relayed");
	g_assert_cmpuint(relayed, ==, 2);
}

static bool is_bound(struct fixture *f)
{
	return f->bound;
}

static struct turn *second_before;

static bool is_promoted(struct fixture *f)
{
	return relays_turn(f->relays, LEASES_FIRST) == second_before;
}

static void remember_second(struct fixture *f)
{
	wait_until(f, has_both);
	second_before = relays_turn(f->relays, LEASES_SECOND);
}

/* The second takes the place of the first, and a third one that of the second. */
static void test_silent(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	struct endpoint peer = daemon_free_endpoint("127.0.0.1:0");
	struct turn *first;
	guint dead;

	remember_second(f);
	first = relays_turn(f->relays, LEASES_FIRST);
	dead = server_of(f, LEASES_FIRST);
	daemon_suspend(f->servers[dead].process);
	turn_check(first);
	wait_until(f, is_promoted);

	/* it may come back, and peers may still use it */
	g_assert_true(relays_has(f->relays, first));
	g_assert_null(relays_error(f->relays));
	turn_bind(second_before, &peer, NULL);
	wait_until(f, is_bound);
	g_assert_true(f->bound_in == second_before);

	wait_until(f, has_both);
	g_assert_cmpuint(server_of(f, LEASES_SECOND), !=, dead);
	g_assert_cmpuint(server_of(f, LEASES_SECOND), !=, server_of(f, LEASES_FIRST));
}

static void test_draining(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	guint leaving;

	remember_second(f);
	leaving = server_of(f, LEASES_FIRST);
	g_subprocess_send_signal(f->servers[leaving].process, SIGTERM);
	wait_until(f, is_promoted);
	wait_until(f, has_both);
	g_assert_cmpuint(server_of(f, LEASES_SECOND), !=, leaving);
}

/* Nobody has to wait for a node that could go nowhere else. */
static void test_draining_alone(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	wait_until(f, has_first);
	g_subprocess_send_signal(f->servers[0].process, SIGTERM);
	wait_until(f, has_none);
	g_assert_nonnull(strstr(relays_error(f->relays), "it is about to stop"));
	g_assert_true(g_subprocess_wait_check(f->servers[0].process, NULL, NULL));
}

static void test_taken_out(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	guint changes;

	remember_second(f);
	g_array_remove_index(f->infos, server_of(f, LEASES_FIRST));
	changes = f->changes;
	relays_set(f->relays, f->infos);
	g_assert_true(is_promoted(f));
	g_assert_cmpuint(f->changes, ==, changes + 1);

	g_array_set_size(f->infos, 0);
	relays_set(f->relays, f->infos);
	g_assert_true(has_none(f));
	g_assert_false(relays_has(f->relays, second_before));
}

static const char *state_of(struct fixture *f, enum leases_rank rank)
{
	g_autoptr(JsonArray) list = relays_list(f->relays);
	JsonObject *object = json_array_get_object_element(list, server_of(f, rank));

	return g_intern_string(json_object_get_string_member(object, "state"));
}

/* What leaves as before is not affected; that is looked at, and no others are made. */
static void test_more_addresses(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	struct endpoint peer = daemon_free_endpoint("127.0.0.1:0");
	struct turn *first;

	remember_second(f);
	first = relays_turn(f->relays, LEASES_FIRST);
	relays_network_changed(f->relays, false);
	g_assert_cmpstr(state_of(f, LEASES_FIRST), ==, "selected");
	g_assert_cmpstr(state_of(f, LEASES_SECOND), ==, "standby");

	/* a channel waits for that */
	turn_bind(first, &peer, NULL);
	wait_until(f, is_bound);
	g_assert_true(f->bound_in == first);
	g_assert_true(relays_turn(f->relays, LEASES_FIRST) == first);
	g_assert_true(relays_turn(f->relays, LEASES_SECOND) == second_before);
}

/* New allocations take the places of those before, which are kept as long as there are no new. */
static void test_network_changed(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	struct turn *first;

	remember_second(f);
	first = relays_turn(f->relays, LEASES_FIRST);
	relays_network_changed(f->relays, true);
	g_assert_true(relays_turn(f->relays, LEASES_FIRST) == first);
	while (relays_turn(f->relays, LEASES_FIRST) == first ||
	       relays_turn(f->relays, LEASES_SECOND) == second_before)
		g_main_context_iteration(NULL, TRUE);
	g_assert_true(relays_has(f->relays, first));
	g_assert_cmpuint(server_of(f, LEASES_FIRST), !=, server_of(f, LEASES_SECOND));
}

/* A name that is not resolved does not keep the node from having two others. */
static void test_name(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	g_autoptr(GResolver) before = g_resolver_get_default();
	g_autoptr(GResolver) resolver = g_object_new(test_resolver_get_type(), NULL);
	struct relayinfo named = { .name = "named", .host = SILENT, .port = 3478,
				   .transports = RELAYINFO_UDP };

	g_resolver_set_default(resolver);
	g_array_append_val(f->infos, named);
	relays_set(f->relays, f->infos);
	wait_until(f, has_both);
	g_resolver_set_default(before);
}

/* Where UDP does not pass, each address of a name has its turn. */
static void test_second_address(struct fixture *f, G_GNUC_UNUSED const void *data)
{
	g_autoptr(GResolver) before = g_resolver_get_default();
	g_autoptr(GResolver) resolver = g_object_new(test_resolver_get_type(), NULL);
	struct relayinfo info = info_of(&f->servers[0], 0);

	g_resolver_set_default(resolver);
	g_array_set_size(f->infos, 0);
	relays_set(f->relays, f->infos);
	g_strlcpy(info.host, "relay.test", sizeof(info.host));
	info.transports = RELAYINFO_TCP;
	g_array_append_val(f->infos, info);
	relays_set(f->relays, f->infos);
	wait_until(f, has_first);
	g_resolver_set_default(before);
}

/* A relay that gives nobody an allocation. */
struct refusing {
	GSocket *socket;
	guint refused;
};

static gboolean on_request(G_GNUC_UNUSED GSocket *socket, G_GNUC_UNUSED GIOCondition condition,
			   void *data)
{
	struct refusing *server = data;
	g_autoptr(GSocketAddress) from = NULL;
	guint8 in[2048], out[256];
	struct stun_message request;
	struct endpoint source;
	struct stun_builder b;
	gssize len = g_socket_receive_from(server->socket, &from, (char *)in, sizeof(in), NULL, NULL);

	g_assert_cmpint(stun_parse(&request, in, len), ==, STUN_OK);
	g_assert_true(endpoint_from_gsocket_address(&source, from, NULL));
	if (request.method == STUN_METHOD_BINDING) {
		stun_begin(&b, out, sizeof(out), STUN_CLASS_SUCCESS, request.method,
			   stun_transaction_id(&request));
		stun_add_xor_address(&b, STUN_XOR_MAPPED_ADDRESS, &source);
	} else {
		stun_begin(&b, out, sizeof(out), STUN_CLASS_ERROR, request.method,
			   stun_transaction_id(&request));
		stun_add_error(&b, 500, "");
		server->refused++;
	}
	len = stun_end(&b);
	g_socket_send_to(server->socket, from, (char *)out, len, NULL, NULL);
	return G_SOURCE_CONTINUE;
}

/* The same attempt again and again, with the same outcome. */
static void be_refused(void)
{
	struct server at = { .endpoint = daemon_free_endpoint("127.0.0.1:0") };
	g_autoptr(GSocketAddress) address = endpoint_to_gsocket_address(&at.endpoint);
	g_autoptr(GArray) infos = relayinfo_new_list();
	struct relayinfo info = info_of(&at, 0);
	struct refusing server = {};
	struct fixture f = {};
	guint timer = daemon_impatience_new();
	GSource *source;

	server.socket = g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
				     G_SOCKET_PROTOCOL_DEFAULT, NULL);
	g_assert_true(g_socket_bind(server.socket, address, FALSE, NULL));
	source = g_socket_create_source(server.socket, G_IO_IN, NULL);
	g_source_set_callback(source, G_SOURCE_FUNC(on_request), &server, NULL);
	g_source_attach(source, NULL);
	g_array_append_val(infos, info);
	f.relays = relays_new(&events, &f);
	relays_set(f.relays, infos);
	while (server.refused < 4)
		g_main_context_iteration(NULL, TRUE);
	g_assert_nonnull(strstr(relays_error(f.relays), "error 500"));
	relays_free(f.relays);
	g_source_destroy(source);
	g_source_unref(source);
	g_object_unref(server.socket);
	g_source_remove(timer);
}

static void test_logged_once(void)
{
	if (g_test_subprocess()) {
		be_refused();
		return;
	}
	g_test_trap_subprocess(NULL, 0, 0);
	g_test_trap_assert_passed();
	g_test_trap_assert_stderr("relay relay-0: it answers with error 500\n");
}

#define ADD(path, count, test) \
	g_test_add(path, struct fixture, GUINT_TO_POINTER(count), set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("/relays/one", 1, test_one);
	ADD("/relays/two", 2, test_two);
	ADD("/relays/name", 2, test_name);
	ADD("/relays/second-address", 1, test_second_address);
	ADD("/relays/silent", 3, test_silent);
	ADD("/relays/draining", 3, test_draining);
	ADD("/relays/draining-alone", 1, test_draining_alone);
	ADD("/relays/taken-out", 2, test_taken_out);
	ADD("/relays/more-addresses", 2, test_more_addresses);
	ADD("/relays/network-changed", 2, test_network_changed);
	g_test_add_func("/relays/logged-once", test_logged_once);
	return g_test_run();
}
