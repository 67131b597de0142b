/*
 * Retention: carries out what the data register says, in small batches. Every rule knows by itself
 * which rows are due, so an interruption anywhere is completed by the next run. For gempix-steward
 * and gempixctl.
 */
#ifndef GEMPIX_COMMON_PURGE_H
#define GEMPIX_COMMON_PURGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/register.h"

struct db;
struct err;
struct purge;

/* A rule of a table, or of columns of it. */
struct purge_rule {
    char name[80]; /* "session", "session/2" for its second rule, "job.params" */
    const struct register_thing *thing;
    const struct register_part *part; /* NULL: the rule is about rows */
    const struct register_keep *keep;
};

/* Prepares the statements of every rule that the database can carry out; those that no program has
 * the rights for only where `all`. The result and the register must live as long as the connection.
 * 0, ST_DB, ST_NOMEM. */
int purge_open(struct db *db, const struct register_file *r, bool all, struct purge **out,
               struct err *e);
/* Also NULL; after db_close. */
void purge_free(struct purge *p);

size_t purge_count(const struct purge *p);
const struct purge_rule *purge_rule_at(const struct purge *p, size_t index);

/* How many rows are due now. Changes nothing. */
int purge_due(struct purge *p, size_t index, int64_t *due, struct err *e);

/* Carries one rule out (not one that the media sweep sees to), batch after batch with a pause as long as the batch took, until nothing is
 * left, `batches` are done or stopping() says so (NULL: never). *changed counts rows, also after a
 * failure. The run is noted in the table purge_run. Rows of a table go together with those that
 * belong to them, in one transaction. */
int purge_run(struct purge *p, size_t index, int batches, bool (*stopping)(void), int64_t *changed,
              struct err *e);

#endif
