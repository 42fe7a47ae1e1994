// SPDX-License-Identifier: GPL-2.0
/* Noticing that the machine has slept, by two clocks that differ in that. */
#include "wake.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* Less is what passes between reading the two clocks while others have their turn. */
#define SLEPT_US G_USEC_PER_SEC

/* The timer is to be cancelled, not to expire. */
#define NEVER_S (50 * 365 * 24 * 3600L)

/**
 * struct wake - watches for the machine to wake up
 * @fd: a timer that the kernel cancels when the wall clock jumps, as it does after sleep
 * @source: GLib source of @fd
 * @clock: tells sleep from somebody who sets the clock
 * @woken: of the owner
 * @data: for @woken
 */
struct wake {
	int fd;
	guint source;
	struct wake_clock clock;
	void (*woken)(gint64 slept_us, void *data);
	void *data;
};

gint64 wake_clock_slept(struct wake_clock *clock, gint64 boottime_us, gint64 monotonic_us)
{
	gint64 ahead_us = boottime_us - monotonic_us;
	gint64 slept_us = clock->begun ? ahead_us - clock->ahead_us : 0;

	if (clock->begun && slept_us < SLEPT_US)
		return 0;
	clock->begun = true;
	clock->ahead_us = ahead_us;
	return slept_us;
}

static gint64 read_us(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static gint64 slept_us(struct wake *wake)
{
	gint64 monotonic_us = read_us(CLOCK_MONOTONIC);

	return wake_clock_slept(&wake->clock, read_us(CLOCK_BOOTTIME), monotonic_us);
}

static bool arm(struct wake *wake)
{
	struct itimerspec timer = { .it_value.tv_sec = time(NULL) + NEVER_S };

	return timerfd_settime(wake->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &timer,
			       NULL) == 0;
}

static gboolean on_cancelled(G_GNUC_UNUSED int fd, G_GNUC_UNUSED GIOCondition condition,
			     void *data)
{
	struct wake *wake = data;
	guint64 expired;
	gint64 us;

	if (read(wake->fd, &expired, sizeof(expired)) < 0 && errno == EAGAIN)
		return G_SOURCE_CONTINUE;
	arm(wake);
	us = slept_us(wake);
	if (us)
		wake->woken(us, wake->data);
	return G_SOURCE_CONTINUE;
}

struct wake *wake_new(void (*woken)(gint64 slept_us, void *data), void *data, GError **error)
{
	g_autoptr(wake) wake = g_new0(struct wake, 1);

	wake->woken = woken;
	wake->data = data;
	wake->fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (wake->fd < 0 || !arm(wake)) {
		int number = errno;

		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(number),
			    "cannot watch the clock: %s", g_strerror(number));
		return NULL;
	}
	slept_us(wake);
	wake->source = g_unix_fd_add(wake->fd, G_IO_IN, on_cancelled, wake);
	return g_steal_pointer(&wake);
}

void wake_free(struct wake *wake)
{
	if (!wake)
		return;
	g_clear_handle_id(&wake->source, g_source_remove);
	if (wake->fd >= 0)
		close(wake->fd);
	g_free(wake);
}
