// SPDX-License-Identifier: GPL-2.0
/* TLS handshakes, shared by those who ask for them. */
#include "handshakes.h"

#include "lib/rate-table.h"

/* Sources that are remembered: 64 KiB. */
#define SOURCES 4096

static const struct ratelimit_rule total_rule = {
	.interval_us = G_USEC_PER_SEC / HANDSHAKES_PER_S,
	.burst = HANDSHAKES_BURST,
};

#define SHARE(times) \
	{ \
		.interval_us = G_USEC_PER_SEC / (HANDSHAKES_SOURCE_PER_S * (times)), \
		.burst = HANDSHAKES_SOURCE_BURST * (times), \
	}

static const struct ratelimit_rule source_rules[RATE_LEVELS] = {
	[RATE_HOST] = SHARE(1),
	[RATE_SITE] = SHARE(1),
	[RATE_NETWORK] = SHARE(2),
};

struct handshakes {
	struct ratelimit total;
	struct rate_table *sources;
};

struct handshakes *handshakes_new(void)
{
	struct handshakes *handshakes = g_new0(struct handshakes, 1);

	handshakes->sources = rate_table_new(SOURCES);
	return handshakes;
}

void handshakes_free(struct handshakes *handshakes)
{
	if (!handshakes)
		return;
	rate_table_free(handshakes->sources);
	g_free(handshakes);
}

/* Both are counted, so that what others do not want does not count as theirs. */
bool handshakes_allow(struct handshakes *handshakes, const struct endpoint *from, gint64 now_us)
{
	struct endpoint source = *from;
	bool own, any;

	endpoint_canonicalise(&source);
	own = rate_table_take_source(handshakes->sources, 0, source_rules, &source, 1, now_us);
	any = ratelimit_allow(&handshakes->total, &total_rule, now_us);
	return own || any;
}
