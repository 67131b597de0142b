/*
 * A job's page: waiting, drawing, done, or what to do when it failed; and the snapshot that keeps
 * the page alive. What it says is progress.c's; the form that leads here is create_pages.c.
 */
#include "app/studio/job_pages.h"
#include "common/language.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/studio/mode.h"
#include "app/studio/progress.h"
#include "app/studio/studio.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/err.h"
#include "common/job.h"
#include "common/json.h"
#include "common/media.h"
#include "common/rates.h"

#define STATUS_MAX 4096 /* bytes of the snapshot */

static const struct field status_fields[] = {
    {"seen", N_("Step"), FIELD_INT, 0, 1000000, false, NULL},
};
const struct form job_status_form = {status_fields, 1};

/* A job and where it stands. */
struct snapshot {
    struct job job;
    struct progress_queue queue;
    struct progress progress;
    int preview_step; /* 0 = none newer than what was seen */
};

static bool
is_ended(const struct job *j)
{
    return j->state != JOB_QUEUED && j->state != JOB_RUNNING;
}

static void
release_job(void *job)
{
    job_release(job);
}

/* The step of the newest preview if it is newer than `seen`. */
static int
find_preview(struct request *rq, struct snapshot *s, int seen, struct err *e)
{
    void *jpeg = NULL;
    size_t size;
    int rc;

    if (s->job.state != JOB_RUNNING)
        return ST_OK;
    rc = job_preview_load(rq->db, s->job.id, seen, &s->preview_step, &jpeg, &size, e);
    free(jpeg);
    if (rc != ST_NOTFOUND)
        return rc;
    s->preview_step = 0;
    return ST_OK;
}

/* Loads what the page and its live updates both show. *out lives in the arena. */
static int
take_snapshot(struct request *rq, int seen, struct snapshot **out, struct err *e)
{
    struct snapshot *s = arena_alloc(rq->arena, sizeof *s);
    int rc;

    *out = NULL;
    if (s == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "snapshot");
    if ((rc = job_load(rq->db, rq->visitor.account, &rq->ids[0], &s->job, e)) != ST_OK)
        return rc;
    if (arena_defer(rq->arena, release_job, &s->job) != ST_OK)
        return err_set(e, ST_NOMEM, "Please try again later.", "snapshot");
    if (!is_ended(&s->job)) {
        struct progress_queue *q = &s->queue;
        struct rates rates;
        if ((rc = rates_load(rq->db, s->job.model, &rates, e)) != ST_OK ||
            (rc = job_ahead(rq->db, &s->job, rates.speed, &q->jobs, &q->work, e)) != ST_OK ||
            (rc = find_preview(rq, s, seen, e)) != ST_OK)
            return rc;
        q->speed = rates.speed;
        q->workers = rates.workers;
    }
    progress_of(&s->job, &s->queue, &s->progress);
    *out = s;
    return ST_OK;
}

static const char *
preview_url(struct request *rq, int step)
{
    const char *query = arena_printf(rq->arena, "seen=%d", step - 1);

    return url_for(rq, "job_preview", &rq->ids[0], query);
}

static void
show_pictures(struct request *rq, struct view *v, const struct media *pictures, int count)
{
    for (int i = 0; i < count; i++) {
        const struct media *m = &pictures[i];
        struct view *item = view_item(v, "pictures");
        view_text(item, "url", url_for(rq, "picture", &m->public_id, NULL));
        view_text(item, "file", url_for(rq, "picture_file", &m->public_id, NULL));
        view_text(item, "download", url_for(rq, "picture_download", &m->public_id, NULL));
        view_int(item, "width", m->width);
        view_int(item, "height", m->height);
        view_text(item, "view", url_for(rq, "picture_view", &m->public_id, NULL));
        view_int(item, "view_width", media_copy_width(m->width, m->height, MEDIA_VIEW_SIDE));
        view_int(item, "number", m->position + 1);
        view_int(item, "seed", m->seed);
        view_flag(item, "film", strcmp(m->extension, "mp4") == 0);
        view_text(item, "thumb", url_for(rq, "picture_thumb", &m->public_id, NULL));
    }
    view_flag(v, "has_pictures", count > 0);
    view_flag(v, "one_picture", count == 1);
}

static void
show_parameters(struct view *v, const struct job *j)
{
    const struct mode *mode = &modes[mode_of_kind(j->kind)];
    bool drawn = j->params.width > 0;

    view_text(v, "prompt", j->params.prompt);
    view_text(v, "kind", T(mode->label));
    view_flag(v, "drawn", drawn);
    view_int(v, "stage_width", drawn ? j->params.width : 1);
    view_int(v, "stage_height", drawn ? j->params.height : 1);
    if (j->params.factor > 0)
        view_int(v, "factor", j->params.factor);
    if (j->params.frames > 0) {
        view_int(v, "frames", j->params.frames);
        view_int(v, "fps", j->params.fps);
    }
    if (j->kind == JOB_VARIATION)
        view_real(v, "strength", j->params.strength, 2);
    view_flag(v, "long_prompt", studio_prompt_is_long(j->params.prompt));
    if (j->params.negative_prompt != NULL && j->params.negative_prompt[0] != '\0')
        view_text(v, "negative_prompt", j->params.negative_prompt);
    view_int(v, "width", j->params.width);
    view_int(v, "height", j->params.height);
    view_int(v, "steps", j->params.steps);
    view_real(v, "guidance", j->params.guidance, 1);
    view_text(v, "sampler", studio_sampler_label(j->params.sampler));
    view_int(v, "seed", j->params.seed);
    view_int(v, "images", j->images);
    view_text(v, "model", j->model);
    view_int(v, "price", j->price);
    view_flag(v, "one_credit", j->price == 1);
}

