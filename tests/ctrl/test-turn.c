// SPDX-License-Identifier: GPL-2.0
/*
 * The TURN client of meshd against mesh-relayd, and against coturn's server, which nobody here
 * wrote, on loopback. RELAYD names the program, build/bin/mesh-relayd by default.
 */
#include "agent/turn.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "daemon.h"
#include "directory.h"
#include "lib/turn-credential.h"

#define USER "user"
#define PASSWORD "pw"
#define HOUR_S 3600
#define SECRET "a secret of two servers"

struct server {
	const char *name;
	GSubprocess *process;
	struct endpoint endpoint;
	struct endpoint tls;
};

struct client {
	struct turn *turn;
	bool allocated;
	guint16 bound;
	guint16 refused;
	bool gone;
	guint moves;
	bool left;
	bool stopping;
	char *lost;
};

/* A NAT of one client: what comes in at the front leaves by the back, whose port may change. */
struct nat {
	struct endpoint server;
	GSocket *front, *back;
	GSocketAddress *client;
	GSource *front_source, *back_source;
	bool drops_bindings;
};

static struct server relayd = { .name = "mesh-relayd" }, coturn = { .name = "coturn" },
		     mobile = { .name = "coturn with mobility" };
static char *work;

static struct endpoint endpoint(const char *text)
{
	struct endpoint ep;

	g_assert_true(endpoint_parse(text, &ep, NULL));
	return ep;
}

static void wait_for(const bool *what)
{
	guint timer = daemon_impatience_new();

	while (!*what)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
}

static void wait_for_number(const guint16 *what)
{
	guint timer = daemon_impatience_new();

	while (!*what)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
}

static void wait_for_loss(const struct client *client)
{
	guint timer = daemon_impatience_new();

	while (!client->lost)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
}

static void start(struct server *server, const char *const *argv)
{
	const struct endpoint *endpoints[] = { &server->endpoint, &server->tls };

	server->process = daemon_start(argv, endpoints, G_N_ELEMENTS(endpoints));
}

static char *path(const char *name)
{
	return g_build_filename(work, name, NULL);
}

static void make_certificate(void)
{
	g_autofree char *key = path("key"), *cert = path("cert");
	const char *const argv[] = { "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
				     "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
				     "/CN=test", "-keyout", key, "-out", cert, NULL };
	g_autoptr(GSubprocess) process = g_subprocess_newv(argv,
							   G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);

	g_assert_true(g_subprocess_wait_check(process, NULL, NULL));
	g_chmod(key, 0600);
}

static void start_relayd(struct server *server)
{
	g_autofree char *listen = NULL, *listen_tls = NULL, *key = path("key"),
			*cert = path("cert");
	const char *argv[] = { g_getenv("RELAYD") ?: "build/bin/mesh-relayd", "--listen", NULL,
			       "--listen-tls", NULL, "--relay-address", "127.0.0.1", "--realm",
			       "test", "--user", USER ":" PASSWORD, "--allow-peer", "127.0.0.0/8",
			       "--tls-cert", cert, "--tls-key", key, "--kernel", "off", NULL };

	server->endpoint = daemon_free_endpoint("127.0.0.1:0");
	server->tls = daemon_free_endpoint("127.0.0.1:0");
	argv[2] = listen = endpoint_format(&server->endpoint);
	argv[4] = listen_tls = endpoint_format(&server->tls);
	start(server, argv);
}

static void start_coturn(struct server *server, const char *option, const char *value)
{
	g_autofree char *port = NULL, *tls_port = NULL, *key = path("key"), *cert = path("cert"),
			*pid = path("pid"), *base = path("base");
	const char *argv[] = { "turnserver", "-n", "-L", "127.0.0.1", "-p", NULL, "--tls-listening-port",
			       NULL, "--user", USER ":" PASSWORD, "--realm", "test",
			       "--lt-cred-mech", "--allow-loopback-peers", "--no-cli", "--cert",
			       cert, "--pkey", key, "--pidfile", pid, "--userdb", base,
			       "--log-file", "stdout", option, value, NULL };

	server->endpoint = daemon_free_endpoint("127.0.0.1:0");
	server->tls = daemon_free_endpoint("127.0.0.1:0");
	argv[5] = port = g_strdup_printf("%u", endpoint_port(&server->endpoint));
	argv[7] = tls_port = g_strdup_printf("%u", endpoint_port(&server->tls));
	start(server, argv);
}

