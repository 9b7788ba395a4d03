/* What images hold: boot records, boot loaders' files, kernels, and what else is read in them. */
#include "images/check_rules.h"
#include "images/cpio_list.h"
#include "images/elf_notes.h"
#include "images/etc.h"
#include "images/facts.h"
#include "images/gpt.h"
#include "images/grub_cfg.h"
#include "images/host_keys.h"
#include "images/initramfs.h"
#include "images/kernel_drivers.h"
#include "images/kernel_image.h"
#include "images/linux_system.h"
#include "images/loader.h"
#include "images/mbr.h"
#include "images/menu_lst.h"
#include "images/packing.h"
#include "images/public_key.h"
#include "tests/fuzz/targets.h"
#include "tests/unit/phony.h"

#include <string.h>

void
fuzz_mbr(const guint8 *data, gsize length)
{
    mbr record;

    MUST(mbr_parse(data, length, &record) == (length >= 512));
    MUST(record.active >= 0 && record.active <= MBR_ENTRIES);
    boot_code_owner(mbr_code_after(&record, data, length));
}

static void
parse_gpt(const guint8 *data, gsize length)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(gpt) table = gpt_parse(data, length, &error);

    MUST((table != NULL) != (error != NULL));
    for (guint i = 0; table != NULL && i < table->entries->len; i++)
        must_be_text(g_array_index(table->entries, gpt_entry, i).name);
}

/* Once as it is, once with checksums that are right: no fuzzer finds those. */
void
fuzz_gpt(const guint8 *data, gsize length)
{
    g_autofree guint8 *copy = g_memdup2(data, length);

    parse_gpt(data, length);
    if (length < GPT_HEAD_SIZE)
        return;
    put_gpt_checksums(copy);
    parse_gpt(copy, length);
}

static gboolean
is_odd(const menu_entry *entry, gpointer data G_GNUC_UNUSED)
{
    return entry->number % 2 == 1;
}

static void
check_entry(const menu_entry *entry)
{
    guint partition = 0;

    must_be_text(entry->title);
    must_be_text(entry->kernel);
    must_be_text(entry->arguments);
    must_be_text(entry->chain);
    MUST(entry->modules->len <= MENU_LST_MODULES_MAX);
    if (entry->root != NULL)
        menu_lst_path(entry->root, &partition);
}

void
fuzz_menu_lst(const guint8 *data, gsize length)
{
    g_autoptr(menu_lst) menu = menu_lst_parse((const char *)data, length);
    g_autofree char *way = NULL;
    g_autofree char *odd_way = NULL;

    MUST(menu->entries->len <= MENU_LST_ENTRIES_MAX);
    MUST(menu->unknown->len <= MENU_LST_UNKNOWN_MAX);
    for (guint i = 0; i < menu->entries->len; i++)
        check_entry(menu->entries->pdata[i]);
    MUST((menu_lst_choose(menu, NULL, NULL, &way) != NULL) == (menu->entries->len > 0));
    MUST((menu_lst_choose(menu, is_odd, NULL, &odd_way) != NULL) == (way != NULL));
}

void
fuzz_grub_cfg(const guint8 *data, gsize length)
{
    g_autofree char *saved = loader_saved_entry((const char *)data, length);
    g_autoptr(grub_entry) entry = grub_cfg_default((const char *)data, length, saved);

    if (entry != NULL)
        must_be_text(entry->title);
}

void
fuzz_kernel(const guint8 *data, gsize length)
{
    g_auto(kernel_image) image = {0};
    elf_notes notes;

    if (kernel_image_parse(data, length, length, &image)) {
        MUST(image.payload <= length);
        MUST(image.payload_length <= length - image.payload);
        must_be_text(image.version);
        packing_of(data + image.payload, length - (gsize)image.payload);
    }
    MUST(kernel_image_find_gzip(data, length) <= length);
    elf_notes_read(data, length, &notes);
}

/* In pieces, as it comes from a program: where they are cut mustn't matter. */
static void
count_name(const char *name, gpointer count)
{
    (*(gsize *)count) += strlen(name) + 1;
}

static gsize
feed_in_pieces(const guint8 *data, gsize length, gsize piece, gsize *names)
{
    g_autoptr(initramfs_list) list = initramfs_list_new(count_name, names);
    gsize at = 0, done = 1;

    while (at < length && done > 0)
        at += done = initramfs_list_feed(list, data + at, MIN(piece, length - at));
    return at + (initramfs_list_whole(list) ? 1 : 0);
}

void
fuzz_initramfs(const guint8 *data, gsize length)
{
    gsize names = 0, same_names = 0;

    MUST(feed_in_pieces(data, length, G_MAXSIZE, &names) ==
         feed_in_pieces(data, length, 7, &same_names));
    MUST(names == same_names);
}

