#include "images/public_key.h"
#include "common/error.h"
#include "tests/unit/suites.h"

#include <string.h>

#define ED_BASE64 "AAAAC3NzaC1lZDI1NTE5AAAAIEf6oWvfdkMWpEyt2SPirNmY30kIpQ99qAIhMATj2Kab"
#define ED "ssh-ed25519 " ED_BASE64

/* One key of 1024 bits, as ssh-keygen and openssl write it. */
#define RSA_1 "AAAAB3NzaC1yc2EAAAADAQABAAAAgQCq3Ym5Zj9QZO05cqssj4ZHdXOEuySr53wPUz5Vfp"
#define RSA_2 "SIRRQDcylP7ojasehqcI/TW81UzUMUJKMsdTX8ZFjn6hQSt4FpycE/HqPB1UNlP9WvdXDW"
#define RSA_3 "Ugan/tL0W6NV6tjJSxPZo/iAHp+kmSCjky4k/xk/OV4vXWZ+NUYmtGoaL+wX4Q=="
#define RSA "ssh-rsa " RSA_1 RSA_2 RSA_3
#define DER_1 "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCq3Ym5Zj9QZO05cqssj4ZHdXOE"
#define DER_2 "uySr53wPUz5VfpSIRRQDcylP7ojasehqcI/TW81UzUMUJKMsdTX8ZFjn6hQSt4Fp"
#define DER_3 "ycE/HqPB1UNlP9WvdXDWUgan/tL0W6NV6tjJSxPZo/iAHp+kmSCjky4k/xk/OV4v"
#define DER_4 "XWZ+NUYmtGoaL+wX4QIDAQAB"
#define PKCS1                                                                                      \
    "MIGJAoGBAKrdiblmP1Bk7TlyqyyPhkd1c4S7JKvnfA9TPlV+lIhFFANzKU/uiNqx\n"                           \
    "6Gpwj9NbzVTNQxQkoyx1NfxkWOfqFBK3gWnJwT8eo8HVQ2U/1a91cNZSBqf+0vRb\n"                           \
    "o1Xq2MlLE9mj+IAen6SZIKOTLiT/GT85Xi9dZn41Ria0ahov7BfhAgMBAAE=\n"

static void
expect(const char *text, const char *line)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(public_key) key = public_key_parse((const guint8 *)text, strlen(text), &error);

    ck_assert_msg(key != NULL, "%s: %s", text, error != NULL ? error->message : "");
    ck_assert_str_eq(key->line, line);
    ck_assert_int_eq(key->type, g_str_has_prefix(line, "ssh-rsa") ? KEY_RSA : KEY_ED25519);
    /* By `openssl rsa -pubout -outform DER | openssl md5 -c` and `ssh-keygen -l`. */
    ck_assert_str_eq(key->fingerprint, key->type == KEY_RSA
                                           ? "34:60:8d:02:e3:05:c8:e3:01:b1:35:3f:64:54:e3:a1"
                                           : "UQdsN3UNh5YZ+IJj9h5zYH9s+ah8B85X0nXphZKFfto=");
}

static void
expect_refusal(const char *text, gsize length, const char *why)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(public_key) key = public_key_parse((const guint8 *)text, length, &error);

    ck_assert_msg(key == NULL, "%s", text);
    ck_assert_msg(error_is(error, ERROR_KEY_FORMAT), "%s", error->message);
    ck_assert_msg(strstr(error->message, why) != NULL, "%s: %s", text, error->message);
    ck_assert(g_utf8_validate(error->message, -1, NULL));
    for (const char *at = error->message; *at != '\0'; at++)
        ck_assert(!g_ascii_iscntrl(*at));
}

START_TEST(a_line_is_taken_without_options_and_comment)
{
    expect(ED " me@here\n", ED);
    expect(ED, ED);
    expect(RSA " a comment of words", RSA);
    expect("\r\n# mine\n\n \t" ED "\r\n\n", ED);
    expect("ssh-ed25519 \t  " ED_BASE64 "\tx", ED);
    expect("no-pty,command=\"echo \\\"a b\\\" ssh-rsa\" " RSA " c", RSA);
    expect(ED " \x1b[2J\xff", ED);
}
END_TEST