static void
show_state(struct request *rq, struct view *v, const struct snapshot *s)
{
    const struct job *j = &s->job;

    view_flag(v, "queued", j->state == JOB_QUEUED);
    view_flag(v, "running", j->state == JOB_RUNNING);
    view_flag(v, "done", j->state == JOB_DONE);
    view_flag(v, "failed", j->state == JOB_FAILED);
    view_flag(v, "cancelled", j->state == JOB_CANCELLED);
    view_flag(v, "unfinished", !s->progress.ended);
    view_flag(v, "can_cancel", !s->progress.ended && !j->cancel_asked);
    view_text(v, "state", job_state_name(j->state));
    view_text(v, "words", s->progress.words);
    view_text(v, "label", s->progress.label);
    view_int(v, "percent", s->progress.percent);
    if (j->state == JOB_FAILED)
        view_text(v, "reason", T(j->error_message));
    if (s->preview_step > 0) {
        view_text(v, "preview", preview_url(rq, s->preview_step));
        view_int(v, "preview_step", s->preview_step);
    }
}

static void
show_links(struct request *rq, struct view *v, const struct job *j)
{
    char id[ID_TEXT];

    id_format(&rq->ids[0], id);
    view_text(v, "csrf", rq->csrf);
    view_text(v, "script", url_static(rq, "job.js"));
    view_text(v, "page", url_for(rq, "job", &rq->ids[0], NULL));
    view_text(v, "status", url_for(rq, "job_status", &rq->ids[0], NULL));
    view_text(v, "cancel", url_for(rq, "job_cancel", &rq->ids[0], NULL));
    view_text(v, "create", url_for(rq, "create", NULL, NULL));
    view_text(v, "again",
              url_for(rq, modes[mode_of_kind(j->kind)].route, NULL,
                      arena_printf(rq->arena, "from=%s", id)));
    view_text(v, "library", url_for(rq, "pictures", NULL, NULL));
}

int
job_show(struct request *rq, struct response *rs, struct err *e)
{
    struct view *v = view_new(rq->arena);
    struct media pictures[JOB_IMAGES_MAX];
    struct snapshot *s;
    int count = 0, rc;

    if ((rc = take_snapshot(rq, 0, &s, e)) != ST_OK)
        return rc;
    if (s->job.state == JOB_DONE &&
        (rc = media_of_job(rq->db, rq->visitor.account, s->job.id, MEDIA_RESULT, pictures,
                           JOB_IMAGES_MAX, &count, e)) != ST_OK)
        return rc;
    show_links(rq, v, &s->job);
    show_state(rq, v, s);
    show_parameters(v, &s->job);
    show_pictures(rq, v, pictures, count);
    /* Without JavaScript the page loads itself again until the job has ended. */
    if (!s->progress.ended)
        view_int(v, "refresh", 2);
    return page_render(rq, rs, "job", s->progress.title, v, e);
}

int
job_status(struct request *rq, struct response *rs, struct err *e)
{
    struct snapshot *s;
    struct text t;
    int rc;

    if ((rc = take_snapshot(rq, (int)rq->values[0].i, &s, e)) != ST_OK)
        return rc;
    text_init(&t, STATUS_MAX);
    text_puts(&t, "{\"state\":");
    json_put_string(&t, job_state_name(s->job.state));
    text_printf(&t, ",\"ended\":%s,\"percent\":%d,\"step\":%d,\"steps\":%d",
                s->progress.ended ? "true" : "false", s->progress.percent, s->job.step,
                s->job.steps);
    text_printf(&t, ",\"ahead\":%" PRId64 ",\"seconds\":%" PRId64, s->queue.jobs,
                s->progress.seconds);
    text_puts(&t, ",\"words\":");
    json_put_string(&t, s->progress.words);
    text_puts(&t, ",\"label\":");
    json_put_string(&t, s->progress.label);
    text_puts(&t, ",\"title\":");
    json_put_string(&t, s->progress.title);
    text_puts(&t, ",\"page\":");
    json_put_string(&t, url_for(rq, "job", &rq->ids[0], NULL));
    if (s->preview_step > 0) {
        text_puts(&t, ",\"preview\":{\"url\":");
        json_put_string(&t, preview_url(rq, s->preview_step));
        text_printf(&t, ",\"step\":%d}}", s->preview_step);
    } else {
        text_puts(&t, ",\"preview\":null}");
    }
    rc = t.failed ? err_set(e, ST_NOMEM, "Please try again later.", "snapshot")
                  : response_json(rs, &t, e);
    text_release(&t);
    return rc;
}

int
job_preview(struct request *rq, struct response *rs, struct err *e)
{
    struct job j;
    void *jpeg = NULL;
    size_t size;
    int step, rc;

    if ((rc = job_load(rq->db, rq->visitor.account, &rq->ids[0], &j, e)) != ST_OK)
        return rc;
    rc = job_preview_load(rq->db, j.id, (int)rq->values[0].i, &step, &jpeg, &size, e);
    if (rc == ST_OK) {
        rs->type = "image/jpeg";
        text_put(&rs->body, jpeg, size);
        if (rs->body.failed)
            rc = err_set(e, ST_NOMEM, "Please try again later.", "preview");
    }
    free(jpeg);
    job_release(&j);
    return rc;
}

int
job_cancel_send(struct request *rq, struct response *rs, struct err *e)
{
    int rc = job_cancel(rq->db, rq->visitor.account, &rq->ids[0], e);

    if (rc != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "job", &rq->ids[0], NULL), e);
}
