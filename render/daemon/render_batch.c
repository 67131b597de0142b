/*
 * Jobs that are drawn together: their pictures become members of batches, as many at once as the
 * configuration and the memory allow. A job that fails, is cancelled or loses its lease leaves, the
 * others go on. Knows no SQL and no picture formats. Read next: render_image.c, render_job.c.
 */
#include "render/daemon/render_batch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/conf.h"
#include "common/job.h"
#include "common/log.h"
#include "render/daemon/daemon.h"
#include "render/daemon/notify.h"
#include "render/daemon/render_job.h"
#include "render/daemon/render_solo.h"

struct batch {
    struct daemon *daemon;
    size_t model; /* of daemon->models */
    struct render_work works[DAEMON_JOBS];
    int count;
    struct render_member *members;
    size_t member_count;
};

/* --- who joins --- */

bool
render_joins(void *ctx, const struct job *taken, int count, const struct job *other)
{
    const struct daemon *d = ctx;
    struct generate_params first, mine;
    int64_t images = other->images;
    struct err e;

    if (render_is_solo(other->kind) || taken[0].kind != other->kind)
        return false;
    for (int i = 0; i < count; i++)
        images += taken[i].images;
    return images <= d->conf->render.batch && render_params(&taken[0], 0, &first, &e) == ST_OK &&
           render_params(other, 0, &mine, &e) == ST_OK && generate_together(&first, &mine);
}

/* --- members --- */

/* Rows are input: what this site does not offer is not drawn, whoever wrote the row. */
static int
check_limits(const struct batch *b, const struct generate_params *p, struct err *e)
{
    const struct conf *c = b->daemon->conf;

    if (p->width > c->model.size_max || p->height > c->model.size_max)
        return err_setf(e, ST_INVALID, "A picture has at most %" PRId64 " pixels on a side.",
                        c->model.size_max);
    if (p->steps > c->model.steps_max)
        return err_setf(e, ST_INVALID, "A picture takes at most %" PRId64 " steps.",
                        c->model.steps_max);
    return generate_check(b->daemon->models.list[b->model].pipeline, p, e);
}

static void
add_members(struct batch *b, struct render_work *w)
{
    const struct job_params *p = &w->job->params;
    int rc = ST_OK;

    if (w->job->kind != JOB_GENERATE)
        rc = render_source_load(w, p->width, p->height, &w->source, &w->why);
    for (int i = 0; i < w->job->images && rc == ST_OK; i++) {
        struct render_member *m = &b->members[b->member_count];

        *m = (struct render_member){.work = w, .image = i};
        rc = render_params(w->job, i, &m->params, &w->why);
        m->params.source = w->source.picture.pixels != NULL ? &w->source.picture : NULL;
        m->params.mask = w->source.marks != NULL ? &w->source.mask : NULL;
        if (rc == ST_OK && (rc = check_limits(b, &m->params, &w->why)) == ST_OK) {
            b->member_count++;
            render_resume(m);
        }
    }
    render_judge(w, rc);
}

static bool
is_going(const struct render_member *m)
{
    return !m->over && m->work->outcome == RENDER_GOING;
}

static bool
is_any_going(const struct batch *b)
{
    for (size_t i = 0; i < b->member_count; i++) {
        if (is_going(&b->members[i]))
            return true;
    }
    return false;
}

/* --- one pass --- */

/* The next members that fit into memory together; what does not even fit alone fails. */
static size_t
gather(struct batch *b, struct render_member **out)
{
    const struct generate_params *params[GENERATE_MOST];
    struct models *models = &b->daemon->models;
    struct pipeline *p = models->list[b->model].pipeline;
    size_t most = (size_t)b->daemon->conf->render.batch, count = 0;
    struct generate_need need;
    struct err e;
    int rc;

    for (size_t i = 0; i < b->member_count && count < most; i++) {
        if (is_going(&b->members[i]))
            out[count++] = &b->members[i];
    }
    for (size_t i = 0; i < count; i++)
        params[i] = &out[i]->params;
    for (; count > 0; count /= 2) {
        rc = generate_need(p, params, count, &need, &e);
        if (rc == ST_OK)
            rc = models_reserve(models, b->model, need.peak_bytes, &e);
        if (rc == ST_OK)
            return count;
        if (count == 1) {
            out[0]->work->why = e;
            render_judge(out[0]->work, rc);
        }
    }
    return 0;
}

/* The first member of each job in the pass shows its previews. */
static void
choose_previews(struct render_member **list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        list[i]->shows = true;
        for (size_t k = 0; k < i && list[i]->shows; k++)
            list[i]->shows = list[k]->work != list[i]->work;
    }
}

