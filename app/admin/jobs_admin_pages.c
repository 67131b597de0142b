/*
 * Jobs as the staff sees them. Lists say nothing about persons. One job names its owner, and its
 * words and pictures come only when somebody asks for them with a reason; each of these looks is
 * written into the audit log first.
 */
#include <stdio.h>
#include <string.h>

#include "app/admin/admin_pages.h"
#include "app/admin/work_store.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/err.h"
#include "common/job.h"
#include "common/language.h"
#include "common/media.h"

#define LIST_MAX 50

static const char *const states[] = {
    "queued", "running", "done", "failed", "cancelled", NULL,
};

/* For the catalogues; admin_word finds them by the word itself. */
static const char *const spoken[] = {
    N_("queued"),   N_("running"),   N_("done"), N_("failed"),  N_("cancelled"),
    N_("generate"), N_("variation"), N_("edit"), N_("repaint"), N_("cleanup"),
    N_("animate"),  N_("upscale"),   N_("open"), N_("waiting"), N_("paid"),
    N_("expired"),  N_("none"),      N_("won"),  N_("lost"),
};

static const struct field list_fields[] = {
    {"state", N_("State"), FIELD_CHOICE, 0, 0, false, states},
};
static const struct form list_form = {list_fields, 1};

static const struct field reason_fields[] = {
    {"reason", N_("Reason"), FIELD_TEXT, 3, ADMIN_REASON_MAX, true, NULL},
};
static const struct form reason_form = {reason_fields, 1};

const char *
admin_word(const char *word)
{
    for (size_t i = 0; i < sizeof spoken / sizeof spoken[0]; i++) {
        if (strcmp(spoken[i], word) == 0)
            return T(spoken[i]);
    }
    return word;
}

int
admin_jobs_prepare(struct db *db, struct err *e)
{
    return work_store_prepare(db, e);
}

static int
list_show(struct request *rq, struct response *rs, struct err *e)
{
    const struct value *asked = &rq->values[0];
    const char *state = asked->present && asked->error == NULL ? states[asked->i] : "";
    struct work_job *jobs = arena_calloc(rq->arena, LIST_MAX, sizeof *jobs);
    struct view *v = admin_view(rq);
    size_t count;
    int rc;

    if (jobs == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "jobs");
    if ((rc = work_store_jobs(rq->db, state, jobs, LIST_MAX, &count, e)) != ST_OK)
        return rc;
    for (size_t i = 0; states[i] != NULL; i++) {
        struct view *item = view_item(v, "states");

        view_text(item, "label", admin_word(states[i]));
        view_flag(item, "current", strcmp(states[i], state) == 0);
        view_text(item, "url",
                  url_for(rq, "admin_jobs", NULL, arena_printf(rq->arena, "state=%s", states[i])));
    }
    view_flag(v, "all", state[0] == '\0');
    view_flag(v, "any", count > 0);
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(v, "jobs");

        view_text(item, "url", url_for(rq, "admin_job", &jobs[i].id, NULL));
        admin_put_time(item, "at", jobs[i].queued_at);
        view_text(item, "state", admin_word(jobs[i].state));
        view_text(item, "kind", admin_word(jobs[i].kind));
        view_text(item, "model", jobs[i].model);
        view_int(item, "images", jobs[i].images);
        view_int(item, "price", jobs[i].price);
    }
    return page_render(rq, rs, "admin-jobs", N_("Jobs"), v, e);
}

static void
put_facts(struct request *rq, struct view *v, const struct job *j, const struct id *owner)
{
    char id[ID_TEXT];

    id_format(&j->public_id, id);
    view_text(v, "id", id);
    view_text(v, "state", admin_word(job_state_name(j->state)));
    view_text(v, "kind", admin_word(job_kind_name(j->kind)));
    view_text(v, "model", j->model);
    view_int(v, "images", j->images);
    view_int(v, "price", j->price);
    view_int(v, "attempts", j->attempts);
    admin_put_time(v, "queued", j->queued_at);
    admin_put_time(v, "started", j->started_at);
    admin_put_time(v, "finished", j->finished_at);
    view_text(v, "failure", j->error_code[0] != '\0' ? j->error_code : NULL);
    if (admin_may(rq, PERM_ACCOUNTS))
        view_text(v, "owner", url_for(rq, "admin_person", owner, NULL));
}

