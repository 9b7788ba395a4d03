#include "net/confine.h"

#include "common/error.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

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
    SYS_kcmp,
    SYS_mount,
    SYS_umount2,
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
    SYS_setresuid,
    SYS_setresgid,
    SYS_setgroups,
    SYS_capset,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_adjtimex,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_acct,
    SYS_quotactl,
};

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define JUMP_IF(test, value, then, otherwise)                                                      \
    BPF_JUMP(BPF_JMP | (test) | BPF_K, (value), (then), (otherwise))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, (value))
#define HEAD 4 /* instructions before the first comparison with a call */

/* Compares with each forbidden call in turn; the jumps go to the last instruction. */
static gsize
make_filter(struct sock_filter *filter)
{
    const gsize count = G_N_ELEMENTS(forbidden), refuse = HEAD + count + 1;
    gsize at = 0;

    filter[at++] = (struct sock_filter)LOAD(arch);
    filter[at] = (struct sock_filter)JUMP_IF(BPF_JEQ, ARCHITECTURE, 0, (guint8)(refuse - at - 1));
    at++;
    filter[at++] = (struct sock_filter)LOAD(nr);
    filter[at] = (struct sock_filter)JUMP_IF(BPF_JGE, FOREIGN_CALLS, (guint8)(refuse - at - 1), 0);
    at++;
    for (gsize i = 0; i < count; i++, at++)
        filter[at] = (struct sock_filter)JUMP_IF(BPF_JEQ, (guint32)forbidden[i],
                                                 (guint8)(refuse - at - 1), 0);
    filter[at++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
    filter[at++] = (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | EPERM);
    return at;
}

gboolean
confine(GError **error)
{
    struct sock_filter filter[HEAD + G_N_ELEMENTS(forbidden) + 2];
    const struct sock_fprog program = {.len = (unsigned short)make_filter(filter),
                                       .filter = filter};
    const struct rlimit none = {0, 0};

    G_STATIC_ASSERT(G_N_ELEMENTS(filter) < G_MAXUINT8);
    /* What is in its memory is on no disk afterwards. */
    setrlimit(RLIMIT_CORE, &none);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return error_set_errno(error, errno, "new privileges can't be given up");
    if (ARCHITECTURE == 0)
        return TRUE;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0 ||
           error_set_errno(error, errno, "the kernel takes no filter of system calls");
}
