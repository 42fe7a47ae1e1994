#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# libnice checks 100 pairs of candidates. Of more it throws away those of the lowest priority, without
# an error, a warning or a signal: one candidate too many, and the only one that works is never tried.
#
# What:   libnice 0.1.21-1 (Debian 12), two agents on the loopback, each with one candidate; one is told
#         silent candidates of higher priority before that of the other
# Guess:  the limit is on checks at a time, as its name says (max-connectivity-checks); more candidates
#         make it take longer.
# Seen:   0 silent ones, 1 taken: ready
#         99 silent ones, 100 taken: ready
#         100 silent ones, 101 taken: failed
#         100 silent ones, limit 400, 101 taken: ready
# So:     the property has to be set to as many as there can be pairs, or the best 100 be chosen before.
#
# Fails when it is no longer so. Needs a compiler and the headers of GLib.
set -eu
version=0.1.21-1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -qq -o APT::Sandbox::User=root download libnice10=$version libnice-dev=$version
for package in *.deb; do
	dpkg-deb -x "$package" .
done
cat >pairs.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <nice/agent.h>

static guint state_of_first;

static void on_state(NiceAgent *agent, guint stream, guint component, guint state, gpointer first)
{
	if (GPOINTER_TO_INT(first))
		state_of_first = state;
}

static void on_data(NiceAgent *agent, guint stream, guint component, guint len, char *data, gpointer x)
{
}

static NiceAgent *new_agent(gboolean first, guint limit)
{
	NiceAgent *agent = nice_agent_new(NULL, NICE_COMPATIBILITY_RFC5245);
	NiceAddress address;

	g_object_set(agent, "controlling-mode", first, "upnp", FALSE, "ice-tcp", FALSE, NULL);
	if (limit)
		g_object_set(agent, "max-connectivity-checks", limit, NULL);
	g_signal_connect(agent, "component-state-changed", G_CALLBACK(on_state),
			 GINT_TO_POINTER(first));
	nice_address_init(&address);
	nice_address_set_from_string(&address, "127.0.0.1");
	nice_agent_add_local_address(agent, &address);
	nice_agent_add_stream(agent, 1);
	nice_agent_attach_recv(agent, 1, 1, NULL, on_data, NULL);
	nice_agent_gather_candidates(agent, 1);
	return agent;
}

static void tell_credentials(NiceAgent *to, NiceAgent *of)
{
	gchar *user, *password;

	nice_agent_get_local_credentials(of, 1, &user, &password);
	nice_agent_set_remote_credentials(to, 1, user, password);
}

/* Nobody answers there, and each has a higher priority than what works. */
static GSList *silent(guint number)
{
	NiceCandidate *candidate = nice_candidate_new(NICE_CANDIDATE_TYPE_HOST);
	gchar *text = g_strdup_printf("127.1.%u.1", number);

	candidate->transport = NICE_CANDIDATE_TRANSPORT_UDP;
	candidate->component_id = candidate->stream_id = 1;
	candidate->priority = 0x7fff0000 - number;
	g_snprintf(candidate->foundation, sizeof(candidate->foundation), "s%u", number);
	nice_address_set_from_string(&candidate->addr, text);
	nice_address_set_port(&candidate->addr, 9);
	return g_slist_append(NULL, candidate);
}

int main(int argc, char **argv)
{
	guint count = atoi(argv[1]), limit = atoi(argv[2]), taken = 0;
	NiceAgent *first = new_agent(TRUE, limit), *second = new_agent(FALSE, 0);
	gint64 end = g_get_monotonic_time() + 90 * G_USEC_PER_SEC;

	tell_credentials(first, second);
	tell_credentials(second, first);
	for (guint i = 0; i < count; i++)
		taken += nice_agent_set_remote_candidates(first, 1, 1, silent(i));
	taken += nice_agent_set_remote_candidates(first, 1, 1,
						  nice_agent_get_local_candidates(second, 1, 1));
	while (state_of_first != NICE_COMPONENT_STATE_READY &&
	       state_of_first != NICE_COMPONENT_STATE_FAILED && g_get_monotonic_time() < end)
		g_main_context_iteration(NULL, TRUE);
	printf("%u silent ones%s, %u taken: %s\n", count, limit ? ", limit 400" : "", taken,
	       nice_component_state_to_string(state_of_first));
	return 0;
}
END
arch=$(gcc -print-multiarch)
gcc -o pairs pairs.c -Iusr/include -Iusr/include/nice $(pkg-config --cflags gio-2.0) \
	"usr/lib/$arch/libnice.so.10" $(pkg-config --libs gio-2.0)
export LD_LIBRARY_PATH=$work/usr/lib/$arch
for arguments in '0 0' '99 0' '100 0' '100 400'; do
	./pairs $arguments
done | tee seen
diff -u - seen <<'END'
0 silent ones, 1 taken: ready
99 silent ones, 100 taken: ready
100 silent ones, 101 taken: failed
100 silent ones, limit 400, 101 taken: ready
END
echo "as it was found to be"
