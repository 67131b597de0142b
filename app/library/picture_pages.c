/*
 * One picture: its page with the parameters, its file, keeping and deleting. The gallery is
 * library_pages.c; rows and files are common/media.h's.
 */
#include "app/library/picture_pages.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/explore/publish.h"
#include "app/library/expiry.h"
#include "app/library/file_name.h"
#include "app/library/library_store.h"
#include "app/library/selection_pages.h"
#include "app/studio/mode.h"
#include "app/studio/studio.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/err.h"
#include "common/job.h"
#include "common/language.h"
#include "common/media.h"
#include "common/store.h"

#define CONVERT_BYTES "134217728" /* of a file that is converted */
#define CONVERT_PIXELS "33554432"

static const char *const keep_words[] = {"no", "yes", NULL};
static const struct field keep_fields[] = {
    {"keep", N_("Keep"), FIELD_CHOICE, 0, 0, true, keep_words},
};
static const char *const as_words[] = {"png", "jpeg", "webp", NULL};
static const struct field download_fields[] = {
    {"as", N_("Format"), FIELD_CHOICE, 0, 0, false, as_words},
};
const struct form picture_download_form = {download_fields, 1};
const struct form picture_keep_form = {keep_fields, 1};

static int
load(struct request *rq, struct media *m, struct err *e)
{
    int rc = media_load(rq->db, rq->visitor.account, &rq->ids[0], m, e);

    if (rc == ST_OK && m->kind != MEDIA_RESULT)
        rc = err_set(e, ST_NOTFOUND, "There is no such picture.", NULL);
    return rc;
}

/* The formats of stored files, and of those that a download may be turned into (`word`). */
static const struct format {
    const char *extension, *type, *label, *word;
} formats[] = {
    {"png", "image/png", "PNG", "png"},
    {"jpg", "image/jpeg", "JPEG", "jpeg"},
    {"webp", "image/webp", "WebP", "webp"},
    {"mp4", "video/mp4", "MP4", NULL},
};
#define FORMATS (sizeof formats / sizeof formats[0])

static const struct format *
format_of(const struct media *m)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(formats[i].extension, m->extension) == 0)
            return &formats[i];
    return &formats[0];
}

static bool
is_film(const struct media *m)
{
    return format_of(m)->word == NULL;
}

void
clock_words(struct view *v)
{
    view_text(v, "clock_soon", expiry_format(EXPIRY_SOON));
    view_text(v, "clock_minutes", expiry_format(EXPIRY_MINUTES));
    view_text(v, "clock_hours", expiry_format(EXPIRY_HOURS));
    view_text(v, "clock_days", expiry_format(EXPIRY_DAYS));
}

/* A link for each format that it can be had in, its own first. */
static void
show_downloads(struct request *rq, struct view *v, const struct media *m)
{
    const struct format *own = format_of(m);
    struct view *item = view_section(v, "own");

    view_text(item, "url", url_for(rq, "picture_download", &m->public_id, NULL));
    view_text(item, "label", own->label);
    view_flag(v, "has_downloads", !is_film(m));
    for (size_t i = 0; i < FORMATS && !is_film(m); i++) {
        if (formats[i].word == NULL || &formats[i] == own)
            continue;
        item = view_item(v, "downloads");
        view_text(item, "url",
                  url_for(rq, "picture_download", &m->public_id,
                          arena_printf(rq->arena, "as=%s", formats[i].word)));
        view_text(item, "label", formats[i].label);
    }
}