START_TEST(other_forms_are_taken)
{
    expect("---- BEGIN SSH2 PUBLIC KEY ----\r\nComment: \"begun \\\r\nand ended\"\r\nSubject: "
           "me\r\n" RSA_1 "\r\n" RSA_2 "\r\n" RSA_3 "\r\n---- END SSH2 PUBLIC KEY ----\r\n",
           RSA);
    expect("---- BEGIN SSH2 PUBLIC KEY ----\n" ED_BASE64 "\n---- END SSH2 PUBLIC KEY ----", ED);
    expect("-----BEGIN PUBLIC KEY-----\n" DER_1 "\n" DER_2 "\n" DER_3 "\n" DER_4
           "\n-----END PUBLIC KEY-----\n",
           RSA);
    expect("-----BEGIN RSA PUBLIC KEY-----\n" PKCS1 "-----END RSA PUBLIC KEY-----\n", RSA);
    expect(DER_1 DER_2 DER_3 DER_4, RSA);
    expect(DER_1 "\n" DER_2 "\n" DER_3 "\n" DER_4 "\n", RSA);
}
END_TEST

START_TEST(what_is_no_key_is_refused)
{
    static const char *const texts[][2] = {
        {"", "empty"},
        {" \n\n", "empty"},
        {"hello", "what type"},
        {"from=\"a b ssh-rsa AAAA", "what type"},
        {"ssh-rsa", "nothing follows"},
        {"ssh-rsa !!!!", "damaged"},
        {"ssh-rsa AAAAB3NzaC1yc2EA", "numbers"},
        {"ssh-rsa AAAAB3NzaC1yc2E=", "numbers"},
        {"ssh-rsa " RSA_1 RSA_2, "numbers"},
        {"ssh-rsa " ED_BASE64, "isn't that of"},
        {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEf6oWvf", "cut off"},
        {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAA0f6oQ==", "cut off"},
        {ED_BASE64, "DER"},
        {"ssh-dss AAAAB3NzaC1kc3M=", "'ssh-dss'"},
        {"ssh-rsa AAAAB3NzaC1kc3M=", "'ssh-dss'"},
        {"ecdsa-sha2-nistp256 AAAA", "'ecdsa-sha2-nistp256'"},
        {"ssh-\x1b[2J\xff AAAA", "of type ssh-rsa"},
        {ED "\n" ED, "more than one"},
        {"a=\"b\" " ED "\n" ED, "more than one"},
        {"---- BEGIN SSH2 PUBLIC KEY ----\n" ED_BASE64, "end is missing"},
        {"---- BEGIN SSH2 PUBLIC KEY ----\n---- END SSH2 PUBLIC KEY ----", "damaged"},
        {"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "PEM"},
        {"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA", "private key"},
        /* e = 4, an even number; e = 1; a negative n; n with a byte of zeroes too many */
        {"ssh-rsa AAAAB3NzaC1yc2EAAAABBAAAAAED", "numbers"},
        {"ssh-rsa AAAAB3NzaC1yc2EAAAABAQAAAAED", "numbers"},
        {"ssh-rsa AAAAB3NzaC1yc2EAAAABAwAAAAGB", "numbers"},
        {"ssh-rsa AAAAB3NzaC1yc2EAAAABAwAAAAIAAw==", "numbers"},
        /* e = 3, n = 3 */
        {"ssh-rsa AAAAB3NzaC1yc2EAAAABAwAAAAED", "1024, 2048 or 4096 bits"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        expect_refusal(texts[i][0], strlen(texts[i][0]), texts[i][1]);
    expect_refusal(ED "\0 x", strlen(ED) + 3, "no text");
}
END_TEST

START_TEST(a_long_line_is_refused)
{
    g_autofree char *long_line = g_strnfill(PUBLIC_KEY_MOST + 1, 'A');
    g_autofree char *comment = g_strdup_printf("%s %.*s", ED, 8000, long_line);

    expect_refusal(long_line, PUBLIC_KEY_MOST + 1, "too large");
    expect_refusal(long_line, PUBLIC_KEY_MOST, "DER");
    expect(comment, ED);
}
END_TEST

Suite *
suite_public_key(void)
{
    Suite *suite = suite_create("public_key");
    TCase *tests = tcase_create("public_key");

    tcase_add_test(tests, a_line_is_taken_without_options_and_comment);
    tcase_add_test(tests, other_forms_are_taken);
    tcase_add_test(tests, what_is_no_key_is_refused);
    tcase_add_test(tests, a_long_line_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
