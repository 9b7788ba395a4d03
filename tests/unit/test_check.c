#include "images/check_rules.h"
#include "images/support_ends.h"
#include "tests/unit/suites.h"

#include <string.h>
#include <sys/stat.h>

#define NOW G_GINT64_CONSTANT(1760000000) /* 2025-10-09 */

static check_facts *facts;

static void
set_up(void)
{
    facts = check_facts_new();
    facts->os_type = g_strdup("linux");
    facts->now = NOW;
}

static void
tear_down(void)
{
    check_facts_free(facts);
}

static seen_file *
add(check_place place, const char *path, const char *text)
{
    seen_file *file = check_facts_add(facts, place, path);

    file->mode = S_IFREG | 0600;
    file->text = g_strdup(text);
    file->length = file->size = text != NULL ? strlen(text) : 0;
    return file;
}

/* What is found, as "id weight path | mend" lines. */
static char *
found(void)
{
    g_autoptr(GPtrArray) findings = check_judge(facts);
    GString *all = g_string_new(NULL);

    for (guint i = 0; i < findings->len; i++) {
        const finding *one = g_ptr_array_index(findings, i);
        g_string_append_printf(all, "%s %s %s | %s\n", one->id, severity_words[one->weight],
                               one->path != NULL ? one->path : "-",
                               one->mend != NULL ? one->mend : "-");
        ck_assert(one->mend != NULL || one->advice != NULL);
    }
    return g_string_free(all, FALSE);
}

#define ck_assert_found(expected)                                                                  \
    do {                                                                                           \
        g_autofree char *text = found();                                                           \
        ck_assert_str_eq(text, expected);                                                          \
    } while (0)

START_TEST(keys_let_people_in)
{
    add(PLACE_AUTHORIZED_KEYS, "/root/.ssh/authorized_keys", "# none\n\n  \n");
    ck_assert_found("");
    add(PLACE_AUTHORIZED_KEYS, "/home/a/.ssh/authorized_keys", "ssh-rsa AAAA a@b\n#x\n");
    ck_assert_found("authorized-keys high /home/a/.ssh/authorized_keys | "
                    "--delete /home/a/.ssh/authorized_keys\n");
}
END_TEST

