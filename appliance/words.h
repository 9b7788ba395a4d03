/* What dom0's kernel command line says about its guest: words of the form amilaunch.NAME=VALUE. */
#ifndef APPLIANCE_WORDS_H
#define APPLIANCE_WORDS_H

#include <stdbool.h>

typedef struct {
    unsigned long mem;   /* MiB of the guest */
    unsigned long vcpus; /* its processors */
    unsigned long disks; /* that are waited for before it is built */
    char grub[8];        /* "hd0" or "hd00" */
    char root[24];       /* device of its root disk: "sda1" */
    char uuid[40];
    char name[64];
    bool log; /* all of dom0's doings are told */
} words;

/* Reads LINE. False if a word is missing or isn't as it should be; *WRONG gets its name. */
bool words_parse(words *self, const char *line, const char **wrong);

/* True if NAME is one that a guest's disk can have: sda to sdp, xvda to xvdzz, hda to hdd, with the
 * number of a partition (1 to 15, of xvd and sd) or without. */
bool words_is_device(const char *name);

#endif
