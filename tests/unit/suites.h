/* One suite for each object that has unit tests; main.c runs them all. */
#ifndef TESTS_UNIT_SUITES_H
#define TESTS_UNIT_SUITES_H

#include <check.h>

Suite *suite_accel(void);
Suite *suite_agent_message(void);
Suite *suite_agent(void);
Suite *suite_attributes(void);
Suite *suite_backing(void);
Suite *suite_can_boot(void);
Suite *suite_boot_files(void);
Suite *suite_check(void);
Suite *suite_common(void);
Suite *suite_cost(void);
Suite *suite_customize(void);
Suite *suite_device_name(void);
Suite *suite_diagnosis(void);
Suite *suite_download(void);
Suite *suite_domain_xml(void);
Suite *suite_encrypted(void);
Suite *suite_etc(void);
Suite *suite_facts(void);
Suite *suite_file_system(void);
Suite *suite_filter(void);
Suite *suite_firmware(void);
Suite *suite_gc_plan(void);
Suite *suite_gpt(void);
Suite *suite_grub_cfg(void);
Suite *suite_guest_events(void);
Suite *suite_initramfs(void);
Suite *suite_kernel_drivers(void);
Suite *suite_kernel_image(void);
Suite *suite_live_xml(void);
Suite *suite_loader(void);
Suite *suite_manifest(void);
Suite *suite_map_spec(void);
Suite *suite_mapping(void);
Suite *suite_mbr(void);
Suite *suite_menu_lst(void);
Suite *suite_plan(void);
Suite *suite_probe(void);
Suite *suite_register_mapping(void);
Suite *suite_settings(void);
Suite *suite_states(void);
Suite *suite_store(void);
Suite *suite_subnet(void);
Suite *suite_tag(void);
Suite *suite_tar(void);
Suite *suite_template(void);
Suite *suite_explain(void);
Suite *suite_kernel_images(void);
Suite *suite_types(void);
Suite *suite_xen_appliance(void);
Suite *suite_xen_xml(void);

#endif
