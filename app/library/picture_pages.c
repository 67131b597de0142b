/*
 * One picture: its page with the parameters, its file, keeping and deleting. The gallery is
 * library_pages.c; rows and files are common/media.h's.
 */
#include "app/library/picture_pages.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/language/language.h"
#include "app/library/expiry.h"
#include "app/library/selection_pages.h"
#include "app/studio/studio.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/job.h"
#include "common/media.h"

static const char *const keep_words[] = {"no", "yes", NULL};
static const struct field keep_fields[] = {
    {"keep", N_("Keep"), FIELD_CHOICE, 0, 0, true, keep_words},
};
const struct form picture_keep_form = {keep_fields, 1};

static int
load(struct request *rq, struct media *m, struct err *e)
{
    int rc = media_load(rq->db, rq->visitor.account, &rq->ids[0], m, e);

    if (rc == ST_OK && m->kind != MEDIA_RESULT)
        rc = err_set(e, ST_NOTFOUND, "There is no such picture.", NULL);
    return rc;
}

static const char *
content_type(const struct media *m)
{
    return strcmp(m->extension, "png") == 0 ? "image/png" : "image/jpeg";
}

static void
show_picture(struct request *rq, struct view *v, const struct media *m)
{
    int64_t now = clock_now();
    char words[EXPIRY_WORDS], bytes[32], iso[32];

    view_text(v, "csrf", rq->csrf);
    view_text(v, "page", url_for(rq, "picture", &m->public_id, NULL));
    view_text(v, "file", url_for(rq, "picture_file", &m->public_id, NULL));
    view_text(v, "download", url_for(rq, "picture_download", &m->public_id, NULL));
    view_text(v, "keep", url_for(rq, "picture_keep", &m->public_id, NULL));
    view_text(v, "delete", url_for(rq, "picture_delete", &m->public_id, NULL));
    view_text(v, "library", url_for(rq, "pictures", NULL, NULL));
    view_text(v, "script", url_static(rq, "picture.js"));
    view_int(v, "width", m->width);
    view_int(v, "height", m->height);
    view_text(v, "extension", strcmp(m->extension, "png") == 0 ? "PNG" : "JPEG");
    view_int(v, "seed", m->seed);
    view_flag(v, "saved", m->expires_at == 0);
    expiry_words(m->expires_at, now, words, sizeof words);
    if (words[0] != '\0')
        view_text(v, "expires", words);
    age_words(m->created_at, now, words, sizeof words);
    view_text(v, "age", words);
    clock_iso(m->created_at, iso, sizeof iso);
    view_text(v, "made_at", iso);
    snprintf(bytes, sizeof bytes, "%" PRId64 " kB", (m->bytes + 999) / 1000);
    view_text(v, "bytes", bytes);
}

/* The parameters of the job that made it; a picture whose job is gone has none. */
static int
show_job(struct request *rq, struct view *v, const struct media *m, struct err *e)
{
    struct id job_id;
    char text[ID_TEXT];
    struct job j;
    int rc;

    if ((rc = media_job(rq->db, m, &job_id, e)) != ST_OK ||
        (rc = job_load(rq->db, rq->visitor.account, &job_id, &j, e)) != ST_OK)
        return rc == ST_NOTFOUND ? ST_OK : rc;
    id_format(&job_id, text);
    view_flag(v, "has_job", true);
    view_text(v, "prompt", j.params.prompt);
    view_flag(v, "long_prompt", studio_prompt_is_long(j.params.prompt));
    if (j.params.negative_prompt != NULL && j.params.negative_prompt[0] != '\0')
        view_text(v, "negative_prompt", j.params.negative_prompt);
    view_int(v, "steps", j.params.steps);
    view_real(v, "guidance", j.params.guidance, 1);
    view_text(v, "sampler", studio_sampler_label(j.params.sampler));
    view_text(v, "model", j.model);
    if (j.images > 1)
        view_text(v, "job_url", url_for(rq, "job", &job_id, NULL));
    view_text(v, "variation",
              url_for(rq, "create", NULL, arena_printf(rq->arena, "from=%s", text)));
    view_text(v, "again",
              url_for(rq, "create", NULL,
                      arena_printf(rq->arena, "from=%s&seed=%" PRIu32, text, m->seed)));
    job_release(&j);
    return ST_OK;
}

static int
picture_page(struct request *rq, struct response *rs, const char *name, const char *title,
             struct err *e)
{
    struct view *v = view_new(rq->arena);
    struct media m;
    int rc;

    if ((rc = load(rq, &m, e)) != ST_OK || (rc = show_job(rq, v, &m, e)) != ST_OK)
        return rc;
    show_picture(rq, v, &m);
    return page_render(rq, rs, name, title, v, e);
}

int
picture_show(struct request *rq, struct response *rs, struct err *e)
{
    return picture_page(rq, rs, "picture", N_("Picture"), e);
}

int
picture_delete_ask(struct request *rq, struct response *rs, struct err *e)
{
    return picture_page(rq, rs, "delete", N_("Delete this picture?"), e);
}

static int
send_file(struct request *rq, struct response *rs, const struct media *m, const char *name,
          struct err *e)
{
    char key[STORE_KEY];

    media_key(m, key);
    return response_media(rq, rs, key, content_type(m), name, e);
}

int
picture_file(struct request *rq, struct response *rs, struct err *e)
{
    struct media m;
    int rc = load(rq, &m, e);

    return rc == ST_OK ? send_file(rq, rs, &m, NULL, e) : rc;
}

int
picture_thumb(struct request *rq, struct response *rs, struct err *e)
{
    struct media m, thumb;
    int rc;

    if ((rc = load(rq, &m, e)) != ST_OK)
        return rc;
    rc = media_thumb(rq->db, &m, &thumb, e);
    if (rc == ST_NOTFOUND) /* small pictures have none: they are their own */
        return send_file(rq, rs, &m, NULL, e);
    return rc == ST_OK ? send_file(rq, rs, &thumb, NULL, e) : rc;
}

int
picture_download(struct request *rq, struct response *rs, struct err *e)
{
    char id[ID_TEXT], name[64];
    struct media m;
    int rc;

    if ((rc = load(rq, &m, e)) != ST_OK)
        return rc;
    id_format(&m.public_id, id);
    snprintf(name, sizeof name, "gempix-%.8s.%s", id, m.extension);
    return send_file(rq, rs, &m, name, e);
}

int
picture_keep(struct request *rq, struct response *rs, struct err *e)
{
    bool keep = rq->values[0].i == 1;
    int rc;

    if (rq->errors > 0)
        return err_set(e, ST_INVALID, "Use the buttons of the picture's page.", NULL);
    rc = media_save(rq->db, rq->visitor.account, &rq->ids[0], keep,
                    rq->conf->media.transient * CLOCK_SECOND, e);
    if (rc != ST_OK || (rc = response_flash(rq, rs, keep ? "kept" : "unkept", e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "picture", &rq->ids[0], NULL), e);
}

int
picture_delete_send(struct request *rq, struct response *rs, struct err *e)
{
    struct id deletion;
    int rc;

    id_random(&deletion);
    rc = media_delete(rq->db, rq->visitor.account, &rq->ids[0], &deletion, e);
    return rc == ST_OK ? selection_after_delete(rq, rs, "", &deletion, e) : rc;
}
