/*
 * Finds the EXIF block of a picture file and its tag of orientation, and turns pixels. Every length
 * is checked: the files come from strangers. Knows no decoder. Read next: picture.c.
 */
#include "render/media/orientation.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/pipeline/generate.h"

#define TAG_ORIENTATION 0x0112
#define TYPE_SHORT 3
#define ENTRY 12
#define TIFF_HEAD 8

struct bytes {
    const unsigned char *at;
    size_t size;
};

static uint32_t
number(const unsigned char *p, size_t bytes, bool little)
{
    uint32_t v = 0;

    for (size_t i = 0; i < bytes; i++)
        v = v << 8 | p[little ? bytes - 1 - i : i];
    return v;
}

/* The tag in a TIFF block: "II" or "MM", 42, where the first directory is. */
static int
tiff_orientation(struct bytes t)
{
    bool little;
    size_t at, count;

    if (t.size < TIFF_HEAD || (memcmp(t.at, "II*\0", 4) != 0 && memcmp(t.at, "MM\0*", 4) != 0))
        return ORIENTATION_UPRIGHT;
    little = t.at[0] == 'I';
    at = number(t.at + 4, 4, little);
    if (at > t.size || t.size - at < 2)
        return ORIENTATION_UPRIGHT;
    count = number(t.at + at, 2, little);
    at += 2;
    for (size_t i = 0; i < count && t.size - at >= ENTRY; i++, at += ENTRY) {
        const unsigned char *entry = t.at + at;
        uint32_t value = number(entry + 8, 2, little);

        if (number(entry, 2, little) == TAG_ORIENTATION)
            return number(entry + 2, 2, little) == TYPE_SHORT && value >= 1 && value <= 8
                       ? (int)value
                       : ORIENTATION_UPRIGHT;
    }
    return ORIENTATION_UPRIGHT;
}

/* JPEG: the APP1 segment that begins with "Exif". */
static struct bytes
jpeg_exif(struct bytes f)
{
    size_t at = 2;

    while (f.size - at >= 4 && f.at[at] == 0xFF) {
        unsigned marker = f.at[at + 1];
        size_t length = number(f.at + at + 2, 2, false);

        if (marker == 0xDA || length < 2 || length > f.size - at - 2)
            break;
        if (marker == 0xE1 && length >= 8 && memcmp(f.at + at + 4, "Exif\0\0", 6) == 0)
            return (struct bytes){f.at + at + 10, length - 8};
        at += 2 + length;
    }
    return (struct bytes){NULL, 0};
}

/* PNG and WebP are chunks behind each other: a length, a name, the data, padding. */
static struct bytes
chunk(struct bytes f, size_t at, const char *name, bool riff)
{
    while (f.size - at >= 8) {
        size_t length = number(f.at + at + (riff ? 4 : 0), 4, riff);
        const unsigned char *called = f.at + at + (riff ? 0 : 4);
        size_t after = riff ? length % 2 : 4; /* a byte of padding; a checksum */

        if (length > f.size - at - 8)
            break;
        if (memcmp(called, name, 4) == 0)
            return (struct bytes){f.at + at + 8, length};
        if (f.size - at - 8 - length < after)
            break;
        at += 8 + length + after;
    }
    return (struct bytes){NULL, 0};
}

int
orientation_of(const void *data, size_t size)
{
    struct bytes file = {data, size}, exif = {NULL, 0};

    if (size >= 4 && memcmp(data, "\xFF\xD8\xFF", 3) == 0)
        exif = jpeg_exif(file);
    else if (size >= 8 && memcmp(data, "\x89PNG", 4) == 0)
        exif = chunk(file, 8, "eXIf", false);
    else if (size >= 12 && memcmp(data, "RIFF", 4) == 0)
        exif = chunk(file, 12, "EXIF", true);
    if (exif.size >= 6 && memcmp(exif.at, "Exif\0\0", 6) == 0)
        exif = (struct bytes){exif.at + 6, exif.size - 6};
    return exif.at != NULL ? tiff_orientation(exif) : ORIENTATION_UPRIGHT;
}

/* Orientation 1-8 as: swap the axes, then mirror each. */
static const struct {
    bool swap, right, down;
} turns[9] = {
    [2] = {false, true, false}, [3] = {false, true, true}, [4] = {false, false, true},
    [5] = {true, false, false}, [6] = {true, true, false}, [7] = {true, true, true},
    [8] = {true, false, true},
};

int
orientation_apply(struct image *image, int orientation, struct err *e)
{
    size_t w = (size_t)image->width, h = (size_t)image->height, wide, tall;
    uint8_t *out;

    if (orientation <= ORIENTATION_UPRIGHT || orientation > 8)
        return ST_OK;
    wide = turns[orientation].swap ? h : w;
    tall = turns[orientation].swap ? w : h;
    if ((out = malloc(w * h * 3)) == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "turning %zu x %zu", w, h);
    for (size_t y = 0; y < tall; y++) {
        for (size_t x = 0; x < wide; x++) {
            size_t a = turns[orientation].right ? wide - 1 - x : x;
            size_t b = turns[orientation].down ? tall - 1 - y : y;
            size_t from = turns[orientation].swap ? a * w + b : b * w + a;

            memcpy(out + (y * wide + x) * 3, image->pixels + from * 3, 3);
        }
    }
    free(image->pixels);
    image->pixels = out;
    image->width = (int)wide;
    image->height = (int)tall;
    return ST_OK;
}
