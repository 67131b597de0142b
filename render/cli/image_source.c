/*
 * Sources and masks on the command line. Knows no model. Read next: image_make.c.
 */
#include "render/cli/image_source.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/cli/image_tool.h"
#include "render/pipeline/bicubic.h"

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

static int
fit(const struct image *in, int width, int height, struct image *out, struct err *e)
{
    struct image middle = {0};
    int rc = cut(in, width, height, &middle, e);

    if (rc == ST_OK)
        rc = bicubic_resize(&middle, width, height, out, e);
    image_release(&middle);
    return rc;
}

static int
rounded(int side, int multiple)
{
    int times = (side + multiple / 2) / multiple;

    return (times < 1 ? 1 : times) * multiple;
}

static int
take_mask(const struct image *in, int width, int height, struct image_sources *out, struct err *e)
{
    struct image small = {0};
    size_t count = (size_t)width * (size_t)height;
    int rc;

    if ((rc = fit(in, width, height, &small, e)) != ST_OK)
        return rc;
    if ((out->marks = malloc(count)) == NULL)
        rc = err_set(e, ST_NOMEM, "Out of memory.", "mask");
    /* The average of the three colours: a mask is grey. */
    for (size_t i = 0; i < count && rc == ST_OK; i++)
        out->marks[i] = (uint8_t)((small.pixels[3 * i] + small.pixels[3 * i + 1] +
                                   small.pixels[3 * i + 2] + 1) /
                                  3);
    out->mask = (struct mask){width, height, out->marks};
    image_release(&small);
    return rc;
}

int
image_sources_read(const char *picture, const char *mask, int multiple, int *width, int *height,
                   struct image_sources *out, struct err *e)
{
    struct image whole = {0}, marks = {0};
    int rc;

    memset(out, 0, sizeof *out);
    if ((rc = tool_read(picture, &whole, e)) != ST_OK ||
        (mask != NULL && (rc = tool_read(mask, &marks, e)) != ST_OK))
        goto out;
    if (mask != NULL && (marks.width != whole.width || marks.height != whole.height)) {
        rc = err_setf(e, ST_INVALID, "The mask has %d x %d pixels, the picture %d x %d.",
                      marks.width, marks.height, whole.width, whole.height);
        goto out;
    }
    if (*width == 0)
        *width = rounded(whole.width, multiple);
    if (*height == 0)
        *height = rounded(whole.height, multiple);
    if ((rc = fit(&whole, *width, *height, &out->picture, e)) == ST_OK && mask != NULL)
        rc = take_mask(&marks, *width, *height, out, e);
out:
    image_release(&whole);
    image_release(&marks);
    if (rc != ST_OK)
        image_sources_release(out);
    return rc;
}

void
image_sources_release(struct image_sources *s)
{
    image_release(&s->picture);
    free(s->marks);
    memset(s, 0, sizeof *s);
}
