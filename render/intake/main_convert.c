/*
 * gempix-convert: reads one of our picture files from descriptor 0 until its end and writes the
 * same picture in another format to descriptor 1, with what the file said about itself. The
 * application starts it for a download; like gempix-decode it enters the sandbox before it sees a
 * byte. A file that cannot be converted gives no byte and exit status 1. "bare" is for pictures of
 * strangers that people look at: a WebP without the words.
 *
 *     gempix-convert png|jpeg|webp|bare BYTES PIXELS       the most that it takes
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/intake/notes.h"
#include "render/intake/pump.h"
#include "render/intake/sandbox.h"
#include "render/media/picture.h"
#include "render/pipeline/generate.h"

#define SECONDS 30
#define MEMORY_BASE ((size_t)192 << 20)
#define MEMORY_PIXEL 24 /* RGB, the decoder's copies, the encoder's planes and its file */

static const struct format {
    const char *word;
    enum picture_format format;
    int quality;
    bool bare; /* of what the file says about itself only how it came to be */
} formats[] = {
    {"png", PICTURE_PNG, 0, false},
    {"jpeg", PICTURE_JPEG, 92, false},
    {"webp", PICTURE_WEBP, 90, false},
    {"bare", PICTURE_WEBP, 90, true},
};

static const struct format *
find(const char *word)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (strcmp(formats[i].word, word) == 0)
            return &formats[i];
    return NULL;
}

static int
convert(const void *data, size_t size, size_t pixels, const struct format *to)
{
    struct picture_note note = {.software = "Gempix 2"};
    struct image image = {0};
    struct notes notes;
    struct err e;
    void *file = NULL;
    size_t length = 0;
    int rc = EXIT_FAILURE;

    err_clear(&e);
    notes_read(data, size, &notes);
    if (notes.parameters[0] != '\0' && !to->bare)
        note.parameters = notes.parameters;
    if (notes.digital_source[0] != '\0')
        note.digital_source = notes.digital_source;
    if (picture_decode(data, size, pixels, &image, &e) == ST_OK &&
        picture_encode(&image, to->format, to->quality, &note, &file, &length, &e) == ST_OK)
        rc = pump_put(file, length);
    free(file);
    free(image.pixels);
    return rc;
}

int
main(int argc, char **argv)
{
    const struct format *to = argc == 4 ? find(argv[1]) : NULL;
    size_t bytes = argc == 4 ? strtoull(argv[2], NULL, 10) : 0;
    size_t pixels = argc == 4 ? strtoull(argv[3], NULL, 10) : 0, size;
    char *data;
    int rc;

    if (to == NULL || bytes == 0 || pixels == 0 || bytes > SIZE_MAX / 4 || pixels > SIZE_MAX / 64)
        return EXIT_FAILURE;
    if (sandbox_enter(MEMORY_BASE + bytes + MEMORY_PIXEL * pixels, SECONDS) != 0)
        return EXIT_FAILURE;
    data = pump_take(bytes, &size);
    rc = data != NULL && size <= bytes ? convert(data, size, pixels, to) : EXIT_FAILURE;
    free(data);
    return rc;
}
