// SPDX-License-Identifier: GPL-2.0
/* Which peers may be relayed to. */
#include "peer-policy.h"

#include <string.h>

struct rule {
	struct prefix prefix;
	bool allow;
};

/**
 * struct peer_policy - see peer-policy.h
 * @rules: of struct rule
 */
struct peer_policy {
	GArray *rules;
};

#define V4(a, b, c, bits) { .family = AF_INET, .length = bits, .in6.s6_addr = { a, b, c } }
#define V6(bits, ...) { .family = AF_INET6, .length = bits, .in6.s6_addr = { __VA_ARGS__ } }

/* What the registries of special-purpose addresses (RFC 6890) do not call global, and groups. */
static const struct prefix not_public[] = {
	V4(0, 0, 0, 8), V4(10, 0, 0, 8), V4(100, 64, 0, 10), V4(127, 0, 0, 8), V4(169, 254, 0, 16),
	V4(172, 16, 0, 12), V4(192, 0, 0, 24), V4(192, 0, 2, 24), V4(192, 88, 99, 24),
	V4(192, 168, 0, 16), V4(198, 18, 0, 15), V4(198, 51, 100, 24), V4(203, 0, 113, 24),
	V4(224, 0, 0, 4), V4(240, 0, 0, 4),
	V6(96, 0),				 /* ::, ::1, IPv4-compatible */
	V6(96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff), /* IPv4-mapped */
	V6(96, 0, 0x64, 0xff, 0x9b),		 /* NAT64 */
	V6(48, 0, 0x64, 0xff, 0x9b, 0, 1),	 /* NAT64 within a site */
	V6(64, 0x01),				 /* discard */
	V6(32, 0x20, 0x01, 0, 0),		 /* Teredo */
	V6(48, 0x20, 0x01, 0, 0x02),		 /* benchmarks */
	V6(32, 0x20, 0x01, 0x0d, 0xb8),		 /* documentation */
	V6(16, 0x20, 0x02),			 /* 6to4 */
	V6(20, 0x3f, 0xff, 0),			 /* documentation */
	V6(7, 0xfc), V6(10, 0xfe, 0x80), V6(10, 0xfe, 0xc0), V6(8, 0xff),
};

struct peer_policy *peer_policy_new(void)
{
	struct peer_policy *policy = g_new0(struct peer_policy, 1);

	policy->rules = g_array_new(FALSE, FALSE, sizeof(struct rule));
	return policy;
}

void peer_policy_free(struct peer_policy *policy)
{
	if (policy)
		g_array_unref(policy->rules);
	g_free(policy);
}

void peer_policy_add(struct peer_policy *policy, const struct prefix *prefix, bool allow)
{
	struct rule rule = { *prefix, allow };

	g_array_append_val(policy->rules, rule);
}

void peer_policy_clear(struct peer_policy *policy, bool allow)
{
	for (guint i = policy->rules->len; i-- > 0;)
		if (g_array_index(policy->rules, struct rule, i).allow == allow)
			g_array_remove_index(policy->rules, i);
}

/* Whether the leading bits of address are those of prefix. */
static bool matches(const struct prefix *prefix, const guint8 *address, gsize len)
{
	guint whole = prefix->length / 8, rest = prefix->length % 8;
	const guint8 *expected;
	gsize size;

	expected = prefix_address(prefix, &size);
	if (size != len || memcmp(expected, address, whole) != 0)
		return false;
	return !rest || (expected[whole] ^ address[whole]) >> (8 - rest) == 0;
}

static bool is_public(const guint8 *address, gsize len)
{
	for (gsize i = 0; i < G_N_ELEMENTS(not_public); i++)
		if (matches(&not_public[i], address, len))
			return false;
	return true;
}

static const struct rule *find_rule(const struct peer_policy *policy, const guint8 *address,
				    gsize len)
{
	const struct rule *best = NULL;

	for (guint i = 0; i < policy->rules->len; i++) {
		const struct rule *rule = &g_array_index(policy->rules, struct rule, i);

		if (!matches(&rule->prefix, address, len))
			continue;
		if (!best || rule->prefix.length > best->prefix.length ||
		    (rule->prefix.length == best->prefix.length && !rule->allow))
			best = rule;
	}
	return best;
}

static bool allows_address(const struct peer_policy *policy, const guint8 *address, gsize len)
{
	const struct rule *rule = find_rule(policy, address, len);

	return rule ? rule->allow : is_public(address, len);
}

enum peer_rule peer_policy_rule(const struct peer_policy *policy, const struct endpoint *peer)
{
	gsize len;
	const guint8 *address = endpoint_address(peer, &len);
	const struct rule *rule = address ? find_rule(policy, address, len) : NULL;

	if (!rule)
		return PEER_RULE_NONE;
	return rule->allow ? PEER_RULE_ALLOW : PEER_RULE_DENY;
}

/* The IPv4 address that packets to an IPv6 address end up at; false when there is none. */
static bool embedded(const guint8 *v6, guint8 v4[static 4])
{
	static const struct prefix nat64 = V6(96, 0, 0x64, 0xff, 0x9b),
				   nat64_site = V6(48, 0, 0x64, 0xff, 0x9b, 0, 1),
				   sixtofour = V6(16, 0x20, 0x02), teredo = V6(32, 0x20, 0x01, 0, 0);

	if (matches(&nat64, v6, 16) || matches(&nat64_site, v6, 16)) {
		memcpy(v4, v6 + 12, 4);
	} else if (matches(&sixtofour, v6, 16)) {
		memcpy(v4, v6 + 2, 4);
	} else if (matches(&teredo, v6, 16)) {
		for (gsize i = 0; i < 4; i++)
			v4[i] = ~v6[12 + i];
	} else {
		return false;
	}
	return true;
}

/* ::ffff:a.b.c.d, and ::a.b.c.d but for :: and ::1, which are addresses of their own. */
static bool is_disguised(const guint8 *v6)
{
	static const struct prefix mapped = V6(96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff),
				   compatible = V6(96, 0), own = V6(127, 0);

	return matches(&mapped, v6, 16) ||
	       (matches(&compatible, v6, 16) && !matches(&own, v6, 16));
}

bool peer_policy_allows(const struct peer_policy *policy, const struct endpoint *peer)
{
	const guint8 *address;
	guint8 v4[4];
	gsize len;

	address = endpoint_address(peer, &len);
	if (!address || !allows_address(policy, address, len))
		return false;
	if (len == 4)
		return true;
	return !is_disguised(address) &&
	       (!embedded(address, v4) || allows_address(policy, v4, sizeof(v4)));
}
