/*
 * One variation of a job: its parameters, its progress and previews on the way, its PNG and its
 * thumbnail in the media store. Knows no states of jobs. Read next: render_batch.c.
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
#include "render/daemon/render_batch.h"
#include "render/daemon/render_job.h"
#include "render/media/parameters.h"
#include "render/media/picture.h"

#define PREVIEW_SIDE 192
#define PREVIEW_QUALITY 75
#define THUMB_QUALITY 85
#define NOTE_MAX ((size_t)16 << 10)

/* --- hooks: called from inside the engine --- */

static int
on_progress(void *ctx, int member, int step, int steps)
{
    struct render_member *m = ((struct render_member **)ctx)[member];
    struct render_work *w = m->work;

    (void)steps;
    if (step > m->step) {
        w->step += step - m->step;
        m->step = step;
    }
    if (render_keep(w))
        return 0;
    /* The job ends now, however long the others of its batch go on: nothing more is written for it.
     */
    render_settle(w);
    return 1;
}

/* A preview that fails is no reason to lose the picture; a lost lease is found by the next renewal.
 */
static void
on_preview(void *ctx, int member, int step, const struct image *image)
{
    const struct render_member *m = ((struct render_member **)ctx)[member];
    struct render_work *w = m->work;
    struct image small = {0};
    struct err e;
    void *jpeg = NULL;
    size_t size;

    (void)step;
    if (!m->shows || w->daemon->database_away || clock_monotonic() < w->renew_after)
        return;
    if (picture_shrink(image, PREVIEW_SIDE, &small, &e) != ST_OK ||
        picture_encode(&small, PICTURE_JPEG, PREVIEW_QUALITY, NULL, &jpeg, &size, &e) != ST_OK ||
        job_preview_store(w->daemon->db, w->job, w->step, jpeg, size, &e) != ST_OK)
        log_err(LOG_LEVEL_DEBUG, "preview", &e);
    free(jpeg);
    image_release(&small);
}

/* Is it time to keep the state after this step? When the daemon is told to end, at once: another
   one goes on. After the last step when the picture took long, for its files may still be lost. */
static bool
is_worth_keeping(const struct render_member *m, int step, int64_t now)
{
    const struct daemon *d = m->work->daemon;
    int64_t every = d->conf->render.state_every * CLOCK_SECOND;

    if (d->database_away || now < m->work->renew_after || m->work->outcome != RENDER_GOING)
        return false;
    return daemon_stopping(d) || now - m->kept_at >= every ||
           (step >= m->params.steps && now - m->began_at >= every);
}

/* Without a state the next attempt begins anew, which is no failure. */
static void
on_state(void *ctx, int member, int step, const void *state, size_t size)
{
    struct render_member *m = ((struct render_member **)ctx)[member];
    struct render_work *w = m->work;
    int64_t now = clock_monotonic();
    struct err e;

    if (!is_worth_keeping(m, step, now))
        return;
    m->kept_at = now;
    if (job_resume_store(w->daemon->db, w->job, m->image, step, state, size, &e) != ST_OK)
        log_err(LOG_LEVEL_DEBUG, "keeping a state", &e);
}

void
render_resume(struct render_member *m)
{
    struct render_work *w = m->work;
    size_t size;
    struct err e;
    int step;

    /* The first claim of a job has nothing to go on from. */
    if (w->job->lease_token < 2 || w->daemon->conf->render.state_every == 0)
        return;
    if (job_resume_load(w->daemon->db, w->job, m->image, &step, &m->resume, &size, &e) != ST_OK) {
        if (e.code != ST_NOTFOUND)
            log_err(LOG_LEVEL_WARNING, "looking for a state", &e);
        return;
    }
    m->params.resume = m->resume;
    m->params.resume_size = size;
    m->first = step < 0 ? 0 : step > m->params.steps ? m->params.steps : step;
    m->step = m->first;
    w->step += m->first;
    w->first_step += m->first;
    log_write(LOG_LEVEL_INFO, "picture %d goes on after step %d", m->image + 1, m->first);
}

