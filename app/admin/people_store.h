/*
 * All SQL about accounts as the staff sees them. Knows no rules: people.c has them.
 */
#ifndef GEMPIX_APP_ADMIN_PEOPLE_STORE_H
#define GEMPIX_APP_ADMIN_PEOPLE_STORE_H

#include "app/admin/people.h"

int people_store_prepare(struct db *db, struct err *e);
int people_store_find(struct db *db, const char *email_key, struct id *out, size_t max,
                      size_t *count, struct err *e);
int people_store_load(struct db *db, const struct id *id, int64_t now, struct person *out,
                      struct err *e);
int people_store_jobs(struct db *db, int64_t account, struct person_job *out, size_t max,
                      size_t *count, struct err *e);
/* *changed is false where it was restricted already (or free already). */
int people_store_restrict(struct db *db, int64_t account, const char *reason, int64_t now,
                          bool *changed, struct err *e);
int people_store_release(struct db *db, int64_t account, bool *changed, struct err *e);
int people_store_end_sessions(struct db *db, int64_t account, struct err *e);

#endif
