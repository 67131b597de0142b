/*
 * One variation of a job: from its parameters to a PNG and a thumbnail in the media store, with
 * progress and previews on the way. Knows no states of jobs. Read next: render_job.c.
 */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/conf.h"
#include "common/job.h"
#include "common/log.h"
#include "common/media.h"
#include "common/text.h"
#include "render/daemon/daemon.h"
#include "render/daemon/render_job.h"
#include "render/media/parameters.h"
#include "render/media/picture.h"

#define PREVIEW_SIDE 192
#define PREVIEW_QUALITY 75
#define THUMB_SIDE 256
#define THUMB_QUALITY 85
#define NOTE_MAX ((size_t)16 << 10)

/* --- hooks: called from inside the engine --- */

static int
on_progress(void *ctx, int member, int step, int steps)
{
    struct render_work *w = ctx;

    (void)member;
    w->step = w->image * steps + step;
    return !render_keep(w);
}

/* A preview that fails is no reason to lose the picture; a lost lease is found by the next renewal.
 */
static void
on_preview(void *ctx, int member, int step, const struct image *image)
{
    struct render_work *w = ctx;
    struct image small = {0};
    struct err e;
    void *jpeg = NULL;
    size_t size;
    int at = w->image * w->job->params.steps + step;

    (void)member;
    if (w->daemon->database_away || clock_monotonic() < w->renew_after)
        return;
    if (picture_shrink(image, PREVIEW_SIDE, &small, &e) != ST_OK ||
        picture_encode(&small, PICTURE_JPEG, PREVIEW_QUALITY, NULL, &jpeg, &size, &e) != ST_OK ||
        job_preview_store(w->daemon->db, w->job, at, jpeg, size, &e) != ST_OK)
        log_err(LOG_LEVEL_DEBUG, "preview", &e);
    free(jpeg);
    image_release(&small);
}

/* --- files --- */

struct file {
    struct media media;
    void *data;
    size_t size;
};

static int
write_file(struct render_work *w, void *arg, struct err *e)
{
    struct file *f = arg;

    return media_write(w->daemon->db, w->daemon->store, w->job, &f->media, f->data, f->size, e);
}

static int
store_file(struct render_work *w, const struct image *image, enum media_kind kind,
           const struct picture_note *note, struct err *e)
{
    struct file f = {.media = {.kind = kind,
                               .position = w->image,
                               .width = image->width,
                               .height = image->height,
                               .seed = w->job->params.seed + (uint32_t)w->image}};
    enum picture_format format = kind == MEDIA_RESULT ? PICTURE_PNG : PICTURE_JPEG;
    int rc;

    memcpy(f.media.extension, kind == MEDIA_RESULT ? "png" : "jpg", 4);
    rc = picture_encode(image, format, THUMB_QUALITY, note, &f.data, &f.size, e);
    if (rc == ST_OK)
        rc = render_insist(w, write_file, &f, e);
    free(f.data);
    return rc;
}

/* The result with everything it was made from; the thumbnail says that a machine made it. */
static int
store_files(struct render_work *w, const struct generate_params *params, const struct image *image,
            struct err *e)
{
    struct picture_note note = {.digital_source = "trainedAlgorithmicMedia",
                                .software = "Gempix 2"};
    struct image thumb = {0};
    struct text words;
    int rc;

    text_init(&words, NOTE_MAX);
    parameters_write(params, w->job->model, &words);
    note.parameters = text_cstr(&words);
    if ((rc = store_file(w, image, MEDIA_RESULT, &note, e)) == ST_OK &&
        (rc = picture_shrink(image, THUMB_SIDE, &thumb, e)) == ST_OK) {
        note.parameters = NULL;
        rc = store_file(w, &thumb, MEDIA_THUMB, &note, e);
    }
    image_release(&thumb);
    text_release(&words);
    return rc;
}

/* --- the picture --- */

int
render_image(struct render_work *w, struct err *e)
{
    const struct job_params *j = &w->job->params;
    struct generate_params params = {
        .prompt = j->prompt,
        .negative_prompt = j->negative_prompt != NULL ? j->negative_prompt : "",
        .width = j->width,
        .height = j->height,
        .steps = j->steps,
        .guidance = j->guidance,
        .seed = j->seed + (uint32_t)w->image,
    };
    struct generate_hooks hooks = {
        .ctx = w,
        .progress = on_progress,
        .preview = on_preview,
        .preview_every = (int)w->daemon->conf->render.preview_every,
    };
    int64_t began = clock_monotonic();
    struct image image = {0};
    int rc;

    if (!render_keep(w))
        return ST_CANCELLED;
    if (!generate_sampler_find(j->sampler, &params.sampler))
        return err_setf(e, ST_INVALID, "There is no sampler \"%.20s\".", j->sampler);
    rc = generate(w->daemon->pipeline, &params, &hooks, &image, e);
    if (rc == ST_OK) {
        daemon_measure(w->daemon, (int64_t)j->width * j->height * j->steps,
                       clock_monotonic() - began);
        rc = store_files(w, &params, &image, e);
    }
    image_release(&image);
    return rc;
}
