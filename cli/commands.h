/* Every command there is; each is defined in the file of its group. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/command.h"

extern const command command_run, command_plan;                    /* run.c, plan.c */
extern const command command_ls, command_show;                     /* instances.c */
extern const command command_start, command_stop, command_reboot;  /* power.c */
extern const command command_hibernate;                            /* power.c */
extern const command command_terminate, command_wait;              /* power.c */
extern const command command_modify;                               /* modify.c */
extern const command command_console, command_log;                 /* console.c */
extern const command command_screenshot;                           /* screenshot.c */
extern const command command_ssh;                                  /* ssh.c */
extern const command command_image_ls;                             /* image_ls.c */
extern const command command_image_show;                           /* images.c */
extern const command command_image_import, command_image_create;   /* import.c, images.c */
extern const command command_image_deprecate;                      /* image_life.c */
extern const command command_image_disable, command_image_enable;  /* image_life.c */
extern const command command_image_protect;                        /* image_life.c */
extern const command command_image_deregister;                     /* image_life.c */
extern const command command_image_restore;                        /* recycle_bin.c */
extern const command command_snapshot_restore;                     /* recycle_bin.c */
extern const command command_retention_ls, command_retention_set;  /* retention.c */
extern const command command_retention_rm;                         /* retention.c */
extern const command command_image_check;                          /* image_check.c */
extern const command command_image_register;                       /* image_register.c */
extern const command command_image_bundle;                         /* bundles.c */
extern const command command_image_unbundle;                       /* bundles.c */
extern const command command_image_customize;                      /* image_customize.c */
extern const command command_snapshot_ls, command_snapshot_show;   /* snapshots.c */
extern const command command_snapshot_create, command_snapshot_rm; /* snapshots.c */
extern const command command_type_ls, command_type_show;           /* types.c */
extern const command command_volume_ls, command_volume_show;       /* volumes.c */
extern const command command_volume_create, command_volume_rm;     /* volumes.c */
extern const command command_volume_attach;                        /* volumes.c */
extern const command command_volume_detach;                        /* volumes.c */
extern const command command_volume_modify;                        /* volumes.c */
extern const command command_image_share, command_snapshot_share;  /* share.c */
extern const command command_key_create, command_key_import;       /* keys.c */
extern const command command_key_ls, command_key_rm;               /* keys.c */
extern const command command_tag_add, command_tag_rm;              /* tags.c */
extern const command command_image_copy, command_snapshot_copy;    /* copy.c */
extern const command command_appliance_build;                      /* appliances.c */
extern const command command_appliance_show;                       /* appliances.c */
extern const command command_appliance_rm;                         /* appliances.c */
extern const command command_gc;                                   /* gc.c */
extern const command command_cost;                                 /* cost.c */
extern const command command_doctor;                               /* doctor.c */

#endif
