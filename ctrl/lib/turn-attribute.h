/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_TURN_ATTRIBUTE_H
#define WGMESH_TURN_ATTRIBUTE_H

#include "stun.h"

/*
 * The attributes of TURN, RFC 8656 section 18, and the framing of its channels, section 12.4.
 * Addresses and DATA need nothing beyond stun.h.
 *
 * A value of another length than the RFC gives it is not read. Bits that the RFC reserves are
 * ignored when read and zero when written.
 */

#define TURN_CHANNEL_HEADER_LEN 4
#define TURN_RESERVATION_TOKEN_LEN 8
/* The protocol number in REQUESTED-TRANSPORT. */
#define TURN_TRANSPORT_UDP 17

/**
 * turn_get_channel_number() - read CHANNEL-NUMBER
 * @attr: the attribute
 * @number: the result, any number
 *
 * RFC 8656 section 18.1.
 */
bool turn_get_channel_number(const struct stun_attribute *attr, guint16 *number);

/**
 * turn_get_lifetime() - read LIFETIME
 * @attr: the attribute
 * @seconds: the result
 *
 * RFC 8656 section 18.2.
 */
bool turn_get_lifetime(const struct stun_attribute *attr, guint32 *seconds);

/**
 * turn_get_family() - read REQUESTED-ADDRESS-FAMILY, ADDITIONAL-ADDRESS-FAMILY
 * @attr: the attribute
 * @family: AF_INET, AF_INET6, or AF_UNSPEC for one that the RFC does not know
 *
 * RFC 8656 sections 18.6 and 18.11.
 */
bool turn_get_family(const struct stun_attribute *attr, sa_family_t *family);

/**
 * turn_get_even_port() - read EVEN-PORT
 * @attr: the attribute
 * @reserve: whether the next port is to be reserved
 *
 * RFC 8656 section 18.7.
 */
bool turn_get_even_port(const struct stun_attribute *attr, bool *reserve);

/**
 * turn_get_transport() - read REQUESTED-TRANSPORT
 * @attr: the attribute
 * @protocol: an IP protocol number
 *
 * RFC 8656 section 18.8.
 */
bool turn_get_transport(const struct stun_attribute *attr, guint8 *protocol);

/**
 * struct turn_icmp - what ICMP said about a datagram to a peer
 * @type: of ICMP or ICMPv6, below 128
 * @code: of ICMP or ICMPv6
 * @data: the MTU for "too big", else 0
 */
struct turn_icmp {
	guint8 type;
	guint8 code;
	guint32 data;
};

/**
 * turn_get_icmp() - read ICMP
 * @attr: the attribute
 * @icmp: the result
 *
 * RFC 8656 section 18.13.
 */
bool turn_get_icmp(const struct stun_attribute *attr, struct turn_icmp *icmp);

/**
 * turn_get_address_error() - read ADDRESS-ERROR-CODE
 * @attr: the attribute
 * @family: which address is missing: AF_INET, AF_INET6, or AF_UNSPEC for an unknown one
 * @code: why, 300 to 699
 *
 * RFC 8656 section 18.12.
 */
bool turn_get_address_error(const struct stun_attribute *attr, sa_family_t *family, guint *code);

/**
 * turn_add_channel_number() - append CHANNEL-NUMBER
 * @b: the builder
 * @number: the number
 */
void turn_add_channel_number(struct stun_builder *b, guint16 number);

/**
 * turn_add_lifetime() - append LIFETIME
 * @b: the builder
 * @seconds: the value
 */
void turn_add_lifetime(struct stun_builder *b, guint32 seconds);

/**
 * turn_add_family() - append REQUESTED-ADDRESS-FAMILY or ADDITIONAL-ADDRESS-FAMILY
 * @b: the builder
 * @type: which of them
 * @family: AF_INET or AF_INET6
 */
void turn_add_family(struct stun_builder *b, guint16 type, sa_family_t family);

/**
 * turn_add_even_port() - append EVEN-PORT
 * @b: the builder
 * @reserve: whether the next port is to be reserved
 */
void turn_add_even_port(struct stun_builder *b, bool reserve);

/**
 * turn_add_transport() - append REQUESTED-TRANSPORT
 * @b: the builder
 * @protocol: an IP protocol number
 */
void turn_add_transport(struct stun_builder *b, guint8 protocol);

/**
 * turn_add_icmp() - append ICMP
 * @b: the builder
 * @icmp: the value
 */
void turn_add_icmp(struct stun_builder *b, const struct turn_icmp *icmp);

/**
 * turn_add_address_error() - append ADDRESS-ERROR-CODE, without a reason phrase
 * @b: the builder
 * @family: AF_INET or AF_INET6
 * @code: 300 to 699
 */
void turn_add_address_error(struct stun_builder *b, sa_family_t family, guint code);

/**
 * turn_parse_channel_data() - read a ChannelData message that arrived in a UDP datagram
 * @data: the datagram
 * @len: length of @data in bytes
 * @number: the channel
 * @payload_len: the length of the application data, which begins TURN_CHANNEL_HEADER_LEN bytes in
 *
 * RFC 8656 section 12.4: the datagram may be padded, and must hold what its header announces.
 *
 * Return: false for what is none, or is cut short.
 */
bool turn_parse_channel_data(const guint8 *data, gsize len, guint16 *number, gsize *payload_len);

/**
 * turn_write_channel_header() - begin a ChannelData message
 * @header: TURN_CHANNEL_HEADER_LEN bytes go here
 * @number: the channel
 * @payload_len: the length of the application data in bytes, below 65536
 */
void turn_write_channel_header(guint8 *header, guint16 number, gsize payload_len);

#endif