START_TEST(private_keys_are_told_by_their_content)
{
    add(PLACE_PRIVATE_KEY, "/etc/ssl/a.pem", "-----BEGIN CERTIFICATE-----\n");
    add(PLACE_PRIVATE_KEY, "/root/.ssh/id_rsa.pub", "ssh-rsa AAAA\n");
    ck_assert_found("");
    add(PLACE_PRIVATE_KEY, "/root/.ssh/id_rsa", "-----BEGIN OPENSSH PRIVATE KEY-----\n");
    add(PLACE_PRIVATE_KEY, "/root/b.key", "x\n-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
    ck_assert_found("private-key high /root/.ssh/id_rsa | --delete /root/.ssh/id_rsa\n"
                    "private-key high /root/b.key | --delete /root/b.key\n");
}
END_TEST

START_TEST(passwords_are_set_empty_or_locked)
{
    add(PLACE_PASSWD, "/etc/passwd",
        "root:x:0:0:root:/root:/bin/sh\nopen::5:5::/:/bin/sh\n+::::::\n");
    add(PLACE_SHADOW, "/etc/shadow",
        "root:$6$salt$hash:1:0:9:7:::\nbin:*:1::::::\nold:!$6$x$y:1::::::\nnone:!!:1::::::\n"
        "free::1::::::\ndes:abcdefghijklm:1::::::\nodd:*LK*:1\nbad name:$1$x:1\n");
    ck_assert_found("empty-password high /etc/passwd | --lock open\n"
                    "empty-password high /etc/shadow | --lock free\n"
                    "password high /etc/shadow | --lock root\n"
                    "password high /etc/shadow | --lock des\n"
                    "password high /etc/shadow | -\n");
}
END_TEST

START_TEST(no_finding_repeats_a_hash)
{
    g_autoptr(GPtrArray) findings = NULL;

    add(PLACE_SHADOW, "/etc/shadow", "root:$y$j9T$secretsalt$secrethash:1:0:9:7:::\n");
    add(PLACE_OLD_SHADOW, "/etc/shadow-", "root:$1$secretsalt$secrethash:1:0:9:7:::\n");
    findings = check_judge(facts);
    ck_assert_uint_eq(findings->len, 2);
    for (guint i = 0; i < findings->len; i++) {
        const finding *one = g_ptr_array_index(findings, i);
        ck_assert_ptr_null(strstr(one->what, "secret"));
    }
    ck_assert_ptr_nonnull(strstr(((finding *)findings->pdata[0])->what, "yescrypt"));
    ck_assert_ptr_nonnull(strstr(((finding *)findings->pdata[1])->what, "MD5 (weak)"));
}
END_TEST

START_TEST(sshd_takes_the_first_word)
{
    add(PLACE_SSHD, "/etc/ssh/sshd_config",
        "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin yes\npasswordauthentication=yes\n"
        "Match User a\nPermitEmptyPasswords yes\nPort 4\n");
    add(PLACE_SSHD, "/etc/ssh/sshd_config.d/10-a.conf",
        "# words\n\tPasswordAuthentication \"no\"\nPermitRootLogin prohibit-password\n");
    ck_assert_found("");
}
END_TEST

START_TEST(sshd_lets_passwords_in_by_default)
{
    add(PLACE_SSHD, "/etc/ssh/sshd_config", "#PasswordAuthentication no\nPort 22\nPort 2222\n");
    ck_assert_found("password-login medium /etc/ssh/sshd_config | --command \"sed -i '1i "
                    "PasswordAuthentication no' /etc/ssh/sshd_config\"\n");
}
END_TEST

START_TEST(sshd_lets_root_in_elsewhere)
{
    add(PLACE_SSHD, "/etc/ssh/sshd_config",
        "Include /etc/ssh/sshd_config.d/*.conf\nPort 2200\nPermitRootLogin yes\n");
    ck_assert_found("root-login high /etc/ssh/sshd_config | --write "
                    "'/etc/ssh/sshd_config.d/00-root.conf:PermitRootLogin prohibit-password'\n"
                    "password-login medium /etc/ssh/sshd_config | --write "
                    "'/etc/ssh/sshd_config.d/00-passwords.conf:PasswordAuthentication no'\n"
                    "ssh-port low /etc/ssh/sshd_config | --command \"sed -i -E "
                    "'s/^[[:space:]]*Port/#&/I' /etc/ssh/sshd_config\"\n");
}
END_TEST

START_TEST(rdp_is_looked_for_on_its_port)
{
    facts->rdp_port = 3389;
    ck_assert_found("");
    facts->rdp_port = 3390;
    ck_assert_found("rdp-port low - | -\n");
}
END_TEST

START_TEST(machines_are_nobody_yet)
{
    add(PLACE_MACHINE_ID, "/etc/machine-id", "uninitialized\n");
    add(PLACE_MACHINE_ID, "/etc/machine-id", "\n");
    add(PLACE_MACHINE_ID, "/etc/machine-id", "");
    add(PLACE_MACHINE_ID, "/var/lib/dbus/machine-id", "0123\n")->mode = S_IFLNK | 0777;
    ck_assert_found("");
    add(PLACE_MACHINE_ID, "/etc/machine-id", "0123456789abcdef\n");
    ck_assert_found("machine-id medium /etc/machine-id | --truncate /etc/machine-id\n");
}
END_TEST

START_TEST(traces_are_found)
{
    add(PLACE_HISTORY, "/root/.bash_history", NULL);
    add(PLACE_HISTORY, "/root/.ash_history", "ls\n");
    add(PLACE_HOST_KEY, "/etc/ssh/ssh_host_rsa_key", "x");
    add(PLACE_CREDENTIALS, "/root/.aws/config", "[default]\nregion = x\n");
    add(PLACE_CREDENTIALS, "/root/.aws/credentials", "[a]\naws_secret_access_key = x\n");
    add(PLACE_LOG, "/var/log/a.log", "nothing");
    add(PLACE_LOG, "/var/log/b.log", "AWS_SECRET_ACCESS_KEY=x");
    add(PLACE_LOGINS, "/var/log/wtmp", "x");
    add(PLACE_SWAP_FILE, "/swapfile", "x");
    add(PLACE_CLOUD_INIT, "/var/lib/cloud/instance", NULL);
    add(PLACE_CLOUD_INIT, "/var/lib/cloud/instances/i-1", NULL);
    ck_assert_found("credentials high /root/.aws/credentials | --delete /root/.aws/credentials\n"
                    "host-key high /etc/ssh/ssh_host_rsa_key | --delete /etc/ssh/ssh_host_rsa_key\n"
                    "secret-in-log high /var/log/b.log | --delete /var/log/b.log\n"
                    "cloud-init medium /var/lib/cloud | --delete /var/lib/cloud/instance --delete "
                    "'/var/lib/cloud/instances/*'\n"
                    "history medium /root/.ash_history | --delete /root/.ash_history\n"
                    "swap-file medium /swapfile | --delete /swapfile\n"
                    "login-records low /var/log/wtmp | --truncate /var/log/wtmp\n");
}
END_TEST

START_TEST(odd_paths_are_in_no_command)
{
    add(PLACE_HISTORY, "/home/a b/.x_history", "x");
    add(PLACE_HISTORY, "/home/$(reboot)/.x_history", "x");
    add(PLACE_HISTORY, "/home/*/.x_history", "x");
    add(PLACE_HISTORY, "/home/\xff/.x_history", "x");
    ck_assert_found("history medium /home/$(reboot)/.x_history | -\n"
                    "history medium /home/*/.x_history | -\n"
                    "history medium /home/a b/.x_history | -\n"
                    "history medium /home/\xef\xbf\xbd/.x_history | -\n");
}
END_TEST

START_TEST(everybody_can_write)
{
    ck_assert(!check_mode_is_open(S_IFREG | 0644));
    ck_assert(!check_mode_is_open(S_IFLNK | 0777));
    ck_assert(!check_mode_is_open(S_IFDIR | 01777));
    ck_assert(check_mode_is_open(S_IFDIR | 0777));
    for (int i = 0; i < 22; i++)
        add(PLACE_SYSTEM, "/etc/open", NULL)->mode = S_IFREG | 04777;
    g_autoptr(GPtrArray) findings = check_judge(facts);
    ck_assert_uint_eq(findings->len, 21);
    ck_assert_str_eq(((finding *)findings->pdata[20])->mend, "--chmod 4775:/etc/open");
    ck_assert(g_str_has_prefix(((finding *)findings->pdata[0])->what, "2 more"));
}
END_TEST

START_TEST(swap_keeps_what_was_in_memory)
{
    seen_file *swap = check_facts_add(facts, PLACE_SWAP_DEVICE, "/dev/sda2");

    swap->length = 3 * 4096;
    swap->text = g_malloc0(swap->length);
    memcpy(swap->text + 4086, "SWAPSPACE2", 10);
    ck_assert_found("");
    swap->text[8192] = 'x';
    ck_assert_found("swap medium /dev/sda2 | -\n");
    memcpy(swap->text + 4086, "S1SUSPEND\0", 10);
    ck_assert_found("hibernated high /dev/sda2 | -\n");
}
END_TEST

START_TEST(systems_have_their_time)
{
    ck_assert_str_eq(support_ends("debian", "12", NULL), "2028-06-30");
    ck_assert_str_eq(support_ends("debian", "7", NULL), "2020-06-30");
    ck_assert_str_eq(support_ends("rhel", "8.10", NULL), "2029-05-31");
    ck_assert_str_eq(support_ends("ubuntu", "24.04", NULL), "2029-05-31");
    ck_assert_str_eq(support_ends("ubuntu", "24.10", NULL), "2025-07-10");
    ck_assert_str_eq(support_ends("almalinux", "10.0", NULL), "2035-05-31");
    ck_assert_str_eq(support_ends("alpine", "3.9.4", NULL), "2023-11-01");
    ck_assert_str_eq(support_ends("amzn", "2018.03", NULL), "2023-12-31");
    ck_assert_str_eq(support_ends("windows", "6.3", "Windows Server 2012 R2 Standard"),
                     "2023-10-10");
    ck_assert_ptr_null(support_ends("debian", "80", NULL));
    ck_assert_ptr_null(support_ends("debian", NULL, "Debian GNU/Linux trixie/sid"));
    ck_assert_ptr_null(support_ends("nobody", "1", NULL));
    ck_assert_ptr_null(support_ends(NULL, NULL, NULL));
}
END_TEST

START_TEST(old_systems_are_told)
{
    facts->distribution = g_strdup("debian");
    facts->version = g_strdup("10");
    facts->product = g_strdup("Debian GNU/Linux 10 (buster)");
    facts->has_package_manager = TRUE;
    add(PLACE_PACKAGES, "/var/lib/dpkg/status", NULL)->mtime = NOW - 86400;
    ck_assert_found("out-of-support high - | -\n");
    g_free(facts->version);
    facts->version = g_strdup("12");
    ck_assert_found("");
    facts->now += G_GINT64_CONSTANT(86400) * 180;
    ck_assert_found("old-packages medium /var/lib/dpkg/status | --update\n");
}
END_TEST

START_TEST(homes_are_found)
{
    g_autoptr(GPtrArray) homes =
        check_homes("root:x:0:0::/root:/bin/sh\na:x:1:1::/home/a/:/bin/sh\nb:x:2:2::/home/a:/x\n"
                    "c:x:3:3::relative:/x\nd:x:4:4::/:/x\nshort:x:5\n");
    g_autofree char *all = NULL;

    ck_assert_uint_eq(homes->len, 2);
    ck_assert_str_eq(homes->pdata[0], "/root");
    ck_assert_str_eq(homes->pdata[1], "/home/a");
    g_ptr_array_unref(g_steal_pointer(&homes));
    homes = check_homes(NULL);
    ck_assert_uint_eq(homes->len, 1);
    all = check_pattern_in("/home/{a,b}{*?}\\[c]", "{.x,.y}/*");
    ck_assert_str_eq(all, "/home/\\{a,b\\}\\{\\*\\?\\}\\\\\\[c\\]/{.x,.y}/*");
}
END_TEST

Suite *
suite_check(void)
{
    Suite *suite = suite_create("check");
    TCase *tests = tcase_create("check");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, keys_let_people_in);
    tcase_add_test(tests, private_keys_are_told_by_their_content);
    tcase_add_test(tests, passwords_are_set_empty_or_locked);
    tcase_add_test(tests, no_finding_repeats_a_hash);
    tcase_add_test(tests, sshd_takes_the_first_word);
    tcase_add_test(tests, sshd_lets_passwords_in_by_default);
    tcase_add_test(tests, sshd_lets_root_in_elsewhere);
    tcase_add_test(tests, rdp_is_looked_for_on_its_port);
    tcase_add_test(tests, machines_are_nobody_yet);
    tcase_add_test(tests, traces_are_found);
    tcase_add_test(tests, odd_paths_are_in_no_command);
    tcase_add_test(tests, everybody_can_write);
    tcase_add_test(tests, swap_keeps_what_was_in_memory);
    tcase_add_test(tests, systems_have_their_time);
    tcase_add_test(tests, old_systems_are_told);
    tcase_add_test(tests, homes_are_found);
    suite_add_tcase(suite, tests);
    return suite;
}
