// SPDX-License-Identifier: GPL-2.0
/*
 * The path MTU, searched and verified with padded probes (RFC 8899).
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "pmtu.h"

/* So many probes of a size have to stay without an answer (MAX_PROBES), more on a path that loses
 * a third of everything.
 */
#define ATTEMPTS		3
#define ATTEMPTS_LOSING		10

/* IPv4 hosts put that much together (RFC 1122 section 3.3.2), and links take it. */
#define FLOOR_IPV4		576

/* How soon a path in use is known not to take any more what it took. */
#define VERIFY_NS		(2 * (u64)NSEC_PER_SEC)
/* ICMP errors cause one verification in this time at most, whoever sends them. */
#define HINT_NS			((u64)NSEC_PER_SEC)
/* PMTU_RAISE_TIMER of RFC 8899 section 5.1.1. */
#define RAISE_NS		(600 * (u64)NSEC_PER_SEC)

static void pmtu_try(struct wgmesh_pmtu *pmtu, u32 size)
{
	pmtu->size = size;
	pmtu->missed = 0;
	pmtu->sent_ns = 0;
	memset(pmtu->pending, 0, sizeof(pmtu->pending));
}

/* Above @low, which is known to pass, or 0. If not all of the route passes, most likely no more
 * does than before.
 */
static void begin_search(struct wgmesh_pmtu *pmtu, u32 low)
{
	pmtu->phase = WGMESH_PMTU_SEARCHING;
	pmtu->low = low;
	pmtu->high = pmtu->ceiling + 1;
	pmtu->hint = low;
	pmtu->hinted = false;
	pmtu_try(pmtu, pmtu->ceiling);
}

static void end_search(struct wgmesh_pmtu *pmtu, u64 now_ns)
{
	pmtu->phase = WGMESH_PMTU_FOUND;
	pmtu->verified_ns = now_ns;
	pmtu->searched_ns = now_ns;
}

static void try_next(struct wgmesh_pmtu *pmtu, u64 now_ns)
{
	if (pmtu->low + 1 >= pmtu->high)
		end_search(pmtu, now_ns);
	else if (pmtu->low == pmtu->hint)
		pmtu_try(pmtu, pmtu->low + 1);
	else
		pmtu_try(pmtu, pmtu->low + (pmtu->high - pmtu->low) / 2);
}

static void pmtu_passes(struct wgmesh_pmtu *pmtu, u64 now_ns)
{
	if (pmtu->phase == WGMESH_PMTU_VERIFYING) {
		pmtu->phase = WGMESH_PMTU_FOUND;
		pmtu->verified_ns = now_ns;
		pmtu->hint = 0;
		return;
	}
	pmtu->low = pmtu->size;
	WRITE_ONCE(pmtu->mtu, pmtu->size);
	try_next(pmtu, now_ns);
}

/* Nothing is known to pass. Data gets small enough to be safe until something is. */
static void fall_back(struct wgmesh_pmtu *pmtu, u64 now_ns)
{
	const u32 safe = pmtu->high > WGMESH_PMTU_BASE ? WGMESH_PMTU_BASE : pmtu->floor;

	WRITE_ONCE(pmtu->mtu, pmtu->ceiling ? min(safe, pmtu->ceiling) : safe);
	if (pmtu->hint >= pmtu->floor && pmtu->hint < pmtu->high) {
		pmtu_try(pmtu, pmtu->hint);
	} else if (pmtu->high > WGMESH_PMTU_BASE) {
		pmtu_try(pmtu, WGMESH_PMTU_BASE);
	} else {
		pmtu->low = pmtu->mtu;
		try_next(pmtu, now_ns);
	}
}

static void does_not_pass(struct wgmesh_pmtu *pmtu, u64 now_ns)
{
	if (pmtu->phase == WGMESH_PMTU_VERIFYING) {
		pmtu->phase = WGMESH_PMTU_SEARCHING;
		pmtu->low = 0;
		pmtu->hinted = pmtu->hint;
	} else if (pmtu->hint == pmtu->size) {
		pmtu->hint = 0;
	}
	pmtu->high = pmtu->size;
	if (pmtu->low)
		try_next(pmtu, now_ns);
	else
		fall_back(pmtu, now_ns);
}

