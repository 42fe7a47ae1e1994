/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WGMESH_CERTIFICATE_H
#define WGMESH_CERTIFICATE_H

#include <glib.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>

#define CERTIFICATE_FINGERPRINT_SIZE 32

/**
 * struct certificate - the server's TLS identity
 * @credentials: the certificate (with its chain) and its private key
 * @fingerprint: SHA-256 of the certificate (DER)
 *
 * Reference-counted: connections keep the one they began with when another is loaded.
 */
struct certificate {
	gnutls_certificate_credentials_t credentials;
	guint8 fingerprint[CERTIFICATE_FINGERPRINT_SIZE];
};

/**
 * certificate_load() - take a certificate from files in PEM
 * @certificate_path: the certificate, and those that lead to its root
 * @key_path: its private key
 * @error: what is wrong with them
 *
 * Return: (owned by the caller) the certificate; NULL on error. certificate_unref() it.
 */
struct certificate *certificate_load(const char *certificate_path, const char *key_path,
				     GError **error);

/**
 * certificate_load_or_create() - take the server's own certificate, or make one
 * @path: one file with certificate and private key, only for this user; see secretfile_write()
 * @created: whether it was made now
 * @error: what is wrong with the file and what to do
 *
 * Makes an ECDSA P-256 key and a certificate for it, signed with itself and without an end: nodes
 * know it by its fingerprint.
 *
 * Return: (owned by the caller) the certificate; NULL on error.
 */
struct certificate *certificate_load_or_create(const char *path, bool *created, GError **error);

/**
 * certificate_is_trusted() - whether everybody can check it, without knowing its fingerprint
 * @certificate: the certificate
 * @host: the name or address that nodes will know the server by
 *
 * That is, whether this system's certificate store leads to it and it is valid for @host.
 */
bool certificate_is_trusted(const struct certificate *certificate, const char *host);

/**
 * certificate_ref() - one more user
 * @certificate: the certificate
 *
 * Return: @certificate
 */
struct certificate *certificate_ref(struct certificate *certificate);

/**
 * certificate_unref() - one user less
 * @certificate: the certificate; NULL does nothing
 */
void certificate_unref(struct certificate *certificate);

#endif
