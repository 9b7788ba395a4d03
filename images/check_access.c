/* Who may come in: keys, passwords, and what the ssh and RDP servers allow. */
#include "images/check_rules.h"

#include <stdlib.h>
#include <string.h>

#define RDP_PORT 3389

/* ---- keys ---- */

/* Lines that are neither empty nor comments; options may come before the key's kind. */
static guint
count_keys(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    guint count = 0;

    for (gsize i = 0; lines[i] != NULL; i++) {
        const char *line = lines[i] + strspn(lines[i], " \t\r");
        count += *line != '\0' && *line != '#';
    }
    return count;
}

static void
judge_authorized_keys(const seen_file *file, GPtrArray *findings)
{
    guint count = file->text != NULL ? count_keys(file->text) : 0;

    if (count > 0)
        finding_add(findings, "authorized-keys", SEVERITY_HIGH, file->path, "--delete ", NULL,
                    "%u key%s that let%s somebody log in on every instance", count,
                    count == 1 ? "" : "s", count == 1 ? "s" : "");
}

/* ---- passwords ---- */

/* How a hash of shadow(5) was made: crypt(5). NULL: it is no hash, so no password fits. */
static const char *
hash_kind(const char *hash)
{
    static const struct {
        const char *prefix;
        const char *name;
    } kinds[] = {
        {"$y$", "yescrypt"},       {"$gy$", "gost-yescrypt"},  {"$7$", "scrypt"},
        {"$2", "bcrypt"},          {"$6$", "SHA-512"},         {"$5$", "SHA-256"},
        {"$sha1", "SHA-1 (weak)"}, {"$md5", "Sun MD5 (weak)"}, {"$1$", "MD5 (weak)"},
        {"$3$", "NT (weak)"},      {"_", "BSDi DES (weak)"},   {"$", "unknown"},
    };

    if (*hash == '!' || *hash == '*')
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_has_prefix(hash, kinds[i].prefix))
            return kinds[i].name;
    return strlen(hash) == 13 ? "DES (weak)" : NULL;
}

