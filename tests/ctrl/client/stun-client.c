// SPDX-License-Identifier: GPL-2.0

/*
 * A STUN client that shares no code with the server under test; libnice speaks STUN for it.
 *
 *	stun-client bind ADDRESS PORT
 *		Sends a Binding request with FINGERPRINT and wants a response that libnice finds
 *		valid and that names the socket's own address. Prints it.
 *	stun-client ask ADDRESS PORT HEX...
 *		Sends each HEX as a datagram, in order, and prints what comes back until the last
 *		one has been answered.
 *
 * The socket is connected: an answer from any other address than the one asked does not arrive.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stun/usages/bind.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 10000

static void fail(const char *what)
{
	fprintf(stderr, "stun-client: %s\n", what);
	exit(EXIT_FAILURE);
}

static int connect_to(const char *address, const char *port)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_DGRAM,
	};
	struct addrinfo *server;
	int fd;

	if (getaddrinfo(address, port, &hints, &server))
		fail("not an address and a port");
	fd = socket(server->ai_family, SOCK_DGRAM, 0);
	if (fd < 0 || connect(fd, server->ai_addr, server->ai_addrlen))
		fail("cannot connect");
	freeaddrinfo(server);
	return fd;
}

static size_t receive(int fd, uint8_t *buf, size_t size)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	ssize_t len;

	if (poll(&pollfd, 1, PATIENCE_MS) != 1)
		fail("no answer");
	len = recv(fd, buf, size, 0);
	if (len < 0)
		fail("cannot receive");
	return len;
}

static void print_address(const struct sockaddr_storage *address, socklen_t len, char *text,
			  size_t size)
{
	char host[INET6_ADDRSTRLEN], port[6];

	if (getnameinfo((const struct sockaddr *)address, len, host, sizeof(host), port,
			sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV))
		fail("unprintable address");
	snprintf(text, size, "%s %s", host, port);
}

static void bind_request(int fd)
{
	static const uint16_t known[] = { STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS,
					  STUN_ATTRIBUTE_ERROR_CODE,
					  STUN_ATTRIBUTE_UNKNOWN_ATTRIBUTES, 0 };
	struct sockaddr_storage mapped, local, other;
	socklen_t mapped_len = sizeof(mapped), local_len = sizeof(local), other_len = sizeof(other);
	char mapped_text[64], local_text[64];
	StunMessage request, response;
	uint8_t buf[1500], answer[1500];
	StunAgent agent;
	size_t len;

	stun_agent_init(&agent, known, STUN_COMPATIBILITY_RFC5389,
			STUN_AGENT_USAGE_IGNORE_CREDENTIALS | STUN_AGENT_USAGE_USE_FINGERPRINT);
	len = stun_usage_bind_create(&agent, &request, buf, sizeof(buf));
	if (!len || send(fd, buf, len, 0) != (ssize_t)len)
		fail("cannot send");
	len = receive(fd, answer, sizeof(answer));
	if (stun_agent_validate(&agent, &response, answer, len, NULL, NULL) !=
	    STUN_VALIDATION_SUCCESS)
		fail("libnice finds the answer invalid");
	if (stun_usage_bind_process(&response, (struct sockaddr *)&mapped, &mapped_len,
				    (struct sockaddr *)&other, &other_len) !=
	    STUN_USAGE_BIND_RETURN_SUCCESS)
		fail("libnice finds no address in the answer");

	getsockname(fd, (struct sockaddr *)&local, &local_len);
	print_address(&mapped, mapped_len, mapped_text, sizeof(mapped_text));
	print_address(&local, local_len, local_text, sizeof(local_text));
	printf("mapped %s\n", mapped_text);
	if (strcmp(mapped_text, local_text))
		fail("that is not our address");
}

static size_t send_hex(int fd, const char *hex, uint8_t *sent, size_t size)
{
	size_t len = strlen(hex) / 2;

	if (len > size)
		fail("too long");
	for (size_t i = 0; i < len; i++)
		if (sscanf(hex + 2 * i, "%2hhx", &sent[i]) != 1)
			fail("not hexadecimal");
	if (send(fd, sent, len, 0) != (ssize_t)len)
		fail("cannot send");
	return len;
}

static void ask(int fd, char **hex)
{
	uint8_t sent[4000], answer[4000];
	size_t len, i;

	for (; *hex; hex++)
		send_hex(fd, *hex, sent, sizeof(sent));
	do {
		len = receive(fd, answer, sizeof(answer));
		for (i = 0; i < len; i++)
			printf("%02x", answer[i]);
		printf("\n");
	} while (len < 20 || memcmp(answer + 8, sent + 8, 12));
}

int main(int argc, char **argv)
{
	int fd;

	if (argc < 4)
		fail("see the comment at the top of its source");
	fd = connect_to(argv[2], argv[3]);
	if (!strcmp(argv[1], "bind"))
		bind_request(fd);
	else
		ask(fd, argv + 4);
	close(fd);
	return EXIT_SUCCESS;
}
