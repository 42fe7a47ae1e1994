// SPDX-License-Identifier: GPL-2.0
/* The kernel module has to be loaded, and why it cannot be. */
#include "module-load.h"

#include <gio/gio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/pathnl.h"
#include "lib/version.h"

#define MODPROBE "/sbin/modprobe"

/* Where DKMS of Debian keeps the key that it signs with. */
#define MOK "/var/lib/dkms/mok.pub"

/* What modprobe makes of the errors of finit_module(2): EKEYREJECTED, ENOKEY, ... */
static const struct {
	const char *said;
	const char *what;
	const char *hint;
} reasons[] = {
	{ "Key was rejected by service",
	  "the kernel refuses the module wgmesh: it does not trust the signature (Secure Boot, or "
	  "module.sig_enforce)",
	  "Have it trust the key of DKMS: \"mokutil --import " MOK "\", restart, and confirm it "
	  "there (\"Enroll MOK\")." },
	{ "Required key not available",
	  "the kernel refuses the module wgmesh: it is not signed by a key that it trusts (Secure "
	  "Boot, or module.sig_enforce)",
	  "Have it trust the key of DKMS: \"mokutil --import " MOK "\", restart, and confirm it "
	  "there (\"Enroll MOK\"). A module that is not signed at all is by \"dkms install --force "
	  "wgmesh/" WGMESH_VERSION "\"." },
	{ "not found in directory",
	  "the module wgmesh is not built for this kernel, %s",
	  "Install the headers of this kernel, the package linux-headers-%s, and run \"dkms "
	  "autoinstall\"; \"dkms status wgmesh\" says what is built." },
	{ "Invalid module format",
	  "the module wgmesh was built for another kernel than this one, %s",
	  "Run \"dkms install --force wgmesh/" WGMESH_VERSION " -k %s\"." },
	{ "Exec format error",
	  "the module wgmesh was built for another kernel than this one, %s",
	  "Run \"dkms install --force wgmesh/" WGMESH_VERSION " -k %s\"." },
	{ "Operation not permitted",
	  "the kernel lets nobody load the module wgmesh",
	  "With Secure Boot it does not trust the signature: \"mokutil --import " MOK "\", restart, "
	  "and confirm it there (\"Enroll MOK\"). In a container, load it outside." },
};

/* "%s" in it stands for the release. */
static void append(GString *text, const char *format, const char *release)
{
	const char *mark = strstr(format, "%s");

	if (mark)
		g_string_append_printf(text, "%.*s%s%s", (int)(mark - format), format, release,
				       mark + 2);
	else
		g_string_append(text, format);
}

char *module_explain(const char *said, const char *release)
{
	GString *text = g_string_new(NULL);
	g_autofree char *line = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(reasons); i++) {
		if (!strstr(said, reasons[i].said))
			continue;
		append(text, reasons[i].what, release);
		g_string_append_c(text, '\n');
		append(text, reasons[i].hint, release);
		return g_string_free(text, FALSE);
	}
	line = g_strdelimit(g_strstrip(g_strdup(said)), "\n", ' ');
	g_string_append_printf(text, "the module wgmesh cannot be loaded: %s\n"
			       "\"dmesg\" may say more.", line);
	return g_string_free(text, FALSE);
}

/* Return: (owned by the caller) what it says against it; NULL when it worked, or cannot be run. */
static char *modprobe(void)
{
	const char *const argv[] = { MODPROBE, "wgmesh", NULL };
	const char *const environment[] = { "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	g_autofree char *said = NULL;
	int status;

	if (!g_spawn_sync(NULL, (char **)argv, (char **)environment, G_SPAWN_STDOUT_TO_DEV_NULL,
			  NULL, NULL, NULL, &said, &status, NULL) ||
	    g_spawn_check_wait_status(status, NULL))
		return NULL;
	return g_steal_pointer(&said);
}

static bool is_there(GError **error)
{
	struct pathnl *nl = pathnl_open(error);

	pathnl_close(nl);
	return nl;
}

bool module_load(GError **error)
{
	g_autoptr(GError) failure = NULL;
	g_autofree char *said = NULL;
	g_autofree char *why = NULL;
	struct utsname kernel;

	if (is_there(&failure))
		return true;
	if (geteuid() == 0)
		said = modprobe();
	if (said && uname(&kernel) == 0) {
		why = module_explain(said, kernel.release);
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, why);
		return false;
	}
	return is_there(error);
}
