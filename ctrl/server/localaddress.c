// SPDX-License-Identifier: GPL-2.0
/* An address of this machine that others may reach the server at. */
#include "localaddress.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <ifaddrs.h>
#include <net/if.h>

/* How good an address is for a join string; 0 for one that is of no use. */
static guint rate(const struct endpoint *ep)
{
	g_autoptr(GSocketAddress) address = endpoint_to_gsocket_address(ep);
	GInetAddress *inet = g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address));
	bool v4 = ep->sa.sa_family == AF_INET;
	bool private;

	if (g_inet_address_get_is_loopback(inet) || g_inet_address_get_is_link_local(inet))
		return 0;
	private = g_inet_address_get_is_site_local(inet) ||
		  (!v4 && (ep->in6.sin6_addr.s6_addr[0] & 0xfe) == 0xfc) ||
		  (v4 && ntohl(ep->in.sin_addr.s_addr) >> 22 == 0x64400000 >> 22);
	return (private ? 1 : 3) + v4;
}

static void best_of_interfaces(const struct ifaddrs *list, bool only_ipv4, struct endpoint *best)
{
	guint best_rate = 0;

	for (const struct ifaddrs *entry = list; entry; entry = entry->ifa_next) {
		struct endpoint ep;

		if (!entry->ifa_addr || !(entry->ifa_flags & IFF_UP) ||
		    !endpoint_from_sockaddr(&ep, entry->ifa_addr, sizeof(struct sockaddr_in6)) ||
		    (only_ipv4 && ep.sa.sa_family != AF_INET))
			continue;
		if (rate(&ep) > best_rate) {
			best_rate = rate(&ep);
			*best = ep;
		}
	}
}

bool localaddress_find(const GArray *endpoints, char *text, gsize size)
{
	struct endpoint best = {};
	struct ifaddrs *list;
	gsize address_size;
	bool v6 = false;

	for (guint i = 0; i < endpoints->len && !endpoint_is_set(&best); i++) {
		const struct endpoint *ep = &g_array_index(endpoints, struct endpoint, i);

		v6 |= ep->sa.sa_family == AF_INET6;
		if (!endpoint_is_wildcard(ep))
			best = *ep;
	}
	if (!endpoint_is_set(&best) && getifaddrs(&list) == 0) {
		best_of_interfaces(list, !v6, &best);
		freeifaddrs(list);
	}
	return endpoint_is_set(&best) &&
	       inet_ntop(best.sa.sa_family, endpoint_address(&best, &address_size), text, size);
}
