/*
 * Chooses how something is taken out of a picture; see clear.h. Read next: unmark.c, fill.c,
 * cleanup.c.
 */
#include "render/pipeline/clear.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/engine/pool.h"
#include "render/pipeline/cleanup.h"
#include "render/pipeline/fill.h"
#include "render/pipeline/generate.h"
#include "render/pipeline/hole.h"
#include "render/pipeline/unmark.h"

static int
check(const struct image *in, const struct image *mask, struct err *e)
{
    if (in->width == mask->width && in->height == mask->height)
        return ST_OK;
    return err_setf(e, ST_INVALID, "The mask has %d x %d pixels, the picture %d x %d.", mask->width,
                    mask->height, in->width, in->height);
}

static int
copy(const struct image *in, struct image *out, struct err *e)
{
    size_t bytes = (size_t)in->width * (size_t)in->height * 3;

    if ((out->pixels = malloc(bytes)) == NULL)
        return err_set(e, ST_NOMEM, "Not enough memory for this picture.", "a copy");
    memcpy(out->pixels, in->pixels, bytes);
    out->width = in->width;
    out->height = in->height;
    return ST_OK;
}

static int
fill_all(const struct clear_params *params, const struct hole *hole, struct image *out,
         struct err *e)
{
    struct fill_params how = {params->seed, params->progress, params->ctx};
    struct pool *pool = NULL;
    int rc = pool_new(params->threads, &pool, e);

    if (rc == ST_OK)
        rc = fill(pool, &how, hole, out, e);
    pool_free(pool);
    return rc;
}

int
clear_marks(const struct clear_params *params, const struct image *in, const struct image *mask,
            struct image *out, enum clear_way *way, struct err *e)
{
    struct cleanup_params network = CLEANUP_PARAMS;
    struct unmark_found found = {0};
    struct hole hole = {0};
    int rc;

    memset(out, 0, sizeof *out);
    network.grow = params->grow;
    if ((rc = check(in, mask, e)) != ST_OK || (rc = copy(in, out, e)) != ST_OK ||
        (rc = hole_make(mask, (size_t)params->grow, &hole, e)) != ST_OK)
        goto out;
    if (!params->never_lift && (rc = unmark(&hole, out, &found, e)) != ST_OK)
        goto out;
    if (found.lifted) {
        *way = CLEAR_LIFTED;
    } else if (params->network != NULL) {
        *way = CLEAR_NETWORK;
        image_release(out);
        rc = cleanup(params->network, &network, in, mask, params->progress, params->ctx, out, e);
    } else {
        *way = CLEAR_TEXTURE;
        rc = fill_all(params, &hole, out, e);
    }
out:
    hole_release(&hole);
    if (rc != ST_OK)
        image_release(out);
    return rc;
}
