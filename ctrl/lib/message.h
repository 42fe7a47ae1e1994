/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_MESSAGE_H
#define WGMESH_MESSAGE_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

#include "endpoint.h"

/*
 * One message of the control protocol: a JSON object (RFC 8259) in a WebSocket frame or on a line
 * of a local socket (docs/protocol.md section 1).
 *
 * Every function that can fail sets G_IO_ERROR_INVALID_DATA with a sentence that names the member
 * and what is expected of it, so that a caller can hand it to whoever sent the message.
 */

/* The version of docs/protocol.md that all programs speak. */
#define PROTOCOL_VERSION 1

/* The bounds of docs/protocol.md sections 1 and 6, in bytes. */
#define MESSAGE_MAX_FROM_NODE (16 * 1024)
#define MESSAGE_MAX_FROM_SERVER (16 * 1024 * 1024)
#define MESSAGE_MAX_REQUEST (64 * 1024)
#define MESSAGE_MAX_ANSWER (16 * 1024 * 1024)
#define MESSAGE_MAX_BOX (8 * 1024)
#define MESSAGE_MAX_DEPTH 8

/* The longest `type` or `request` that is looked at, in bytes. */
#define MESSAGE_MAX_NAME 64

/**
 * message_parse() - read one message
 * @text: the bytes; need not end with a zero
 * @size: their number
 * @max_size: refuse more than this many, unread
 * @name: the member that says what the message is: "type" or "request"; it has to be a string of
 *	  1 to MESSAGE_MAX_NAME bytes. NULL when there is none (an answer on a local socket)
 * @error: what is wrong, and at which byte
 *
 * Takes exactly the grammar of RFC 8259 (no comments, no trailing commas), with an object at the
 * top, at most MESSAGE_MAX_DEPTH levels, valid UTF-8, no zero character, no whole part of a number
 * with more than 18 digits and no exponent with more than 2. Of two members with the same name the
 * last counts.
 *
 * Return: (owned by the caller) the object; NULL on error. json_object_unref() it.
 */
JsonObject *message_parse(const char *text, gsize size, gsize max_size, const char *name,
			  GError **error);

/**
 * message_has() - whether a member is there, whatever its type
 * @object: a message or a part of one
 * @member: its name
 *
 * For optional members: when it is there, the getters below apply to it in full. A null is there.
 */
bool message_has(JsonObject *object, const char *member);

/**
 * message_get_string() - a member that has to be a string
 * @object: a message or a part of one
 * @member: its name
 * @min: least number of bytes
 * @max: greatest number of bytes
 * @error: names the member
 *
 * Return: (borrowed from @object) the string; NULL on error.
 */
const char *message_get_string(JsonObject *object, const char *member, gsize min, gsize max,
			       GError **error);

/**
 * message_get_int() - a member that has to be a whole number
 * @object: a message or a part of one
 * @member: its name
 * @min: the smallest allowed
 * @max: the largest allowed
 * @value: where it goes; untouched on error
 * @error: names the member
 */
bool message_get_int(JsonObject *object, const char *member, gint64 min, gint64 max, gint64 *value,
		     GError **error);

/**
 * message_get_bool() - a member that has to be true or false
 * @object: a message or a part of one
 * @member: its name
 * @value: where it goes; untouched on error
 * @error: names the member
 */
bool message_get_bool(JsonObject *object, const char *member, bool *value, GError **error);

/**
 * message_get_binary() - a member that has to be exactly @size bytes in base64
 * @object: a message or a part of one
 * @member: its name
 * @data: room for @size bytes; untouched on error
 * @size: how many
 * @error: names the member
 *
 * Standard alphabet, padded, no blanks, unused bits zero (RFC 4648 section 4): one value has one
 * form.
 */
bool message_get_binary(JsonObject *object, const char *member, void *data, gsize size,
			GError **error);

/**
 * message_get_bytes() - a member that has to be some bytes in base64
 * @object: a message or a part of one
 * @member: its name
 * @min: least number of bytes, decoded
 * @max: greatest number of bytes, decoded
 * @size: how many there are
 * @error: names the member
 *
 * Return: (owned by the caller) the bytes; NULL on error. g_free() them.
 */
guint8 *message_get_bytes(JsonObject *object, const char *member, gsize min, gsize max, gsize *size,
			  GError **error);

/**
 * message_get_object() - a member that has to be an object
 * @object: a message or a part of one
 * @member: its name
 * @error: names the member
 *
 * Return: (borrowed from @object) the object; NULL on error.
 */
JsonObject *message_get_object(JsonObject *object, const char *member, GError **error);

/**
 * message_get_objects() - a member that has to be an array of objects
 * @object: a message or a part of one
 * @member: its name
 * @max: greatest number of elements
 * @error: names the member
 *
 * Return: (borrowed from @object) the array, in which json_array_get_object_element() is safe; NULL
 * on error.
 */
JsonArray *message_get_objects(JsonObject *object, const char *member, guint max, GError **error);

/**
 * message_get_strings() - a member that has to be an array of strings
 * @object: a message or a part of one
 * @member: its name
 * @max: greatest number of elements
 * @max_bytes: greatest number of bytes in each
 * @error: names the member
 *
 * Return: (borrowed from @object) the array, in which json_array_get_string_element() is safe; NULL
 * on error.
 */
JsonArray *message_get_strings(JsonObject *object, const char *member, guint max, gsize max_bytes,
			       GError **error);

/**
 * message_new() - begin a message
 * @type: the value of its member `type`
 *
 * Return: (owned by the caller) an object to fill with json_object_set_*_member() and the setters
 * here.
 */
JsonObject *message_new(const char *type);

/**
 * message_new_error() - the message of docs/protocol.md section 2.3
 * @code: e.g. "bad-proof"
 * @text: for people: what is wrong and what to do
 *
 * Return: (owned by the caller) the message.
 */
JsonObject *message_new_error(const char *code, const char *text);

/**
 * message_set_binary() - add a member: bytes as base64
 * @object: the message
 * @member: its name
 * @data: the bytes
 * @size: their number
 */
void message_set_binary(JsonObject *object, const char *member, const void *data, gsize size);

/**
 * message_set_endpoint() - add a member: an endpoint as text
 * @object: the message
 * @member: its name
 * @ep: the endpoint; "" is written for one that is not set
 */
void message_set_endpoint(JsonObject *object, const char *member, const struct endpoint *ep);

/**
 * message_serialise() - write a message as text, without line breaks
 * @object: the message; its numbers are whole ones: json-glib 1.6 writes some others wrong
 * @size: length of the text in bytes goes here; may be NULL
 *
 * Return: (owned by the caller) the text, ended by a zero; g_free() it.
 */
char *message_serialise(JsonObject *object, gsize *size);

/**
 * message_decode_base64() - strict standard base64 of exactly @size bytes
 * @text: the text; not more and not less
 * @data: room for @size bytes; untouched on failure
 * @size: how many bytes it has to stand for
 *
 * Return: whether @text is that.
 */
bool message_decode_base64(const char *text, void *data, gsize size);

#endif
