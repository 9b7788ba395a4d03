/* All files of some trees, in one call. */
#include "images/check_look.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What find says of each; a hostile image may have any number of them, and names of any kind: more
 * than FOUND_MOST bytes are not read, and a line that is none is left out. libguestfs has no call
 * that gives the modes of a whole tree, and 10,000 folders would be 10,000 calls; this one isn't
 * promised to stay, but virt-customize and others use it, too. Links aren't followed, so that it
 * stays in the image, which is at /sysroot. */
#define FOUND_MOST 500000
#define FIND                                                                                       \
    "cd /sysroot && find %s '(' -type f -o -type d ! -perm -1000 ')' -perm -0002 "                 \
    "-printf '%%m%%y %%p\\n' 2>/dev/null | head -c %d"

static void
read_line(const char *line, check_facts *facts)
{
    char *after = NULL;
    guint32 mode = (guint32)g_ascii_strtoull(line, &after, 8) & 07777;
    g_autofree char *path = NULL;

    if ((*after != 'f' && *after != 'd') || after[1] != ' ' || after[2] == '\0')
        return;
    mode |= *after == 'f' ? S_IFREG : S_IFDIR;
    if (!check_mode_is_open(mode))
        return;
    path = g_strconcat("/", after + 2, NULL);
    check_facts_add(facts, PLACE_SYSTEM, path)->mode = mode;
}

void
look_for_open(look *self, const char *const *trees)
{
    g_autofree char *folders = g_strjoinv(" ", (char **)trees);
    g_autofree char *command = g_strdup_printf(FIND, folders, FOUND_MOST);
    char *const args[] = {command, NULL};
    char *found = guestfs_debug(self->g, "sh", args);
    g_auto(GStrv) lines = NULL;

    if (found == NULL) {
        look_note(self, "files that everybody can write can't be looked for: %s",
                  appliance_error(self->inside));
        return;
    }
    lines = g_strsplit(found, "\n", -1);
    for (gsize i = 0; lines[i] != NULL; i++)
        read_line(lines[i], self->facts);
    free(found);
}
