#include "net/confine.h"

#include "common/error.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#define ARCHITECTURE 0
#endif

/* x86-64 has its calls twice: those from here on are the same with shorter pointers (x32), which
 * nothing of ours uses. */
#define FOREIGN_CALLS 0x40000000

/* What neither this process nor the libraries in it have a use for once guests are served. It
 * isn't said what is allowed, as another version of a library may have need of something else. */
static const int forbidden[] = {
    SYS_execve,
    SYS_execveat,
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_process_madvise,
    SYS_pidfd_getfd,
    SYS_kcmp,
    SYS_mount,
    SYS_umount2,
    SYS_open_tree,
    SYS_move_mount,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_mount_setattr,
    SYS_pivot_root,
    SYS_chroot,
    SYS_unshare,
    SYS_setns,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_kexec_file_load,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_personality,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_io_uring_setup,
    SYS_setuid,
    SYS_setgid,
    SYS_setreuid,
    SYS_setregid,
    SYS_setresuid,
    SYS_setresgid,
    SYS_setfsuid,
    SYS_setfsgid,
    SYS_setgroups,
    SYS_capset,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_acct,
    SYS_quotactl,
};

/* Threads are made by clone(), and so are processes that are root in a world of their own, where
 * much of the kernel can be reached that can't from here. */
#define NEW_WORLDS                                                                                 \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |  \
     CLONE_NEWNET)

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, (value))

/* Where the instructions are that are jumped to. */
enum {
    NUMBER = 3,
    LIST = NUMBER + 4,
    FLAGS = LIST + G_N_ELEMENTS(forbidden) + 1,
    REFUSE = FLAGS + 3,
    UNKNOWN,
    LENGTH
};

typedef struct {
    struct sock_filter code[LENGTH];
    gsize length;
} program;

static void
put(program *self, struct sock_filter instruction)
{
    self->code[self->length++] = instruction;
}

/* On to TARGET if what was loaded compares so with VALUE, else to the next instruction. */
static void
put_jump(program *self, guint16 comparison, guint32 value, gsize target)
{
    put(self, (struct sock_filter)BPF_JUMP(BPF_JMP | comparison | BPF_K, value,
                                           (guint8)(target - self->length - 1), 0));
}

static void
put_all(program *self)
{
    put(self, (struct sock_filter)LOAD(arch));
    put_jump(self, BPF_JEQ, ARCHITECTURE, NUMBER);
    put(self, (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | EPERM));
    put(self, (struct sock_filter)LOAD(nr));
    put_jump(self, BPF_JGE, FOREIGN_CALLS, REFUSE);
    put_jump(self, BPF_JEQ, SYS_clone, FLAGS);
    /* Its flags are in memory, where no filter sees them. Who hears that the kernel doesn't know it
     * takes clone(). */
    put_jump(self, BPF_JEQ, SYS_clone3, UNKNOWN);
    for (gsize i = 0; i < G_N_ELEMENTS(forbidden); i++)
        put_jump(self, BPF_JEQ, (guint32)forbidden[i], REFUSE);
    put(self, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
    put(self, (struct sock_filter)LOAD(args[0])); /* the low half, on processors as above */
    put_jump(self, BPF_JSET, NEW_WORLDS, REFUSE);
    put(self, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
    put(self, (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | EPERM));
    put(self, (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | ENOSYS));
}

gboolean
confine(GError **error)
{
    program filter = {.length = 0};
    const struct rlimit none = {0, 0};
    struct sock_fprog all = {.len = LENGTH, .filter = filter.code};

    G_STATIC_ASSERT(LENGTH < G_MAXUINT8);
    put_all(&filter);
    /* What is in its memory is on no disk afterwards. */
    setrlimit(RLIMIT_CORE, &none);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return error_set_errno(error, errno, "new privileges can't be given up");
    if (ARCHITECTURE == 0)
        return TRUE;
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &all) == 0 ||
           error_set(error, ERROR_HOST_PERMISSION, "the kernel takes no filter of system calls: %s",
                     g_strerror(errno));
}
