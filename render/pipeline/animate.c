/*
 * Films link by link. Knows no files and no sampling. Read next: generate.c, windows.c.
 */
#include "render/pipeline/animate.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "render/pipeline/carry.h"
#include "render/pipeline/pipeline.h"
#include "render/pipeline/pipeline_motion.h"

#define TRAINED 16 /* frames of a link: what such modules were trained with */
#define IMAGES 3   /* that go from link to link */

struct film {
    struct pipeline *p;
    const struct generate_params *params;
    const struct animate_hooks *hooks;
    bool continues, drawn; /* a picture; one that the model draws first */
    /* With `continues`: where the link begins, the model's version of it, and the last frame that
       was shown. */
    struct image still, first, last;
    int runs, run; /* of the model: the drawn still and the links */
    int link_frames, links, link;
    int shown;         /* frames that were handed over */
    struct err failed; /* between the model's frames and the film's; code 0 = nothing */
};

bool
animate_takes_still(const struct pipeline *p)
{
    return pipeline_motion_continues(p);
}

/* --- what is to be done --- */

static int
check(const struct film *f, struct err *e)
{
    const struct generate_params *params = f->params;
    struct generate_params any = *params;
    int rc;

    if (params->kind != GENERATE_ANIMATE || params->resume != NULL)
        return err_setf(e, ST_INVALID, "A film is made from its beginning.");
    if ((rc = pipeline_motion_check(f->p, params->frames, e)) != ST_OK)
        return rc;
    if (params->source != NULL && !f->continues)
        return err_setf(e, ST_INVALID,
                        "These motion modules make clips from words alone: they cannot begin with "
                        "a picture.");
    any.kind = GENERATE_TEXT;
    any.frames = 0;
    return generate_check(f->p, f->drawn ? &any : params, e);
}

static int
plan(struct film *f, struct pipeline *p, const struct generate_params *params,
     const struct animate_hooks *hooks, struct err *e)
{
    size_t most = pipeline_motion_frames(p);
    int rc;

    *f = (struct film){.p = p, .params = params, .hooks = hooks};
    f->continues = pipeline_motion_continues(p);
    f->drawn = f->continues && params->source == NULL;
    if ((rc = check(f, e)) != ST_OK)
        return rc;
    f->link_frames = params->frames;
    f->links = 1;
    if (f->continues && (size_t)params->frames > most) {
        /* Each link's first frame is there already. */
        f->link_frames = most < TRAINED ? (int)most : TRAINED;
        f->links = (params->frames - 2) / (f->link_frames - 1) + 1;
    }
    f->runs = f->links + f->drawn;
    return ST_OK;
}

static void
link_params(const struct film *f, struct generate_params *out)
{
    *out = *f->params;
    out->seed += (uint32_t)f->link;
    out->frames = f->link_frames;
    if (f->continues)
        out->source = &f->still;
}

/* --- hooks --- */

static int
show_progress(void *ctx, int member, int step, int steps)
{
    struct film *f = ctx;

    (void)member;
    if (f->hooks->progress == NULL)
        return 0;
    return f->hooks->progress(f->hooks->ctx, f->run * steps + step, f->runs * steps);
}

static size_t
bytes_of(const struct image *image)
{
    return 3 * (size_t)image->width * (size_t)image->height;
}

/* The film's frame from the model's, in f->last. The first frame is the still itself. 0 or
   ST_NOMEM. */
static int
finish_frame(struct film *f, int frame, const struct image *image)
{
    if (frame == 0) {
        memcpy(f->first.pixels, image->pixels, bytes_of(image));
        memcpy(f->last.pixels, f->still.pixels, bytes_of(image));
        return ST_OK;
    }
    memcpy(f->last.pixels, image->pixels, bytes_of(image));
    return carry_detail(&f->still, &f->first, &f->last, &f->failed);
}

