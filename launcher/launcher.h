/* The engine: what a face (the command line, later a network endpoint) calls. A face parses, calls
 * and prints; every rule is here or below.
 *
 * Each call that shows or changes instances first puts right what an interrupted command left, and
 * asks the hypervisor what really runs. Errors carry EC2's code where EC2 has one. */
#ifndef LAUNCHER_LAUNCHER_H
#define LAUNCHER_LAUNCHER_H

#include "common/progress.h"
#include "conf/kernel_images.h"
#include "conf/settings.h"
#include "conf/types.h"
#include "drivers/boot_plan.h"
#include "images/facts.h"
#include "images/import.h"
#include "launcher/diagnosis.h"
#include "store/image.h"
#include "store/instance.h"
#include "store/interface.h"
#include "store/product_code.h"
#include "store/snapshot.h"
#include "store/tag.h"
#include "store/volume.h"

typedef struct launcher launcher;

/* How to find things; NULL means the default (the environment, then the configuration, then what
 * suits the user: see amilaunch(1)). */
typedef struct {
    const char *home;
    const char *config;
    const char *connect;
    const char *region;
    const char *account;
    progress *listener; /* may be NULL; lives as long as the launcher */
} launcher_options;

/* Finds HOME and reads the configuration; the database and libvirt are opened when needed. */
launcher *launcher_open(const launcher_options *options, GError **error);
void launcher_free(launcher *self);

/* The instance types; read at the first call, owned by the launcher. NULL on failure. */
const instance_types *launcher_types(launcher *self, GError **error);

/* The same of Amazon's kernel images. */
const kernel_images *launcher_kernel_images(launcher *self, GError **error);

/* ---- images ---- */

/* An image with all that belongs to it. */
typedef struct {
    image *ami;
    GPtrArray *mapping;       /* image_mapping* */
    image_facts *facts;       /* NULL if none are known */
    GPtrArray *snapshots;     /* snapshot*, one for each mapping that has one */
    GPtrArray *tags;          /* tag*; the owner's, for nobody else to see */
    GPtrArray *product_codes; /* product_code* */
    const char *owner_alias;  /* "amazon", "aws-marketplace"; NULL for other owners */
} image_view;

void image_view_free(image_view *self);

/* Imports a disk image and registers it. The new image's id, which the caller frees; NULL on
 * failure, and nothing is left. */
char *launcher_image_import(launcher *self, const import_request *request, GError **error);

/* One image, or a kernel image (aki-...), of which less is known; InvalidAMIID.Malformed,
 * InvalidAMIID.NotFound. */
image_view *launcher_image_show(launcher *self, const char *id, GError **error);

/* What is doubtful in booting an image, found by the same rules as its plan: boot_warning*, owned
 * by the returned plan. */
boot_plan *launcher_image_doubts(launcher *self, const image_view *what);

/* ---- instances ---- */

typedef struct {
    const char *image;
    const char *type;         /* a type or a family; NULL: the default */
    guint count;              /* 0 is 1 */
    guint64 memory_limit_mib; /* 0: the configuration's */
    const char *shutdown;     /* "stop" or "terminate"; NULL: stop */
    const char *const *map;   /* "/dev/sdb=ephemeral0", ...: see map_spec.h; NULL: none */
    const char *kernel;       /* aki-...; NULL: the image's */
    const char *pv;           /* how a paravirtual guest is run: one of pv_words[] (see plan.h);
                                 NULL: the best that there is */
    const char *zone;         /* NULL: the region's first */
    const char *user_data;    /* base64; NULL: none */
    gboolean hibernation;     /* the instance can be hibernated */
    gboolean protect;         /* it can't be terminated until that is modified */
    gboolean protect_stop;    /* it can't be stopped nor terminated until that is modified */
    const char *const *tags;  /* of the instances: see tagging.h; NULL: none */
    const char *key;          /* name of a key pair; NULL: none */
    const char *imds;         /* one of imds_words[]; NULL: optional */
    guint imds_hop_limit;     /* 0 is 1 */
    gboolean imds_tags;
    const char *const *publish; /* "8080:80", "8080": see publishing.h; NULL: none */
    gboolean seed;              /* a disk that tells the guest what the metadata service would */
    gboolean dry_run;
} run_request;

