/* A hypervisor in memory: it records what it is told, and fails or dies where a test says so. */
#ifndef TESTS_ENGINE_FAKE_H
#define TESTS_ENGINE_FAKE_H

#include "drivers/hypervisor.h"

typedef struct {
    hypervisor base;
    GHashTable *domains;     /* name -> domain_status */
    GHashTable *disks;       /* "NAME ALIAS" -> the file of a disk that a domain has */
    GString *calls;          /* "define i-1; start i-1; " */
    const char *home;        /* that each domain says it belongs to; NULL for none */
    const char *fails_at;    /* the call that fails, e.g. "start"; NULL for none */
    const char *dies_at;     /* the call at which the process exits */
    guint dies_at_turn;      /* which of those calls it is; 0 or 1: the first */
    const char *dies_after;  /* the call after which it does */
    const char *fails_after; /* the call that does its work, and says that it failed */
    char *late_path; /* the file in which the disk is that is asked for the second time from now */
    char *kernel;    /* that the last domain that was defined starts; NULL for none */
    guint64 memory_mib; /* that it takes of the host */
    char *mac;          /* of the NIC of the last domain that was defined; NULL: it has none */
    char *hardware;     /* of the last domain that was defined: "pc 1 3840 vda vdb" */
    /* What others do before a call is done; NULL for nothing. */
    void (*meanwhile)(const char *what);
    gboolean ignores_power;
    void (*on_sleep)(const char *name); /* what else happens when a guest hears the sleep key; NULL:
                                           it doesn't hear it */
    void (*on_talk)(const console_talker *talker); /* plays the guest at its console; NULL: it goes
                                                      off at once */
    gboolean hangs_on_reboot;
    gboolean no_plugging;     /* guests' disks stay as they are while they run */
    gboolean clings_to_disks; /* guests don't let go of a disk unless forced */
} fake;

/* Freed by hypervisor_free(). */
fake *fake_new(void);

/* The guest powers itself off, or its process is gone. */
void fake_guest_off(fake *self, const char *name, off_reason reason);

/* Its domain is there, and doesn't run. */
void fake_guest_paused(fake *self, const char *name, pause_reason why);

gboolean fake_has(const fake *self, const char *name);
gboolean fake_runs(const fake *self, const char *name);

/* Gives a domain a disk, as if it had been attached; whether it runs and has that disk. */
void fake_plug(fake *self, const char *name, const char *alias, const char *path);
gboolean fake_has_disk(const fake *self, const char *name, const char *alias);

#endif
