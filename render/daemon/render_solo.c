/*
 * Jobs done one at a time; see render_solo.h. Each kind is a function from a source to a file, with
 * its progress told in the job's own steps. Knows no SQL and no states of jobs. Read next:
 * render_job.c.
 */
#include "render/daemon/render_solo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/conf.h"
#include "common/media.h"
#include "common/text.h"
#include "render/daemon/daemon.h"
#include "render/daemon/notify.h"
#include "render/daemon/render_batch.h"
#include "render/daemon/render_job.h"
#include "render/media/mp4.h"
#include "render/media/parameters.h"
#include "render/media/picture.h"
#include "render/pipeline/animate.h"
#include "render/pipeline/cleanup.h"
#include "render/pipeline/clear.h"
#include "render/pipeline/mark.h"
#include "render/pipeline/upscale.h"

#define THUMB_QUALITY 85
#define FILM_QUALITY 85
#define PATH_BYTES 4200
#define NOTE_MAX ((size_t)16 << 10)

struct solo {
    struct render_work *work;
    struct model *model;
    struct mp4 *film;
    struct image first; /* of a film, for its thumbnail */
    struct err failed;  /* of the film's file */
};

bool
render_is_solo(enum job_kind kind)
{
    return kind == JOB_CLEANUP || kind == JOB_UPSCALE || kind == JOB_ANIMATE;
}

/* --- progress --- */

/* `done` of `all`, told in the steps that the job's row has. */
static int
on_progress(void *ctx, int done, int all)
{
    struct solo *s = ctx;
    struct render_work *w = s->work;

    if (all > 0)
        w->step = (int)((int64_t)w->job->steps * done / all);
    if (render_keep(w))
        return 0;
    render_settle(w);
    return 1;
}

/* --- files --- */

struct file {
    struct media media;
    const void *data;
    size_t size;
};

static int
write_file(struct render_work *w, void *arg, struct err *e)
{
    struct file *f = arg;

    return media_write(w->daemon->db, w->daemon->store, w->job, &f->media, f->data, f->size, e);
}

static int
store(struct render_work *w, enum media_kind kind, const char *extension, const struct image *shape,
      const void *data, size_t size, struct err *e)
{
    struct file f = {.media = {.kind = kind,
                               .width = shape->width,
                               .height = shape->height,
                               .seed = w->job->params.seed},
                     .data = data,
                     .size = size};

    snprintf(f.media.extension, sizeof f.media.extension, "%s", extension);
    return render_insist(w, write_file, &f, e);
}

static int
store_copy(struct render_work *w, const struct image *picture, enum media_kind kind, int side,
           struct err *e)
{
    struct picture_note note = {.digital_source = render_provenance(w->job->kind),
                                .software = "Gempix 2"};
    struct image small = {0};
    void *data = NULL;
    size_t size;
    int rc;

    if ((rc = picture_shrink(picture, side, &small, e)) == ST_OK &&
        (rc = picture_encode(&small, PICTURE_JPEG, THUMB_QUALITY, &note, &data, &size, e)) == ST_OK)
        rc = store(w, kind, "jpg", &small, data, size, e);
    free(data);
    image_release(&small);
    return rc;
}

static int
store_smaller(struct render_work *w, const struct image *picture, struct err *e)
{
    int rc = store_copy(w, picture, MEDIA_VIEW, MEDIA_VIEW_SIDE, e);

    return rc == ST_OK ? store_copy(w, picture, MEDIA_THUMB, MEDIA_THUMB_SIDE, e) : rc;
}

static int
store_picture(struct render_work *w, const struct image *picture, struct err *e)
{
    struct picture_note note = {.digital_source = render_provenance(w->job->kind),
                                .software = "Gempix 2"};
    void *data = NULL;
    size_t size;
    int rc = picture_encode(picture, PICTURE_PNG, 0, &note, &data, &size, e);

    if (rc == ST_OK)
        rc = store(w, MEDIA_RESULT, "png", picture, data, size, e);
    free(data);
    return rc == ST_OK ? store_smaller(w, picture, e) : rc;
}