/* What an instance has, as one value for a face to print. */
typedef struct {
    instance *vm;
    GPtrArray *volumes;        /* volume* */
    GPtrArray *store_disks;    /* store_disk* */
    char *user_data;           /* base64; NULL: none, or all instances were asked for */
    GPtrArray *tags;           /* tag* */
    GPtrArray *product_codes;  /* product_code* */
    interface *nic;            /* NULL: none */
    GPtrArray *published;      /* published_port* */
    const instance_type *type; /* owned by the launcher; NULL if the type isn't known any more */
} instance_view;

void instance_view_free(instance_view *self);

/* An instance before and after an action. */
typedef struct {
    char *id;
    instance_state previous;
    instance_state current;
} state_change;

/* What would boot, without an instance. */
boot_plan *launcher_plan(launcher *self, const run_request *request, GError **error);

/* Launches COUNT instances, all or none, and returns when the hypervisor says that they run.
 * instance_view*. With dry_run: an empty array if it would have worked. */
GPtrArray *launcher_run(launcher *self, const run_request *request, GError **error);

/* Those named, or all if IDS is NULL: instance_view*. Any id that is wrong fails the call.
 * WITH_TYPES fills in what only the type knows, which costs reading the types. */
GPtrArray *launcher_instances(launcher *self, const char *const *ids, gboolean with_types,
                              GError **error);

/* Each of these takes a NULL-terminated list of ids, all of which must be right before anything is
 * done, and returns state_change*. FORCE goes hard at once instead of asking the guest. */
GPtrArray *launcher_stop(launcher *self, const char *const *ids, gboolean force, GError **error);
GPtrArray *launcher_reboot(launcher *self, const char *const *ids, gboolean force, GError **error);
GPtrArray *launcher_terminate(launcher *self, const char *const *ids, gboolean force,
                              GError **error);

/* A hibernated instance goes on where it was; with COLD it boots anew, and its saved memory is
 * given up. */
GPtrArray *launcher_start(launcher *self, const char *const *ids, gboolean cold, GError **error);

/* Saves the guest's memory and stops. BY_GUEST: the guest is asked to hibernate by itself (ACPI
 * S4), and is shut down if it doesn't. UnsupportedHibernationConfiguration. */
GPtrArray *launcher_hibernate(launcher *self, const char *const *ids, gboolean by_guest,
                              GError **error);

/* What is to be changed in an instance; NULL, or UNCHANGED for flags, leaves a thing as it is. */
typedef enum { UNCHANGED = -1, OFF = 0, ON = 1 } flag_change;

typedef struct {
    const char *type; /* these five only while it is stopped */
    const char *kernel;
    const char *ramdisk;
    const char *user_data; /* base64; "": take it away */
    flag_change ebs_optimized;
    const char *shutdown; /* these any time */
    const char *imds;     /* one of imds_words[] */
    guint imds_hop_limit; /* 0: as it is */
    flag_change imds_tags;
    flag_change termination_protection;
    flag_change stop_protection;
    const char *const *map; /* "/dev/sdb=::true": only DeleteOnTermination can be changed */
} modify_request;

/* The instance afterwards: all is changed or nothing. IncorrectInstanceState; UnsupportedOperation
 * for an instance-store root, of which only termination protection and MAP can be changed;
 * InvalidInstanceAttributeValue, ... */
instance_view *launcher_modify(launcher *self, const char *id, const modify_request *request,
                               GError **error);

/* Waits until all are in STATE; Host.Timeout after TIMEOUT_S seconds. */
gboolean launcher_wait(launcher *self, const char *const *ids, instance_state state,
                       guint timeout_s, GError **error);

/* The last 64 KiB that the instance wrote to its serial console. "" if there is none yet. */
#define CONSOLE_OUTPUT_LIMIT (64 * 1024)
char *launcher_console_output(launcher *self, const char *id, GError **error);

/* Hands the same to TAKER, and then what comes, piece by piece and as the guest wrote it, until the
 * instance is stopped or terminated or TAKER returns FALSE. */
typedef gboolean (*console_taker)(const char *bytes, gsize length, gpointer data);
gboolean launcher_console_follow(launcher *self, const char *id, console_taker taker, gpointer data,
                                 GError **error);

/* Where a guest that doesn't come up stopped, or was last. */
typedef struct {
    gboolean stopped; /* FALSE: it was slow, or went off */
    diagnosis *seen;
    boot_plan *plan;             /* by which it boots; NULL if that can't be made any more */
    const boot_warning *foresaw; /* PLAN's, of the same link; NULL: nothing */
} boot_stop;

void boot_stop_free(boot_stop *self);

