/*
 * What is done with several pictures at once: keep, no longer keep, delete, download; and taking a
 * deletion back. Pictures that are gone meanwhile are passed over. Rows are common/media.h's.
 */
#include "app/library/selection_pages.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/explore/publish.h"
#include "app/library/file_name.h"
#include "app/library/library_store.h"
#include "common/arena.h"
#include "common/clock.h"
#include "common/conf.h"
#include "common/db.h"
#include "common/err.h"
#include "common/language.h"
#include "common/media.h"

#define ARCHIVE_MAX ((int64_t)512 << 20) /* bytes of the files in it */

enum { DO_KEEP, DO_UNKEEP, DO_DELETE, DO_ZIP, DO_PUBLISH, DO_UNPUBLISH };
static const char *const do_words[] = {"keep",    "unkeep",    "delete", "zip",
                                       "publish", "unpublish", NULL};
/* What is said afterwards, where there is no page of its own. */
static const char *const notices[] = {"kept_all", "unkept_all",    NULL,
                                      NULL,       "published_all", "unpublished_all"};

static const struct field selection_fields[] = {
    {"do", N_("Action"), FIELD_CHOICE, 0, 0, true, do_words},
    {"here", N_("Place"), FIELD_LINE, 0, 2000, false, NULL},
};
const struct form selection_form = {selection_fields, 2};

static const struct field restore_fields[] = {
    {"deletion", N_("Deletion"), FIELD_ID, 0, 0, true, NULL},
};
const struct form restore_form = {restore_fields, 1};

/* The filters come back as filter_address wrote them, or not at all. */
static const char *
filters_of(const struct value *here)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                               "-._~%&=";

    return here->error == NULL && here->text[strspn(here->text, safe)] == '\0' ? here->text : "";
}

static const char *
library_url(struct request *rq, const char *filters)
{
    return url_for(rq, "pictures", NULL, filters[0] != '\0' ? filters : NULL);
}

int
selection_after_delete(struct request *rq, struct response *rs, const char *filters,
                       const struct id *deletion, struct err *e)
{
    char id[ID_TEXT];

    id_format(deletion, id);
    return response_redirect(rq, rs,
                             library_url(rq, arena_printf(rq->arena, "%s%sdeleted=%s", filters,
                                                          filters[0] != '\0' ? "&" : "", id)),
                             e);
}

struct selection {
    struct request *rq;
    int64_t what;
    struct id ids[SELECTION_MAX], deletion;
    size_t count;
};

static int
change_one(struct db *db, const struct selection *s, const struct media *m, struct err *e)
{
    int64_t lives = s->rq->conf->media.transient * CLOCK_SECOND;

    switch (s->what) {
    case DO_DELETE:
        return media_delete(db, m->account, &m->public_id, &s->deletion, e);
    case DO_PUBLISH:
        if (s->rq->visitor.restriction != NULL)
            return err_set(e, ST_DENIED, "Your account is restricted.", NULL);
        return publish_if_possible(db, m, e);
    case DO_UNPUBLISH:
        return publish_end(db, m->account, &m->public_id, e);
    default:
        return media_save(db, m->account, &m->public_id, s->what == DO_KEEP, lives, e);
    }
}

static int
change_all(struct db *db, void *arg, struct err *e)
{
    const struct selection *s = arg;
    int64_t account = s->rq->visitor.account;

    for (size_t i = 0; i < s->count; i++) {
        struct media m;
        int rc = media_load(db, account, &s->ids[i], &m, e);
        /* Asked first: the failure of a change would take back those before it. */
        if (rc == ST_NOTFOUND)
            continue;
        if (rc == ST_OK)
            rc = change_one(db, s, &m, e);
        if (rc != ST_OK)
            return rc;
    }
    return ST_OK;
}

/* A line "KEY NAME SECONDS" of gempix-pack's list. */
static int
put_line(struct request *rq, const struct media *m, struct text *list, struct err *e)
{
    char prompt[LIBRARY_PROMPT], name[FILE_NAME], key[STORE_KEY];
    int rc = library_store_prompt(rq->db, m->job, prompt, e);

    if (rc != ST_OK)
        return rc;
    file_name(prompt, &m->public_id, m->extension, name);
    media_key(m, key);
    text_printf(list, "%s %s %" PRId64 "\n", key, name, m->created_at / CLOCK_SECOND);
    return ST_OK;
}

static int
list_files(struct selection *s, struct text *list, struct err *e)
{
    int64_t bytes = 0;

    for (size_t i = 0; i < s->count; i++) {
        struct media m;
        int rc = media_load(s->rq->db, s->rq->visitor.account, &s->ids[i], &m, e);
        if (rc == ST_NOTFOUND || (rc == ST_OK && m.kind != MEDIA_RESULT))
            continue;
        if (rc != ST_OK || (rc = put_line(s->rq, &m, list, e)) != ST_OK)
            return rc;
        bytes += m.bytes;
    }
    if (bytes > ARCHIVE_MAX)
        return err_setf(e, ST_TOOBIG,
                        "These pictures are too large for one archive. Please select fewer.");
    if (bytes == 0)
        return err_set(e, ST_NOTFOUND, "These pictures are gone.", NULL);
    return list->failed ? err_set(e, ST_NOMEM, "Please try again later.", "archive") : ST_OK;
}

/* All of them as one ZIP archive, which gempix-pack writes as it reads the files. */
static int
send_archive(struct selection *s, struct response *rs, struct err *e)
{
    const char *args[] = {s->rq->conf->media.root, NULL};
    struct helper_call call = {.program = "gempix-pack", .args = args, .file = -1};
    char name[FILE_NAME], iso[32];
    struct text list;
    int rc;

    text_init(&list, 65536);
    if ((rc = list_files(s, &list, e)) == ST_OK) {
        clock_iso(clock_now(), iso, sizeof iso);
        snprintf(name, sizeof name, "gempix-%.10s.zip", iso);
        call.input = text_cstr(&list);
        call.input_len = list.len;
        rc = response_helper(s->rq, rs, &call, "application/zip", name, e);
    }
    text_release(&list);
    return rc;
}

int
selection_send(struct request *rq, struct response *rs, struct err *e)
{
    struct selection *s = arena_calloc(rq->arena, 1, sizeof *s);
    const char *filters = filters_of(&rq->values[1]), *notice = "none_selected";
    int rc;

    if (s == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "selection");
    if (rq->values[0].error != NULL)
        return err_set(e, ST_INVALID, "Use the buttons of the library.", NULL);
    s->rq = rq;
    s->what = rq->values[0].i;
    s->count = request_ids(rq, "id", s->ids, SELECTION_MAX);
    id_random(&s->deletion);
    if (s->count > 0 && s->what == DO_ZIP)
        return send_archive(s, rs, e);
    if (s->count > 0) {
        if ((rc = db_transaction(rq->db, change_all, s, e)) != ST_OK)
            return rc;
        if (s->what == DO_DELETE)
            return selection_after_delete(rq, rs, filters, &s->deletion, e);
        notice = notices[s->what];
    }
    if ((rc = response_flash(rq, rs, notice, e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, library_url(rq, filters), e);
}

int
selection_restore(struct request *rq, struct response *rs, struct err *e)
{
    int64_t count;
    int rc;

    if (rq->errors > 0)
        return err_set(e, ST_INVALID, "Use the buttons of the library.", NULL);
    rc = media_restore(rq->db, rq->visitor.account, &rq->values[0].id, &count, e);
    if (rc != ST_OK || (rc = response_flash(rq, rs, "restored", e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, library_url(rq, ""), e);
}
