// SPDX-License-Identifier: GPL-2.0
/* The certificate of a server: made, loaded, and known by its fingerprint. */
#include "certificate.h"

#include <gio/gio.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <sodium.h>
#include <string.h>

#include "secretfile.h"

#define MAX_PEM_SIZE (256 * 1024)
#define MAX_CHAIN 16
#define DAY_S (24 * 60 * 60)

static bool failed(int rc, const char *what, GError **error)
{
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: %s", what,
		    gnutls_strerror(rc));
	return false;
}

static void certificate_clear(struct certificate *certificate)
{
	if (certificate->credentials)
		gnutls_certificate_free_credentials(certificate->credentials);
}

struct certificate *certificate_ref(struct certificate *certificate)
{
	return g_rc_box_acquire(certificate);
}

void certificate_unref(struct certificate *certificate)
{
	if (certificate)
		g_rc_box_release_full(certificate, (GDestroyNotify)certificate_clear);
}

static struct certificate *certificate_from_pem(const char *certificate_pem, const char *key_pem,
						GError **error)
{
	struct certificate *certificate = g_rc_box_new0(struct certificate);
	gnutls_datum_t crt = { (guint8 *)certificate_pem, strlen(certificate_pem) };
	gnutls_datum_t key = { (guint8 *)key_pem, strlen(key_pem) };
	gnutls_datum_t der;
	int rc;

	rc = gnutls_certificate_allocate_credentials(&certificate->credentials);
	if (rc >= 0)
		rc = gnutls_certificate_set_x509_key_mem(certificate->credentials, &crt, &key,
							 GNUTLS_X509_FMT_PEM);
	if (rc >= 0)
		rc = gnutls_certificate_get_crt_raw(certificate->credentials, 0, 0, &der);
	if (rc < 0) {
		failed(rc, "not a certificate and its private key", error);
		certificate_unref(certificate);
		return NULL;
	}
	crypto_hash_sha256(certificate->fingerprint, der.data, der.size);
	return certificate;
}

struct certificate *certificate_load(const char *certificate_path, const char *key_path,
				     GError **error)
{
	g_autofree char *certificate_pem = NULL;
	struct certificate *certificate;
	char *key_pem = NULL;

	/* the operator decides who reads these two, for example a group of several servers */
	if (!g_file_get_contents(certificate_path, &certificate_pem, NULL, error) ||
	    !g_file_get_contents(key_path, &key_pem, NULL, error))
		return NULL;
	certificate = certificate_from_pem(certificate_pem, key_pem, error);
	if (!certificate)
		g_prefix_error(error, "%s, %s: ", certificate_path, key_path);
	secretfile_free(key_pem);
	return certificate;
}

static int fill_in(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key)
{
	static const char name[] = "mesh-server";
	time_t now = time(NULL);
	guint8 serial[16];
	int rc = 0;

	gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial));
	serial[0] = (serial[0] & 0x7f) | 0x40; /* positive, and never shorter */
	/* errors are negative, and an OR of numbers is negative when one of them is */
	rc |= gnutls_x509_crt_set_version(crt, 3);
	rc |= gnutls_x509_crt_set_serial(crt, serial, sizeof(serial));
	rc |= gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name,
					    sizeof(name) - 1);
	/* nodes whose clock is behind still have to find it valid */
	rc |= gnutls_x509_crt_set_activation_time(crt, now - DAY_S);
	rc |= gnutls_x509_crt_set_expiration_time(crt, GNUTLS_X509_NO_WELL_DEFINED_EXPIRATION);
	rc |= gnutls_x509_crt_set_basic_constraints(crt, 0, -1);
	rc |= gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE);
	rc |= gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0);
	rc |= gnutls_x509_crt_set_key(crt, key);
	rc |= gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
	return rc < 0 ? GNUTLS_E_INTERNAL_ERROR : 0;
}