/* Waits until the guest asks for a login on its serial console. Host.GuestStopped as soon as it is
 * known to have stopped in its boot, Host.Timeout after TIMEOUT_S seconds, and
 * IncorrectInstanceState if it isn't running any more: then *STOP is what its console told, for the
 * caller to free; else NULL. */
gboolean launcher_wait_login(launcher *self, const char *id, guint timeout_s, boot_stop **stop,
                             GError **error);

/* A picture of its screen, as PNG; the caller unrefs it. UnsupportedOperation if it has none. */
GBytes *launcher_screenshot(launcher *self, const char *id, GError **error);

/* Connects the terminal with the serial console until ctrl-]. */
gboolean launcher_console(launcher *self, const char *id, GError **error);

typedef struct {
    const char *login;   /* whom to log in as where the console asks */
    const char *command; /* one line for the guest's shell, which gets no input */
    guint timeout_s;     /* for all that it takes */
    console_taker taker; /* of its output */
    gpointer data;
} console_request;

/* Types a command at the shell on the serial console, waiting for one to be there; *STATUS is the
 * command's exit status. InvalidParameterValue for a command that can't be typed; Host.Timeout;
 * UnsupportedOperation where a password is wanted; IncorrectInstanceState if the guest went off. */
gboolean launcher_console_run(launcher *self, const char *id, const console_request *request,
                              int *status, GError **error);

/* ---- volumes ---- */

typedef struct {
    gint64 size_gib;      /* 0: the snapshot's */
    const char *snapshot; /* NULL: an empty volume */
    const char *type;     /* NULL: gp2 */
    const char *zone;     /* NULL: the region's first */
    gboolean encrypted;
    const char *const *tags; /* see tagging.h; NULL: none */
} volume_request;

/* The new volume, available; the caller frees it with volume_free(). */
volume *launcher_volume_create(launcher *self, const volume_request *request, GError **error);

/* Those named, or all if IDS is NULL: volume*. One whose file is gone is in state error. */
GPtrArray *launcher_volumes(launcher *self, const char *const *ids, GError **error);

/* Each returns the volume afterwards. ATTACH plugs it into a running guest; DEVICE NULL chooses a
 * free name. DETACH with FORCE doesn't care for what the guest says. MODIFY: SIZE_GIB 0 or TYPE
 * NULL leave it as it is. */
volume *launcher_volume_attach(launcher *self, const char *id, const char *instance,
                               const char *device, GError **error);
volume *launcher_volume_detach(launcher *self, const char *id, gboolean force, GError **error);
volume *launcher_volume_modify(launcher *self, const char *id, gint64 size_gib, const char *type,
                               GError **error);

/* Deletes volumes that nothing uses. */
gboolean launcher_volume_delete(launcher *self, const char *const *ids, GError **error);

/* ---- snapshots ---- */

/* A snapshot of a volume, in use or not; takes as long for a large one as for a small one. TAGS:
 * see tagging.h; NULL: none. The caller frees it with snapshot_free(). */
snapshot *launcher_snapshot_create(launcher *self, const char *volume, const char *description,
                                   const char *const *tags, GError **error);

/* Those named, or all of the region if IDS is NULL: snapshot*. */
GPtrArray *launcher_snapshots(launcher *self, const char *const *ids, GError **error);

/* Deletes snapshots; what stands on one keeps its content. InvalidSnapshot.InUse for an image's. */
gboolean launcher_snapshot_delete(launcher *self, const char *const *ids, GError **error);

typedef struct {
    const char *instance;
    const char *name;        /* NULL: made from the instance's id and the time */
    const char *description; /* may be NULL */
    const char *const *tags; /* of the image: see tagging.h; NULL: none */
    gboolean no_reboot; /* at once, as after a power failure, instead of when it has shut down */
} image_create_request;

/* An image of an instance: snapshots of all its volumes at one moment. The new image's id, which
 * the caller frees. */
char *launcher_image_create(launcher *self, const image_create_request *request, GError **error);

/* ---- the host ---- */

typedef struct {
    const char *name; /* "acceleration" */
    gboolean good;
    gboolean needed; /* nothing runs without it */
    char *found;
    char *remedy; /* the command that mends it; NULL if good */
} host_check;

void host_check_free(host_check *self);

/* What this host can do and what is missing: host_check*. Works without libvirt and without HOME.
 */
GPtrArray *launcher_doctor(launcher *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(launcher, launcher_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(boot_stop, boot_stop_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(image_view, image_view_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(instance_view, instance_view_free)

#endif
