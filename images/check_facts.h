/* What was seen inside an image of that which could betray its maker, or let others in. Plain data:
 * gathered by check.h, judged by check_rules.h. All texts are the image's own words, bytes of any
 * kind. */
#ifndef IMAGES_CHECK_FACTS_H
#define IMAGES_CHECK_FACTS_H

#include <glib.h>

/* What a file is looked at for. */
typedef enum {
    PLACE_AUTHORIZED_KEYS,
    PLACE_HOST_KEY,
    PLACE_PRIVATE_KEY, /* may be one: its content tells */
    PLACE_HISTORY,
    PLACE_CREDENTIALS,
    PLACE_SSHD, /* sshd_config, then what it includes */
    PLACE_PASSWD,
    PLACE_SHADOW,
    PLACE_OLD_SHADOW,
    PLACE_MACHINE_ID,
    PLACE_CLOUD_INIT,
    PLACE_LOG,
    PLACE_LOGINS,
    PLACE_PACKAGES, /* changes when packages do */
    PLACE_SWAP_FILE,
    PLACE_SWAP_DEVICE, /* TEXT: its first SWAP_HEAD bytes */
    PLACE_SYSTEM,      /* a file or folder of the system that everybody can write */
} check_place;

/* Where to look: shell patterns, with {a,b} too; those of homes begin in each home. */
typedef struct {
    check_place place;
    gboolean in_homes;
    const char *pattern;
    gsize most; /* bytes to read; 0: none */
} check_pattern;

const check_pattern *check_patterns(gsize *count);

/* Trees of which no file should be everybody's to write, from the root, without a slash in front;
 * ended by NULL. */
extern const char *const check_system_trees[];

/* TRUE if a file of that mode (as stat has it) can be written by everybody and shouldn't. */
gboolean check_mode_is_open(guint32 mode);

typedef struct {
    check_place place;
    char *path; /* "/root/.ssh/authorized_keys" */
    guint32 mode;
    guint64 size;
    gint64 mtime; /* seconds since 1970 */
    char *text;   /* what was read of it, with a NUL after it; NULL: nothing was */
    gsize length;
} seen_file;

#define SWAP_HEAD (64 * 1024)

typedef struct {
    char *os_type;      /* "linux", "windows"; NULL: no operating system was found */
    char *distribution; /* "debian", as os-release has it */
    char *version;      /* "12" */
    char *product;      /* "Debian GNU/Linux 12 (bookworm)" */
    gboolean has_package_manager;
    int rdp_port;     /* of a Windows; 0: not known */
    GPtrArray *files; /* seen_file*; never NULL */
    GPtrArray *notes; /* char*: what could not be looked into; never NULL */
    gint64 now;
} check_facts;

check_facts *check_facts_new(void);
void check_facts_free(check_facts *self);

/* A file that was seen; the rest of it is for the caller to fill in. Owned by SELF. */
seen_file *check_facts_add(check_facts *self, check_place place, const char *path);

/* The homes that /etc/passwd names, each once, "/root" among them: char*. The caller frees it. */
GPtrArray *check_homes(const char *passwd);

/* The PATTERN of a place in HOME, whose own characters stand for themselves: an image's maker could
 * name a home so that it is a million names. The caller frees it. */
char *check_pattern_in(const char *home, const char *pattern);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(check_facts, check_facts_free)

#endif
