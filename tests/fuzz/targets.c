#include "tests/fuzz/targets.h"

#include "images/cpio_list.h"
#include "images/elf_notes.h"
#include "images/etc.h"
#include "images/extent.h"
#include "images/facts.h"
#include "images/gpt.h"
#include "images/grub_cfg.h"
#include "images/host_keys.h"
#include "images/initramfs.h"
#include "images/kernel_drivers.h"
#include "images/kernel_image.h"
#include "images/loader.h"
#include "images/mbr.h"
#include "images/menu_lst.h"
#include "images/packing.h"
#include "images/public_key.h"
#include "images/qcow2.h"
#include "images/vhd.h"
#include "images/vhdx.h"
#include "images/vmdk.h"
#include "launcher/subnet.h"
#include "net/arp.h"
#include "net/dhcp.h"
#include "net/framing.h"
#include "net/verdict.h"
#include "tests/unit/phony.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void
must_be_text(const char *text)
{
    MUST(text == NULL || g_utf8_validate(text, -1, NULL));
}

static void
run_mbr(const guint8 *data, gsize length)
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
static void
run_gpt(const guint8 *data, gsize length)
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

static void
run_menu_lst(const guint8 *data, gsize length)
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

static void
run_grub_cfg(const guint8 *data, gsize length)
{
    g_autofree char *saved = loader_saved_entry((const char *)data, length);
    g_autoptr(grub_entry) entry = grub_cfg_default((const char *)data, length, saved);

    if (entry != NULL)
        must_be_text(entry->title);
}

static void
run_kernel(const guint8 *data, gsize length)
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

static void
run_initramfs(const guint8 *data, gsize length)
{
    gsize names = 0, same_names = 0;

    MUST(feed_in_pieces(data, length, G_MAXSIZE, &names) ==
         feed_in_pieces(data, length, 7, &same_names));
    MUST(names == same_names);
}

static void
run_drivers(const guint8 *data, gsize length)
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

static void
run_etc(const guint8 *data, gsize length)
{
    g_autoptr(image_facts) facts = image_facts_new();
    g_autofree char *name = os_release_name((const char *)data, length);

    fstab_read((const char *)data, length, facts->fstab);
    MUST(facts->fstab->len <= FSTAB_MAX);
    must_be_text(name);
}

static void
run_facts(const guint8 *data, gsize length)
{
    g_autofree char *text = g_strndup((const char *)data, length);
    g_autoptr(image_facts) facts = image_facts_from_json(text, NULL);
    g_autofree char *again = facts != NULL ? image_facts_to_json(facts) : NULL;

    must_be_text(again);
}

/* What was taken is taken again, as the same. */
static void
run_public_key(const guint8 *data, gsize length)
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

static void
run_host_keys(const guint8 *data, gsize length)
{
    g_autofree char *text = g_strndup((const char *)data, length);
    g_autofree char *keys = host_keys_of_console(text, "i-1");
    g_auto(GStrv) lines = g_strsplit(keys != NULL ? keys : "", "\n", -1);
    guint count = g_strv_length(lines);

    MUST(count <= HOST_KEYS_MOST + 1);
    for (guint i = 0; i + 1 < count; i++)
        MUST(g_str_has_prefix(lines[i], "i-1 ") && g_str_is_ascii(lines[i]));
}

typedef gboolean (*disk_check)(const extent *file, guint64 *virtual_size, GError **error);

/* These parsers read from a file. */
static void
run_disk(const guint8 *data, gsize length, disk_check check)
{
    g_autoptr(GError) error = NULL;
    guint64 size = 0;
    int file = memfd_create("disk", MFD_CLOEXEC);

    if (file < 0 || write(file, data, length) != (gssize)length)
        g_error("there is no memory for a file");
    const extent all = {.fd = file, .start = 0, .length = length};
    MUST(check(&all, &size, &error) == (error == NULL));
    close(file);
}

static void
run_qcow2(const guint8 *data, gsize length)
{
    run_disk(data, length, qcow2_check);
}

static void
run_vmdk(const guint8 *data, gsize length)
{
    run_disk(data, length, vmdk_check);
}

static void
run_vhd(const guint8 *data, gsize length)
{
    run_disk(data, length, vhd_check);
}

static void
run_vhdx(const guint8 *data, gsize length)
{
    run_disk(data, length, vhdx_check);
}

static const station own = {SUBNET_FIRST, {0x0a, 0, 0xac, 0x1f, 0, 4}};
static const station neighbour = {SUBNET_FIRST + 1, {0x0a, 0, 0xac, 0x1f, 0, 5}};

