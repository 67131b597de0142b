/*
 * What the staff decides about reported pictures; see verdicts.h. Read next: verdicts_store.c.
 */
#include "app/admin/verdicts.h"

#include "app/account/account_letters.h"
#include "app/admin/verdicts_store.h"
#include "common/audit.h"
#include "common/db.h"
#include "common/err.h"

int
verdicts_prepare(struct db *db, struct err *e)
{
    return verdicts_store_prepare(db, e);
}

int
verdicts_list(struct db *db, struct verdict_case *out, size_t max, size_t *count, struct err *e)
{
    return verdicts_store_list(db, out, max, count, e);
}

int
verdicts_load(struct db *db, const struct id *id, struct verdict_picture *out, struct err *e)
{
    return verdicts_store_load(db, id, out, e);
}

int
verdicts_reports(struct db *db, int64_t publication, struct verdict_report *out, size_t max,
                 size_t *count, struct err *e)
{
    return verdicts_store_reports(db, publication, out, max, count, e);
}

int
verdicts_waiting(struct db *db, int64_t *count, int64_t *oldest, struct err *e)
{
    return verdicts_store_waiting(db, count, oldest, e);
}

/* It goes, and its owner is told why. */
static int
hide(struct db *db, const struct verdict *v, const struct verdict_picture *p, struct err *e)
{
    const struct account_addressee to = {.account = p->account,
                                         .email = p->email,
                                         .display_name = p->display_name,
                                         .words = v->reason};
    bool changed;
    int rc = verdicts_store_hide(db, p->publication, &changed, e);

    if (rc != ST_OK || !changed)
        return rc == ST_OK ? err_set(e, ST_CONFLICT, "It is taken down already.", NULL) : rc;
    return account_letter_queue(db, v->conf, LETTER_TAKEN_DOWN, &to, e);
}

static int
pass_body(struct db *db, void *arg, struct err *e)
{
    const struct verdict *v = arg;
    char subject[ID_TEXT];
    const struct audit_entry entry = {v->staff, v->hide ? AUDIT_REPORT_HIDE : AUDIT_REPORT_DISMISS,
                                      subject, v->reason};
    struct verdict_picture p;
    int64_t closed = 0;
    int rc = verdicts_store_load(db, v->id, &p, e);

    id_format(v->id, subject);
    if (rc == ST_OK && v->hide)
        rc = hide(db, v, &p, e);
    if (rc == ST_OK)
        rc = verdicts_store_close(db, p.publication, &closed, e);
    if (rc == ST_OK && !v->hide && closed == 0)
        rc = err_set(e, ST_CONFLICT, "No report of it is open any more.", NULL);
    return rc == ST_OK ? audit_write(db, &entry, e) : rc;
}

int
verdicts_pass(struct db *db, const struct verdict *v, struct err *e)
{
    struct verdict copy = *v;

    return db_transaction(db, pass_body, &copy, e);
}
