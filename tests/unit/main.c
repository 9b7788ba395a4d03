#include "tests/unit/suites.h"

#include <stdlib.h>

int
main(void)
{
    SRunner *runner = srunner_create(suite_common());
    int failed;

    srunner_add_suite(runner, suite_etc());
    srunner_add_suite(runner, suite_facts());
    srunner_add_suite(runner, suite_gpt());
    srunner_add_suite(runner, suite_grub_cfg());
    srunner_add_suite(runner, suite_loader());
    srunner_add_suite(runner, suite_mbr());
    srunner_add_suite(runner, suite_menu_lst());
    srunner_add_suite(runner, suite_probe());
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
