#include "tests/scratch.h"
#include "tests/unit/suites.h"

#include <glib.h>
#include <stdlib.h>

static Suite *(*const suites[])(void) = {
    suite_accel,
    suite_agent_message,
    suite_agent,
    suite_attributes,
    suite_backing,
    suite_can_boot,
    suite_boot_files,
    suite_check,
    suite_common,
    suite_console_command,
    suite_completion,
    suite_confine,
    suite_cost,
    suite_customize,
    suite_device_name,
    suite_dhcp,
    suite_diagnosis,
    suite_domain_xml,
    suite_download,
    suite_encrypted,
    suite_qcow2_new,
    suite_etc,
    suite_facts,
    suite_file_system,
    suite_filter,
    suite_firmware,
    suite_flow,
    suite_frame,
    suite_framing,
    suite_gc_plan,
    suite_gpt,
    suite_grub_cfg,
    suite_guest_events,
    suite_host_keys,
    suite_identity,
    suite_imds,
    suite_initramfs,
    suite_kernel_drivers,
    suite_kernel_image,
    suite_live_xml,
    suite_loader,
    suite_manifest,
    suite_map_spec,
    suite_mapping,
    suite_mbr,
    suite_menu_lst,
    suite_next_step,
    suite_picture,
    suite_plain,
    suite_plan,
    suite_probe,
    suite_public_key,
    suite_publishing,
    suite_register_mapping,
    suite_settings,
    suite_start_all,
    suite_states,
    suite_store,
    suite_subnet,
    suite_tag,
    suite_text,
    suite_tar,
    suite_template,
    suite_explain,
    suite_kernel_images,
    suite_types,
    suite_upgrade,
    suite_xen_appliance,
    suite_xen_xml,
};

int
main(void)
{
    SRunner *runner = srunner_create(NULL);
    int failed;

    /* Against tests that hang, not against hosts that are busy. */
    g_setenv("CK_DEFAULT_TIMEOUT", "600", FALSE);
    scratch_begin();
    for (unsigned int i = 0; i < sizeof suites / sizeof suites[0]; i++)
        srunner_add_suite(runner, suites[i]());
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    scratch_end();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
