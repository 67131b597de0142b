/*
 * WebP, read only. Knows no other format. Read next: picture.c.
 */
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>

#include "common/err.h"
#include "render/media/picture_format.h"
#include "render/pipeline/generate.h"

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
