/*
 * Who works for the site; see staff.h. A role and its row in the audit log come and go in one
 * transaction. Read next: staff_store.c.
 */
#include "app/admin/staff.h"

#include "app/admin/staff_store.h"
#include "common/audit.h"
#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"

int
staff_prepare(struct db *db, struct err *e)
{
    return staff_store_prepare(db, e);
}

int
staff_operator_prepare(struct db *db, struct err *e)
{
    int rc = staff_store_operator_prepare(db, e);

    return rc == ST_OK ? audit_prepare(db, e) : rc;
}

int
staff_role(struct db *db, int64_t account, enum role *out, struct err *e)
{
    return staff_store_role(db, account, out, e);
}

int
staff_list(struct db *db, struct staff_row *out, size_t max, size_t *count, struct err *e)
{
    return staff_store_list(db, out, max, count, e);
}

struct change {
    const char *email_key;
    bool add;
    enum role role;
};

static int
change_body(struct db *db, void *arg, struct err *e)
{
    const struct change *c = arg;
    struct audit_entry entry = {.action = c->add ? AUDIT_STAFF_ADD : AUDIT_STAFF_REMOVE,
                                .reason = c->add ? role_word(c->role) : ""};
    char subject[ID_TEXT];
    int64_t account;
    struct id id;
    int rc = staff_store_account(db, c->email_key, &account, &id, e);

    if (rc == ST_OK)
        rc = c->add ? staff_store_put(db, account, c->role, clock_now(), e)
                    : staff_store_drop(db, account, e);
    if (rc != ST_OK)
        return rc;
    id_format(&id, subject);
    entry.subject = subject;
    return audit_write(db, &entry, e);
}

int
staff_add(struct db *db, const char *email_key, enum role role, struct err *e)
{
    struct change c = {email_key, true, role};

    return db_transaction(db, change_body, &c, e);
}

int
staff_remove(struct db *db, const char *email_key, struct err *e)
{
    struct change c = {.email_key = email_key};

    return db_transaction(db, change_body, &c, e);
}