/* --- networks that stand beside the model --- */

/* Where the configuration's network lies; false when there is none. */
static bool
beside(const struct conf *conf, const char *name, char path[PATH_BYTES])
{
    int len = snprintf(path, PATH_BYTES, "%s/%s", conf->models.dir, name);

    return name[0] != '\0' && len > 0 && len < PATH_BYTES;
}

static int
not_offered(struct err *e, const char *what)
{
    return err_setf(e, ST_UNSUPPORTED, "This site does not offer %s at the moment.", what);
}

/* --- kinds --- */

/* The mark that the visitor did not paint over. What is not sure is left to the visitor: a picture
 * is not spoilt on a guess. */
static int
find_mark(struct render_source *source, struct err *e)
{
    struct mark mark = {0};
    int rc = mark_find(&source->picture, &mark, e);

    if (rc == ST_OK && mark.result != MARK_FOUND)
        rc = err_set(e, ST_INVALID, "No mark could be found for certain. Please paint over it.",
                     "confidence %.2f", mark.confidence);
    if (rc == ST_OK) {
        source->whole = mark.mask;
        mark.mask = (struct image){0};
    }
    mark_release(&mark);
    return rc;
}

/* What is wrong with a network that the operator chose is no business of the visitor's. */
static int
operators(int rc, struct err *e)
{
    if (rc == ST_OK || rc == ST_NOMEM || rc == ST_TOOBIG)
        return rc;
    return err_set(e, ST_INTERNAL, "This site cannot do that at the moment.", "%s", e->message);
}

static int
clean_up(struct solo *s, struct err *e)
{
    struct render_work *w = s->work;
    const struct conf *conf = w->daemon->conf;
    struct clear_params params = {.threads = (int)conf->render.threads,
                                  .seed = w->job->params.seed,
                                  .progress = on_progress,
                                  .ctx = s};
    struct image out = {0};
    char path[PATH_BYTES];
    enum clear_way way;
    int rc;

    if ((rc = render_source_load(w, 0, 0, &w->source, e)) != ST_OK)
        return rc;
    if (w->source.whole.pixels == NULL && (rc = find_mark(&w->source, e)) != ST_OK)
        return rc;
    if (beside(conf, conf->model.cleaner, path) &&
        (rc = operators(cleanup_open(path, (int)conf->render.threads, &params.network, e), e)) !=
            ST_OK)
        return rc;
    rc = clear_marks(&params, &w->source.picture, &w->source.whole, &out, &way, e);
    cleanup_close(params.network);
    if (rc == ST_OK)
        rc = store_picture(w, &out, e);
    image_release(&out);
    return rc;
}

static int
enlarge(struct solo *s, struct err *e)
{
    struct render_work *w = s->work;
    const struct conf *conf = w->daemon->conf;
    struct upscale *u = NULL;
    struct image out = {0};
    char path[PATH_BYTES];
    int rc;

    if (!beside(conf, conf->model.upscaler, path))
        return not_offered(e, "enlarging");
    if ((rc = render_source_load(w, 0, 0, &w->source, e)) == ST_OK &&
        (rc = operators(upscale_open(path, (int)conf->render.threads, &u, e), e)) == ST_OK &&
        (rc = upscale(u, &w->source.picture, w->job->params.factor, on_progress, s, &out, e)) ==
            ST_OK)
        rc = store_picture(w, &out, e);
    upscale_close(u);
    image_release(&out);
    return rc;
}

static int
on_frame(void *ctx, int frame, const struct image *image)
{
    struct solo *s = ctx;
    size_t size = (size_t)image->width * (size_t)image->height * 3;

    if (frame == 0 && (s->first.pixels = malloc(size)) != NULL) {
        memcpy(s->first.pixels, image->pixels, size);
        s->first.width = image->width;
        s->first.height = image->height;
    }
    return mp4_add(s->film, image, &s->failed) != ST_OK;
}