void
fuzz_drivers(const guint8 *data, gsize length)
{
    g_autoptr(kernel_drivers) drivers = kernel_drivers_new();
    kernel_facts *facts = kernel_facts_new();
    const char *text = (const char *)data;

    kernel_drivers_add_config(drivers, text, length / 3);
    kernel_drivers_add_builtin(drivers, text + length / 3, length / 3);
    kernel_drivers_add_modules(drivers, text + length / 3 * 2, length - length / 3 * 2);
    kernel_drivers_tell(drivers, facts);
    MUST((facts->xen_pv != NULL) == (facts->xen_pvh != NULL));
    kernel_facts_free(facts);
}

void
fuzz_etc(const guint8 *data, gsize length)
{
    g_autoptr(image_facts) facts = image_facts_new();
    const char *text = (const char *)data;
    g_autofree char *name = os_release_name(text, length);
    g_autofree char *distribution = linux_distribution(text, length);
    g_autofree char *version = linux_version(text, length, text, length);
    g_autofree char *host = linux_hostname(text, length);

    fstab_read(text, length, facts->fstab);
    MUST(facts->fstab->len <= FSTAB_MAX);
    must_be_text(name);
    must_be_text(distribution);
    must_be_text(version);
    must_be_text(host);
    linux_architecture(data, length);
}

void
fuzz_facts(const guint8 *data, gsize length)
{
    g_autofree char *text = g_strndup((const char *)data, length);
    g_autoptr(image_facts) facts = image_facts_from_json(text, NULL);
    g_autofree char *again = facts != NULL ? image_facts_to_json(facts) : NULL;

    must_be_text(again);
}

/* What was taken is taken again, as the same. */
void
fuzz_public_key(const guint8 *data, gsize length)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(public_key) key = public_key_parse(data, length, &error);
    g_autoptr(public_key) again = NULL;

    MUST((key != NULL) != (error != NULL));
    must_be_text(error != NULL ? error->message : key->line);
    if (key == NULL)
        return;
    again = public_key_parse((const guint8 *)key->line, strlen(key->line), NULL);
    MUST(again != NULL && g_str_equal(again->line, key->line) &&
         g_str_equal(again->fingerprint, key->fingerprint));
}

void
fuzz_host_keys(const guint8 *data, gsize length)
{
    g_autofree char *text = g_strndup((const char *)data, length);
    g_autofree char *keys = host_keys_of_console(text, "i-1");
    g_auto(GStrv) lines = g_strsplit(keys != NULL ? keys : "", "\n", -1);
    guint count = g_strv_length(lines);

    MUST(count <= HOST_KEYS_MOST + 1);
    for (guint i = 0; i + 1 < count; i++)
        MUST(g_str_has_prefix(lines[i], "i-1 ") && g_str_is_ascii(lines[i]));
}

static void
check_file(check_facts *facts, check_place place, const char *path, const guint8 *data,
           gsize length)
{
    seen_file *file = check_facts_add(facts, place, path);

    file->text = g_malloc0(length + 1);
    memcpy(file->text, data, length);
    file->length = length;
    file->size = length;
    file->mode = 0100644;
}

/* The bytes as the content of a file of each kind, at a place that an image's author has named. */
static void
check_files(check_facts *facts, const guint8 *data, gsize length)
{
    g_autofree char *path = g_strdup_printf("/root/%.*s", (int)MIN(length, 40), (const char *)data);
    g_autofree char *drop_in = g_strdup_printf("/etc/ssh/sshd_config.d/%.*s.conf",
                                               (int)MIN(length, 40), (const char *)data);

    for (int place = PLACE_AUTHORIZED_KEYS; place <= PLACE_SYSTEM; place++)
        if (place != PLACE_SSHD)
            check_file(facts, (check_place)place, path, data, length);
    check_file(facts, PLACE_SSHD, "/etc/ssh/sshd_config", data, length);
    check_file(facts, PLACE_SSHD, drop_in, data, length);
}

void
fuzz_check(const guint8 *data, gsize length)
{
    g_autoptr(check_facts) facts = check_facts_new();
    g_autofree char *text = g_strndup((const char *)data, length);
    g_autoptr(GPtrArray) homes = check_homes(text);
    g_autoptr(GPtrArray) findings = NULL;

    check_files(facts, data, length);
    facts->os_type = g_strdup("linux");
    facts->now = 2000000000;
    findings = check_judge(facts);
    for (guint i = 0; i < findings->len; i++) {
        const finding *found = findings->pdata[i];
        must_be_text(found->path);
        must_be_text(found->what);
        /* It is for a shell, and has a quoted sed of ours at most. */
        MUST(found->mend == NULL ||
             (strpbrk(found->mend, "\n`;|<>") == NULL && strstr(found->mend, "$(") == NULL));
    }
    for (guint i = 0; i < homes->len; i++) {
        g_autofree char *pattern = check_pattern_in(homes->pdata[i], ".ssh/*");
        MUST(strlen(pattern) <= 2 * strlen(homes->pdata[i]) + 8);
    }
}