static void
show_picture(struct request *rq, struct view *v, const struct media *m)
{
    int64_t now = clock_now();
    char words[EXPIRY_WORDS], bytes[NUMBER_TEXT], iso[32];

    view_text(v, "csrf", rq->csrf);
    view_text(v, "page", url_for(rq, "picture", &m->public_id, NULL));
    view_text(v, "file", url_for(rq, "picture_file", &m->public_id, NULL));
    view_text(v, "view", url_for(rq, "picture_view", &m->public_id, NULL));
    view_int(v, "view_width", media_copy_width(m->width, m->height, MEDIA_VIEW_SIDE));
    view_flag(v, "film", is_film(m));
    show_downloads(rq, v, m);
    view_text(v, "keep", url_for(rq, "picture_keep", &m->public_id, NULL));
    view_text(v, "delete", url_for(rq, "picture_delete", &m->public_id, NULL));
    view_text(v, "library", url_for(rq, "pictures", NULL, NULL));
    view_text(v, "script", url_static(rq, "picture.js"));
    view_text(v, "clocks", url_static(rq, "library.js"));
    view_int(v, "width", m->width);
    view_int(v, "height", m->height);
    view_int(v, "seed", m->seed);
    view_flag(v, "saved", m->expires_at == 0);
    if (m->expires_at != 0) {
        expiry_words(m->expires_at, now, words, sizeof words);
        view_text(v, "expires", words);
        clock_iso(m->expires_at, iso, sizeof iso);
        view_text(v, "expires_at", iso);
    }
    age_words(m->created_at, now, words, sizeof words);
    view_text(v, "age", words);
    clock_iso(m->created_at, iso, sizeof iso);
    view_text(v, "made_at", iso);
    language_number((m->bytes + 999) / 1000, bytes);
    view_text(v, "kilobytes", bytes);
    clock_words(v);
}

static const char *const kind_labels[JOB_KINDS] = {
    [JOB_GENERATE] = N_("From words"),  [JOB_VARIATION] = N_("Variation of a picture"),
    [JOB_EDIT] = N_("Edited by words"), [JOB_REPAINT] = N_("Repainted in part"),
    [JOB_CLEANUP] = N_("Cleaned up"),   [JOB_ANIMATE] = N_("Animated"),
    [JOB_UPSCALE] = N_("Enlarged"),
};

/* The other pictures of the same request, this one marked. */
static int
show_siblings(struct request *rq, struct view *v, const struct media *m, struct err *e)
{
    struct media all[JOB_IMAGES_MAX];
    int count, rc;

    rc = media_of_job(rq->db, m->account, m->job, MEDIA_RESULT, all, JOB_IMAGES_MAX, &count, e);
    if (rc != ST_OK || count < 2)
        return rc;
    view_flag(v, "has_siblings", true);
    for (int i = 0; i < count; i++) {
        struct view *out = view_item(v, "siblings");
        view_text(out, "url", url_for(rq, "picture", &all[i].public_id, NULL));
        view_text(out, "thumb", url_for(rq, "picture_thumb", &all[i].public_id, NULL));
        view_int(out, "width", all[i].width);
        view_int(out, "height", all[i].height);
        view_int(out, "number", all[i].position + 1);
        view_flag(out, "current", all[i].id == m->id);
    }
    return ST_OK;
}

/* Into the form it came from, with all that was typed there; and the picture it was made from,
   where that is still there. */
static int
show_again(struct request *rq, struct view *v, const struct media *m, const struct job *j,
           const struct id *job, struct err *e)
{
    const char *route = modes[mode_of_kind(j->kind)].route, *query, *begins = "";
    char text[ID_TEXT], source_text[ID_TEXT];
    struct media source;
    int count, rc;

    rc = media_of_job(rq->db, m->account, m->job, MEDIA_SOURCE, &source, 1, &count, e);
    if (rc != ST_OK)
        return rc;
    id_format(job, text);
    if (count > 0) {
        id_format(&source.public_id, source_text);
        begins = arena_printf(rq->arena, "&picture=%s", source_text);
    }
    query = arena_printf(rq->arena, "from=%s%s", text, begins);
    view_text(v, "variation", url_for(rq, route, NULL, query));
    if (j->kind != JOB_CLEANUP && j->kind != JOB_UPSCALE)
        view_text(
            v, "again",
            url_for(rq, route, NULL, arena_printf(rq->arena, "%s&seed=%" PRIu32, query, m->seed)));
    return ST_OK;
}

/* What the studio can make of this picture. */
static void
show_ways(struct request *rq, struct view *v, const struct media *m)
{
    char id[ID_TEXT];
    bool any = false;

    id_format(&m->public_id, id);
    for (int i = 0; i < MODES && !is_film(m); i++) {
        struct view *way;
        if (!mode_asks((enum mode_name)i, ASKS_PICTURE) ||
            !mode_offered(rq->conf, (enum mode_name)i))
            continue;
        way = view_item(v, "ways");
        view_text(way, "url",
                  url_for(rq, modes[i].route, NULL, arena_printf(rq->arena, "picture=%s", id)));
        view_text(way, "label", T(modes[i].label));
        any = true;
    }
    view_flag(v, "has_ways", any);
}

