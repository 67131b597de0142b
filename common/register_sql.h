/*
 * Conditions in SQL, made of the register's names: small letters, digits and underscores that
 * register_load.c has checked and that we have written ourselves. Values are parameters. For the
 * *_store.c files that work by the register.
 */
#ifndef GEMPIX_COMMON_REGISTER_SQL_H
#define GEMPIX_COMMON_REGISTER_SQL_H

#include "common/register.h"

struct text;

/* " AND …" of the rule's `when` and `unless`. */
void register_sql_limits(struct text *t, const char *table, const struct register_keep *k);
/* What makes a row due, limits included; one parameter, the time, unless the rule is
 * REGISTER_JOB. */
void register_sql_due(struct text *t, const char *table, const struct register_keep *k);
/* " AND …": some of the columns has not been replaced yet. Returns how often the replacing text is
 * a parameter. */
int register_sql_not_yet(struct text *t, const struct register_part *part,
                         const struct register_keep *k);
/* Whose a row is; one parameter, the account's id. False where the register names no owner. */
bool register_sql_owner(struct text *t, const struct register_file *r,
                        const struct register_thing *thing);

#endif