static gboolean
is_plain_user(const char *name)
{
    return *name != '\0' && *name != '-' &&
           name[strspn(
               name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")] == '\0';
}

static void
judge_password(const seen_file *file, const char *user, const char *hash, GPtrArray *findings)
{
    const char *kind = hash_kind(hash);
    gboolean old = file->place == PLACE_OLD_SHADOW;

    if (*hash != '\0' && kind == NULL)
        return;
    if (*hash == '\0' && !old)
        finding_add(findings, "empty-password", SEVERITY_HIGH, file->path, NULL, NULL,
                    "%s has no password, and needs none", user);
    else if (*hash != '\0' && !old)
        finding_add(findings, "password", SEVERITY_HIGH, file->path, NULL, NULL,
                    "%s has a password, the same on every instance; hashed by %s", user, kind);
    else if (*hash != '\0')
        finding_add(findings, "old-password", SEVERITY_MEDIUM, file->path, "--delete ", NULL,
                    "a password that %s had, hashed by %s", user, kind);
    if (!old && is_plain_user(user))
        finding_mend(findings, "--lock %s", user);
}

/* shadow has a hash in the second field; passwd has "x" there if that is in shadow. */
static void
judge_passwords(const seen_file *file, GPtrArray *findings)
{
    g_auto(GStrv) lines = g_strsplit(file->text != NULL ? file->text : "", "\n", -1);

    for (gsize i = 0; lines[i] != NULL; i++) {
        g_auto(GStrv) fields = g_strsplit(lines[i], ":", 4);
        if (g_strv_length(fields) < 3 || *fields[0] == '+' || *fields[0] == '-' ||
            *fields[0] == '#')
            continue;
        judge_password(file, fields[0], fields[1], findings);
    }
}

/* ---- sshd ---- */

/* What sshd_config(5) says; the first word on a thing counts, but all ports do. */
typedef struct {
    const char *path;  /* of the main file; NULL: there is no sshd */
    gboolean drop_ins; /* its sshd_config.d/ is read, and before it says anything itself */
    gboolean included; /* that has been read: a second Include of it says nothing new */
    char *root_login;  /* this and the next: NULL for its default */
    char *passwords;
    char *empty_passwords;
    GPtrArray *ports;      /* char* */
    const char *port_path; /* where the first of them is */
} sshd;

static void
sshd_clear(sshd *self)
{
    g_free(self->root_login);
    g_free(self->passwords);
    g_free(self->empty_passwords);
    g_ptr_array_unref(self->ports);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(sshd, sshd_clear)

static void
settle(char **place, const char *value)
{
    if (*place == NULL)
        *place = g_ascii_strdown(value, -1);
}

static void sshd_read(sshd *self, const check_facts *facts, const seen_file *file);

static void
sshd_read_drop_ins(sshd *self, const check_facts *facts)
{
    for (guint i = 0; i < facts->files->len; i++) {
        const seen_file *file = g_ptr_array_index(facts->files, i);
        if (file->place == PLACE_SSHD && g_str_has_suffix(file->path, ".conf"))
            sshd_read(self, facts, file);
    }
}

static void
sshd_set(sshd *self, const check_facts *facts, const char *path, const char *key, const char *value)
{
    if (g_ascii_strcasecmp(key, "PermitRootLogin") == 0) {
        settle(&self->root_login, value);
    } else if (g_ascii_strcasecmp(key, "PasswordAuthentication") == 0) {
        settle(&self->passwords, value);
    } else if (g_ascii_strcasecmp(key, "PermitEmptyPasswords") == 0) {
        settle(&self->empty_passwords, value);
    } else if (g_ascii_strcasecmp(key, "Port") == 0) {
        self->port_path = self->port_path != NULL ? self->port_path : path;
        g_ptr_array_add(self->ports, g_strdup(value));
    } else if (g_ascii_strcasecmp(key, "Include") == 0 && strstr(value, "sshd_config.d/") != NULL) {
        self->drop_ins = self->drop_ins || (self->root_login == NULL && self->passwords == NULL);
        if (!self->included)
            sshd_read_drop_ins(self, facts);
        self->included = TRUE;
    }
}

/* What stands under a Match is for some only. */
static void
sshd_read(sshd *self, const check_facts *facts, const seen_file *file)
{
    g_auto(GStrv) lines = g_strsplit(file->text != NULL ? file->text : "", "\n", -1);
    gboolean main_file = !g_str_has_suffix(file->path, ".conf");

    for (gsize i = 0; lines[i] != NULL; i++) {
        char *line = g_strstrip(g_strdelimit(lines[i], "\t=\r", ' '));
        gsize length = strcspn(line, " ");
        g_autofree char *key = g_strndup(line, length);
        g_autofree char *value = g_strdup(line + length);
        if (*line == '#' || *line == '\0')
            continue;
        if (g_ascii_strcasecmp(key, "Match") == 0)
            return;
        g_strstrip(g_strdelimit(value, "\"", ' '));
        /* An include can't include itself without end. */
        if (main_file || g_ascii_strcasecmp(key, "Include") != 0)
            sshd_set(self, facts, file->path, key, value);
    }
}

static void
judge_ports(const sshd *self, GPtrArray *findings)
{
    for (guint i = 0; i < self->ports->len; i++)
        if (atoi(g_ptr_array_index(self->ports, i)) == 22)
            return;
    if (self->ports->len == 0)
        return;
    finding_add(findings, "ssh-port", SEVERITY_LOW, self->port_path, NULL, NULL,
                "sshd listens on port %s and not on 22, where people look for it",
                (char *)g_ptr_array_index(self->ports, 0));
    if (is_plain_path(self->port_path))
        finding_mend(findings, "--command \"sed -i -E 's/^[[:space:]]*Port/#&/I' %s\"",
                     self->port_path);
}

/* The first word counts, so one that is put in front mends it. */
static void
mend_sshd(const sshd *self, GPtrArray *findings, const char *name, const char *setting)
{
    if (self->drop_ins)
        finding_mend(findings, "--write '/etc/ssh/sshd_config.d/00-%s.conf:%s'", name, setting);
    else
        finding_mend(findings, "--command \"sed -i '1i %s' %s\"", setting, self->path);
}

/* Until OpenSSH 7.0 root's login was "yes" by default; that isn't told apart here. */
static void
judge_logins(const sshd *self, GPtrArray *findings)
{
    gboolean passwords = g_strcmp0(self->passwords, "no") != 0;

    if (g_strcmp0(self->root_login, "yes") == 0) {
        finding_add(findings, "root-login", passwords ? SEVERITY_HIGH : SEVERITY_LOW, self->path,
                    NULL, NULL, "root can log in over ssh%s",
                    passwords ? " by password" : ", though not by password");
        mend_sshd(self, findings, "root", "PermitRootLogin prohibit-password");
    }
    if (passwords) {
        finding_add(findings, "password-login", SEVERITY_MEDIUM, self->path, NULL, NULL,
                    "sshd lets people log in by password%s",
                    self->passwords == NULL ? ", as nothing says otherwise" : "");
        mend_sshd(self, findings, "passwords", "PasswordAuthentication no");
    }
    if (g_strcmp0(self->empty_passwords, "yes") == 0) {
        finding_add(findings, "empty-password-login", SEVERITY_HIGH, self->path, NULL, NULL,
                    "sshd lets people log in whose password is empty");
        mend_sshd(self, findings, "empty", "PermitEmptyPasswords no");
    }
}

static void
judge_sshd(const check_facts *facts, GPtrArray *findings)
{
    g_auto(sshd) server = {.ports = g_ptr_array_new_with_free_func(g_free)};

    for (guint i = 0; i < facts->files->len; i++) {
        const seen_file *file = g_ptr_array_index(facts->files, i);
        if (file->place != PLACE_SSHD || g_str_has_suffix(file->path, ".conf"))
            continue;
        server.path = file->path;
        sshd_read(&server, facts, file);
    }
    if (server.path == NULL)
        return;
    judge_logins(&server, findings);
    judge_ports(&server, findings);
}

/* ---- all ---- */

void
check_judge_access(const check_facts *facts, GPtrArray *findings)
{
    for (guint i = 0; i < facts->files->len; i++) {
        const seen_file *file = g_ptr_array_index(facts->files, i);
        if (file->place == PLACE_AUTHORIZED_KEYS)
            judge_authorized_keys(file, findings);
        else if (file->place == PLACE_PASSWD || file->place == PLACE_SHADOW ||
                 file->place == PLACE_OLD_SHADOW)
            judge_passwords(file, findings);
    }
    judge_sshd(facts, findings);
    if (facts->rdp_port != 0 && facts->rdp_port != RDP_PORT)
        finding_add(findings, "rdp-port", SEVERITY_LOW, NULL, NULL,
                    "set PortNumber under HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal "
                    "Server\\WinStations\\RDP-Tcp to 3389 in an instance",
                    "RDP listens on port %d and not on %d, where people look for it",
                    facts->rdp_port, RDP_PORT);
}