static void on_allocated(void *data)
{
	((struct client *)data)->allocated = true;
}

/* Who asks for a channel may count how often it is told. */
static void count(void *user)
{
	if (user)
		(*(guint *)user)++;
}

static void on_bound(guint16 channel, void *user, void *data)
{
	count(user);
	((struct client *)data)->bound = channel;
}

static void on_refused(guint16 channel, void *user, G_GNUC_UNUSED const char *why, void *data)
{
	count(user);
	((struct client *)data)->refused = channel;
}

static void on_lost(const char *why, void *data)
{
	struct client *client = data;

	client->lost = g_strdup(why);
	g_clear_pointer(&client->turn, turn_free);
}

static void on_moved(void *data)
{
	((struct client *)data)->moves++;
}

static void on_leave(G_GNUC_UNUSED const char *why, void *data)
{
	struct client *client = data;

	client->left = true;
}

static void on_stopping(void *data)
{
	((struct client *)data)->stopping = true;
}

static void on_gone(void *data)
{
	((struct client *)data)->gone = true;
}

static const struct turn_events events = {
	.allocated = on_allocated,
	.bound = on_bound,
	.refused = on_refused,
	.moved = on_moved,
	.gone = on_gone,
	.leave = on_leave,
	.stopping = on_stopping,
	.lost = on_lost,
};

static void begin_as(struct client *client, const struct server *server,
		     enum relayinfo_transport transport, const char *username,
		     const char *password)
{
	g_autoptr(GError) error = NULL;

	*client = (struct client){};
	client->turn = turn_new(transport == RELAYINFO_TLS ? &server->tls : &server->endpoint,
				transport, username, password, &events, client, &error);
	g_assert_no_error(error);
	g_assert_false(client->allocated || client->lost);
}

static void begin(struct client *client, const struct server *server,
		  enum relayinfo_transport transport, const char *password)
{
	begin_as(client, server, transport, USER, password);
}

static void end(struct client *client)
{
	g_clear_pointer(&client->turn, turn_free);
	g_clear_pointer(&client->lost, g_free);
}

static void test_transport(const struct server *server, enum relayinfo_transport transport)
{
	struct endpoint first = endpoint("127.0.0.1:4000"), second = endpoint("127.0.0.2:4000");
	struct endpoint third = endpoint("127.0.0.3:4000");
	struct client client;
	guint16 number, other;

	begin(&client, server, transport, PASSWORD);
	wait_for(&client.allocated);
	g_assert_true(endpoint_equal_address(turn_relayed(client.turn), &first));
	g_assert_cmpuint(endpoint_port(turn_relayed(client.turn)), >, 0);
	g_assert_cmpint(turn_rtt_us(client.turn), >, 0);
	g_assert_cmpuint(endpoint_port(turn_local(client.turn)), >, 0);
	g_assert_cmpuint(endpoint_port(turn_remote(client.turn)), >, 0);

	number = turn_bind(client.turn, &first, NULL);
	g_assert_false(turn_is_bound(client.turn, number));
	wait_for_number(&client.bound);
	g_assert_cmpuint(client.bound, ==, number);
	g_assert_true(turn_is_bound(client.turn, number));
	g_assert_cmpuint(turn_bind(client.turn, &first, NULL), ==, number);

	client.bound = 0;
	other = turn_bind(client.turn, &second, NULL);
	g_assert_cmpuint(other, !=, number);
	wait_for_number(&client.bound);
	g_assert_cmpuint(client.bound, ==, other);

	/* a number is not given to another peer at once, and the same peer gets no other one */
	turn_unbind(client.turn, other, NULL);
	g_assert_false(turn_is_bound(client.turn, other));
	g_assert_cmpuint(turn_bind(client.turn, &third, NULL), !=, other);
	client.bound = 0;
	g_assert_cmpuint(turn_bind(client.turn, &second, NULL), ==, other);
	while (client.bound != other)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpuint(client.refused, ==, 0);
	g_assert_null(client.lost);
	end(&client);
}

static void test_server(const void *data)
{
	const struct server *server = data;

	test_transport(server, RELAYINFO_UDP);
	test_transport(server, RELAYINFO_TCP);
	test_transport(server, RELAYINFO_TLS);
}

static void test_password(const void *data)
{
	struct client client;

	begin(&client, data, RELAYINFO_UDP, "wrong");
	wait_for_loss(&client);
	g_assert_nonnull(strstr(client.lost, "credentials"));
	g_assert_false(client.allocated);
	end(&client);
}