/* What was done now of the job's cost. */
static int64_t
work_of(const struct render_member *m)
{
    const struct job *j = m->work->job;

    return j->cost / j->images / m->params.steps * (m->step - m->first);
}

static void
draw(struct batch *b, struct render_member **list, size_t count)
{
    const struct generate_params *params[GENERATE_MOST];
    struct generate_hooks hooks = render_hooks(b->daemon, list);
    struct model *model = &b->daemon->models.list[b->model];
    struct image pictures[GENERATE_MOST] = {0};
    struct err errors[GENERATE_MOST] = {0};
    int status[GENERATE_MOST] = {0};
    int64_t began = clock_monotonic(), work = 0;

    choose_previews(list, count);
    for (size_t i = 0; i < count; i++) {
        params[i] = &list[i]->params;
        list[i]->began_at = list[i]->kept_at = began;
    }
    pipeline_limit(model->pipeline, models_room(&b->daemon->models, b->model));
    (void)generate_many(model->pipeline, params, count, &hooks, pictures, status, errors);
    for (size_t i = 0; i < count; i++) {
        struct render_member *m = list[i];

        m->picture = pictures[i];
        m->status = status[i];
        m->e = errors[i];
        /* The parameters were checked before: what is not valid is the state. */
        m->over = m->resume == NULL || m->status != ST_INVALID;
        work += work_of(m);
        if (!m->over)
            render_start_over(m);
    }
    models_measure(model, work, clock_monotonic() - began);
}

/* --- what became of it --- */

static void
take(struct render_member *m)
{
    struct render_work *w = m->work;
    int rc = m->status;

    if (w->outcome == RENDER_GOING && rc != ST_OK) {
        w->why = m->e;
        render_judge(w, rc);
    } else if (w->outcome == RENDER_GOING) {
        rc = render_store(m, &w->why);
        render_judge(w, rc);
        w->ready += rc == ST_OK;
    }
    image_release(&m->picture);
    if (w->outcome == RENDER_GOING && w->ready == w->job->images)
        w->outcome = RENDER_DONE;
}

/* While one job's files are written the others keep their leases. */
static void
keep_all(struct batch *b)
{
    for (int i = 0; i < b->count; i++) {
        if (!b->works[i].settled && b->works[i].outcome == RENDER_GOING)
            (void)render_keep(&b->works[i]);
    }
}

static void
settle_ended(struct batch *b)
{
    for (int i = 0; i < b->count; i++) {
        if (b->works[i].outcome != RENDER_GOING)
            render_settle(&b->works[i]);
    }
}

static void
note_status(const struct batch *b, struct render_member **list, size_t count)
{
    if (count == 1)
        notify_status("drawing picture %d of %d with %s", list[0]->image + 1,
                      list[0]->work->job->images, b->daemon->models.list[b->model].name);
    else
        notify_status("drawing %zu pictures with %s", count, b->daemon->models.list[b->model].name);
}

static void
draw_all(struct batch *b)
{
    struct render_member *list[GENERATE_MOST];
    size_t count;

    do {
        keep_all(b);
        settle_ended(b);
        if ((count = gather(b, list)) == 0)
            continue; /* one was too big: the others are tried without it */
        note_status(b, list, count);
        draw(b, list, count);
        for (size_t i = 0; i < count; i++) {
            keep_all(b); /* what was lost in the meantime writes nothing */
            if (list[i]->over)
                take(list[i]);
        }
    } while (is_any_going(b));
}

void
render_jobs(struct daemon *d, size_t which, const struct job *jobs, int count)
{
    struct batch b = {.daemon = d, .model = which, .count = count};
    size_t images = 0;

    if (render_is_solo(jobs[0].kind)) {
        render_solo(d, which, &jobs[0]);
        return;
    }
    for (int i = 0; i < count; i++) {
        images += (size_t)jobs[i].images;
        render_begin(&b.works[i], d, &jobs[i]);
    }
    b.members = calloc(images > 0 ? images : 1, sizeof *b.members);
    for (int i = 0; i < count; i++) {
        struct render_work *w = &b.works[i];

        if (b.members == NULL)
            render_judge(w, err_set(&w->why, ST_NOMEM, "Out of memory.", "%zu pictures", images));
        else
            add_members(&b, w);
    }
    if (b.members != NULL)
        draw_all(&b);
    settle_ended(&b);
    for (size_t i = 0; i < b.member_count; i++)
        free(b.members[i].resume);
    for (int i = 0; i < count; i++)
        render_source_release(&b.works[i].source);
    free(b.members);
}
