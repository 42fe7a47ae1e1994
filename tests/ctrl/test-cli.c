// SPDX-License-Identifier: GPL-2.0
#include "cli/format.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/candidate-text.h"
#include "cli/meshstatus.h"
#include "cli/module-load.h"
#include "cli/path-words.h"
#include "cli/probe-keys.h"
#include "cli/probe-options.h"
#include "cli/table.h"
#include "cli/width.h"
#include "lib/pathnl-names.h"
#include "lib/suggest.h"

static void test_bytes(void)
{
	static const struct {
		guint64 bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 B" }, { 1, "1 B" }, { 1023, "1023 B" }, { 1024, "1.00 KiB" },
		{ 1536, "1.50 KiB" }, { 10229, "9.99 KiB" }, { 10240, "10.0 KiB" },
		{ 102400, "100 KiB" }, { 1048064, "1.00 MiB" }, { 1047552, "1023 KiB" },
		{ 5ull << 30, "5.00 GiB" }, { G_MAXUINT64, "16.0 EiB" },
	};
	char buf[FORMAT_STRLEN];

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
		g_assert_cmpstr(format_bytes(cases[i].bytes, buf), ==, cases[i].text);
}

static void test_times(void)
{
	static const struct {
		gint64 value;
		const char *text;
	} us[] = {
		{ 0, "0.00 ms" }, { 85, "0.09 ms" }, { 9100, "9.10 ms" }, { 9996, "10.0 ms" },
		{ 41000, "41.0 ms" }, { 120400, "120 ms" }, { 999400, "999 ms" },
		{ 1250000, "1.25 s" }, { 61000000, "61.0 s" },
	}, durations[] = {
		{ -5, "0 s" }, { 0, "0 s" }, { 119, "119 s" }, { 120, "2 min" },
		{ 7199, "120 min" }, { 7200, "2 h" }, { 172799, "48 h" }, { 172800, "2 days" },
		{ 604790, "7 days" }, { 86400 * 365, "365 days" },
	};
	char buf[FORMAT_STRLEN];

	for (gsize i = 0; i < G_N_ELEMENTS(us); i++)
		g_assert_cmpstr(format_us(us[i].value, buf), ==, us[i].text);
	for (gsize i = 0; i < G_N_ELEMENTS(durations); i++)
		g_assert_cmpstr(format_duration(durations[i].value, buf), ==, durations[i].text);
	g_assert_cmpstr(format_ago(0, 1000, buf), ==, "never");
	g_assert_cmpstr(format_ago(990, 1000, buf), ==, "10 s ago");
	g_assert_cmpstr(format_ago(1001, 1000, buf), ==, "0 s ago");
}

static void test_parse_duration(void)
{
	static const struct {
		const char *text;
		gint64 seconds;
	} good[] = {
		{ "1s", 1 }, { "90s", 90 }, { "15m", 900 }, { "12h", 43200 }, { "1d", 86400 },
		{ "2w", 1209600 }, { "never", 0 }, { "90", 90 }, { "36500d", 36500ll * 86400 },
	};
	static const char *const bad[] = {
		"", "0", "0s", "s", "-1s", "+1s", "1.5h", "1 d", "1dd", "1y", "Never", "36501d",
		"99999999999999999999s",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
		g_autoptr(GError) error = NULL;
		gint64 seconds = -1;

		format_parse_duration(good[i].text, &seconds, &error);
		g_assert_no_error(error);
		g_assert_cmpint(seconds, ==, good[i].seconds);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		gint64 seconds = -1;

		g_assert_false(format_parse_duration(bad[i], &seconds, &error));
		g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
		g_assert_cmpint(seconds, ==, -1);
	}
}

