#include "images/check_facts.h"

#include <string.h>
#include <sys/stat.h>

#define KIB 1024
#define HOMES_MOST 200

/* AWS' "Recommendations for creating shared Linux AMIs" and the AWS Marketplace's "AMI-based
 * product requirements" say what must not be in an image; where distributions keep it was looked up
 * there. */
static const check_pattern patterns[] = {
    {PLACE_AUTHORIZED_KEYS, TRUE, ".ssh/authorized_keys*", 64 * KIB},
    {PLACE_PRIVATE_KEY, TRUE, "{.ssh/id_*,.ssh/identity,.ssh/*.pem,.ssh/*.key,*.pem,*.key}",
     64 * KIB},
    {PLACE_HISTORY, TRUE, "{.*history,.local/share/fish/fish_history}", 0},
    {PLACE_CREDENTIALS, TRUE,
     "{.aws/credentials,.aws/config,.boto,.s3cfg,.netrc,.git-credentials,.docker/config.json}",
     64 * KIB},
    {PLACE_HOST_KEY, FALSE, "/etc/{ssh/ssh_host_*_key,dropbear/dropbear_*_host_key}", 0},
    {PLACE_PRIVATE_KEY, FALSE,
     "/etc/{ssl/private/*,ssl/*.{pem,key},pki/tls/private/*,letsencrypt/archive/*/privkey*.pem,"
     "nginx/*.{pem,key},openvpn/*.key,openvpn/*/*.key}",
     64 * KIB},
    {PLACE_AUTHORIZED_KEYS, FALSE, "/etc/ssh/authorized_keys{,/*,.d/*}", 64 * KIB},
    {PLACE_SSHD, FALSE, "/etc/ssh/sshd_config", 64 * KIB},
    {PLACE_SSHD, FALSE, "/etc/ssh/sshd_config.d/*.conf", 64 * KIB},
    {PLACE_SHADOW, FALSE, "/etc/shadow", KIB *KIB},
    {PLACE_OLD_SHADOW, FALSE, "/etc/shadow-", KIB *KIB},
    {PLACE_MACHINE_ID, FALSE, "/{etc,var/lib/dbus}/machine-id", KIB},
    {PLACE_CLOUD_INIT, FALSE, "/var/lib/cloud/{instance,instances/*}", 0},
    {PLACE_LOG, FALSE, "/var/log/{*.log,syslog,messages,secure}", 256 * KIB},
    {PLACE_LOGINS, FALSE, "/var/log/{wtmp,btmp,lastlog}", 0},
    {PLACE_PACKAGES, FALSE,
     "/{var/lib/dpkg/status,{var/lib,usr/lib/sysimage}/rpm/{rpmdb.sqlite,Packages,Packages.db},"
     "lib/apk/db/installed,var/lib/pacman/local}",
     0},
    {PLACE_SWAP_FILE, FALSE, "/{swapfile,swap.img,hiberfil.sys,pagefile.sys}", 0},
};

const char *const check_system_trees[] = {"etc",   "usr",   "bin",  "sbin", "lib",
                                          "lib32", "lib64", "boot", NULL};

const check_pattern *
check_patterns(gsize *count)
{
    *count = G_N_ELEMENTS(patterns);
    return patterns;
}

gboolean
check_mode_is_open(guint32 mode)
{
    if ((mode & S_IWOTH) == 0)
        return FALSE;
    return S_ISREG(mode) || (S_ISDIR(mode) && (mode & S_ISVTX) == 0);
}

static void
seen_file_free(gpointer opaque)
{
    seen_file *self = opaque;

    g_free(self->path);
    g_free(self->text);
    g_free(self);
}

check_facts *
check_facts_new(void)
{
    check_facts *self = g_new0(check_facts, 1);

    self->files = g_ptr_array_new_with_free_func(seen_file_free);
    self->notes = g_ptr_array_new_with_free_func(g_free);
    return self;
}

void
check_facts_free(check_facts *self)
{
    if (self == NULL)
        return;
    g_free(self->os_type);
    g_free(self->distribution);
    g_free(self->version);
    g_free(self->product);
    g_ptr_array_unref(self->files);
    g_ptr_array_unref(self->notes);
    g_free(self);
}

seen_file *
check_facts_add(check_facts *self, check_place place, const char *path)
{
    seen_file *file = g_new0(seen_file, 1);

    file->place = place;
    file->path = g_strdup(path);
    g_ptr_array_add(self->files, file);
    return file;
}

static void
add_home(GPtrArray *homes, const char *home)
{
    gsize length = strlen(home);
    g_autofree char *plain = NULL;

    while (length > 1 && home[length - 1] == '/')
        length--;
    plain = g_strndup(home, length);
    if (*plain != '/' || plain[1] == '\0' || homes->len >= HOMES_MOST ||
        g_ptr_array_find_with_equal_func(homes, plain, g_str_equal, NULL))
        return;
    g_ptr_array_add(homes, g_steal_pointer(&plain));
}

GPtrArray *
check_homes(const char *passwd)
{
    GPtrArray *homes = g_ptr_array_new_with_free_func(g_free);
    g_auto(GStrv) lines = g_strsplit(passwd != NULL ? passwd : "", "\n", -1);

    add_home(homes, "/root");
    for (gsize i = 0; lines[i] != NULL; i++) {
        g_auto(GStrv) fields = g_strsplit(lines[i], ":", 7);
        if (g_strv_length(fields) == 7)
            add_home(homes, fields[5]);
    }
    return homes;
}

char *
check_pattern_in(const char *home, const char *pattern)
{
    GString *path = g_string_new(NULL);

    for (const char *at = home; *at != '\0'; at++) {
        if (strchr("{}*?[]\\", *at) != NULL)
            g_string_append_c(path, '\\');
        g_string_append_c(path, *at);
    }
    g_string_append_printf(path, "/%s", pattern);
    return g_string_free(path, FALSE);
}
