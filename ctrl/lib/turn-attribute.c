// SPDX-License-Identifier: GPL-2.0
/* Reading and writing the attributes of TURN. */
#include "turn-attribute.h"

#include <string.h>

#include "bigendian.h"

#define FAMILY_IPV4 0x01
#define FAMILY_IPV6 0x02

#define EVEN_PORT_RESERVE 0x80
#define ICMP_TYPE_MAX 0x7f

static sa_family_t family_of(guint8 number)
{
	switch (number) {
	case FAMILY_IPV4:
		return AF_INET;
	case FAMILY_IPV6:
		return AF_INET6;
	default:
		return AF_UNSPEC;
	}
}

static guint8 family_number(sa_family_t family)
{
	return family == AF_INET ? FAMILY_IPV4 : FAMILY_IPV6;
}

bool turn_get_channel_number(const struct stun_attribute *attr, guint16 *number)
{
	if (attr->len != 4)
		return false;
	*number = get16(attr->value);
	return true;
}

bool turn_get_lifetime(const struct stun_attribute *attr, guint32 *seconds)
{
	if (attr->len != 4)
		return false;
	*seconds = get32(attr->value);
	return true;
}

bool turn_get_family(const struct stun_attribute *attr, sa_family_t *family)
{
	if (attr->len != 4)
		return false;
	*family = family_of(attr->value[0]);
	return true;
}

bool turn_get_even_port(const struct stun_attribute *attr, bool *reserve)
{
	if (attr->len != 1)
		return false;
	*reserve = attr->value[0] & EVEN_PORT_RESERVE;
	return true;
}

bool turn_get_transport(const struct stun_attribute *attr, guint8 *protocol)
{
	if (attr->len != 4)
		return false;
	*protocol = attr->value[0];
	return true;
}

/* 16 bits reserved, 7 bits of type, 9 bits of code, 32 bits of data. */
bool turn_get_icmp(const struct stun_attribute *attr, struct turn_icmp *icmp)
{
	if (attr->len != 8)
		return false;
	icmp->type = attr->value[2] >> 1;
	icmp->code = attr->value[3];
	icmp->data = get32(attr->value + 4);
	return true;
}

bool turn_get_address_error(const struct stun_attribute *attr, sa_family_t *family, guint *code)
{
	const char *reason;
	gsize reason_len;

	if (!stun_get_error(attr, code, &reason, &reason_len))
		return false;
	*family = family_of(attr->value[0]);
	return true;
}

void turn_add_channel_number(struct stun_builder *b, guint16 number)
{
	guint8 value[4] = {};

	put16(value, number);
	stun_add(b, STUN_CHANNEL_NUMBER, value, sizeof(value));
}

void turn_add_lifetime(struct stun_builder *b, guint32 seconds)
{
	guint8 value[4];

	put32(value, seconds);
	stun_add(b, STUN_LIFETIME, value, sizeof(value));
}

void turn_add_family(struct stun_builder *b, guint16 type, sa_family_t family)
{
	const guint8 value[4] = { family_number(family) };

	stun_add(b, type, value, sizeof(value));
}

void turn_add_even_port(struct stun_builder *b, bool reserve)
{
	const guint8 value[1] = { reserve ? EVEN_PORT_RESERVE : 0 };

	stun_add(b, STUN_EVEN_PORT, value, sizeof(value));
}

void turn_add_transport(struct stun_builder *b, guint8 protocol)
{
	const guint8 value[4] = { protocol };

	stun_add(b, STUN_REQUESTED_TRANSPORT, value, sizeof(value));
}

void turn_add_icmp(struct stun_builder *b, const struct turn_icmp *icmp)
{
	guint8 value[8] = {};

	if (icmp->type > ICMP_TYPE_MAX) {
		b->failed = true;
		return;
	}
	value[2] = icmp->type << 1;
	value[3] = icmp->code;
	put32(value + 4, icmp->data);
	stun_add(b, STUN_ICMP, value, sizeof(value));
}

void turn_add_address_error(struct stun_builder *b, sa_family_t family, guint code)
{
	const guint8 value[4] = { family_number(family), 0, code / 100, code % 100 };

	stun_add(b, STUN_ADDRESS_ERROR_CODE, value, sizeof(value));
}

bool turn_parse_channel_data(const guint8 *data, gsize len, guint16 *number, gsize *payload_len)
{
	if (len < TURN_CHANNEL_HEADER_LEN || (data[0] & 0xc0) != 0x40)
		return false;
	*number = get16(data);
	*payload_len = get16(data + 2);
	return *payload_len <= len - TURN_CHANNEL_HEADER_LEN;
}

void turn_write_channel_header(guint8 *header, guint16 number, gsize payload_len)
{
	put16(header, number);
	put16(header + 2, payload_len);
}
