/*
 * WebP. Provenance and parameters go into its chunks "XMP " and "EXIF". Knows no other format. Read
 * next: picture.c.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include "common/err.h"
#include "common/text.h"
#include "render/media/exif.h"
#include "render/media/picture.h"
#include "render/media/picture_format.h"
#include "render/media/xmp.h"
#include "render/pipeline/generate.h"

#define NOTE_MAX ((size_t)1 << 17) /* bytes of one chunk */

/* Adds a chunk of what `write` says about the note; nothing where it says nothing. */
static bool
add_note(WebPMux *mux, const char *name, const struct picture_note *note,
         void (*write)(const struct picture_note *, struct text *))
{
    WebPData data;
    struct text t;
    bool added;

    text_init(&t, NOTE_MAX);
    write(note, &t);
    data = (WebPData){(const uint8_t *)text_cstr(&t), t.len};
    added = !t.failed && (t.len == 0 || WebPMuxSetChunk(mux, name, &data, 1) == WEBP_MUX_OK);
    text_release(&t);
    return added;
}

/* The bytes of an encoded picture with its notes, in memory of the caller. */
static int
assemble(const WebPData *plain, const struct picture_note *note, void **data, size_t *size,
         struct err *e)
{
    WebPMux *mux = WebPMuxCreate(plain, 0);
    WebPData whole = {NULL, 0};
    bool done = mux != NULL && add_note(mux, "XMP ", note, xmp_write) &&
                (note->parameters == NULL || add_note(mux, "EXIF", note, exif_write)) &&
                WebPMuxAssemble(mux, &whole) == WEBP_MUX_OK;

    if (done && (*data = malloc(whole.size)) != NULL) {
        memcpy(*data, whole.bytes, whole.size);
        *size = whole.size;
    }
    WebPDataClear(&whole);
    WebPMuxDelete(mux);
    return *data != NULL ? ST_OK
                         : err_set(e, ST_NOMEM, "Please try again later.", "notes of a WebP file");
}

int
webp_encode(const struct image *image, int quality, const struct picture_note *note, void **data,
            size_t *size, struct err *e)
{
    WebPData plain = {NULL, 0};
    uint8_t *bytes = NULL;
    int rc;

    if (image->width > WEBP_MAX_DIMENSION || image->height > WEBP_MAX_DIMENSION)
        return err_setf(e, ST_TOOBIG, "A WebP picture has at most %d pixels on a side.",
                        WEBP_MAX_DIMENSION);
    plain.size = WebPEncodeRGB(image->pixels, image->width, image->height, image->width * 3,
                               (float)quality, &bytes);
    plain.bytes = bytes;
    if (plain.size == 0)
        return err_set(e, ST_NOMEM, "Please try again later.", "WebP of %d x %d", image->width,
                       image->height);
    rc = assemble(&plain, note, data, size, e);
    WebPFree(bytes);
    return rc;
}

/* One row of RGBA laid over white. */
static void
flatten(const uint8_t *rgba, size_t pixels, uint8_t *rgb)
{
    for (size_t i = 0; i < pixels; i++) {
        unsigned alpha = rgba[4 * i + 3];

        for (size_t c = 0; c < 3; c++)
            rgb[3 * i + c] = (uint8_t)((rgba[4 * i + c] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
}

static int
damaged(struct err *e, int status)
{
    return err_set(e, ST_INVALID, "This WebP picture is damaged.", "libwebp: status %d", status);
}

int
webp_decode(const void *data, size_t size, size_t max_pixels, struct image *out, struct err *e)
{
    WebPBitstreamFeatures features;
    int status = WebPGetFeatures(data, size, &features), rc;
    uint8_t *rgba = NULL;
    size_t pixels;

    if (status != VP8_STATUS_OK)
        return damaged(e, status);
    if (features.has_animation)
        return err_set(e, ST_INVALID, "This WebP file is an animation; send a still picture.",
                       NULL);
    if ((rc = picture_allocate((size_t)features.width, (size_t)features.height, max_pixels, out,
                               e)) != ST_OK)
        return rc;
    pixels = (size_t)out->width * (size_t)out->height;
    if (features.has_alpha && (rgba = malloc(pixels * 4)) == NULL) {
        rc = err_set(e, ST_NOMEM, "Please try again later.", "WebP of %zu pixels", pixels);
        goto out;
    }
    if ((features.has_alpha
             ? WebPDecodeRGBAInto(data, size, rgba, pixels * 4, out->width * 4)
             : WebPDecodeRGBInto(data, size, out->pixels, pixels * 3, out->width * 3)) == NULL) {
        rc = damaged(e, -1);
        goto out;
    }
    if (features.has_alpha)
        flatten(rgba, pixels, out->pixels);
out:
    free(rgba);
    if (rc != ST_OK) {
        free(out->pixels);
        memset(out, 0, sizeof *out);
    }
    return rc;
}
