/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MESHCTL_CANDIDATE_TEXT_H
#define MESHCTL_CANDIDATE_TEXT_H

/**
 * candidate_describe() - an ICE candidate as people like to read it
 * @line: as in RFC 8839 section 5.1: "candidate:1 1 UDP 2015363583 192.0.2.1 5000 typ host"
 *
 * Return: (owned by the caller) "192.0.2.1:5000 host", "203.0.113.9:5000 srflx of 192.0.2.1:5000";
 * @line itself when it has another form. g_free() it.
 */
char *candidate_describe(const char *line);

#endif
