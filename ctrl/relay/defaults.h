/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_RELAY_DEFAULTS_H
#define WGMESH_RELAY_DEFAULTS_H

#include "settings.h"

/**
 * defaults_secret() - relay for users of the secret that the service manager hands over
 * @users: gets the secret, when $CREDENTIALS_DIRECTORY/secret holds one
 *
 * Its unit hands one over whether or not there is one (systemd has no other way), so one that is
 * not good says that nobody may relay; the log says why.
 */
void defaults_secret(struct users *users);

/**
 * defaults_relay_addresses() - relay from the addresses that this host reaches the internet with
 * @relay: (of struct endpoint) gets at most one of each family; none where no default route is
 */
void defaults_relay_addresses(GArray *relay);

/**
 * defaults_warn_of_private() - let the log warn of addresses that others cannot reach
 * @relay: (of struct endpoint) the addresses
 */
void defaults_warn_of_private(const GArray *relay);

#endif