/* Nonzero also when the film is long enough, though the link goes on. */
static int
show_frame(void *ctx, int member, int frame, const struct image *image)
{
    struct film *f = ctx;

    (void)member;
    if (f->continues) {
        if (finish_frame(f, frame, image) != ST_OK)
            return 1;
        image = &f->last;
    }
    /* The first frame of a later link has been shown as the last one of the link before. */
    if (frame == 0 && f->link > 0)
        return 0;
    if (f->hooks->frame(f->hooks->ctx, f->shown, image) != 0)
        return 1;
    return ++f->shown == f->params->frames && frame + 1 < f->link_frames;
}

/* --- the film --- */

static void
release_room(struct film *f)
{
    image_release(&f->still);
    image_release(&f->first);
    image_release(&f->last);
}

static int
make_room(struct film *f, struct err *e)
{
    struct image *const images[] = {&f->still, &f->first, &f->last};

    for (size_t i = 0; i < IMAGES; i++) {
        *images[i] = (struct image){f->params->width, f->params->height, NULL};
        if ((images[i]->pixels = malloc(bytes_of(images[i]))) == NULL)
            return err_set(e, ST_NOMEM, "Out of memory.", "frames");
    }
    return ST_OK;
}

/* The picture that the first link begins with: given, or drawn from the same words. */
static int
find_still(struct film *f, struct err *e)
{
    const struct generate_hooks hooks = {.ctx = f, .progress = show_progress};
    struct generate_params params = *f->params;
    struct image image;
    int rc;

    if ((rc = make_room(f, e)) != ST_OK)
        return rc;
    if (!f->drawn) {
        memcpy(f->still.pixels, f->params->source->pixels, bytes_of(&f->still));
        return ST_OK;
    }
    params.kind = GENERATE_TEXT;
    params.frames = 0;
    params.strength = 0.0;
    if ((rc = generate(f->p, &params, &hooks, &image, e)) != ST_OK)
        return rc;
    memcpy(f->still.pixels, image.pixels, bytes_of(&image));
    image_release(&image);
    f->run++;
    return ST_OK;
}

static int
make_link(struct film *f, struct err *e)
{
    const struct generate_hooks hooks = {.ctx = f, .progress = show_progress, .frame = show_frame};
    struct generate_params params;
    struct image none;
    int rc;

    link_params(f, &params);
    rc = generate(f->p, &params, &hooks, &none, e);
    if (f->failed.code != ST_OK) {
        *e = f->failed;
        rc = e->code;
    }
    if (rc == ST_CANCELLED && f->shown == f->params->frames) {
        err_clear(e);
        rc = ST_OK;
    }
    if (f->continues)
        memcpy(f->still.pixels, f->last.pixels, bytes_of(&f->still));
    f->run++;
    return rc;
}

int
animate(struct pipeline *p, const struct generate_params *params, const struct animate_hooks *hooks,
        struct err *e)
{
    struct film film;
    int rc;

    if ((rc = plan(&film, p, params, hooks, e)) != ST_OK)
        return rc;
    if (film.continues)
        rc = find_still(&film, e);
    for (; film.link < film.links && rc == ST_OK; film.link++)
        rc = make_link(&film, e);
    release_room(&film);
    return rc;
}

int
animate_need(struct pipeline *p, const struct generate_params *params, struct generate_need *out,
             struct err *e)
{
    const struct generate_params *list;
    struct generate_params link;
    struct film film;
    int rc;

    memset(out, 0, sizeof *out);
    if ((rc = plan(&film, p, params, NULL, e)) != ST_OK ||
        (film.continues && (rc = make_room(&film, e)) != ST_OK))
        goto out;
    link_params(&film, &link);
    list = &link;
    if ((rc = generate_need(p, &list, 1, out, e)) != ST_OK)
        goto out;
    out->flops *= film.links;
    if (film.continues)
        out->peak_bytes += IMAGES * bytes_of(&film.still) + 4 * bytes_of(&film.still) / 3;
out:
    release_room(&film);
    return rc;
}