static int
open_film(struct solo *s, const struct generate_params *params, struct err *e)
{
    const struct job *job = s->work->job;
    struct picture_note note = {.digital_source = render_provenance(job->kind),
                                .software = "Gempix 2"};
    struct mp4_options options = {params->width, params->height, job->params.fps, FILM_QUALITY,
                                  &note};
    struct text words;
    int rc;

    text_init(&words, NOTE_MAX);
    parameters_write(params, job->model, &words);
    note.parameters = text_cstr(&words);
    rc = mp4_open(&options, &s->film, e);
    text_release(&words);
    return rc;
}

static int
store_film(struct solo *s, enum media_kind kind, struct err *e)
{
    void *data = NULL;
    size_t size;
    int rc = mp4_finish(s->film, &data, &size, e);

    if (rc == ST_OK)
        rc = store(s->work, kind, "mp4", &s->first, data, size, e);
    free(data);
    return rc;
}

static int
make_film(struct solo *s, const struct generate_params *params, struct err *e)
{
    struct animate_hooks hooks = {s, on_progress, on_frame};
    int rc;

    if ((rc = open_film(s, params, e)) != ST_OK)
        return rc;
    rc = animate(s->model->pipeline, params, &hooks, e);
    if (s->failed.code != ST_OK) {
        *e = s->failed;
        rc = s->failed.code;
    }
    if (rc == ST_OK && s->first.pixels == NULL)
        rc = err_set(e, ST_NOMEM, "Out of memory.", "first frame");
    if (rc == ST_OK && (rc = store_film(s, MEDIA_RESULT, e)) == ST_OK) {
        mp4_forget_words(s->film);
        if ((rc = store_film(s, MEDIA_SHOWN, e)) == ST_OK)
            rc = store_smaller(s->work, &s->first, e);
    }
    mp4_free(s->film);
    image_release(&s->first);
    return rc;
}

/* Memory first: a film that does not fit is refused before it begins. */
static int
reserve(struct solo *s, const struct generate_params *params, struct err *e)
{
    struct daemon *d = s->work->daemon;
    size_t which = (size_t)(s->model - d->models.list);
    struct generate_need need;
    int rc = animate_need(s->model->pipeline, params, &need, e);

    return rc == ST_OK ? models_reserve(&d->models, which, need.peak_bytes, e) : rc;
}

static int
set_moving(struct solo *s, struct err *e)
{
    struct render_work *w = s->work;
    const struct conf *conf = w->daemon->conf;
    struct generate_params params;
    char path[PATH_BYTES];
    int rc;

    if (!beside(conf, conf->model.motion, path))
        return not_offered(e, "films");
    if ((rc = render_params(w->job, 0, &params, e)) != ST_OK ||
        (rc = render_source_load(w, params.width, params.height, &w->source, e)) != ST_OK ||
        (rc = operators(pipeline_set_motion(s->model->pipeline, path, e), e)) != ST_OK)
        return rc;
    params.source = &w->source.picture;
    if ((rc = reserve(s, &params, e)) == ST_OK)
        rc = make_film(s, &params, e);
    /* Pictures of the next job are drawn without it. */
    (void)pipeline_set_motion(s->model->pipeline, NULL, NULL);
    return rc;
}

void
render_solo(struct daemon *d, size_t which, const struct job *job)
{
    static const struct {
        const char *name;
        int (*make)(struct solo *s, struct err *e);
    } kinds[JOB_KINDS] = {
        [JOB_CLEANUP] = {"taking a mark off a picture", clean_up},
        [JOB_UPSCALE] = {"enlarging a picture", enlarge},
        [JOB_ANIMATE] = {"making a film", set_moving},
    };
    struct render_work w;
    struct solo s = {.work = &w, .model = &d->models.list[which]};
    struct err e = {0};
    int rc;

    render_begin(&w, d, job);
    notify_status("%s", kinds[job->kind].name);
    rc = kinds[job->kind].make(&s, &e);
    if (w.outcome == RENDER_GOING) {
        w.why = e;
        render_judge(&w, rc);
        if (rc == ST_OK)
            w.outcome = RENDER_DONE;
    }
    render_settle(&w);
    render_source_release(&w.source);
}
