/*
 * The record of processing activities (GDPR, article 30), made from the data register: a line for
 * everything that is somebody's. For gempixctl and the administration.
 */
#ifndef GEMPIX_APP_PRIVACY_RECORD_H
#define GEMPIX_APP_PRIVACY_RECORD_H

#include "app/privacy/policy.h"
#include "common/text.h"

#define RECORD_CELLS 11

/* Headings, in English, for T. */
extern const char *const record_heads[RECORD_CELLS];

struct record_line {
    struct text cells[RECORD_CELLS];
};
/* In the language that is chosen. record_release in any case. */
void record_fill(struct record_line *out, const struct policy *p, const struct register_thing *t);
void record_release(struct record_line *l);
/* The next thing that is somebody's, of all kinds in order; NULL `t` = the first. NULL at the end.
 */
const struct register_thing *record_next(const struct policy *p, const struct register_thing *t);
/* All of it as RFC 4180 says, with headings. */
void record_put_csv(struct text *out, const struct policy *p);

#endif
