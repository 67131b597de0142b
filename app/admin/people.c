/*
 * What the staff may do to accounts; see people.h. Read next: people_store.c.
 */
#include "app/admin/people.h"

#include "app/account/account_letters.h"
#include "app/admin/people_store.h"
#include "common/audit.h"
#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"
#include "common/ticket.h"

int
people_prepare(struct db *db, struct err *e)
{
    int rc = people_store_prepare(db, e);

    return rc == ST_OK ? ticket_prepare(db, e) : rc;
}

int
people_find(struct db *db, const char *email_key, struct id *out, size_t max, size_t *count,
            struct err *e)
{
    return people_store_find(db, email_key, out, max, count, e);
}

int
people_load(struct db *db, const struct id *id, struct person *out, struct err *e)
{
    return people_store_load(db, id, clock_now(), out, e);
}

int
people_jobs(struct db *db, int64_t account, struct person_job *out, size_t max, size_t *count,
            struct err *e)
{
    return people_store_jobs(db, account, out, max, count, e);
}

struct acting {
    const struct people_act *act;
    enum audit_action action;
};

static int
letter(struct db *db, const struct people_act *act, const struct person *p,
       enum account_letter which, struct err *e)
{
    const struct account_addressee to = {.account = p->account,
                                         .email = p->email,
                                         .display_name = p->display_name,
                                         .words = act->reason};

    return account_letter_queue(db, act->conf, which, &to, e);
}

static int
change(struct db *db, const struct acting *a, const struct person *p, struct err *e)
{
    bool changed = true;
    int rc;

    switch (a->action) {
    case AUDIT_ACCOUNT_RESTRICT:
        if (p->role[0] != '\0')
            return err_set(e, ST_CONFLICT,
                           "This account works for the site. Take its role away "
                           "first.",
                           NULL);
        rc = people_store_restrict(db, p->account, a->act->reason, clock_now(), &changed, e);
        if (rc == ST_OK && changed)
            rc = letter(db, a->act, p, LETTER_RESTRICTED, e);
        break;
    case AUDIT_ACCOUNT_RELEASE:
        rc = people_store_release(db, p->account, &changed, e);
        if (rc == ST_OK && changed)
            rc = letter(db, a->act, p, LETTER_RELEASED, e);
        break;
    default:
        rc = people_store_end_sessions(db, p->account, e);
        break;
    }
    if (rc == ST_OK && !changed)
        rc = err_set(e, ST_CONFLICT, "This has changed in the meantime. Please look again.", NULL);
    return rc;
}

static int
act_body(struct db *db, void *arg, struct err *e)
{
    const struct acting *a = arg;
    char subject[ID_TEXT];
    const struct audit_entry entry = {a->act->staff, a->action, subject, a->act->reason};
    struct person p;
    int rc = people_store_load(db, a->act->id, clock_now(), &p, e);

    id_format(a->act->id, subject);
    if (rc == ST_OK)
        rc = change(db, a, &p, e);
    return rc == ST_OK ? audit_write(db, &entry, e) : rc;
}

static int
act(struct db *db, const struct people_act *how, enum audit_action action, struct err *e)
{
    struct acting a = {how, action};

    return db_transaction(db, act_body, &a, e);
}

int
people_restrict(struct db *db, const struct people_act *how, struct err *e)
{
    return act(db, how, AUDIT_ACCOUNT_RESTRICT, e);
}

int
people_release(struct db *db, const struct people_act *how, struct err *e)
{
    return act(db, how, AUDIT_ACCOUNT_RELEASE, e);
}

int
people_end_sessions(struct db *db, const struct people_act *how, struct err *e)
{
    return act(db, how, AUDIT_ACCOUNT_SESSIONS, e);
}

static int
write_body(struct db *db, void *arg, struct err *e)
{
    const struct people_act *how = arg;
    char subject[ID_TEXT], number[ID_TEXT];
    struct id question;
    struct person p;
    int rc;

    if ((rc = people_store_load(db, how->id, clock_now(), &p, e)) != ST_OK ||
        (rc = ticket_write(db, how->conf, p.account, how->reason, &question, e)) != ST_OK)
        return rc;
    id_format(how->id, subject);
    id_format(&question, number);
    return audit_write(db, &(struct audit_entry){how->staff, AUDIT_ACCOUNT_WRITE, subject, number},
                       e);
}

int
people_write(struct db *db, const struct people_act *how, struct err *e)
{
    struct people_act copy = *how;

    return db_transaction(db, write_body, &copy, e);
}
