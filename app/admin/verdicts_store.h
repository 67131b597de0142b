/*
 * All SQL about reports and verdicts. Knows no rules: verdicts.c has them.
 */
#ifndef GEMPIX_APP_ADMIN_VERDICTS_STORE_H
#define GEMPIX_APP_ADMIN_VERDICTS_STORE_H

#include "app/admin/verdicts.h"

int verdicts_store_prepare(struct db *db, struct err *e);
int verdicts_store_list(struct db *db, struct verdict_case *out, size_t max, size_t *count,
                        struct err *e);
int verdicts_store_load(struct db *db, const struct id *id, struct verdict_picture *out,
                        struct err *e);
int verdicts_store_reports(struct db *db, int64_t publication, struct verdict_report *out,
                           size_t max, size_t *count, struct err *e);
int verdicts_store_waiting(struct db *db, int64_t *count, int64_t *oldest, struct err *e);
/* *changed is false where it was hidden already. */
int verdicts_store_hide(struct db *db, int64_t publication, bool *changed, struct err *e);
int verdicts_store_close(struct db *db, int64_t publication, int64_t *closed, struct err *e);

#endif
