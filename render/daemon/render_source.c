/*
 * Sources of jobs; see render_source.h. Every picture goes through the sandbox, those of our own
 * making, too: it costs milliseconds, and no path leads around it. Knows no model.
 */
#include "render/daemon/render_source.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/conf.h"
#include "common/job.h"
#include "common/job_source.h"
#include "common/media.h"
#include "common/store.h"
#include "render/daemon/daemon.h"
#include "render/daemon/render_job.h"
#include "render/intake/intake.h"
#include "render/media/picture.h"
#include "render/pipeline/cover.h"

#define PATIENCE (20 * CLOCK_SECOND)
#define FILE_MAX ((size_t)256 << 20) /* results of our own may be larger than an upload */

static int
fetch(struct render_work *w, const struct job_source *s, struct image *out, struct err *e)
{
    const struct conf *conf = w->daemon->conf;
    struct intake in = {conf->render.decode, FILE_MAX, (size_t)conf->media.upload_pixels, PATIENCE};
    char key[STORE_KEY];
    void *data = NULL;
    size_t size;
    int rc;

    store_key(&s->media, s->extension, key);
    rc = store_get(w->daemon->store, key, FILE_MAX, &data, &size, e);
    if (rc == ST_NOTFOUND)
        return err_set(e, ST_INVALID, "The picture that this begins with is gone.", "%s", key);
    if (rc == ST_OK)
        rc = intake_decode(&in, data, size, out, e);
    free(data);
    return rc;
}

struct copy {
    struct media media;
    void *data;
    size_t size;
};

static int
write_copy(struct render_work *w, void *arg, struct err *e)
{
    struct copy *c = arg;

    return media_write(w->daemon->db, w->daemon->store, w->job, &c->media, c->data, c->size, e);
}

/* The picture beside the result: upright, without notes, in the job's shape. */
static int
keep_copy(struct render_work *w, const struct image *picture, struct err *e)
{
    struct copy c = {
        .media = {.kind = MEDIA_SOURCE, .width = picture->width, .height = picture->height}};
    int rc = picture_encode(picture, PICTURE_PNG, 0, NULL, &c.data, &c.size, e);

    memcpy(c.media.extension, "png", 4);
    if (rc == ST_OK)
        rc = render_insist(w, write_copy, &c, e);
    free(c.data);
    return rc;
}

static int
shape(const struct image *in, int width, int height, struct image *out, struct err *e)
{
    if (width > 0)
        return cover_picture(in, width, height, out, e);
    return cover_picture(in, in->width, in->height, out, e);
}

/* A mask of another size than the picture is scaled to it where its shape is the same; a pixel of
 * rounding is forgiven. */
static int
check_shape(const struct image *picture, const struct image *mask, struct err *e)
{
    int64_t across = (int64_t)mask->width * picture->height;
    int64_t down = (int64_t)mask->height * picture->width;
    int64_t slack = 2 * ((int64_t)picture->width + picture->height);

    if (across - down > slack || down - across > slack)
        return err_setf(e, ST_INVALID,
                        "The mask is %d × %d pixels, the picture %d × %d: they have to have the "
                        "same shape.",
                        mask->width, mask->height, picture->width, picture->height);
    return ST_OK;
}

static int
take_mask(const struct image *mask, const struct image *picture, int width, int height,
          struct render_source *out, struct err *e)
{
    int rc = check_shape(picture, mask, e);

    if (rc != ST_OK)
        return rc;
    if (width == 0)
        return cover_picture(mask, picture->width, picture->height, &out->whole, e);
    rc = cover_mask(mask, width, height, &out->marks, e);
    out->mask = (struct mask){width, height, out->marks};
    return rc;
}

int
render_source_load(struct render_work *w, int width, int height, struct render_source *out,
                   struct err *e)
{
    struct image picture = {0}, mask = {0};
    struct job_source sources[JOB_ROLES];
    int rc;

    memset(out, 0, sizeof *out);
    if ((rc = job_sources(w->daemon->db, w->job->id, sources, e)) != ST_OK)
        return rc;
    if (!sources[JOB_PICTURE].there)
        return err_set(e, ST_INVALID, "The picture that this begins with is gone.", NULL);
    if ((rc = fetch(w, &sources[JOB_PICTURE], &picture, e)) != ST_OK ||
        (rc = shape(&picture, width, height, &out->picture, e)) != ST_OK)
        goto out;
    if (sources[JOB_MASK].there &&
        ((rc = fetch(w, &sources[JOB_MASK], &mask, e)) != ST_OK ||
         (rc = take_mask(&mask, &picture, width, height, out, e)) != ST_OK))
        goto out;
    rc = keep_copy(w, &out->picture, e);
out:
    image_release(&picture);
    image_release(&mask);
    if (rc != ST_OK)
        render_source_release(out);
    return rc;
}

void
render_source_release(struct render_source *s)
{
    image_release(&s->picture);
    image_release(&s->whole);
    free(s->marks);
    memset(s, 0, sizeof *s);
}
