/*
 * Flags: what a person should look at, and what was decided about it. Nothing has happened to the
 * account by a flag; whoever decides here may restrict it. The SQL is flag_store.c's.
 */
#include <string.h>

#include "app/admin/admin_pages.h"
#include "app/admin/people.h"
#include "app/routes.h"
#include "app/view/view.h"
#include "common/arena.h"
#include "common/db.h"
#include "common/err.h"
#include "common/flag_store.h"
#include "common/language.h"

#define LIST_MAX 50
#define NOTE_MAX 300

enum { NUMBER, DECISION, NOTE };
enum { DECIDE_NOTHING, DECIDE_RESTRICT, DECIDE_WRITE };
static const char *const decisions[] = {"nothing", "restrict", "write", NULL};
static const char *const outcomes[] = {"flag_closed", "restricted", "written"};
static const struct field decide_fields[] = {
    [NUMBER] = {"number", N_("Number"), FIELD_INT, 1, 9007199254740991, true, NULL},
    [DECISION] = {"decision", N_("Decision"), FIELD_CHOICE, 0, 0, true, decisions},
    [NOTE] = {"note", N_("Words"), FIELD_TEXT, 3, NOTE_MAX, true, NULL},
};
static const struct form decide_form = {decide_fields, 3};

static const struct {
    const char *word, *label;
} kinds[] = {
    {"prompt", N_("Words of a prompt")},
    {"burst", N_("Very many jobs")},
    {"travel", N_("Two continents within hours")},
    {"crowd", N_("Very many accounts of one network")},
};

int
admin_flags_prepare(struct db *db, struct err *e)
{
    int rc = people_prepare(db, e);

    return rc == ST_OK ? flag_store_prepare(db, e) : rc;
}

int
admin_flags_waiting(struct db *db, struct admin_waiting *out, struct err *e)
{
    out->about = N_("the oldest flag is from");
    return flag_store_waiting(db, &out->count, &out->due, e);
}

static const char *
label_of(const char *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].word, kind) == 0)
            return T(kinds[i].label);
    }
    return kind;
}

static void
put_flag(struct request *rq, struct view *v, const struct flag *f)
{
    struct view *item = view_item(v, "flags");
    struct id job;

    view_int(item, "number", f->id);
    view_text(item, "kind", label_of(f->kind));
    view_text(item, "about", f->about);
    admin_put_time(item, "at", f->created_at);
    admin_put_time(item, "written", f->written_at);
    view_text(item, "account", url_for(rq, "admin_person", &f->account, NULL));
    if (f->subject[0] != '\0' && id_parse(f->subject, &job) == ST_OK)
        view_text(item, "job", url_for(rq, "admin_job", &job, NULL));
    view_flag(item, "may_restrict", admin_may(rq, PERM_RESTRICT));
    if (rq->errors > 0 && rq->values[NUMBER].i == f->id)
        view_text(item, "note_error", rq->values[NOTE].error);
}

static int
list_show(struct request *rq, struct response *rs, struct err *e)
{
    struct flag *list = arena_calloc(rq->arena, LIST_MAX, sizeof *list);
    struct view *v = admin_view(rq);
    size_t count;
    int rc;

    if (list == NULL)
        return err_set(e, ST_NOMEM, "Please try again later.", "flags");
    if ((rc = admin_note(rq, AUDIT_FLAG_LIST, NULL, "", e)) != ST_OK ||
        (rc = flag_store_list(rq->db, true, list, LIST_MAX, &count, e)) != ST_OK)
        return rc;
    view_flag(v, "any", count > 0);
    view_text(v, "decide", url_for(rq, "admin_flags_decide", NULL, NULL));
    for (size_t i = 0; i < count; i++)
        put_flag(rq, v, &list[i]);
    if (rq->errors > 0)
        rs->status = 422;
    return page_render(rq, rs, "admin-flags", N_("Flags"), v, e);
}

/* The restriction, the flag and both rows of the audit log are one step. A flag whose owner is
 * written to stays: their answer is awaited. */
static int
decide_body(struct db *db, void *arg, struct err *e)
{
    struct request *rq = arg;
    const char *note = rq->values[NOTE].text;
    struct flag f;
    const struct people_act act = {rq->conf, rq->visitor.account, &f.account, note};
    int rc;

    if ((rc = flag_store_find(db, rq->values[NUMBER].i, &f, e)) != ST_OK)
        return rc;
    if (rq->values[DECISION].i == DECIDE_WRITE)
        return people_write(db, &act, e);
    if ((rc = flag_store_close(db, f.id, note, e)) != ST_OK)
        return rc;
    if (rq->values[DECISION].i == DECIDE_RESTRICT && (rc = people_restrict(db, &act, e)) != ST_OK)
        return rc;
    return admin_note(rq, AUDIT_FLAG_DECIDE, &f.account, note, e);
}

static int
decide_send(struct request *rq, struct response *rs, struct err *e)
{
    int decision = (int)rq->values[DECISION].i, rc;

    if (rq->errors > 0)
        return list_show(rq, rs, e);
    if (decision == DECIDE_RESTRICT && !admin_may(rq, PERM_RESTRICT))
        return err_set(e, ST_DENIED, "Your role does not include this.", NULL);
    if ((rc = db_transaction(rq->db, decide_body, rq, e)) != ST_OK ||
        (rc = response_flash(rq, rs, outcomes[decision], e)) != ST_OK)
        return rc;
    return response_redirect(rq, rs, url_for(rq, "admin_flags", NULL, NULL), e);
}

const struct route admin_flags_routes[] = {
    {"admin_flags", METHOD_GET, "/admin/flags", list_show, ROUTE_STAFF(PERM_FLAGS), CSRF_NONE,
     RATE_PAGE, NULL, 0},
    {"admin_flags_decide", METHOD_POST, "/admin/flags/decide", decide_send, ROUTE_STAFF(PERM_FLAGS),
     CSRF_TOKEN, RATE_PAGE, &decide_form, ADMIN_BODY},
    {0},
};