/**
 * wgmesh_pmtu_init() - a path that nothing is known of
 * @pmtu: of the path
 * @ipv6: whether it is one of IPv6
 */
void wgmesh_pmtu_init(struct wgmesh_pmtu *pmtu, bool ipv6)
{
	*pmtu = (struct wgmesh_pmtu){
		.mtu = WGMESH_PMTU_UNKNOWN,
		.floor = ipv6 ? WGMESH_PMTU_BASE : FLOOR_IPV4,
	};
}

/**
 * wgmesh_pmtu_inherit() - a path takes the place of another one of the same IP version
 * @pmtu: of the new one
 * @from: of the former one; it holds until it is verified, which is due
 */
void wgmesh_pmtu_inherit(struct wgmesh_pmtu *pmtu, const struct wgmesh_pmtu *from)
{
	*pmtu = *from;
	pmtu->phase = pmtu->mtu == WGMESH_PMTU_UNKNOWN ? WGMESH_PMTU_NEW : WGMESH_PMTU_FOUND;
	pmtu_try(pmtu, 0);
	wgmesh_pmtu_revived(pmtu);
}

/**
 * wgmesh_pmtu_set_ceiling() - what the route takes at most
 * @pmtu: of the path
 * @ceiling: MTU of the route; 0 when there is none, then the search waits
 */
void wgmesh_pmtu_set_ceiling(struct wgmesh_pmtu *pmtu, u32 ceiling)
{
	const u32 before = pmtu->ceiling;

	if (ceiling == before)
		return;
	pmtu->ceiling = ceiling;
	if (!ceiling || pmtu->phase == WGMESH_PMTU_NEW)
		return;
	if (pmtu->mtu > ceiling && pmtu->mtu != WGMESH_PMTU_UNKNOWN)
		WRITE_ONCE(pmtu->mtu, ceiling);
	if (pmtu->phase == WGMESH_PMTU_SEARCHING) {
		begin_search(pmtu, 0);
		return;
	}
	pmtu->phase = WGMESH_PMTU_FOUND;
	wgmesh_pmtu_revived(pmtu);
}

/**
 * wgmesh_pmtu_probe() - is a padded probe to be sent now?
 * @pmtu: of the path, which answers small probes
 * @used: whether it carries data; one that does not is searched once
 * @bytes: what was sent on it since it is there: what carries little is not verified
 * @now_ns: the time
 *
 * Return: the size of the probe, to be told to wgmesh_pmtu_sent(); 0: none.
 */
u32 wgmesh_pmtu_probe(struct wgmesh_pmtu *pmtu, bool used, u64 bytes, u64 now_ns)
{
	if (!pmtu->ceiling || pmtu->sent_ns)
		return 0;
	if (pmtu->phase == WGMESH_PMTU_NEW) {
		begin_search(pmtu, 0);
	} else if (pmtu->phase == WGMESH_PMTU_FOUND) {
		if (!used)
			return 0;
		if (!pmtu->verified_ns || (now_ns - pmtu->verified_ns >= VERIFY_NS &&
					   bytes - pmtu->verified_bytes >= pmtu->mtu)) {
			pmtu->phase = WGMESH_PMTU_VERIFYING;
			pmtu->verified_bytes = bytes;
			pmtu_try(pmtu, pmtu->mtu);
		} else if (pmtu->mtu < pmtu->ceiling &&
			   (!pmtu->searched_ns || now_ns - pmtu->searched_ns >= RAISE_NS)) {
			begin_search(pmtu, pmtu->mtu);
		} else {
			return 0;
		}
	}
	return pmtu->size;
}

/**
 * wgmesh_pmtu_sent() - the probe leaves, and a small one right behind it
 * @pmtu: of the path
 * @sequence: of the probe, not 0
 * @now_ns: when
 */
void wgmesh_pmtu_sent(struct wgmesh_pmtu *pmtu, u64 sequence, u64 now_ns)
{
	memmove(pmtu->pending + 1, pmtu->pending, sizeof(pmtu->pending) - sizeof(*pmtu->pending));
	pmtu->pending[0] = sequence;
	pmtu->sent_ns = now_ns;
}

