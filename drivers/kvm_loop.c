#include "drivers/kvm_loop.h"

#ifdef __x86_64__

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>

/* The guest's memory, a page each. */
enum { PML4 = 0x0000, PDPT = 0x1000, DIRECTORY = 0x2000, CODE = 0x3000, MEMORY_SIZE = 0x4000 };

/* Page table entries: present and writable; and that, as a page of 2 MiB. */
enum { TABLE = 0x3, LARGE_PAGE = 0x83 };

/* Control registers; Intel SDM volume 3, sections 2.5 and 2.2.1. */
enum { CR0_PE = 1 << 0, CR0_ET = 1 << 4, CR0_NE = 1 << 5 };
enum { CR4_PAE = 1 << 5, EFER_LME = 1 << 8, EFER_LMA = 1 << 10 };
#define CR0_PG (1u << 31)

static const guint8 code[] = {
    0xb9, 0x40, 0x42, 0x0f, 0x00, /* mov $1000000, %ecx */
    0xff, 0xc9,                   /* dec %ecx */
    0x75, 0xfc,                   /* jnz to the dec */
    0xf4                          /* hlt */
};

static gint64
now_microseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * G_GINT64_CONSTANT(1000000) + now.tv_nsec / 1000;
}

/* The loop, and page tables that map the first 2 MiB to themselves. */
static void
fill_memory(char *memory)
{
    *(guint64 *)(memory + PML4) = PDPT | TABLE;
    *(guint64 *)(memory + PDPT) = DIRECTORY | TABLE;
    *(guint64 *)(memory + DIRECTORY) = LARGE_PAGE;
    memcpy(memory + CODE, code, sizeof code);
}

static gboolean
add_memory(int machine)
{
    char *memory =
        mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct kvm_userspace_memory_region region = {
        .slot = 0, .guest_phys_addr = 0, .memory_size = MEMORY_SIZE};

    if (memory == MAP_FAILED)
        return FALSE;
    fill_memory(memory);
    region.userspace_addr = (guintptr)memory;
    return ioctl(machine, KVM_SET_USER_MEMORY_REGION, &region) == 0;
}

/* What loading a flat segment from a GDT would leave in the hidden part of the register. */
static struct kvm_segment
flat_segment(guint16 selector, guint8 type, gboolean is_code)
{
    return (struct kvm_segment){.limit = 0xffffffff,
                                .selector = selector,
                                .type = type,
                                .present = 1,
                                .s = 1,
                                .g = 1,
                                .l = is_code,
                                .db = !is_code};
}

static gboolean
enter_long_mode(int processor)
{
    struct kvm_regs registers = {.rip = CODE, .rflags = 0x2};
    struct kvm_sregs system;

    if (ioctl(processor, KVM_GET_SREGS, &system) != 0)
        return FALSE;
    system.cr3 = PML4;
    system.cr4 = CR4_PAE;
    system.cr0 = CR0_PE | CR0_ET | CR0_NE | CR0_PG;
    system.efer = EFER_LME | EFER_LMA;
    system.cs = flat_segment(0x08, 0xb, TRUE);
    system.ds = system.es = system.fs = system.gs = system.ss = flat_segment(0x10, 0x3, FALSE);
    return ioctl(processor, KVM_SET_SREGS, &system) == 0 &&
           ioctl(processor, KVM_SET_REGS, &registers) == 0;
}

/* The page that the kernel tells in why a run ended. */
static const struct kvm_run *
map_run(int kvm, int processor)
{
    int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

    return size < (int)sizeof(struct kvm_run)
               ? MAP_FAILED
               : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, processor, 0);
}

static loop_result
failed(loop_step step)
{
    return (loop_result){.step = step, .problem = errno};
}

static loop_result
time_loop(int processor, const struct kvm_run *run)
{
    gint64 start = now_microseconds();
    int ended;

    do
        ended = ioctl(processor, KVM_RUN, 0);
    while (ended != 0 && errno == EINTR);
    if (ended != 0)
        return failed(LOOP_RUN);
    if (run->exit_reason != KVM_EXIT_HLT)
        return (loop_result){.step = LOOP_HALT, .problem = run->exit_reason};
    return (loop_result){.step = LOOP_DONE, .microseconds = now_microseconds() - start};
}

loop_result
kvm_loop_run(const char *device)
{
    int kvm = open(device, O_RDWR | O_CLOEXEC);
    int machine, processor;
    const struct kvm_run *run;

    if (kvm < 0)
        return failed(LOOP_OPEN);
    if (ioctl(kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
        return failed(LOOP_VERSION);
    if ((machine = ioctl(kvm, KVM_CREATE_VM, 0)) < 0)
        return failed(LOOP_MACHINE);
    if (!add_memory(machine))
        return failed(LOOP_MEMORY);
    if ((processor = ioctl(machine, KVM_CREATE_VCPU, 0)) < 0 ||
        (run = map_run(kvm, processor)) == MAP_FAILED)
        return failed(LOOP_PROCESSOR);
    if (!enter_long_mode(processor))
        return failed(LOOP_REGISTERS);
    return time_loop(processor, run);
}

#else

loop_result
kvm_loop_run(const char *device G_GNUC_UNUSED)
{
    return (loop_result){.step = LOOP_UNSUPPORTED};
}

#endif
