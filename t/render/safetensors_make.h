/*
 * For tests of the reader: writes a file from a header text and a number of data bytes.
 */
#ifndef GEMPIX_T_RENDER_SAFETENSORS_MAKE_H
#define GEMPIX_T_RENDER_SAFETENSORS_MAKE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Replaces `path` by exactly these bytes. */
static void
put_file(const char *path, const void *data, size_t size)
{
    FILE *f = fopen(path, "wbe");

    if (f == NULL || fwrite(data, 1, size, f) != size || fclose(f) != 0)
        abort();
}

/* A file with header `json` of `json_size` bytes, whose length field says `claimed`, and
   `data_size` bytes of data, which count up. Returns its size. */
static size_t
put_safetensors(const char *path, const char *json, size_t json_size, uint64_t claimed,
                size_t data_size)
{
    size_t size = 8 + json_size + data_size;
    unsigned char *bytes = malloc(size);

    if (bytes == NULL)
        abort();
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(claimed >> 8 * i);
    memcpy(bytes + 8, json, json_size);
    for (size_t i = 0; i < data_size; i++)
        bytes[8 + json_size + i] = (unsigned char)i;
    put_file(path, bytes, size);
    free(bytes);
    return size;
}

#endif
