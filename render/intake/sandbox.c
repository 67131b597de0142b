/*
 * The sandbox of gempix-decode; see sandbox.h. Knows no pictures. Read next: main_decode.c.
 */
#include "render/intake/sandbox.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <seccomp.h>

/* What memory, reading, writing and an orderly end need. A lock of the C library may wait (futex);
   its allocator asks for random bits once. */
static const int allowed[] = {
    SCMP_SYS(read),         SCMP_SYS(write),  SCMP_SYS(brk),       SCMP_SYS(mmap),
    SCMP_SYS(munmap),       SCMP_SYS(mremap), SCMP_SYS(futex),     SCMP_SYS(madvise),
    SCMP_SYS(exit_group),   SCMP_SYS(exit),   SCMP_SYS(getrandom), SCMP_SYS(clock_gettime),
    SCMP_SYS(rt_sigreturn),
};

static int
limit(int what, rlim_t value)
{
    struct rlimit r = {value, value};

    return setrlimit(what, &r) == 0 ? 0 : errno;
}

static int
filter(void)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int rc = 0;

    if (ctx == NULL)
        return ENOMEM;
    for (size_t i = 0; rc == 0 && i < sizeof allowed / sizeof allowed[0]; i++) {
        /* Memory is never to be executed. */
        if (allowed[i] == SCMP_SYS(mmap))
            rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 1,
                                  SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
        else
            rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
    }
    if (rc == 0)
        rc = seccomp_load(ctx);
    seccomp_release(ctx);
    return -rc;
}

int
sandbox_enter(size_t memory_bytes, unsigned seconds)
{
    int rc;

    closefrom(2);
    if ((rc = limit(RLIMIT_CPU, seconds)) != 0 || (rc = limit(RLIMIT_FSIZE, 0)) != 0 ||
        (rc = limit(RLIMIT_CORE, 0)) != 0 || (rc = limit(RLIMIT_NOFILE, 2)) != 0)
        return rc;
#ifdef __SANITIZE_ADDRESS__
    /* The address sanitizer reserves terabytes and asks for system calls of its own. */
    (void)memory_bytes;
    (void)filter;
    return 0;
#else
    rc = limit(RLIMIT_AS, memory_bytes);
    return rc != 0 ? rc : filter();
#endif
}