static void test_ms(void)
{
	static const struct {
		const char *text;
		gint64 ms;
	} good[] = {
		{ "1ms", 1 }, { "100ms", 100 }, { "20s", 20000 }, { "2m", 120000 }, { "20", 20000 },
	};
	static const char *const bad[] = {
		"", "0", "ms", "0s", "-1s", "1.5s", "1 s", "1h", "1sm", "never", "9999999999s",
	};
	char buf[FORMAT_STRLEN];

	for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
		gint64 ms = -1;

		g_assert_true(format_parse_ms(good[i].text, &ms, NULL));
		g_assert_cmpint(ms, ==, good[i].ms);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		gint64 ms = -1;

		g_assert_false(format_parse_ms(bad[i], &ms, &error));
		g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
		g_assert_cmpint(ms, ==, -1);
	}
	g_assert_cmpstr(format_ms(-1, buf), ==, "0 ms");
	g_assert_cmpstr(format_ms(999, buf), ==, "999 ms");
	g_assert_cmpstr(format_ms(1999, buf), ==, "1 s");
	g_assert_cmpstr(format_ms(7200000, buf), ==, "2 h");
}

#define TX_KEY "KCGSSwvWEG9RpCnhyCexyPtdXUCGTQvAsBTJBXWVzVc="
#define RX_KEY "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="

static bool read_keys(const char *path, const char *contents, mode_t mode,
		      struct pathnl_probe_keys *keys, GError **error)
{
	g_assert_true(g_file_set_contents(path, contents, -1, NULL));
	g_assert_cmpint(chmod(path, mode), ==, 0);
	return probe_keys_read(path, keys, error);
}

static void test_probe_keys(void)
{
	static const char *const bad[] = {
		"", TX_KEY "\n", TX_KEY "\n" RX_KEY "\n" RX_KEY "\n", TX_KEY RX_KEY "\n",
		TX_KEY "\nx\n", "\n\n",
	};
	g_autofree char *path = g_build_filename(g_get_tmp_dir(), "probe-keys-XXXXXX", NULL);
	int fd = g_mkstemp(path);
	g_autoptr(GError) error = NULL;
	struct pathnl_probe_keys keys;
	char text[KEY_STRLEN];

	g_assert_cmpint(fd, >=, 0);
	close(fd);
	g_assert_true(read_keys(path, TX_KEY "\n" RX_KEY "\n", 0600, &keys, NULL));
	g_assert_cmpstr(key_print(&keys.tx, text), ==, TX_KEY);
	g_assert_cmpstr(key_print(&keys.rx, text), ==, RX_KEY);
	g_assert_true(read_keys(path, TX_KEY "\r\n\n  " RX_KEY, 0600, &keys, NULL));
	g_assert_cmpstr(key_print(&keys.rx, text), ==, RX_KEY);

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_assert_false(read_keys(path, bad[i], 0600, &keys, &error));
		g_assert_nonnull(error);
		g_assert_null(strstr(error->message, "KCGS"));
		g_clear_error(&error);
	}
	g_assert_false(read_keys(path, TX_KEY "\n" RX_KEY "\n", 0644, &keys, &error));
	g_assert_nonnull(error);
	g_unlink(path);
}

static void check_options(const struct probe_options *options, bool good)
{
	struct pathnl_settings settings;

	probe_options = *options;
	g_assert_true(probe_options_read(&settings) == good);
	probe_options = (struct probe_options){};
}

static void test_probe_options(void)
{
	static const struct probe_options bad[] = {
		{ .selector = "" }, { .selector = "sixteen-letters-" }, { .active = "9ms" },
		{ .active = "31s" }, { .standby = "1m" }, { .idle = "99ms" }, { .idle = "31" },
		{ .attempts = 1 }, { .attempts = 17 }, { .attempts = -1 },
	};
	static const struct probe_options good[] = {
		{}, { .selector = "fifteen-letters" }, { .active = "10ms" }, { .active = "30s" },
		{ .standby = "30s" }, { .idle = "100ms" }, { .idle = "10" }, { .attempts = 2 }, { .attempts = 16 },
	};
	struct pathnl_settings settings = {
		.probe_active_ms = 100,
		.probe_standby_ms = 1000,
		.probe_idle_ms = 20000,
		.probe_attempts = 5,
	};
	g_autofree char *text = probe_options_describe(&settings);

	g_assert_cmpstr(text, ==, "0.1/1/20 s, 5");
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
		check_options(&bad[i], false);
	for (gsize i = 0; i < G_N_ELEMENTS(good); i++)
		check_options(&good[i], true);
	probe_options.selector = "default";
	g_assert_true(probe_options_read(&settings));
	g_assert_true(settings.default_selector && probe_options_given(&settings));
	probe_options.selector = NULL;
	g_assert_true(probe_options_read(&settings));
	g_assert_false(probe_options_given(&settings));
}

