/*
 * All SQL about the staff. Knows no rules: staff.c has them.
 */
#ifndef GEMPIX_APP_ADMIN_STAFF_STORE_H
#define GEMPIX_APP_ADMIN_STAFF_STORE_H

#include "app/admin/staff.h"
#include "common/ids.h"

int staff_store_prepare(struct db *db, struct err *e);
/* For all but staff_store_role: the operator's. */
int staff_store_operator_prepare(struct db *db, struct err *e);
int staff_store_role(struct db *db, int64_t account, enum role *out, struct err *e);
int staff_store_list(struct db *db, struct staff_row *out, size_t max, size_t *count,
                     struct err *e);
/* An open account that owns the address. */
int staff_store_account(struct db *db, const char *email_key, int64_t *account, struct id *id,
                        struct err *e);
int staff_store_put(struct db *db, int64_t account, enum role role, int64_t now, struct err *e);
/* ST_NOTFOUND where there was none. */
int staff_store_drop(struct db *db, int64_t account, struct err *e);

#endif