static const station *
find_station(guint32 address, gpointer data G_GNUC_UNUSED)
{
    return address == own.address ? &own : address == neighbour.address ? &neighbour : NULL;
}

static void
answer_frame(const guint8 *bytes, const frame *what, verdict found)
{
    guint8 out[FRAME_MOST];
    const dhcp_lease lease = {own.address, {0x0a, 0, 0xac, 0x1f, 0, 4}, "ip-172-31-0-4", "domain"};
    frame answer;
    gsize length = 0;

    if (found.kind == VERDICT_ARP)
        arp_answer(what, own.mac, out), length = FRAME_ARP_SIZE;
    else if (found.kind == VERDICT_DHCP)
        length = dhcp_answer(bytes, what, &lease, out);
    MUST(length == 0 || frame_read(out, length, &answer));
}

static void
run_frame_in_place(guint8 *bytes, gsize length)
{
    frame what;
    verdict found;

    if (!frame_read(bytes, length, &what))
        return;
    MUST(what.kind == FRAME_ARP || (what.payload <= what.end && what.end <= length));
    found = verdict_of(&what, length, &own, find_station, NULL);
    MUST(found.kind == VERDICT_DROP || memcmp(what.from, own.mac, 6) == 0);
    MUST(found.kind != VERDICT_PEER || found.who == &neighbour);
    MUST(found.kind != VERDICT_OUTSIDE || what.destination >> 24 != 127);
    answer_frame(bytes, &what, found);
    if (what.kind == FRAME_IPV4)
        frame_set_destination(bytes, &what, SUBNET_SPARE);
}

/* Once as it is, once from the right sender: no fuzzer keeps both addresses. */
static void
run_frame(const guint8 *data, gsize length)
{
    g_autofree guint8 *copy = g_memdup2(data, length);

    run_frame_in_place(copy, length);
    if (length < FRAME_HEAD)
        return;
    memcpy(copy, data, length);
    memcpy(copy + 6, own.mac, 6);
    run_frame_in_place(copy, length);
}

static void
run_dhcp(const guint8 *data, gsize length)
{
    const dhcp_lease lease = {own.address, {0x0a, 0, 0xac, 0x1f, 0, 4}, "ip-172-31-0-4", "domain"};
    const gsize heads = FRAME_HEAD + 20 + 8;
    g_autofree guint8 *bytes = g_malloc0(heads + length);
    guint8 out[FRAME_MOST];
    frame what = {.protocol = PROTOCOL_UDP, .has_head = TRUE, .payload = FRAME_HEAD + 20};

    if (length > FRAME_MOST - heads)
        return;
    frame_put16(bytes + FRAME_HEAD + 20 + 4, (guint16)(8 + length));
    memcpy(bytes + heads, data, length);
    if (length >= 34)
        memcpy(bytes + heads + 28, own.mac, 6);
    MUST(dhcp_answer(bytes, &what, &lease, out) <= sizeof out);
}

static void
count_frame(guint8 *bytes, gsize length, gpointer data)
{
    gsize *count = data;

    MUST(length >= FRAME_HEAD && length <= FRAME_MOST);
    *count = *count * 31 + length + bytes[0] + bytes[length - 1];
}

/* How the stream is cut mustn't matter. */
static void
run_framing(const guint8 *data, gsize length)
{
    g_autofree guint8 *copy = g_memdup2(data, length);
    framing whole = {0}, cut = {0};
    gsize count = 0, same_count = 0, at = 0;
    gboolean fine = framing_feed(&whole, copy, length, count_frame, &count), still = TRUE;

    for (; at < length && still; at += 7)
        still = framing_feed(&cut, copy + at, MIN(7, length - at), count_frame, &same_count);
    MUST(fine == still && count == same_count);
}

const fuzz_target fuzz_targets[] = {
    {"mbr", run_mbr},
    {"gpt", run_gpt},
    {"menu_lst", run_menu_lst},
    {"grub_cfg", run_grub_cfg},
    {"kernel", run_kernel},
    {"initramfs", run_initramfs},
    {"drivers", run_drivers},
    {"etc", run_etc},
    {"facts", run_facts},
    {"qcow2", run_qcow2},
    {"vmdk", run_vmdk},
    {"vhd", run_vhd},
    {"vhdx", run_vhdx},
    {"public_key", run_public_key},
    {"host_keys", run_host_keys},
    {"frame", run_frame},
    {"dhcp", run_dhcp},
    {"framing", run_framing},
    {"imds", fuzz_imds},
};
const gsize fuzz_target_count = G_N_ELEMENTS(fuzz_targets);
