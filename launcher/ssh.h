/* The way into a guest by ssh, for a face to go. */
#ifndef LAUNCHER_SSH_H
#define LAUNCHER_SSH_H

#include "launcher/launcher.h"

typedef struct {
    const char *instance;
    const char *user;           /* NULL: the one of its image's system */
    const char *identity;       /* file with the private key; NULL: that of its key pair in HOME, or
                                   what ssh finds */
    const char *const *command; /* words for the guest's shell; NULL or empty: a shell */
    guint timeout_s;
} ssh_request;

typedef struct {
    char *user;
    guint port;        /* of 127.0.0.1 */
    char *identity;    /* NULL: ssh looks for one by itself */
    char *known_hosts; /* file in which the host is called as the instance */
    gboolean
        host_is_known; /* its keys are in that file; else ssh puts the first that it sees there */
    char **arguments;  /* of the program ssh, for execvp() */
} ssh_way;

void ssh_way_free(ssh_way *self);

/* Waits until the guest's sshd answers and, where cloud-init is going to show them, for its host
 * keys. Errors and *STOP as those of launcher_wait_login(); UnsupportedOperation for an instance
 * whose port 22 isn't published, IncorrectInstanceState for one that doesn't run. */
ssh_way *launcher_ssh(launcher *self, const ssh_request *request, boot_stop **stop, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ssh_way, ssh_way_free)

#endif
