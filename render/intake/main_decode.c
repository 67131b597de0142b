/*
 * gempix-decode: reads a picture file of a stranger from descriptor 0 until its end and writes what
 * intake_wire.h says to descriptor 1: the pixels, or a sentence that tells what is wrong. It is
 * started by intake.c for one file, enters the sandbox first and ends after its answer.
 *
 *     gempix-decode BYTES PIXELS       the most that it takes
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/intake/intake_wire.h"
#include "render/intake/pump.h"
#include "render/intake/sandbox.h"
#include "render/media/picture.h"
#include "render/pipeline/generate.h"

#define SECONDS 30
#define MEMORY_BASE ((size_t)192 << 20)
#define MEMORY_PIXEL 16 /* RGB, RGBA, a turned copy, the decoder's rows */

static int
answer(const struct err *e, const struct image *image)
{
    struct intake_answer a = {.magic = INTAKE_MAGIC, .status = e->code};
    size_t pixels = (size_t)image->width * (size_t)image->height * 3;

    a.width = (uint32_t)image->width;
    a.height = (uint32_t)image->height;
    memcpy(a.message, e->message, sizeof a.message);
    memcpy(a.detail, e->detail, sizeof a.detail);
    if (pump_put(&a, sizeof a) != EXIT_SUCCESS)
        return EXIT_FAILURE;
    return pump_put(image->pixels, image->pixels != NULL ? pixels : 0);
}

int
main(int argc, char **argv)
{
    size_t bytes = argc == 3 ? strtoull(argv[1], NULL, 10) : 0;
    size_t pixels = argc == 3 ? strtoull(argv[2], NULL, 10) : 0, size;
    struct image image = {0};
    struct err e;
    char *data;
    int rc;

    if (bytes == 0 || pixels == 0 || bytes > SIZE_MAX / 4 || pixels > SIZE_MAX / 64)
        return EXIT_FAILURE;
    err_clear(&e);
    if ((rc = sandbox_enter(MEMORY_BASE + bytes + MEMORY_PIXEL * pixels, SECONDS)) != 0) {
        err_set(&e, ST_INTERNAL, "Pictures cannot be taken in at the moment.", "sandbox: error %d",
                rc);
        return answer(&e, &image);
    }
    data = pump_take(bytes, &size);
    if (data == NULL)
        err_set(&e, ST_NOMEM, "Please try again later.", "intake of %zu bytes", bytes);
    else if (size > bytes)
        err_setf(&e, ST_TOOBIG, "This file is too large: at most %zu KiB are taken.", bytes >> 10);
    else
        picture_decode(data, size, pixels, &image, &e);
    rc = answer(&e, &image);
    free(image.pixels);
    free(data);
    return rc;
}
