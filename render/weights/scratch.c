/*
 * A file without a name. See scratch.h. Knows no tensors.
 */
#include "render/weights/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SMALL ((size_t)64 << 10) /* is not worth a mapping */
#define PATH_SIZE 4096

struct scratch {
    int fd;
    size_t end; /* a multiple of the page size */
};

struct scratch *
scratch_new(void)
{
    const char *folder = getenv("TMPDIR");
    struct scratch *s = calloc(1, sizeof *s);
    char path[PATH_SIZE];
    int len;

    if (s == NULL)
        return NULL;
    len = snprintf(path, sizeof path, "%s/gempix-weights-XXXXXX",
                   folder != NULL && folder[0] == '/' ? folder : "/var/tmp");
    s->fd = len > 0 && len < PATH_SIZE ? mkstemp(path) : -1;
    if (s->fd < 0) {
        free(s);
        return NULL;
    }
    unlink(path);
    fcntl(s->fd, F_SETFD, FD_CLOEXEC);
    return s;
}

void
scratch_free(struct scratch *s)
{
    if (s == NULL)
        return;
    close(s->fd);
    free(s);
}

/* Written, not stored through the mapping: a full disk is then an error and no signal. */
static int
write_all(int fd, const unsigned char *data, size_t size, size_t at)
{
    while (size > 0) {
        ssize_t n = pwrite(fd, data, size, (off_t)at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        data += n;
        at += (size_t)n;
        size -= (size_t)n;
    }
    return 0;
}

void *
scratch_keep(struct scratch *s, const void *data, size_t size, size_t *mapped)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (size + page - 1) / page * page;
    void *copy;

    *mapped = 0;
    if (s != NULL && size >= SMALL && write_all(s->fd, data, size, s->end) == 0) {
        copy = mmap(NULL, size, PROT_READ, MAP_SHARED, s->fd, (off_t)s->end);
        if (copy != MAP_FAILED) {
            s->end += room;
            *mapped = size;
            return copy;
        }
    }
    if ((copy = malloc(size > 0 ? size : 1)) != NULL)
        memcpy(copy, data, size);
    return copy;
}

void
scratch_forget(void *copy, size_t mapped)
{
    munmap(copy, mapped);
}

void
scratch_drop(void *copy, size_t mapped)
{
    (void)madvise(copy, mapped, MADV_DONTNEED);
}