/* 10.0.0.0/8 is denied by mesh-relayd unless it is allowed. */
static void test_refused(const void *data)
{
	struct endpoint denied = endpoint("10.0.0.1:4000"), fine = endpoint("127.0.0.1:4000");
	struct client client;
	guint one = 0, two = 0, other = 0;
	guint16 number;

	begin(&client, data, RELAYINFO_UDP, PASSWORD);
	wait_for(&client.allocated);
	number = turn_bind(client.turn, &denied, &one);
	g_assert_cmpuint(turn_bind(client.turn, &denied, &two), ==, number);
	wait_for_number(&client.refused);
	g_assert_cmpuint(client.refused, ==, number);
	turn_bind(client.turn, &fine, &other);
	wait_for_number(&client.bound);
	g_assert_cmpuint(one, ==, 1);
	g_assert_cmpuint(two, ==, 1);
	g_assert_cmpuint(other, ==, 1);
	end(&client);
}

/* Two who want the same channel, and nobody else, are told of it; they have it until both gave it back. */
static void test_shared(const void *data)
{
	struct endpoint peer = endpoint("127.0.0.1:4000");
	struct client client;
	struct endpoint another = endpoint("127.0.0.2:4000");
	guint one = 0, two = 0, other = 0, gone = 0;
	guint16 number;

	begin(&client, data, RELAYINFO_UDP, PASSWORD);
	wait_for(&client.allocated);
	number = turn_bind(client.turn, &peer, &one);
	g_assert_cmpuint(turn_bind(client.turn, &peer, &gone), ==, number);
	g_assert_cmpuint(turn_bind(client.turn, &peer, &two), ==, number);
	turn_unbind(client.turn, number, &gone);
	wait_for_number(&client.bound);
	g_assert_cmpuint(one, ==, 1);
	g_assert_cmpuint(two, ==, 1);
	client.bound = 0;
	turn_bind(client.turn, &another, &other);
	wait_for_number(&client.bound);
	g_assert_cmpuint(other, ==, 1);
	g_assert_cmpuint(one + two + gone, ==, 2);

	turn_unbind(client.turn, number, &one);
	g_assert_true(turn_is_bound(client.turn, number));
	turn_unbind(client.turn, number, &two);
	g_assert_false(turn_is_bound(client.turn, number));
	end(&client);
}

/* Numbers that the server never heard of can be given away again at once, however many there were. */
static void test_numbers(const void *data)
{
	struct endpoint peer = endpoint("127.0.0.1:4000");
	struct client client;

	begin(&client, data, RELAYINFO_UDP, PASSWORD);
	for (guint i = TURN_CHANNEL_FIRST; i <= TURN_CHANNEL_LAST + 1; i++) {
		guint16 number = turn_bind(client.turn, &peer, NULL);

		g_assert_cmpuint(number, !=, 0);
		turn_unbind(client.turn, number, NULL);
	}
	end(&client);
}

static void start_with_secret(struct server *server)
{
	g_autofree char *listen = NULL, *secret = path("secret");
	const struct endpoint *endpoint = &server->endpoint;
	const char *argv[] = { g_getenv("RELAYD") ?: "build/bin/mesh-relayd", "--listen", NULL,
			       "--relay-address", "127.0.0.1", "--realm", "test", "--secret-file",
			       secret, "--allow-peer", "127.0.0.0/8", "--kernel", "off", NULL };

	g_assert_true(g_file_set_contents_full(secret, SECRET "\n", -1, G_FILE_SET_CONTENTS_NONE,
					       0600, NULL));
	server->endpoint = daemon_free_endpoint("127.0.0.1:0");
	argv[2] = listen = endpoint_format(&server->endpoint);
	server->process = daemon_start(argv, &endpoint, 1);
}

/* Credentials that are good for so long from now on. */
static void draw_credentials(gint64 lifetime_s, char **name, char **password)
{
	*name = turn_credential_name(g_get_real_time() / G_USEC_PER_SEC + lifetime_s, "account");
	*password = turn_credential_password(SECRET, *name);
}

/* A client with an allocation; the credentials that it is to have later are given back. */
static void begin_with_secret(struct client *client, struct server *server, gint64 lifetime_s,
			      char **later, char **later_password)
{
	g_autofree char *name = NULL, *password = NULL;

	draw_credentials(lifetime_s, &name, &password);
	draw_credentials(2 * HOUR_S, later, later_password);
	begin_as(client, server, RELAYINFO_UDP, name, password);
	wait_for(&client->allocated);
}