static void
show_params(struct view *v, const struct job *j)
{
    view_flag(v, "has_job", true);
    view_text(v, "kind", T(kind_labels[j->kind]));
    view_text(v, "prompt", j->params.prompt);
    view_flag(v, "long_prompt", studio_prompt_is_long(j->params.prompt));
    if (j->params.negative_prompt != NULL && j->params.negative_prompt[0] != '\0')
        view_text(v, "negative_prompt", j->params.negative_prompt);
    if (j->kind != JOB_CLEANUP && j->kind != JOB_UPSCALE) {
        view_flag(v, "drawn", true);
        view_int(v, "steps", j->params.steps);
        view_real(v, "guidance", j->params.guidance, 1);
        view_text(v, "sampler", studio_sampler_label(j->params.sampler));
    }
    if (j->params.strength > 0)
        view_real(v, "strength", j->params.strength, 2);
    if (j->params.factor > 0)
        view_int(v, "factor", j->params.factor);
    view_text(v, "model", j->model);
}

/* The parameters of the job that made it; a picture whose job is gone has none. */
static int
show_job(struct request *rq, struct view *v, const struct media *m, struct err *e)
{
    struct id job_id;
    struct job j;
    int rc;

    if ((rc = media_job(rq->db, m, &job_id, e)) != ST_OK ||
        (rc = job_load(rq->db, rq->visitor.account, &job_id, &j, e)) != ST_OK)
        return rc == ST_NOTFOUND ? ST_OK : rc;
    show_params(v, &j);
    rc = show_again(rq, v, m, &j, &job_id, e);
    if (rc == ST_OK && j.images > 1)
        rc = show_siblings(rq, v, m, e);
    job_release(&j);
    return rc;
}

/* The picture that it was made from, as long as that is there: to compare. */
static int
show_source(struct request *rq, struct view *v, const struct media *m, struct err *e)
{
    char words[EXPIRY_WORDS], iso[32];
    struct media source;
    struct view *out;
    int count, rc;

    if (is_film(m) || m->job == 0)
        return ST_OK;
    rc = media_of_job(rq->db, m->account, m->job, MEDIA_SOURCE, &source, 1, &count, e);
    if (rc != ST_OK || count == 0)
        return rc;
    out = view_section(v, "source");
    view_text(out, "source_file", url_for(rq, "picture_source", &m->public_id, NULL));
    view_text(out, "source_keep", url_for(rq, "picture_source_keep", &m->public_id, NULL));
    if (source.expires_at != 0) {
        expiry_words(source.expires_at, clock_now(), words, sizeof words);
        view_text(out, "source_left", words);
        clock_iso(source.expires_at, iso, sizeof iso);
        view_text(out, "source_until", iso);
    }
    view_text(v, "compare", url_static(rq, "compare.js"));
    return ST_OK;
}

/* Where everybody sees it, or the way there. */
static int
show_publication(struct request *rq, struct view *v, const struct media *m, struct err *e)
{
    struct publish_status status;
    struct view *out;
    int rc;

    if ((rc = publish_find(rq->db, m, &status, e)) != ST_OK)
        return rc;
    view_text(v, "publish", url_for(rq, "publish", &m->public_id, NULL));
    if (!status.published)
        return ST_OK;
    out = view_section(v, "published");
    view_text(out, "shown", url_for(rq, "shown", &status.public_id, NULL));
    view_text(out, "unpublish", url_for(rq, "unpublish_send", &m->public_id, NULL));
    view_flag(out, "hidden", status.hidden);
    view_flag(out, "waits", m->expires_at != 0);
    return ST_OK;
}

static int
picture_page(struct request *rq, struct response *rs, const char *name, const char *title,
             struct err *e)
{
    struct view *v = view_new(rq->arena);
    struct media m;
    int rc;

    if ((rc = load(rq, &m, e)) != ST_OK || (rc = show_job(rq, v, &m, e)) != ST_OK ||
        (rc = show_source(rq, v, &m, e)) != ST_OK || (rc = show_publication(rq, v, &m, e)) != ST_OK)
        return rc;
    show_picture(rq, v, &m);
    show_ways(rq, v, &m);
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
    return response_media(rq, rs, key, format_of(m)->type, name, e);
}

