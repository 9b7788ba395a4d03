/* The parsers of foreign bytes, each behind a function that takes any bytes: for libFuzzer
 * (scripts/fuzz) and for a replay of the seeds in the usual build (tests/fuzz/replay.c, run-seeds).
 */
#ifndef TESTS_FUZZ_TARGETS_H
#define TESTS_FUZZ_TARGETS_H

#include <glib.h>
#include <stdlib.h>

typedef struct {
    const char *name; /* and that of its folder of seeds */
    void (*run)(const guint8 *data, gsize length);
    const char *parsers; /* what it is about: files, with blanks between */
} fuzz_target;

extern const fuzz_target fuzz_targets[];
extern const gsize fuzz_target_count;

/* What must hold whatever the bytes are: in fuzzing and in the replay, whose build has asserts of
 * its own. It aborts, as libFuzzer keeps the input then. */
#define MUST(what)                                                                                 \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            g_printerr("%s:%d: %s doesn't hold\n", __FILE__, __LINE__, #what);                     \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* NULL or valid UTF-8. */
void must_be_text(const char *text);

/* An open file in memory with these bytes; the caller closes it. */
int fuzz_file(const guint8 *data, gsize length);

/* A path that leads to it as long as it is open. The caller frees it. */
char *fuzz_path(int file);

/* A folder for what needs one, which is empty and goes when the process ends. */
const char *fuzz_folder(void);

/* ---- images.c ---- */

void fuzz_mbr(const guint8 *data, gsize length);
void fuzz_gpt(const guint8 *data, gsize length);
void fuzz_menu_lst(const guint8 *data, gsize length);
void fuzz_grub_cfg(const guint8 *data, gsize length);
void fuzz_kernel(const guint8 *data, gsize length);
void fuzz_initramfs(const guint8 *data, gsize length);
void fuzz_drivers(const guint8 *data, gsize length);
void fuzz_etc(const guint8 *data, gsize length);
void fuzz_facts(const guint8 *data, gsize length);
void fuzz_check(const guint8 *data, gsize length);
void fuzz_public_key(const guint8 *data, gsize length);
void fuzz_host_keys(const guint8 *data, gsize length);

/* ---- disks.c ---- */

void fuzz_qcow2(const guint8 *data, gsize length);
void fuzz_vmdk(const guint8 *data, gsize length);
void fuzz_vhd(const guint8 *data, gsize length);
void fuzz_vhdx(const guint8 *data, gsize length);
void fuzz_ova(const guint8 *data, gsize length);
void fuzz_tar(const guint8 *data, gsize length);
void fuzz_probe(const guint8 *data, gsize length);
void fuzz_picture(const guint8 *data, gsize length);

/* ---- bundles.c ---- */

void fuzz_manifest(const guint8 *data, gsize length);
void fuzz_bundle(const guint8 *data, gsize length);
void fuzz_checksum(const guint8 *data, gsize length);
void fuzz_url(const guint8 *data, gsize length);
void fuzz_download(const guint8 *data, gsize length);
void fuzz_pem(const guint8 *data, gsize length);

/* ---- frames.c ---- */

void fuzz_frame(const guint8 *data, gsize length);
void fuzz_dhcp(const guint8 *data, gsize length);
void fuzz_framing(const guint8 *data, gsize length);
void fuzz_flow(const guint8 *data, gsize length);

/* ---- imds.c ---- */

void fuzz_imds(const guint8 *data, gsize length);

/* ---- guests.c ---- */

void fuzz_console(const guint8 *data, gsize length);
void fuzz_console_command(const guint8 *data, gsize length);
void fuzz_terminal(const guint8 *data, gsize length);
void fuzz_agent_answer(const guint8 *data, gsize length);
void fuzz_guest_events(const guint8 *data, gsize length);
void fuzz_live_xml(const guint8 *data, gsize length);

/* ---- people.c ---- */

void fuzz_settings(const guint8 *data, gsize length);
void fuzz_plain(const guint8 *data, gsize length);
void fuzz_options(const guint8 *data, gsize length);

/* ---- agent.c ---- */

void fuzz_agent_request(const guint8 *data, gsize length);
void fuzz_xenstore(const guint8 *data, gsize length);

#endif
