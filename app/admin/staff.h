/*
 * Who works for the site, and as what. Only the operator's command changes it: the site's database
 * user may read the table and no more. Knows no pages.
 */
#ifndef GEMPIX_APP_ADMIN_STAFF_H
#define GEMPIX_APP_ADMIN_STAFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/admin/roles.h"

struct db;
struct err;

int staff_prepare(struct db *db, struct err *e);
/* For gempixctl: the statements of all but staff_role. */
int staff_operator_prepare(struct db *db, struct err *e);
/* ST_NOTFOUND where the account has no role. */
int staff_role(struct db *db, int64_t account, enum role *out, struct err *e);

struct staff_row {
    int64_t account;
    char email[255], display_name[81];
    enum role role;
    int64_t added_at; /* µs UTC */
    bool second;      /* the second step is on: without it there is no way in */
};
/* By address. */
int staff_list(struct db *db, struct staff_row *out, size_t max, size_t *count, struct err *e);
/* Gives an account a role, or another one, and writes it into the audit log. `email_key` as
 * account_email_key makes it. ST_NOTFOUND where no open account has proven this address. */
int staff_add(struct db *db, const char *email_key, enum role role, struct err *e);
/* ST_NOTFOUND where it has none. */
int staff_remove(struct db *db, const char *email_key, struct err *e);

#endif
