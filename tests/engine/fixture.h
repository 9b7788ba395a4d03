/* What the engine's tests share: an engine in a fresh HOME, on a hypervisor in memory. */
#ifndef TESTS_ENGINE_FIXTURE_H
#define TESTS_ENGINE_FIXTURE_H

#include "launcher/internal.h"
#include "tests/engine/fake.h"

#include <check.h>

/* As set_up() made them. */
extern char *home;
extern launcher *engine;
extern fake *driver;

/* Another engine on HOME and DRIVER. */
launcher *open_engine(void);

/* The image ami-12345678, of 1 GiB, is there. */
void set_up(void);
void tear_down(void);

/* ENGINE goes on as if ACCOUNT had opened it in REGION. */
void act_as(const char *account, const char *region);

/* Runs one m3.medium; its id, for the caller to free. */
char *run_one(void);

/* Runs what is asked for; the id of the first instance, for the caller to free. */
char *run_asked(const run_request *request);

int state_of(const char *id);
void expect_reason(const char *id, const char *code);

/* What `ls` does. */
void look(void);

typedef GPtrArray *(*verb)(launcher *, const char *const *, gboolean, GError **);

/* TRUE if it was done. */
gboolean told(verb act, const char *id, GError **error);

/* launcher_start() as a verb; it boots a hibernated one cold only if it is told so. */
GPtrArray *start(launcher *self, const char *const *ids, gboolean cold, GError **error);

/* The same, always cold. */
GPtrArray *start_cold(launcher *self, const char *const *ids, gboolean unused, GError **error);

/* How many files a folder of HOME has. */
guint files_in(const char *part);

void expect_nothing_left(void);

/* Does WHAT ("run", "start", "stop", "terminate", or what volume_act() knows) in a process that
 * dies at CALL of the hypervisor. The process has a hypervisor in memory of its own, so only what
 * was done to HOME stays. ID may be NULL; an image's is what to run. */
void die_at(const char *call, const char *what, const char *id);

/* Does "attach", "detach" or "grow" with the youngest volume and the instance ID; nothing for other
 * words. */
void volume_act(const char *what, const char *id);

/* ---- the other files' tests ---- */

TCase *bundle_tests(void);
TCase *coming_up_tests(void);
TCase *console_follow_tests(void);
TCase *console_run_tests(void);
TCase *copying_tests(void);
TCase *customize_tests(void);
TCase *filtering_tests(void);
TCase *gc_tests(void);
TCase *hibernate_tests(void);
TCase *image_find_tests(void);
TCase *image_life_tests(void);
TCase *imds_port_tests(void);
TCase *imds_tests(void);
TCase *json_tests(void);
TCase *key_tests(void);
TCase *metadata_tests(void);
TCase *modify_tests(void);
TCase *network_tests(void);
TCase *overtaken_tests(void);
TCase *paravirtual_tests(void);
TCase *register_tests(void);
TCase *scope_tests(void);
TCase *screenshot_tests(void);
TCase *seed_tests(void);
TCase *sharing_tests(void);
TCase *snapshot_tests(void);
TCase *ssh_tests(void);
TCase *store_root_tests(void);
TCase *tag_tests(void);
TCase *volume_tests(void);

/* Does one of the snapshots' commands in a process that dies in the middle. */
int snapshot_die(char **args);

/* Customizes the image in a process that its virt-customize kills. */
int customize_die(char **args);

#endif