static int
put_inside(struct request *rq, struct view *v, const struct job *j, struct err *e)
{
    struct view *inside = view_section(v, "inside");
    struct media list[JOB_IMAGES_MAX];
    int count, rc;

    view_text(inside, "prompt", j->params.prompt);
    view_text(inside, "negative", j->params.negative_prompt);
    rc = media_of_job(rq->db, j->account, j->id, MEDIA_THUMB, list, JOB_IMAGES_MAX, &count, e);
    for (int i = 0; rc == ST_OK && i < count; i++) {
        const struct id both[2] = {j->public_id, list[i].public_id};
        struct view *item = view_item(inside, "pictures");

        view_text(item, "url", url_for(rq, "admin_job_picture", both, NULL));
        view_int(item, "width", list[i].width);
        view_int(item, "height", list[i].height);
    }
    view_flag(inside, "any", rc == ST_OK && count > 0);
    return rc;
}

/* `look`: with words and pictures, for the form's reason. */
static int
job_page(struct request *rq, struct response *rs, bool look, struct err *e)
{
    struct view *v = admin_view(rq);
    struct id owner;
    struct job j;
    int64_t account;
    int rc;

    if ((rc = work_store_owner(rq->db, &rq->ids[0], &account, &owner, e)) != ST_OK ||
        (rc = admin_note(rq, look ? AUDIT_JOB_PROMPT : AUDIT_JOB_LOOK, &rq->ids[0],
                         look ? rq->values[0].text : "", e)) != ST_OK ||
        (rc = job_load(rq->db, account, &rq->ids[0], &j, e)) != ST_OK)
        return rc;
    put_facts(rq, v, &j, &owner);
    if (look)
        rc = put_inside(rq, v, &j, e);
    else if (admin_may(rq, PERM_PROMPTS))
        view_text(v, "look", url_for(rq, "admin_job_prompt", &j.public_id, NULL));
    if (rq->errors > 0) {
        view_text(v, "look_error", rq->values[0].error);
        rs->status = 422;
    }
    if (rc == ST_OK)
        rc = page_render(rq, rs, "admin-job", N_("Job"), v, e);
    job_release(&j);
    return rc;
}

static int
job_look(struct request *rq, struct response *rs, struct err *e)
{
    return job_page(rq, rs, false, e);
}

static int
prompt_send(struct request *rq, struct response *rs, struct err *e)
{
    return job_page(rq, rs, rq->errors == 0, e);
}

/* A small copy of one of the job's pictures. */
static int
picture_show(struct request *rq, struct response *rs, struct err *e)
{
    struct media list[JOB_IMAGES_MAX];
    char key[STORE_KEY];
    struct id owner;
    struct job j;
    int64_t account;
    int count, rc;

    if ((rc = work_store_owner(rq->db, &rq->ids[0], &account, &owner, e)) != ST_OK ||
        (rc = job_load(rq->db, account, &rq->ids[0], &j, e)) != ST_OK)
        return rc;
    rc = media_of_job(rq->db, account, j.id, MEDIA_THUMB, list, JOB_IMAGES_MAX, &count, e);
    job_release(&j);
    for (int i = 0; rc == ST_OK && i < count; i++) {
        if (memcmp(&list[i].public_id, &rq->ids[1], sizeof rq->ids[1]) != 0)
            continue;
        if ((rc = admin_note(rq, AUDIT_JOB_PICTURE, &rq->ids[0], "", e)) != ST_OK ||
            (rc = response_header(rs, "Cache-Control", "no-store", e)) != ST_OK)
            return rc;
        media_key(&list[i], key);
        return response_media(rq, rs, key,
                              strcmp(list[i].extension, "png") == 0    ? "image/png"
                              : strcmp(list[i].extension, "webp") == 0 ? "image/webp"
                                                                       : "image/jpeg",
                              NULL, e);
    }
    return rc == ST_OK ? err_set(e, ST_NOTFOUND, "There is no such picture.", NULL) : rc;
}

const struct route admin_jobs_routes[] = {
    {"admin_jobs", METHOD_GET, "/admin/jobs", list_show, ROUTE_STAFF(PERM_JOBS), CSRF_NONE,
     RATE_PAGE, &list_form, 0},
    {"admin_job", METHOD_GET, "/admin/jobs/{id}", job_look, ROUTE_STAFF(PERM_JOBS), CSRF_NONE,
     RATE_PAGE, NULL, 0},
    {"admin_job_prompt", METHOD_POST, "/admin/jobs/{id}/prompt", prompt_send,
     ROUTE_STAFF(PERM_PROMPTS), CSRF_TOKEN, RATE_PAGE, &reason_form, ADMIN_BODY},
    {"admin_job_picture", METHOD_GET, "/admin/jobs/{id}/pictures/{id}", picture_show,
     ROUTE_STAFF(PERM_PROMPTS), CSRF_NONE, RATE_PAGE, NULL, 0},
    {0},
};
