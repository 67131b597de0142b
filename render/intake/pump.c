/*
 * Reading all and writing all; see pump.h. Knows no pictures.
 */
#include "render/intake/pump.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int
pump_put(const void *data, size_t size)
{
    const char *at = data;

    while (size > 0) {
        ssize_t n = write(STDOUT_FILENO, at, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return EXIT_FAILURE;
        at += n;
        size -= (size_t)n;
    }
    return EXIT_SUCCESS;
}

char *
pump_take(size_t max, size_t *size)
{
    char *data = malloc(max + 1);

    *size = 0;
    while (data != NULL && *size <= max) {
        ssize_t n = read(STDIN_FILENO, data + *size, max + 1 - *size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        *size += (size_t)n;
    }
    return data;
}