/**
 * wgmesh_pmtu_answered() - an authentic answer came on this path
 * @pmtu: of the path
 * @sequence: that of the request it answers
 * @now_ns: when
 *
 * Return: false when no padded probe of the size that is tried had that sequence.
 */
bool wgmesh_pmtu_answered(struct wgmesh_pmtu *pmtu, u64 sequence, u64 now_ns)
{
	unsigned int i;

	for (i = 0; i < WGMESH_PMTU_PENDING; i++)
		if (sequence && pmtu->pending[i] == sequence)
			break;
	if (i == WGMESH_PMTU_PENDING)
		return false;
	memset(pmtu->pending, 0, sizeof(pmtu->pending));
	pmtu->sent_ns = 0;
	pmtu_passes(pmtu, now_ns);
	return true;
}

/**
 * wgmesh_pmtu_expire() - note that a padded probe was not answered in time
 * @pmtu: of the path
 * @timeout_ns: how long an answer may take
 * @losing: the path loses some of everything
 * @proven_ns: when the newest small probe was sent that was answered
 * @now_ns: the time
 */
void wgmesh_pmtu_expire(struct wgmesh_pmtu *pmtu, u64 timeout_ns, bool losing, u64 proven_ns,
			u64 now_ns)
{
	const bool small_passed = proven_ns >= pmtu->sent_ns;

	if (!pmtu->sent_ns || now_ns - pmtu->sent_ns < timeout_ns)
		return;
	pmtu->sent_ns = 0;
	if (small_passed && ++pmtu->missed >= (losing ? ATTEMPTS_LOSING : ATTEMPTS))
		does_not_pass(pmtu, now_ns);
}

/**
 * wgmesh_pmtu_next_late_ns() - when wgmesh_pmtu_expire() has something to do
 * @pmtu: of the path
 * @timeout_ns: how long an answer may take
 *
 * Return: the time, or U64_MAX when nothing is on its way.
 */
u64 wgmesh_pmtu_next_late_ns(const struct wgmesh_pmtu *pmtu, u64 timeout_ns)
{
	return pmtu->sent_ns ? pmtu->sent_ns + timeout_ns : U64_MAX;
}

/**
 * wgmesh_pmtu_hint() - an ICMP error says that packets are too large
 * @pmtu: of the path
 * @mtu: what it says would pass; anybody may have sent it
 * @now_ns: the time
 *
 * What it says is tried, nothing more, and once in a search: a size counts when it was answered.
 *
 * Return: whether there is something to be probed at once.
 */
bool wgmesh_pmtu_hint(struct wgmesh_pmtu *pmtu, u32 mtu, u64 now_ns)
{
	switch (pmtu->phase) {
	case WGMESH_PMTU_NEW:
		return false;
	case WGMESH_PMTU_FOUND:
		if (mtu >= pmtu->mtu || (pmtu->verified_ns && now_ns - pmtu->verified_ns < HINT_NS))
			return false;
		pmtu->hint = mtu;
		pmtu->verified_ns = 0;
		return true;
	case WGMESH_PMTU_VERIFYING:
		if (mtu < pmtu->size)
			pmtu->hint = mtu;
		return false;
	case WGMESH_PMTU_SEARCHING:
		if (pmtu->hinted || mtu >= pmtu->size || mtu <= pmtu->low || mtu < pmtu->floor)
			return false;
		pmtu->hinted = true;
		pmtu->hint = mtu;
		pmtu_try(pmtu, mtu);
		return true;
	}
	return false;
}

/**
 * wgmesh_pmtu_switched() - packets take this path from now on: verify first
 * @pmtu: of the path
 */
void wgmesh_pmtu_switched(struct wgmesh_pmtu *pmtu)
{
	pmtu->verified_ns = 0;
}

/**
 * wgmesh_pmtu_revived() - the path may be another one than it was: verify, and look for more
 * @pmtu: of the path
 */
void wgmesh_pmtu_revived(struct wgmesh_pmtu *pmtu)
{
	pmtu->verified_ns = 0;
	pmtu->searched_ns = 0;
}
