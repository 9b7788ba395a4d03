/* The open files of one libslirp stack: how many there are of each kind, and what it wants to know
 * of which. */
#ifndef NET_STACK_FILES_H
#define NET_STACK_FILES_H

#include "net/poller.h"

typedef enum { FILE_TCP, FILE_UDP, FILE_ICMP, FILE_METADATA, FILE_LISTENER, FILE_KINDS } file_kind;

typedef struct stack_files stack_files;

/* READY is called when something has happened at one of them. */
stack_files *stack_files_new(poller *poll, void (*ready)(gpointer data), gpointer data);
void stack_files_free(stack_files *self);

/* What is opened from now on is of KIND, and belongs to the guest's port GUEST_PORT. */
void stack_files_expect(stack_files *self, file_kind kind, guint16 guest_port);

/* libslirp has opened FD, or is about to close it. It doesn't tell of the ones it listens at until
 * it wants them. */
void stack_files_open(stack_files *self, int fd);
void stack_files_close(stack_files *self, int fd);

/* How many there are of a kind, with those announced, and of all but listeners. */
guint stack_files_count_of(const stack_files *self, file_kind kind);
guint stack_files_count(const stack_files *self);

/* Whether the guest's port has one of that kind, UDP or metadata. */
gboolean stack_files_has(const stack_files *self, file_kind kind, guint16 guest_port);

/* A file of KIND is going to be opened for the guest's port when it goes on; until then, or for
 * HALF_OPEN_S seconds, it counts as if it were. */
#define HALF_OPEN_S 90
void stack_files_announce(stack_files *self, file_kind kind, guint16 guest_port);

/* Between begin and end libslirp says what it wants, in its SLIRP_POLL_* flags; what isn't wanted
 * any more is not watched. LISTEN: new connections may come. */
void stack_files_begin(stack_files *self);
void stack_files_want(stack_files *self, int fd, int events);
void stack_files_end(stack_files *self, gboolean listen);

/* What has happened at FD since it was asked last, in SLIRP_POLL_* flags. */
int stack_files_take_events(stack_files *self, int fd);

#endif