/* An answer to what was signed before is still one. */
static void test_renewed(void)
{
	struct endpoint peer = endpoint("127.0.0.1:4000"), other = endpoint("127.0.0.2:4000");
	g_autofree char *later = NULL, *later_password = NULL;
	struct server server = {};
	struct client client;

	start_with_secret(&server);
	begin_with_secret(&client, &server, HOUR_S, &later, &later_password);
	turn_bind(client.turn, &peer, NULL);
	turn_set_credentials(client.turn, later, later_password);
	wait_for_number(&client.bound);

	client.bound = 0;
	turn_bind(client.turn, &other, NULL);
	wait_for_number(&client.bound);
	g_assert_null(client.lost);
	end(&client);
	daemon_stop(&server.process);
}

/* By their whole user name: renewed credentials are those of somebody else, to coturn. */
static void test_renewed_coturn(void)
{
	g_autofree char *later = NULL, *later_password = NULL;
	struct endpoint peer = endpoint("127.0.0.1:4000");
	struct server server = {};
	struct client client;

	start_coturn(&server, "--static-auth-secret", SECRET);
	begin_with_secret(&client, &server, HOUR_S, &later, &later_password);
	turn_set_credentials(client.turn, later, later_password);
	turn_bind(client.turn, &peer, NULL);
	wait_for_number(&client.bound);
	g_assert_cmpuint(client.refused, ==, 0);
	g_assert_false(client.gone);
	g_assert_null(client.lost);
	end(&client);
	daemon_stop(&server.process);
}

static gboolean nothing(G_GNUC_UNUSED void *data)
{
	return G_SOURCE_CONTINUE;
}

/* Credentials expire by the clock. */
static void wait_until(gint64 real_s)
{
	guint timer = g_timeout_add(100, nothing, NULL);

	while (g_get_real_time() / G_USEC_PER_SEC <= real_s)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
}

/* mesh-relayd wants credentials that are valid, and knows the account behind others. */
static void test_expired(void)
{
	g_autofree char *later = NULL, *later_password = NULL;
	struct endpoint peer = endpoint("127.0.0.1:4000");
	struct server server = {};
	struct client client;
	gint64 expired_s;

	start_with_secret(&server);
	begin_with_secret(&client, &server, 2, &later, &later_password);
	expired_s = g_get_real_time() / G_USEC_PER_SEC + 2;
	turn_set_credentials(client.turn, later, later_password);
	wait_until(expired_s);
	turn_bind(client.turn, &peer, NULL);
	wait_for_number(&client.bound);
	g_assert_null(client.lost);
	end(&client);
	daemon_stop(&server.process);
}

/* NATs */

static gboolean pass(GSocket *from, GSocket *to, GSocketAddress *where, GSocketAddress **source,
		     bool drops_bindings)
{
	static const char binding[] = { 0, 1 };
	char datagram[2048];
	gssize len = g_socket_receive_from(from, source, datagram, sizeof(datagram), NULL, NULL);

	if (len > 0 && where && !(drops_bindings && memcmp(datagram, binding, 2) == 0))
		g_socket_send_to(to, where, datagram, len, NULL, NULL);
	return G_SOURCE_CONTINUE;
}

static gboolean on_front(G_GNUC_UNUSED GSocket *socket, G_GNUC_UNUSED GIOCondition condition,
			 void *data)
{
	struct nat *nat = data;
	g_autoptr(GSocketAddress) server = endpoint_to_gsocket_address(&nat->server);

	g_clear_object(&nat->client);
	return pass(nat->front, nat->back, server, &nat->client, nat->drops_bindings);
}

static gboolean on_back(G_GNUC_UNUSED GSocket *socket, G_GNUC_UNUSED GIOCondition condition,
			void *data)
{
	struct nat *nat = data;

	return pass(nat->back, nat->front, nat->client, NULL, false);
}

static GSocket *open_socket(void)
{
	GSocket *socket = g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
				       G_SOCKET_PROTOCOL_DEFAULT, NULL);
	struct endpoint any = endpoint("127.0.0.1:0");
	g_autoptr(GSocketAddress) address = endpoint_to_gsocket_address(&any);

	g_assert_true(g_socket_bind(socket, address, FALSE, NULL));
	return socket;
}

