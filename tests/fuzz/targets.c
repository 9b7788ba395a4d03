#include "tests/fuzz/targets.h"

#include <glib/gstdio.h>
#include <sys/mman.h>
#include <unistd.h>

void
must_be_text(const char *text)
{
    MUST(text == NULL || g_utf8_validate(text, -1, NULL));
}

int
fuzz_file(const guint8 *data, gsize length)
{
    int file = memfd_create("foreign", MFD_CLOEXEC);

    if (file < 0 || (length > 0 && write(file, data, length) != (gssize)length))
        g_error("there is no memory for a file");
    return file;
}

char *
fuzz_path(int file)
{
    return g_strdup_printf("/proc/self/fd/%d", file);
}

static char *folder;

static void
remove_folder(void)
{
    g_rmdir(folder);
}

/* In memory, where there is such a place. */
const char *
fuzz_folder(void)
{
    if (folder == NULL) {
        folder = g_build_filename(g_access("/dev/shm", W_OK) == 0 ? "/dev/shm" : g_get_tmp_dir(),
                                  "amilaunch-fuzz-XXXXXX", NULL);
        if (g_mkdtemp(folder) == NULL)
            g_error("%s can't be made", folder);
        atexit(remove_folder);
    }
    return folder;
}

const fuzz_target fuzz_targets[] = {
    {"mbr", fuzz_mbr, "images/mbr.c"},
    {"gpt", fuzz_gpt, "images/gpt.c"},
    {"menu_lst", fuzz_menu_lst, "images/menu_lst.c"},
    {"grub_cfg", fuzz_grub_cfg, "images/grub_cfg.c images/loader.c"},
    {"kernel", fuzz_kernel, "images/kernel_image.c images/elf_notes.c images/packing.c"},
    {"initramfs", fuzz_initramfs, "images/initramfs.c images/cpio_list.c images/packing.c"},
    {"drivers", fuzz_drivers, "images/kernel_drivers.c"},
    {"etc", fuzz_etc, "images/etc.c"},
    {"facts", fuzz_facts, "images/facts.c"},
    {"check", fuzz_check,
     "images/check_rules.c images/check_access.c images/check_age.c images/check_facts.c"},
    {"public_key", fuzz_public_key, "images/public_key.c images/ssh_blob.c"},
    {"host_keys", fuzz_host_keys, "images/host_keys.c images/ssh_blob.c"},
    {"qcow2", fuzz_qcow2, "images/qcow2.c images/extent.c"},
    {"vmdk", fuzz_vmdk, "images/vmdk.c"},
    {"vhd", fuzz_vhd, "images/vhd.c"},
    {"vhdx", fuzz_vhdx, "images/vhdx.c"},
    {"ova", fuzz_ova, "images/ova.c"},
    {"tar", fuzz_tar, "images/tar_read.c"},
    {"probe", fuzz_probe, "images/probe.c images/raw.c images/backing.c drivers/save_image.c"},
    {"picture", fuzz_picture, "images/picture.c"},
    {"manifest", fuzz_manifest, "images/manifest.c images/manifest_xml.c"},
    {"bundle", fuzz_bundle, "images/bundle_read.c images/bundle_part.c images/tar_read.c"},
    {"checksum", fuzz_checksum, "images/checksum.c"},
    {"url", fuzz_url, "images/url.c"},
    {"download", fuzz_download, "images/download_answer.c"},
    {"pem", fuzz_pem, "images/bundle_pem.c"},
    {"frame", fuzz_frame, "net/frame.c net/verdict.c net/arp.c"},
    {"dhcp", fuzz_dhcp, "net/dhcp.c"},
    {"framing", fuzz_framing, "net/framing.c"},
    {"flow", fuzz_flow, "net/flow.c"},
    {"imds", fuzz_imds, "net/imds_answer.c net/imds_tree.c net/imds_leaves.c net/imds_token.c"},
    {"console", fuzz_console,
     "launcher/console_text.c launcher/diagnosis.c launcher/console_evidence.c"},
    {"console_command", fuzz_console_command, "launcher/console_command.c"},
    {"terminal", fuzz_terminal, "cli/text.c"},
    {"agent_answer", fuzz_agent_answer, "drivers/agent_message.c"},
    {"guest_events", fuzz_guest_events, "drivers/guest_events.c"},
    {"live_xml", fuzz_live_xml, "drivers/live_xml.c drivers/saved_xml.c"},
    {"settings", fuzz_settings,
     "conf/reader.c conf/precheck.c conf/settings.c conf/types.c conf/type_fields.c "
     "conf/kernel_images.c conf/prices.c"},
    {"plain", fuzz_plain, "conf/plain.c"},
    {"options", fuzz_options,
     "launcher/map_spec.c launcher/publishing.c common/filter.c common/size.c common/times.c"},
    {"agent_request", fuzz_agent_request, "appliance/request.c appliance/words.c"},
    {"xenstore", fuzz_xenstore, "appliance/xenstore.c"},
};
const gsize fuzz_target_count = G_N_ELEMENTS(fuzz_targets);
