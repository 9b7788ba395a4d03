#include "images/check_rules.h"

#include <string.h>
#include <sys/stat.h>

#define PLAIN                                                                                      \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+@%=-" /* to shell and glob  \
                                                                              */
#define OPEN_MOST 20 /* findings of files that everybody can write */
#define IN_INSTANCE "mend it in an instance, then amilaunch image create"

const char *const severity_words[] = {"high", "medium", "low", NULL};

void
finding_free(finding *self)
{
    if (self == NULL)
        return;
    g_free(self->path);
    g_free(self->what);
    g_free(self->mend);
    g_free(self);
}

gboolean
is_plain_path(const char *path)
{
    return path[strspn(path, PLAIN)] == '\0';
}

void
finding_add(GPtrArray *findings, const char *id, severity weight, const char *path,
            const char *mend, const char *advice, const char *format, ...)
{
    finding *self = g_new0(finding, 1);
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    self->id = id;
    self->weight = weight;
    self->what = g_utf8_make_valid(text, -1);
    self->path = path != NULL ? g_utf8_make_valid(path, -1) : NULL;
    if (mend != NULL && (path == NULL || is_plain_path(path)))
        self->mend = g_strconcat(mend, path, NULL);
    self->advice = self->mend == NULL && advice == NULL ? IN_INSTANCE : advice;
    g_ptr_array_add(findings, self);
}

void
finding_mend(GPtrArray *findings, const char *format, ...)
{
    finding *self = g_ptr_array_index(findings, findings->len - 1);
    va_list args;

    g_free(self->mend);
    va_start(args, format);
    self->mend = g_strdup_vprintf(format, args);
    va_end(args);
    if (self->advice != NULL && g_str_equal(self->advice, IN_INSTANCE))
        self->advice = NULL;
}

/* ---- secrets ---- */

/* TEXT may have NULs in it. */
static gboolean
has(const seen_file *file, const char *word)
{
    return file->text != NULL && memmem(file->text, file->length, word, strlen(word)) != NULL;
}

static gboolean
has_private_key(const seen_file *file)
{
    /* "-----BEGIN RSA PRIVATE KEY-----" and its kin, OpenSSH's, PGP's and PuTTY's. */
    return has(file, "PRIVATE KEY-----") || has(file, "PRIVATE KEY BLOCK-----") ||
           has(file, "PuTTY-User-Key-File-");
}

static void
judge_private_key(const seen_file *file, GPtrArray *findings)
{
    if (has_private_key(file))
        finding_add(findings, "private-key", SEVERITY_HIGH, file->path, "--delete ", NULL,
                    "a private key: whoever gets the image gets it");
}

static void
judge_host_key(const seen_file *file, GPtrArray *findings)
{
    if (S_ISREG(file->mode) && file->size > 0)
        finding_add(findings, "host-key", SEVERITY_HIGH, file->path, "--delete ",
                    "cloud-init or the distribution's own unit makes new ones at the first boot; "
                    "see that one does",
                    "the private key by which ssh knows this host would be that of all instances");
}

static void
judge_history(const seen_file *file, GPtrArray *findings)
{
    if (S_ISREG(file->mode) && file->size > 0)
        finding_add(findings, "history", SEVERITY_MEDIUM, file->path, "--delete ", NULL,
                    "a history of what was typed, %" G_GUINT64_FORMAT " bytes", file->size);
}

static void
judge_credentials(const seen_file *file, GPtrArray *findings)
{
    static const char *const words[] = {
        "aws_secret_access_key", "aws_session_token", "secret_key", "\"auth\"", "password", "://"};

    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (has(file, words[i])) {
            finding_add(findings, "credentials", SEVERITY_HIGH, file->path, "--delete ",
                        "make those that were in it invalid if the image was ever shared",
                        "credentials of its maker");
            return;
        }
}

static void
judge_log(const seen_file *file, GPtrArray *findings)
{
    if (has_private_key(file) || has(file, "aws_secret_access_key") ||
        has(file, "AWS_SECRET_ACCESS_KEY"))
        finding_add(findings, "secret-in-log", SEVERITY_HIGH, file->path, "--delete ", NULL,
                    "a log with a secret in it");
}

static void
judge_logins(const seen_file *file, GPtrArray *findings)
{
    if (S_ISREG(file->mode) && file->size > 0)
        finding_add(findings, "login-records", SEVERITY_LOW, file->path, "--truncate ", NULL,
                    "a record of who logged in, from where");
}

static void
judge_swap_file(const seen_file *file, GPtrArray *findings)
{
    if (S_ISREG(file->mode) && file->size > 0)
        finding_add(findings, "swap-file", SEVERITY_MEDIUM, file->path, "--delete ",
                    "take it out of /etc/fstab, too",
                    "a swap or hibernation file: pages of memory may be in it");
}

/* Source: Linux' mm/swapfile.c and kernel/power/swap.c: the last ten bytes of the first page tell
 * what it is; pages follow. */
