/*
 * Sources and masks on the command line. Knows no model. Read next: image_make.c.
 */
#include "render/cli/image_source.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/cli/image_tool.h"
#include "render/pipeline/cover.h"

static int
rounded(int side, int multiple)
{
    int times = (side + multiple / 2) / multiple;

    return (times < 1 ? 1 : times) * multiple;
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
    rc = cover_picture(&whole, *width, *height, &out->picture, e);
    if (rc == ST_OK && mask != NULL)
        rc = cover_mask(&marks, *width, *height, &out->marks, e);
    out->mask = (struct mask){*width, *height, out->marks};
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
