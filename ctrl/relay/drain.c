// SPDX-License-Identifier: GPL-2.0
/* Letting clients go before the server stops. */
#include "drain.h"

#include <sodium.h>

#include "lib/log.h"
#include "transmit.h"

/* What a client that knows needs to have an allocation elsewhere, and to tell its peers. */
#define LEAVE_S 5

/**
 * struct drain - see drain.h
 * @turn: the server
 * @left_s: how long to wait yet
 * @known_s: for how long all clients have known
 * @over: of the owner
 * @data: for @over
 * @timer: GLib source of each second
 */
struct drain {
	struct turn *turn;
	guint left_s;
	guint known_s;
	void (*over)(void *data);
	void *data;
	guint timer;
};

/* It is not signed, so it says nothing that a client would act on but by a request. */
static void tell(struct allocation *allocation, void *data)
{
	guint8 message[STUN_HEADER_LEN + 12], id[STUN_TRANSACTION_ID_LEN];
	guint *unaware = data;
	struct stun_builder b;

	if (allocation->knows_end)
		return;
	(*unaware)++;
	randombytes_buf(id, sizeof(id));
	stun_begin(&b, message, sizeof(message), STUN_CLASS_INDICATION, STUN_METHOD_BINDING, id);
	stun_add(&b, STUN_DRAINING, NULL, 0);
	stun_add_fingerprint(&b);
	forward_to_client(allocation, message, stun_end(&b));
}

/* Return: how many do not know yet. What gets lost is said again. */
static guint tell_all(struct drain *drain)
{
	guint unaware = 0;

	allocation_for_each(drain->turn->allocations, tell, &unaware);
	transmit_flush();
	return unaware;
}

static gboolean on_second(void *data)
{
	struct drain *drain = data;

	drain->known_s = tell_all(drain) ? 0 : drain->known_s + 1;
	drain->left_s--;
	if (drain->left_s && drain->known_s < LEAVE_S)
		return G_SOURCE_CONTINUE;
	log_info(drain->left_s ? "all clients have had time to leave" :
				 "not all clients have left, but the drain-time is over");
	drain->timer = 0;
	drain->over(drain->data);
	return G_SOURCE_REMOVE;
}

struct drain *drain_new(struct turn *turn, guint time_s, void (*over)(void *data), void *data)
{
	struct drain *drain = g_new0(struct drain, 1);

	drain->turn = turn;
	drain->left_s = time_s;
	drain->over = over;
	drain->data = data;
	turn->draining = true;
	allocation_table_on_empty(turn->allocations, over, data);
	drain->timer = g_timeout_add_seconds(1, on_second, drain);
	tell_all(drain);
	return drain;
}

void drain_free(struct drain *drain)
{
	if (!drain)
		return;
	g_clear_handle_id(&drain->timer, g_source_remove);
	g_free(drain);
}
