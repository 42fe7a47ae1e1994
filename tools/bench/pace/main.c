// SPDX-License-Identifier: GPL-2.0
/*
 * pace RATE PACKETS NETNS ADDRESS:PORT NETNS ADDRESS:PORT
 *
 * Sends RATE datagrams a second each way between two network namespaces, ECN-capable ones,
 * until there were PACKETS each way (0: no end) or until SIGINT or SIGTERM. "out" is what the
 * first one sends, "back" what the second one does.
 *
 * While it runs, it says what becomes of each direction, one line a change:
 *
 *	out plain	datagrams arrive
 *	out marked	they arrive, and a router marked them (ECN, "congestion experienced")
 *	out silent	none has arrived for 200 ms
 *
 * A router that marks everything on one way, and on no other, so makes visible which way each
 * datagram took. SIGUSR1 begins a new period. In the end there is a line for each period and
 * direction, see journal_report().
 */
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "../load/stream.h"
#include "journal.h"

#define NS_PER_S G_GINT64_CONSTANT(1000000000)
#define SIZE 200
#define SILENT_NS (NS_PER_S / 5)
/* What has not arrived so long after the last one was sent is lost. */
#define UNDER_WAY_MS 1000

#define ECN_MASK 3
#define ECN_CAPABLE 2
#define ECN_MARKED 3

enum state {
	STATE_UNKNOWN,
	STATE_SILENT,
	STATE_PLAIN,
	STATE_MARKED,
};

static const char *const state_names[] = { "", "silent", "plain", "marked" };

struct direction {
	const char *name;
	int from, to;
	struct endpoint destination;
	struct journal *journal;
	enum state state;
	gint64 heard;
};

static struct direction directions[] = { { .name = "out" }, { .name = "back" } };
static gint64 rate;
static guint64 packets;

static gint64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void enter_state(struct direction *direction, enum state state)
{
	if (direction->state == state)
		return;
	direction->state = state;
	printf("%s %s\n", direction->name, state_names[state]);
	fflush(stdout);
}

/* One that the system refuses to send counts as sent: who uses it has lost it. */
static void send_one(struct direction *direction)
{
	guint8 data[SIZE] = { 0 };
	guint64 number = journal_sent(direction->journal, now_ns());

	memcpy(data, &number, sizeof(number));
	if (sendto(direction->from, data, sizeof(data), 0,
		   (const struct sockaddr *)&direction->destination.in,
		   sizeof(direction->destination.in)) < 0)
		journal_refused(direction->journal);
}

static bool is_marked(struct msghdr *message)
{
	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head; head = CMSG_NXTHDR(message, head))
		if (head->cmsg_level == IPPROTO_IP && head->cmsg_type == IP_TOS)
			return (*CMSG_DATA(head) & ECN_MASK) == ECN_MARKED;
	return false;
}

static void receive_all(struct direction *direction)
{
	for (;;) {
		guint8 data[SIZE];
		char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8)));
		struct iovec buffer = { data, sizeof(data) };
		struct msghdr message = {
			.msg_iov = &buffer,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		guint64 number;
		ssize_t len = recvmsg(direction->to, &message, MSG_DONTWAIT);

		if (len < 0 && errno == EAGAIN)
			return;
		if (len != SIZE)
			continue;
		memcpy(&number, data, sizeof(number));
		direction->heard = now_ns();
		journal_received(direction->journal, number, direction->heard, is_marked(&message));
		enter_state(direction, is_marked(&message) ? STATE_MARKED : STATE_PLAIN);
	}
}