static GSource *watch(GSocket *socket, GSocketSourceFunc function, struct nat *nat)
{
	GSource *source = g_socket_create_source(socket, G_IO_IN, NULL);

	g_source_set_callback(source, G_SOURCE_FUNC(function), nat, NULL);
	g_source_attach(source, NULL);
	return source;
}

/* From now on it has another port; the first time as later. */
static void nat_forget(struct nat *nat)
{
	GSocket *back = open_socket();

	if (nat->back_source)
		g_source_destroy(nat->back_source);
	g_clear_pointer(&nat->back_source, g_source_unref);
	g_clear_object(&nat->back);
	nat->back = back;
	nat->back_source = watch(back, on_back, nat);
}

/* Return: where its client finds the server. */
static struct server nat_begin(struct nat *nat, const struct server *server)
{
	g_autoptr(GSocketAddress) address = NULL;
	struct server behind = {};

	*nat = (struct nat){ .server = server->endpoint };
	nat->front = open_socket();
	nat->front_source = watch(nat->front, on_front, nat);
	nat_forget(nat);
	address = g_socket_get_local_address(nat->front, NULL);
	g_assert_true(endpoint_from_gsocket_address(&behind.endpoint, address, NULL));
	return behind;
}

static void nat_end(struct nat *nat)
{
	g_source_destroy(nat->front_source);
	g_source_unref(nat->front_source);
	g_source_destroy(nat->back_source);
	g_source_unref(nat->back_source);
	g_clear_object(&nat->front);
	g_clear_object(&nat->back);
	g_clear_object(&nat->client);
}

/*
 * coturn gives another ticket with each answer, and has to be asked twice for the first: that is no
 * answer. On a machine that is so slow that a request is sent once more, the ticket that we have is
 * none any more, and the next move ends the allocation. Return: whether it has not.
 */
static bool wait_for_moves(const struct client *client, guint moves, bool may_end)
{
	guint timer = daemon_impatience_new();

	while (client->moves < moves && !(may_end && client->gone))
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
	return client->moves >= moves;
}

/* Whatever notices it first: a check, a channel that is asked for, or the next keep-alive. */
static void test_moved(const void *data)
{
	struct endpoint peers[] = { endpoint("127.0.0.1:4000"), endpoint("127.0.0.1:4001"),
				    endpoint("127.0.0.1:4002") };
	struct endpoint relayed;
	struct client client;
	struct server behind;
	struct nat nat;

	behind = nat_begin(&nat, data);
	begin(&client, &behind, RELAYINFO_UDP, PASSWORD);
	wait_for(&client.allocated);
	relayed = *turn_relayed(client.turn);
	for (guint i = 0; i < G_N_ELEMENTS(peers); i++) {
		if (i == 1)
			turn_check(client.turn);
		client.bound = 0;
		turn_bind(client.turn, &peers[i], NULL);
		if (!wait_for_moves(&client, i, data == &mobile && i > 1))
			break;
		wait_for_number(&client.bound);
		g_assert_true(endpoint_equal(turn_relayed(client.turn), &relayed));
		nat_forget(&nat);
	}
	g_assert_true(client.gone != (client.moves == G_N_ELEMENTS(peers) - 1));
	g_assert_null(client.lost);
	end(&client);
	nat_end(&nat);
}

/*
 * Anybody may ask for a Binding, and nobody need be answered: to keep an allocation, to notice that it
 * has to be moved, and to hear that the server stops, a client has what is signed.
 */
static void test_signed_alone(void)
{
	g_autofree char *later = NULL, *later_password = NULL;
	struct server server = {}, behind;
	struct client client;
	struct nat nat;

	start_with_secret(&server);
	behind = nat_begin(&nat, &server);
	nat.drops_bindings = true;
	begin_with_secret(&client, &behind, HOUR_S, &later, &later_password);
	nat_forget(&nat);
	g_assert_true(wait_for_moves(&client, 1, false));
	g_subprocess_send_signal(server.process, SIGTERM);
	wait_for(&client.stopping);
	g_assert_null(client.lost);
	end(&client);
	nat_end(&nat);
	daemon_stop(&server.process);
}

/* Where the server knows no mobility the owner is told at once. */
static void test_gone(const void *data)
{
	struct client client;
	struct server behind;
	struct nat nat;

	behind = nat_begin(&nat, data);
	begin(&client, &behind, RELAYINFO_UDP, PASSWORD);
	wait_for(&client.allocated);
	nat_forget(&nat);
	turn_check(client.turn);
	wait_for(&client.gone);
	g_assert_false(client.left);
	g_assert_null(client.lost);
	end(&client);
	nat_end(&nat);
}