/* Certificate and private key in one text, so that one can never be stored without the other. */
static char *make_pem(GError **error)
{
	gnutls_datum_t crt_pem = {}, key_pem = {};
	gnutls_x509_privkey_t key = NULL;
	gnutls_x509_crt_t crt = NULL;
	char *pem = NULL;
	int rc;

	rc = gnutls_x509_privkey_init(&key);
	if (rc >= 0)
		rc = gnutls_x509_crt_init(&crt);
	if (rc >= 0)
		rc = gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
						  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
						  0);
	if (rc >= 0)
		rc = fill_in(crt, key);
	if (rc >= 0)
		rc = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &crt_pem);
	if (rc >= 0)
		rc = gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &key_pem);
	if (rc >= 0)
		pem = g_strdup_printf("%.*s%.*s", (int)crt_pem.size, crt_pem.data,
				      (int)key_pem.size, key_pem.data);
	else
		failed(rc, "cannot make a certificate", error);

	if (key_pem.data)
		gnutls_memset(key_pem.data, 0, key_pem.size);
	gnutls_free(key_pem.data);
	gnutls_free(crt_pem.data);
	if (crt)
		gnutls_x509_crt_deinit(crt);
	if (key)
		gnutls_x509_privkey_deinit(key);
	return pem;
}

struct certificate *certificate_load_or_create(const char *path, bool *created, GError **error)
{
	struct certificate *certificate = NULL;
	g_autoptr(GError) reason = NULL;
	char *pem;

	pem = secretfile_read(path, MAX_PEM_SIZE, NULL, &reason);
	*created = !pem && g_error_matches(reason, G_FILE_ERROR, G_FILE_ERROR_NOENT);
	if (*created)
		pem = make_pem(error);
	else if (!pem)
		g_propagate_error(error, g_steal_pointer(&reason));

	if (pem && (!*created || secretfile_write(path, pem, strlen(pem), error)))
		certificate = certificate_from_pem(pem, pem, error);
	if (!certificate)
		g_prefix_error(error, "the server's certificate: ");
	secretfile_free(pem);
	return certificate;
}

/* The chain that is sent to nodes. Return: its length; the caller frees each. */
static guint import_chain(const struct certificate *certificate, gnutls_x509_crt_t *chain)
{
	gnutls_datum_t der;
	guint count = 0;

	while (count < MAX_CHAIN &&
	       gnutls_certificate_get_crt_raw(certificate->credentials, 0, count, &der) >= 0 &&
	       gnutls_x509_crt_init(&chain[count]) >= 0) {
		if (gnutls_x509_crt_import(chain[count++], &der, GNUTLS_X509_FMT_DER) < 0)
			break;
	}
	return count;
}

bool certificate_is_trusted(const struct certificate *certificate, const char *host)
{
	gnutls_typed_vdata_st wanted[] = {
		{ .type = GNUTLS_DT_DNS_HOSTNAME, .data = (guint8 *)host },
		{ .type = GNUTLS_DT_KEY_PURPOSE_OID, .data = (guint8 *)GNUTLS_KP_TLS_WWW_SERVER },
	};
	gnutls_x509_crt_t chain[MAX_CHAIN];
	gnutls_x509_trust_list_t trusted;
	guint status = GNUTLS_CERT_INVALID;
	guint count;

	if (gnutls_x509_trust_list_init(&trusted, 0) < 0)
		return false;
	count = import_chain(certificate, chain);
	if (count == 0 || gnutls_x509_trust_list_add_system_trust(trusted, 0, 0) < 0 ||
	    gnutls_x509_trust_list_verify_crt2(trusted, chain, count, wanted,
					       G_N_ELEMENTS(wanted), 0, &status, NULL) < 0)
		status = GNUTLS_CERT_INVALID;
	for (guint i = 0; i < count; i++)
		gnutls_x509_crt_deinit(chain[i]);
	gnutls_x509_trust_list_deinit(trusted, 1);
	return status == 0;
}
