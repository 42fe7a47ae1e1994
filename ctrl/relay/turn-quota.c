// SPDX-License-Identifier: GPL-2.0
/*
 * Nobody gets all allocations: a user, a host and a network have shares, and the last ones are for
 * those who have few.
 */
#include "lib/log.h"
#include "turn-request.h"

/* Of all allocations: clients behind one NAT, in one network. */
#define HOST_SHARE 4
#define NETWORK_SHARE 2

/* This part of all is for those who have less than that part of their share. */
#define RESERVE 4
#define RESERVE_SHARE 8

/* As many everybody may have anyway: a client that begins anew may have some that wait to expire. */
#define FEW 16
#define FEW_OF_USER 4

/**
 * struct share - what may be had
 * @few: of the reserve
 * @most: in all
 */
struct share {
	guint few, most;
};

static struct share share_of(guint most, guint few)
{
	return (struct share){ MIN(MAX(most / RESERVE_SHARE, few), most), most };
}

/* What is reserved counts as well: else a user could have twice as many ports. */
static guint count_all(const struct turn *turn)
{
	return allocation_count(turn->allocations, NULL) + reservation_count(turn->reservations);
}

static bool is_reserve(const struct turn *turn)
{
	guint most = turn->limits.allocations;

	return count_all(turn) >= most - most / RESERVE;
}

static bool exceeds(const struct turn *turn, guint has, struct share share)
{
	return has >= (is_reserve(turn) ? share.few : share.most);
}

static struct refusal check_account(const struct turn_request *request)
{
	const struct turn *turn = request->turn;
	const char *account = request->credentials->account;
	guint has = allocation_count(turn->allocations, account);
	struct share share = share_of(turn->limits.allocations_per_account, FEW_OF_USER);

	if (!exceeds(turn, has, share))
		return TURN_GRANTED;
	if (has >= share.most)
		log_limited(LOG_LEVEL_WARNING, "user %s has %u allocations, and gets no more; if that "
			    "is not enough, raise max-allocations-per-user", account, has);
	else
		log_limited(LOG_LEVEL_WARNING, "user %s has %u allocations, and gets no more: the "
			    "last %u of %u are for users who have less than %u; if all are wanted, "
			    "raise max-allocations", account, has,
			    turn->limits.allocations / RESERVE, turn->limits.allocations, share.few);
	return TURN_REFUSED(486, "Too many allocations of this user");
}

static bool exceeds_source(const struct turn *turn, const struct endpoint *client,
			   enum rate_level level, guint part)
{
	guint has = allocation_count_source(turn->allocations, client, level);

	return exceeds(turn, has, share_of(MAX(turn->limits.allocations / part, FEW), FEW));
}

struct refusal turn_check_source(const struct turn_request *request)
{
	const struct endpoint *client = &request->datagram->source;
	const struct turn *turn = request->turn;
	bool host = exceeds_source(turn, client, RATE_HOST, HOST_SHARE);
	char buf[ENDPOINT_STRLEN];

	if (!host && !exceeds_source(turn, client, RATE_NETWORK, NETWORK_SHARE))
		return TURN_GRANTED;
	log_limited(LOG_LEVEL_WARNING, "%s gets no allocation: its %s has %u of %u already; if all are "
		    "wanted, raise max-allocations", endpoint_print(client, buf),
		    host ? "host" : "network",
		    allocation_count_source(turn->allocations, client,
					    host ? RATE_HOST : RATE_NETWORK),
		    turn->limits.allocations);
	return TURN_REFUSED(508, "Too many allocations of this network");
}

struct refusal turn_check_quota(const struct turn_request *request)
{
	const struct turn *turn = request->turn;
	struct refusal refusal = check_account(request);

	if (refusal.code)
		return refusal;
	if (count_all(turn) < turn->limits.allocations)
		return turn_check_source(request);
	log_limited(LOG_LEVEL_WARNING, "all %u allocations are taken; raise max-allocations, or add "
		    "another relay to the network (meshctl relay add)", turn->limits.allocations);
	return TURN_REFUSED(508, "Too many allocations");
}