void
render_start_over(struct render_member *m)
{
    log_err(LOG_LEVEL_WARNING, "a picture starts over", &m->e);
    m->work->step -= m->step;
    m->work->first_step -= m->first;
    m->first = m->step = 0;
    m->params.resume = NULL;
    m->params.resume_size = 0;
    free(m->resume);
    m->resume = NULL;
}

struct generate_hooks
render_hooks(const struct daemon *d, struct render_member **members)
{
    return (struct generate_hooks){
        .ctx = members,
        .progress = on_progress,
        .preview = on_preview,
        .preview_every = (int)d->conf->render.preview_every,
        .state = on_state,
        .state_every = d->conf->render.state_every > 0,
    };
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
store_file(struct render_member *m, const struct image *image, enum media_kind kind,
           const struct picture_note *note, struct err *e)
{
    struct file f = {.media = {.kind = kind,
                               .position = m->image,
                               .width = image->width,
                               .height = image->height,
                               .seed = m->params.seed}};
    enum picture_format format = kind == MEDIA_RESULT ? PICTURE_PNG : PICTURE_JPEG;
    int rc;

    memcpy(f.media.extension, kind == MEDIA_RESULT ? "png" : "jpg", 4);
    rc = picture_encode(image, format, THUMB_QUALITY, note, &f.data, &f.size, e);
    if (rc == ST_OK)
        rc = render_insist(m->work, write_file, &f, e);
    free(f.data);
    return rc;
}

const char *
render_provenance(enum job_kind kind)
{
    if (kind == JOB_GENERATE)
        return "trainedAlgorithmicMedia";
    return kind == JOB_UPSCALE ? "algorithmicallyEnhanced" : "compositeWithTrainedAlgorithmicMedia";
}

static int
store_smaller(struct render_member *m, int side, enum media_kind kind,
              const struct picture_note *note, struct err *e)
{
    struct image small = {0};
    int rc = picture_shrink(&m->picture, side, &small, e);

    if (rc == ST_OK)
        rc = store_file(m, &small, kind, note, e);
    image_release(&small);
    return rc;
}

/* The result with everything it was made from; the smaller copies say that a machine made it. */
int
render_store(struct render_member *m, struct err *e)
{
    struct picture_note note = {.digital_source = render_provenance(m->work->job->kind),
                                .software = "Gempix 2"};
    struct text words;
    int rc;

    text_init(&words, NOTE_MAX);
    parameters_write(&m->params, m->work->job->model, &words);
    note.parameters = text_cstr(&words);
    rc = store_file(m, &m->picture, MEDIA_RESULT, &note, e);
    note.parameters = NULL;
    if (rc == ST_OK && (rc = store_smaller(m, MEDIA_VIEW_SIDE, MEDIA_VIEW, &note, e)) == ST_OK)
        rc = store_smaller(m, MEDIA_THUMB_SIDE, MEDIA_THUMB, &note, e);
    text_release(&words);
    return rc;
}

/* --- parameters --- */

int
render_params(const struct job *job, int image, struct generate_params *out, struct err *e)
{
    const struct job_params *j = &job->params;

    static const enum generate_kind kinds[JOB_KINDS] = {
        [JOB_GENERATE] = GENERATE_TEXT,   [JOB_VARIATION] = GENERATE_IMAGE,
        [JOB_EDIT] = GENERATE_EDIT,       [JOB_REPAINT] = GENERATE_INPAINT,
        [JOB_ANIMATE] = GENERATE_ANIMATE,
    };

    *out = (struct generate_params){
        .kind = kinds[job->kind],
        .image_guidance = j->image_guidance,
        .strength = j->strength,
        .frames = j->frames,
        .prompt = j->prompt,
        .negative_prompt = j->negative_prompt != NULL ? j->negative_prompt : "",
        .width = j->width,
        .height = j->height,
        .steps = j->steps,
        .guidance = j->guidance,
        .seed = j->seed + (uint32_t)image,
    };
    if (!generate_sampler_find(j->sampler, &out->sampler))
        return err_setf(e, ST_INVALID, "There is no sampler \"%.20s\".", j->sampler);
    return ST_OK;
}