int
picture_file(struct request *rq, struct response *rs, struct err *e)
{
    struct media m;
    int rc = load(rq, &m, e);

    return rc == ST_OK ? send_file(rq, rs, &m, NULL, e) : rc;
}

/* A smaller copy; a picture from before there were such copies is its own. */
static int
send_smaller(struct request *rq, struct response *rs, enum media_kind kind, struct err *e)
{
    struct media m, smaller;
    int rc;

    if ((rc = load(rq, &m, e)) != ST_OK)
        return rc;
    rc = media_smaller(rq->db, &m, kind, &smaller, e);
    if (rc == ST_NOTFOUND && !is_film(&m))
        return send_file(rq, rs, &m, NULL, e);
    return rc == ST_OK ? send_file(rq, rs, &smaller, NULL, e) : rc;
}

int
picture_thumb(struct request *rq, struct response *rs, struct err *e)
{
    return send_smaller(rq, rs, MEDIA_THUMB, e);
}

int
picture_view(struct request *rq, struct response *rs, struct err *e)
{
    return send_smaller(rq, rs, MEDIA_VIEW, e);
}

/* The picture that the one in the address was made from. */
static int
load_source(struct request *rq, struct media *out, struct err *e)
{
    struct media m;
    int count = 0, rc;

    *out = (struct media){0};
    if ((rc = load(rq, &m, e)) == ST_OK && m.job != 0)
        rc = media_of_job(rq->db, m.account, m.job, MEDIA_SOURCE, out, 1, &count, e);
    if (rc == ST_OK && count == 0)
        rc = err_set(e, ST_NOTFOUND, "The picture it was made from is gone.", NULL);
    return rc;
}

int
picture_source(struct request *rq, struct response *rs, struct err *e)
{
    struct media source;
    int rc = load_source(rq, &source, e);

    return rc == ST_OK ? send_file(rq, rs, &source, NULL, e) : rc;
}

int
picture_source_keep(struct request *rq, struct response *rs, struct err *e)
{
    struct media source;
    int rc;

    if (rq->errors > 0)
        return err_set(e, ST_INVALID, "Use the buttons of the picture's page.", NULL);
    if ((rc = load_source(rq, &source, e)) != ST_OK ||
        (rc = media_save(rq->db, source.account, &source.public_id, rq->values[0].i == 1,
                         rq->conf->media.upload_lives * CLOCK_SECOND, e)) != ST_OK ||
        (rc = response_flash(rq, rs, rq->values[0].i == 1 ? "kept" : "unkept", e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "picture", &rq->ids[0], NULL), e);
}

/* Another format: gempix-convert reads the file and writes the answer. */
static int
send_converted(struct request *rq, struct response *rs, const struct media *m,
               const struct format *to, const char *name, struct err *e)
{
    const char *args[] = {to->word, CONVERT_BYTES, CONVERT_PIXELS, NULL};
    struct helper_call call = {.program = "gempix-convert", .args = args};
    char key[STORE_KEY];
    int rc;

    media_key(m, key);
    if ((rc = store_reader(rq->store, key, &call.file, e)) != ST_OK)
        return rc;
    rc = response_helper(rq, rs, &call, to->type, name, e);
    close(call.file);
    return rc;
}

int
picture_download(struct request *rq, struct response *rs, struct err *e)
{
    char prompt[LIBRARY_PROMPT], name[FILE_NAME];
    const struct format *to;
    struct media m;
    int rc;

    if ((rc = load(rq, &m, e)) != ST_OK)
        return rc;
    if (rq->errors > 0 || (rq->values[0].present && is_film(&m)))
        return err_set(e, ST_INVALID, "There is no such format. Use the links of its page.", NULL);
    to = rq->values[0].present ? &formats[rq->values[0].i] : format_of(&m);
    if ((rc = library_store_prompt(rq->db, m.job, prompt, e)) != ST_OK)
        return rc;
    file_name(prompt, &m.public_id, to->extension, name);
    return to == format_of(&m) ? send_file(rq, rs, &m, name, e)
                               : send_converted(rq, rs, &m, to, name, e);
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