static void test_candidates(void)
{
	static const struct {
		const char *line, *text;
	} cases[] = {
		{ "candidate:1 1 UDP 2015363583 192.0.2.1 5000 typ host", "192.0.2.1:5000 host" },
		{ "candidate:2 1 UDP 1 2001:db8::1 5 typ host", "[2001:db8::1]:5 host" },
		{ "candidate:2 1 UDP 1 203.0.113.9 6 typ srflx raddr 192.0.2.1 rport 5000",
		  "203.0.113.9:6 srflx of 192.0.2.1:5000" },
		{ "candidate:2 1 UDP 1 203.0.113.9 6 typ srflx generation 0 raddr",
		  "203.0.113.9:6 srflx" },
		{ "candidate:2 1 UDP 1 203.0.113.9 6 type", "candidate:2 1 UDP 1 203.0.113.9 6 type" },
		{ "", "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = candidate_describe(cases[i].line);

		g_assert_cmpstr(text, ==, cases[i].text);
	}
}

static void test_suggest(void)
{
	g_assert_cmpuint(suggest_distance("status", "status"), ==, 0);
	g_assert_cmpuint(suggest_distance("staus", "status"), ==, 1);
	g_assert_cmpuint(suggest_distance("statsu", "status"), ==, 1);
	g_assert_cmpuint(suggest_distance("", "up"), ==, 2);
	g_assert_cmpuint(suggest_distance("a-word-of-more-than-32-characters", "up"), ==,
			 G_MAXUINT);

	g_assert_cmpuint(suggest_close_enough("stat", "status"), ==, 0);
	g_assert_cmpuint(suggest_close_enough("pth", "path"), ==, 1);
	g_assert_cmpuint(suggest_close_enough("connect", "reconnect"), <=, 3);
	g_assert_cmpuint(suggest_close_enough("frobnicate", "status"), ==, G_MAXUINT);
	g_assert_cmpuint(suggest_close_enough("x", "up"), ==, G_MAXUINT);
}

static void test_table(void)
{
	g_autoptr(table) table = table_new("NAME >COUNT LAST_SEEN");
	g_autofree char *plain = NULL, *coloured = NULL;

	table_cell(table, STYLE_GOOD, "m\u00fcnchen");
	table_cell(table, STYLE_PLAIN, "%d", 7);
	table_cell(table, STYLE_PLAIN, "%s", "");
	table_cell(table, STYLE_PLAIN, "b");
	table_cell(table, STYLE_PLAIN, "%d", 1234567);
	table_cell(table, STYLE_PLAIN, "%s", "never");
	plain = table_format(table, false, 0);
	g_assert_cmpstr(plain, ==,
			"NAME       COUNT  LAST SEEN\n"
			"m\u00fcnchen        7  -\n"
			"b        1234567  never\n");
	coloured = table_format(table, true, 0);
	g_assert_nonnull(strstr(coloured, "\033[32mm\u00fcnchen\033[0m        7  -\n"));
}

static struct mesh_status *status_of(const char *text)
{
	g_autoptr(JsonNode) node = json_from_string(text, NULL);

	g_assert_nonnull(node);
	return mesh_status_read(json_node_get_object(node));
}

static const char sample[] =
	"{\"version\":1,\"state\":\"up\",\"network\":{\"id\":\"0f\",\"name\":\"office\"},"
	"\"server\":{\"url\":\"https://s:8443\",\"connected\":true},\"interface\":\"mesh0\","
	"\"hostname\":\"a\",\"addresses\":[\"100.64.0.1\",\"fd00::1\"],\"kernel\":{\"module\":true},"
	"\"peers\":[{\"public_key\":\"abcd1=\",\"hostname\":\"b\",\"addresses\":[\"100.64.0.2\",\"fd00::2\"],"
	"\"online\":true,\"state\":\"direct\",\"ice\":{\"state\":\"ready\",\"local_candidates\":[\"x\"],"
	"\"remote_candidates\":[]},\"paths\":["
	"{\"id\":1,\"kind\":\"direct\",\"remote\":\"192.0.2.2:1\",\"selected\":true,\"rx_age_ms\":900},"
	"{\"id\":2,\"kind\":\"direct\",\"remote\":\"192.0.2.3:1\",\"rx_age_ms\":3,\"rtt_us\":9100},"
	"{\"id\":3}],\"last_handshake\":5,\"wg_rx_bytes\":6},"
	"{\"public_key\":\"abcd2=\",\"hostname\":\"abcd\",\"addresses\":[\"100.64.0.3\"]},"
	"{\"public_key\":\"abcd3=\",\"hostname\":\"evil\\u001b[2J\"}]}";

static void test_status(void)
{
	g_autoptr(mesh_status) status = status_of(sample);
	const struct mesh_peer *peer;

	g_assert_cmpstr(status->state, ==, "up");
	g_assert_cmpstr(status->network_name, ==, "office");
	g_assert_true(status->server_connected && status->module);
	g_assert_cmpstr(status->server_error, ==, "");
	g_assert_cmpint(status->peers->len, ==, 3);

	peer = &g_array_index(status->peers, struct mesh_peer, 0);
	g_assert_true(peer->online);
	g_assert_cmpint(peer->paths->len, ==, 3);
	g_assert_cmpint(mesh_peer_selected(peer)->id, ==, 1);
	g_assert_cmpint(mesh_peer_latest(peer)->id, ==, 2);
	g_assert_cmpint(mesh_peer_latest(peer)->rtt_us, ==, 9100);
	g_assert_cmpint(mesh_peer_selected(peer)->rtt_us, ==, -1);
	g_assert_cmpint(peer->last_handshake, ==, 5);

	peer = &g_array_index(status->peers, struct mesh_peer, 2);
	g_assert_cmpstr(peer->hostname, ==, "evil?[2J");
	g_assert_null(mesh_peer_selected(peer));
	g_assert_null(mesh_peer_latest(peer));
	g_assert_null(peer->addresses[0]);
}

static const char switched[] =
	"{\"peers\":[{\"hostname\":\"b\",\"selector\":\"failover\",\"probing\":true,\"switches\":3,"
	"\"switch_age_ms\":12000,\"switch_reason\":\"lost\",\"paths\":["
	"{\"id\":5,\"kind\":\"relay\",\"relay\":\"fra\",\"remote\":\"203.0.113.1:3478\",\"selected\":true,"
	"\"state\":\"alive\",\"state_age_ms\":180000,\"rtt_us\":41000,\"jitter_us\":300,"
	"\"loss_permille\":0,\"policy\":\"force\"},"
	"{\"id\":3,\"kind\":\"direct\",\"remote\":\"192.0.2.2:1\",\"state\":\"dead\","
	"\"state_age_ms\":850,\"loss_permille\":125,\"lossy\":true,\"held\":true,"
	"\"why_not\":\"the peer does not answer on it\"},"
	"{\"id\":4,\"kind\":\"direct\",\"remote\":\"192.0.2.3:1\",\"copies\":true}]}]}";

static void check_words(const struct mesh_path *path, const char *where, const char *use,
			const char *state, enum style style)
{
	g_autofree char *real_where = path_words_where(path);
	g_autofree char *real_use = path_words_use(path);
	g_autofree char *real_state = path_words_state(path);

	g_assert_cmpstr(real_where, ==, where);
	g_assert_cmpstr(real_use, ==, use);
	g_assert_cmpstr(real_state, ==, state);
	g_assert_cmpint(path_words_style(path), ==, style);
}

static void test_path_words(void)
{
	g_autoptr(mesh_status) status = status_of(switched);
	const struct mesh_peer *peer = &g_array_index(status->peers, struct mesh_peer, 0);
	g_autofree char *last = path_words_switch(peer);

	g_assert_true(peer->probing);
	g_assert_cmpstr(peer->selector, ==, "failover");
	g_assert_cmpstr(last, ==, "12 s ago: the peer did not answer any more on the path before "
				  "(3 in all)");
	check_words(&g_array_index(peer->paths, struct mesh_path, 0),
		    "relay fra, 203.0.113.1:3478", "in use, forced",
		    "alive for 3 min, round trip 41.0 ms, jitter 0.30 ms, 0.0 % lost", STYLE_GOOD);
	check_words(&g_array_index(peer->paths, struct mesh_path, 1), "direct, 192.0.2.2:1",
		    "not used: the peer does not answer on it",
		    "dead for 850 ms, lossy, held, 12.5 % lost", STYLE_BAD);
	check_words(&g_array_index(peer->paths, struct mesh_path, 2), "direct, 192.0.2.3:1",
		    "gets a copy of each packet", "untested", STYLE_FAINT);
}

/* Every reason the kernel has is put into words; one of a newer kernel keeps its name. */
static void test_reasons(void)
{
	for (guint i = 0; i <= WGMESH_REASON_SELECTOR; i++)
		g_assert_nonnull(strchr(path_words_reason(pathnl_reason_name(i)), ' '));
	g_assert_cmpstr(path_words_reason("of-the-future"), ==, "of-the-future");
}

/* Whatever a daemon of another version says, nothing breaks. */
static void test_status_odd(void)
{
	static const char *const odd[] = {
		"{}", "{\"state\":5,\"peers\":7,\"network\":[],\"server\":null}",
		"{\"peers\":[1,null,[],{\"paths\":[1,{}],\"ice\":5,\"addresses\":[{},1]}]}",
		"{\"peers\":{},\"addresses\":\"x\",\"kernel\":{\"module\":\"yes\"}}",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(odd); i++) {
		g_autoptr(mesh_status) status = status_of(odd[i]);

		g_assert_cmpstr(status->state, ==, "");
		g_assert_false(status->module);
	}
}

static void test_find_peer(void)
{
	g_autoptr(mesh_status) status = status_of(sample);
	static const struct {
		const char *name;
		const char *key;
	} cases[] = {
		{ "b", "abcd1=" }, { "B", "abcd1=" }, { "100.64.0.2", "abcd1=" },
		{ "fd00:0::2", "abcd1=" }, { "abcd1", "abcd1=" }, { "100.64.0.3", "abcd2=" },
		{ "abcd", "abcd2=" }, { "abcd3=", "abcd3=" },
		/* Too short, too long, too many, none. */
		{ "abc", NULL }, { "abcd1==", NULL }, { "", NULL }, { "100.64.0.4", NULL },
		{ "100.64.0.0/10", NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		const struct mesh_peer *peer = mesh_status_find_peer(status, cases[i].name,
								     &error);

		if (cases[i].key) {
			g_assert_no_error(error);
			g_assert_cmpstr(peer->public_key, ==, cases[i].key);
		} else {
			g_assert_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
			g_assert_null(peer);
		}
	}
}

/* Texts give way, the widest first; numbers stay whole, whatever the width. */
static void test_narrow_table(void)
{
	g_autoptr(table) table = table_new("NAME WHERE >COUNT");
	static const struct {
		guint width;
		const char *text;
	} cases[] = {
		{ 0, "NAME        WHERE                COUNT\n"
		     "a-hostname  192.0.2.1:51820  123456789\n" },
		{ 38, "NAME        WHERE                COUNT\n"
		      "a-hostname  192.0.2.1:51820  123456789\n" },
		{ 34, "NAME        WHERE            COUNT\n"
		      "a-hostname  192.0.2.1:~  123456789\n" },
		{ 27, "NAME     WHERE        COUNT\n"
		      "a-host~  192.0.~  123456789\n" },
		{ 1, "NAME    WHERE       COUNT\n"
		     "a-hos~  192.0~  123456789\n" },
	};

	table_cell(table, STYLE_TITLE, "a-hostname");
	table_cell(table, STYLE_PLAIN, "192.0.2.1:51820");
	table_cell(table, STYLE_PLAIN, "123456789");
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = table_format(table, false, cases[i].width);

		g_assert_cmpstr(text, ==, cases[i].text);
	}
}

static void test_wrap(void)
{
	static const struct {
		const char *text;
		guint indent, columns;
		const char *lines;
	} cases[] = {
		{ "one two three", 0, 0, "one two three" },
		{ "one two three", 0, 13, "one two three" },
		{ "one two three", 0, 12, "one two\nthree" },
		{ "name   one two three", 7, 14, "name   one two\n       three" },
		{ "name   one\033[1m two\033[0m three", 7, 14,
		  "name   one\033[1m two\033[0m\n       three" },
		{ "name   averyverylongword two", 7, 14,
		  "name   averyverylongword\n       two" },
		{ "  path", 2, 3, "  path" },
		{ "", 2, 3, "" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *lines = width_wrap(cases[i].text, cases[i].indent,
						    cases[i].columns);

		g_assert_cmpstr(lines, ==, cases[i].lines);
	}
}

/* What modprobe says becomes what to do; what nobody foresaw is passed on. */
static void test_module_explained(void)
{
	static const struct {
		const char *said;
		const char *words[3];
	} cases[] = {
		{ "modprobe: ERROR: could not insert 'wgmesh': Key was rejected by service\n",
		  { "Secure Boot", "\n", "mokutil --import /var/lib/dkms/mok.pub" } },
		{ "modprobe: ERROR: could not insert 'wgmesh': Required key not available\n",
		  { "module.sig_enforce", "mokutil", "dkms install --force" } },
		{ "modprobe: FATAL: Module wgmesh not found in directory /lib/modules/6.1.0-9-amd64\n",
		  { "this kernel, 6.1.0-9-amd64", "linux-headers-6.1.0-9-amd64", "dkms autoinstall" } },
		{ "modprobe: ERROR: could not insert 'wgmesh': Exec format error\n",
		  { "another kernel", "-k 6.1.0-9-amd64", "\n" } },
		{ "modprobe: ERROR: could not insert 'wgmesh': Operation not permitted\n",
		  { "Secure Boot", "container", "\n" } },
		{ "modprobe: ERROR: could not insert 'wgmesh': Cannot allocate memory\nmore\n",
		  { "Cannot allocate memory more\n", "dmesg", "\n" } },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *text = module_explain(cases[i].said, "6.1.0-9-amd64");

		g_assert_null(strstr(text, "%"));
		for (guint j = 0; j < G_N_ELEMENTS(cases[i].words); j++) {
			if (!strstr(text, cases[i].words[j]))
				g_error("'%s' does not say '%s'", text, cases[i].words[j]);
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/cli/bytes", test_bytes);
	g_test_add_func("/cli/times", test_times);
	g_test_add_func("/cli/parse-duration", test_parse_duration);
	g_test_add_func("/cli/ms", test_ms);
	g_test_add_func("/cli/probe-keys", test_probe_keys);
	g_test_add_func("/cli/probe-options", test_probe_options);
	g_test_add_func("/cli/candidates", test_candidates);
	g_test_add_func("/cli/suggest", test_suggest);
	g_test_add_func("/cli/table", test_table);
	g_test_add_func("/cli/narrow-table", test_narrow_table);
	g_test_add_func("/cli/wrap", test_wrap);
	g_test_add_func("/cli/module-explained", test_module_explained);
	g_test_add_func("/cli/status", test_status);
	g_test_add_func("/cli/path-words", test_path_words);
	g_test_add_func("/cli/reasons", test_reasons);
	g_test_add_func("/cli/status-odd", test_status_odd);
	g_test_add_func("/cli/find-peer", test_find_peer);
	return g_test_run();
}
