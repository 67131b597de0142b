/*
 * Pictures brought into a shape; see cover.h. Knows no model.
 */
#include "render/pipeline/cover.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/pipeline/bicubic.h"
#include "render/pipeline/generate.h"

/* The middle of `in` in the shape of width x height. */
static int
cut(const struct image *in, int width, int height, struct image *out, struct err *e)
{
    int64_t w = in->width, h = in->height;
    size_t row = (size_t)in->width * 3, x, y;

    if (w * height > h * width)
        w = (h * width + height / 2) / height;
    else
        h = (w * height + width / 2) / width;
    w = w < 1 ? 1 : w;
    h = h < 1 ? 1 : h;
    x = (size_t)(in->width - w) / 2;
    y = (size_t)(in->height - h) / 2;
    if ((out->pixels = malloc((size_t)(3 * w * h))) == NULL)
        return err_set(e, ST_NOMEM, "Out of memory.", "picture");
    out->width = (int)w;
    out->height = (int)h;
    for (size_t i = 0; i < (size_t)h; i++)
        memcpy(out->pixels + i * 3 * (size_t)w, in->pixels + (y + i) * row + 3 * x, 3 * (size_t)w);
    return ST_OK;
}

int
cover_picture(const struct image *in, int width, int height, struct image *out, struct err *e)
{
    struct image middle = {0};
    int rc = cut(in, width, height, &middle, e);

    if (rc == ST_OK)
        rc = bicubic_resize(&middle, width, height, out, e);
    image_release(&middle);
    return rc;
}

int
cover_mask(const struct image *in, int width, int height, uint8_t **out, struct err *e)
{
    struct image small = {0};
    size_t count = (size_t)width * (size_t)height;
    int rc;

    *out = NULL;
    if ((rc = cover_picture(in, width, height, &small, e)) != ST_OK)
        return rc;
    if ((*out = malloc(count)) == NULL)
        rc = err_set(e, ST_NOMEM, "Out of memory.", "mask");
    /* The average of the three colours: a mask is grey. */
    for (size_t i = 0; i < count && rc == ST_OK; i++)
        (*out)[i] = (uint8_t)((small.pixels[3 * i] + small.pixels[3 * i + 1] +
                               small.pixels[3 * i + 2] + 1) /
                              3);
    image_release(&small);
    return rc;
}
