/* How a guest is started and what hardware it finds, by its image, its type and the host. Pure. */
#ifndef LAUNCHER_PLAN_KIND_H
#define LAUNCHER_PLAN_KIND_H

#include "launcher/plan.h"

/* TRUE if ASKED (NULL: nothing) is one of pv_words[] and the image is paravirtual.
 * InvalidParameterValue, InvalidParameterCombination. */
gboolean pv_check(const char *asked, virtualization kind, GError **error);

/* Sets PLAN's kind, machine, bus and network card, and where PV-GRUB looks. FALSE with EC2's error
 * if the image and the type have no kind of boot in common. */
gboolean plan_kind_choose(boot_plan *plan, const plan_input *input, GError **error);

/* *KIND: BOOT_BIOS or BOOT_UEFI, by the boot modes of the image and the type. FALSE with EC2's
 * error if they have none in common. */
gboolean plan_kind_of_firmware(const plan_input *input, boot_kind *kind, GError **error);

/* What PLAN, whose disks are there, starts that isn't on the guest's disk: Xen, GRUB or a kernel.
 * Absolute names but for the copies of an image's own kernel, which plan_kind_bind() finds. */
void plan_kind_fill(boot_plan *plan, const plan_input *input);

/* The same of what belongs to the CONTENT (digest) of an image in HOME. */
void plan_kind_bind(boot_plan *plan, const char *home, const char *content);

/* FALSE with UnsupportedOperation and the way out if no host could run PLAN: its kernel is one that
 * the Xen that is here doesn't know. What a host lacks, its driver says. */
gboolean plan_kind_check(const boot_plan *plan, const plan_input *input, GError **error);

/* Which way of pv_words[] a paravirtual KIND is. */
const char *pv_word(boot_kind kind);

/* Why the disks of PLAN aren't on virtio, for people; NULL if they are. The caller frees it. */
char *plan_kind_why(const boot_plan *plan, const plan_input *input);

/* Whether the kernel can have DRIVER (a DRIVER_ word, or NULL) when it looks for its root. TRUE if
 * nothing is known. */
gboolean driver_is_early(const char *driver);

/* Whether it's known that Xen here can't run the image's kernel: it is one of 32 bits. */
gboolean plan_is_pv32(const boot_plan *plan, const plan_input *input);

#endif