/* A server that answers is kept; of one that does not we hear long before it counts as lost. */
static void test_check(const void *data)
{
	const struct server *server = data;
	struct endpoint peer = endpoint("127.0.0.1:4000"), other = endpoint("127.0.0.2:4000");
	struct client client, second;

	begin(&client, server, RELAYINFO_UDP, PASSWORD);
	wait_for(&client.allocated);
	begin(&second, server, RELAYINFO_UDP, PASSWORD);
	wait_for(&second.allocated);
	turn_check(client.turn);
	turn_bind(client.turn, &peer, NULL);
	wait_for_number(&client.bound);
	/* on a busy machine it may have taken long, and has answered now */
	client.left = false;

	daemon_suspend(server->process);
	turn_check(second.turn);
	wait_for(&second.left);
	g_assert_false(client.left);
	g_assert_null(second.lost);

	/* it was but slow */
	g_subprocess_send_signal(server->process, SIGCONT);
	turn_bind(second.turn, &other, NULL);
	wait_for_number(&second.bound);
	g_assert_null(second.lost);
	end(&second);
	end(&client);
}

static void test_stream_lost(const void *data)
{
	struct server *server = (struct server *)data;
	struct client client;

	begin(&client, server, RELAYINFO_TCP, PASSWORD);
	wait_for(&client.allocated);
	daemon_stop(&server->process);
	wait_for_loss(&client);
	end(&client);

	begin(&client, server, RELAYINFO_TLS, PASSWORD);
	wait_for_loss(&client);
	g_assert_false(client.allocated);
	end(&client);
}

/* Something takes connections, and says nothing: no TLS, and no answer to a request. */
static void test_stream_silent(void)
{
	g_autoptr(GSocketListener) listener = g_socket_listener_new();
	struct server server = {};
	struct client tcp, tls;
	guint16 port = g_socket_listener_add_any_inet_port(listener, NULL, NULL);

	g_assert_cmpuint(port, >, 0);
	server.endpoint = endpoint("127.0.0.1:0");
	endpoint_set_port(&server.endpoint, port);
	server.tls = server.endpoint;
	begin(&tls, &server, RELAYINFO_TLS, PASSWORD);
	begin(&tcp, &server, RELAYINFO_TCP, PASSWORD);
	wait_for_loss(&tls);
	wait_for_loss(&tcp);
	g_assert_cmpstr(tls.lost, ==, "it does not answer");
	g_assert_cmpstr(tcp.lost, ==, "it does not answer");
	end(&tls);
	end(&tcp);
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	work = g_dir_make_tmp("test-turn-XXXXXX", NULL);
	make_certificate();
	start_relayd(&relayd);
	start_coturn(&coturn, NULL, NULL);
	start_coturn(&mobile, "--mobility", NULL);
	g_test_add_data_func("/turn/mesh-relayd", &relayd, test_server);
	g_test_add_data_func("/turn/coturn", &coturn, test_server);
	g_test_add_data_func("/turn/password", &relayd, test_password);
	g_test_add_data_func("/turn/password-coturn", &coturn, test_password);
	g_test_add_data_func("/turn/refused", &relayd, test_refused);
	g_test_add_data_func("/turn/shared", &relayd, test_shared);
	g_test_add_data_func("/turn/numbers", &relayd, test_numbers);
	g_test_add_func("/turn/renewed", test_renewed);
	g_test_add_func("/turn/renewed-coturn", test_renewed_coturn);
	g_test_add_func("/turn/expired", test_expired);
	g_test_add_data_func("/turn/moved", &relayd, test_moved);
	g_test_add_data_func("/turn/moved-coturn", &mobile, test_moved);
	g_test_add_func("/turn/signed-alone", test_signed_alone);
	g_test_add_data_func("/turn/gone-coturn", &coturn, test_gone);
	g_test_add_data_func("/turn/check", &relayd, test_check);
	g_test_add_data_func("/turn/stream-lost", &relayd, test_stream_lost);
	g_test_add_func("/turn/stream-silent", test_stream_silent);
	status = g_test_run();
	daemon_stop(&relayd.process);
	daemon_stop(&coturn.process);
	daemon_stop(&mobile.process);
	directory_remove(work);
	g_free(work);
	return status;
}