static void set_up(struct direction *there, struct direction *back, char **argv)
{
	const int capable = ECN_CAPABLE, yes = 1;
	struct endpoint ends[2];
	int fds[2];

	for (guint i = 0; i < 2; i++) {
		g_autoptr(GError) error = NULL;

		if (!endpoint_parse(argv[2 * i + 1], &ends[i], &error))
			errx(EXIT_FAILURE, "%s", error->message);
		fds[i] = stream_socket(argv[2 * i], endpoint_port(&ends[i]));
		if (setsockopt(fds[i], IPPROTO_IP, IP_TOS, &capable, sizeof(capable)) < 0 ||
		    setsockopt(fds[i], IPPROTO_IP, IP_RECVTOS, &yes, sizeof(yes)) < 0)
			err(EXIT_FAILURE, "cannot ask for ECN");
	}
	there->from = back->to = fds[0];
	there->to = back->from = fds[1];
	there->destination = ends[1];
	back->destination = ends[0];
	there->journal = journal_new();
	back->journal = journal_new();
}

static int new_signals(void)
{
	sigset_t signals;
	int fd;

	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	fd = signalfd(-1, &signals, SFD_CLOEXEC);
	if (fd < 0)
		err(EXIT_FAILURE, "no signals");
	return fd;
}

static int new_timer(void)
{
	const struct timespec interval = {
		.tv_sec = rate == 1,
		.tv_nsec = NS_PER_S / rate % NS_PER_S,
	};
	const struct itimerspec timer = { interval, interval };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (fd < 0 || timerfd_settime(fd, 0, &timer, NULL) < 0)
		err(EXIT_FAILURE, "no timer");
	return fd;
}

/* Returns whether there is more to send. */
static bool send_due(int timer)
{
	guint64 due;

	if (read(timer, &due, sizeof(due)) != sizeof(due))
		return true;
	for (guint i = 0; i < G_N_ELEMENTS(directions); i++) {
		for (guint64 n = 0; n < due; n++)
			if (!packets || journal_length(directions[i].journal) < packets)
				send_one(&directions[i]);
		if (now_ns() - directions[i].heard > SILENT_NS)
			enter_state(&directions[i], STATE_SILENT);
	}
	return !packets || journal_length(directions[0].journal) < packets;
}

/* Returns whether to go on. */
static bool obey(int signals)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != sizeof(info) || info.ssi_signo != SIGUSR1)
		return false;
	for (guint i = 0; i < G_N_ELEMENTS(directions); i++)
		journal_mark(directions[i].journal, now_ns());
	return true;
}

static void receive_ready(const struct pollfd *fds)
{
	for (guint i = 0; i < G_N_ELEMENTS(directions); i++)
		if (fds[i].revents)
			receive_all(&directions[i]);
}

static void run(int signals, int timer)
{
	struct pollfd fds[] = {
		{ directions[0].to, POLLIN, 0 },
		{ directions[1].to, POLLIN, 0 },
		{ signals, POLLIN, 0 },
		{ timer, POLLIN, 0 },
	};
	bool more = true;

	while (more && poll(fds, G_N_ELEMENTS(fds), -1) > 0) {
		receive_ready(fds);
		if (fds[2].revents)
			more = obey(signals);
		if (more && fds[3].revents)
			more = send_due(timer);
	}
	for (guint i = 0; i < G_N_ELEMENTS(directions); i++)
		journal_mark(directions[i].journal, now_ns());
	while (poll(fds, G_N_ELEMENTS(directions), UNDER_WAY_MS) > 0)
		receive_ready(fds);
}

int main(int argc, char **argv)
{
	if (argc != 7)
		errx(EXIT_FAILURE, "usage: see the top of its source");
	rate = atoi(argv[1]);
	if (rate <= 0)
		errx(EXIT_FAILURE, "%s is no rate", argv[1]);
	packets = g_ascii_strtoull(argv[2], NULL, 10);
	/* Waiting for its own program to be read from the disk would look like an outage. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		err(EXIT_FAILURE, "cannot stay in memory");
	set_up(&directions[0], &directions[1], argv + 3);
	run(new_signals(), new_timer());
	journal_report_head();
	for (guint i = 0; i < G_N_ELEMENTS(directions); i++)
		journal_report(directions[i].journal, directions[i].name);
	return EXIT_SUCCESS;
}