#define SWAP_PAGE 4096
#define SWAP_SIGNATURE_AT (SWAP_PAGE - 10)

static gboolean
has_pages(const seen_file *file)
{
    for (gsize i = SWAP_PAGE; i < file->length; i++)
        if (file->text[i] != '\0')
            return TRUE;
    return FALSE;
}

static void
judge_swap_device(const seen_file *file, GPtrArray *findings)
{
    const char *again = "make it anew in an instance (mkswap), or bring the image without it";

    if (file->length < SWAP_PAGE)
        return;
    if (memcmp(file->text + SWAP_SIGNATURE_AT, "S1SUSPEND", 9) == 0)
        finding_add(findings, "hibernated", SEVERITY_HIGH, file->path, NULL, again,
                    "the memory of a hibernated system: all that it had open");
    else if (has_pages(file))
        finding_add(findings, "swap", SEVERITY_MEDIUM, file->path, NULL, again,
                    "swap that was used: pages of memory are in it");
}

/* ---- who it is ---- */

static void
judge_machine_id(const seen_file *file, GPtrArray *findings)
{
    if (!S_ISREG(file->mode) || file->text == NULL || *file->text == '\0' || *file->text == '\n' ||
        g_str_has_prefix(file->text, "uninitialized"))
        return;
    finding_add(findings, "machine-id", SEVERITY_MEDIUM, file->path, "--truncate ", NULL,
                "a machine id: all instances would have the same");
}

static void
judge_cloud_init(const check_facts *facts, GPtrArray *findings)
{
    for (guint i = 0; i < facts->files->len; i++) {
        const seen_file *file = g_ptr_array_index(facts->files, i);
        if (file->place != PLACE_CLOUD_INIT)
            continue;
        finding_add(findings, "cloud-init", SEVERITY_MEDIUM, "/var/lib/cloud", NULL, NULL,
                    "cloud-init's state: user data of an instance, and what it has done there");
        finding_mend(findings, "--delete /var/lib/cloud/instance "
                               "--delete '/var/lib/cloud/instances/*'");
        return;
    }
}

/* ---- what everybody can write ---- */

static void
judge_open(const check_facts *facts, GPtrArray *findings)
{
    guint count = 0;

    for (guint i = 0; i < facts->files->len; i++) {
        const seen_file *file = g_ptr_array_index(facts->files, i);
        g_autofree char *mend = NULL;
        if (file->place != PLACE_SYSTEM || !check_mode_is_open(file->mode) || ++count > OPEN_MOST)
            continue;
        mend = g_strdup_printf("--chmod %04o:", file->mode & 07775);
        finding_add(findings, "world-writable", SEVERITY_HIGH, file->path, mend, NULL,
                    "a %s of the system that everybody can write",
                    S_ISDIR(file->mode) ? "folder" : "file");
    }
    if (count > OPEN_MOST)
        finding_add(findings, "world-writable", SEVERITY_HIGH, NULL, NULL,
                    "find / -xdev -perm -0002 ! -type l, in an instance, shows them all",
                    "%u more files and folders of the system that everybody can write",
                    count - OPEN_MOST);
}

/* ---- all ---- */

static const struct {
    check_place place;
    void (*judge)(const seen_file *file, GPtrArray *findings);
} rules_of_files[] = {
    {PLACE_HOST_KEY, judge_host_key},       {PLACE_PRIVATE_KEY, judge_private_key},
    {PLACE_HISTORY, judge_history},         {PLACE_CREDENTIALS, judge_credentials},
    {PLACE_MACHINE_ID, judge_machine_id},   {PLACE_LOG, judge_log},
    {PLACE_LOGINS, judge_logins},           {PLACE_SWAP_FILE, judge_swap_file},
    {PLACE_SWAP_DEVICE, judge_swap_device},
};

static gint
by_weight(gconstpointer a, gconstpointer b)
{
    const finding *one = *(finding *const *)a;
    const finding *other = *(finding *const *)b;

    if (one->weight != other->weight)
        return one->weight - other->weight;
    if (!g_str_equal(one->id, other->id))
        return strcmp(one->id, other->id);
    return g_strcmp0(one->path, other->path);
}

GPtrArray *
check_judge(const check_facts *facts)
{
    GPtrArray *findings = g_ptr_array_new_with_free_func((GDestroyNotify)finding_free);

    check_judge_access(facts, findings);
    check_judge_age(facts, findings);
    judge_cloud_init(facts, findings);
    judge_open(facts, findings);
    for (guint i = 0; i < facts->files->len; i++) {
        const seen_file *file = g_ptr_array_index(facts->files, i);
        for (gsize j = 0; j < G_N_ELEMENTS(rules_of_files); j++)
            if (rules_of_files[j].place == file->place)
                rules_of_files[j].judge(file, findings);
    }
    g_ptr_array_sort(findings, by_weight);
    return findings;
}
