/*
 * What the register says, in words for people; English. For the policy, the record of processing
 * and the privacy centre.
 */
#ifndef GEMPIX_COMMON_REGISTER_WORDS_H
#define GEMPIX_COMMON_REGISTER_WORDS_H

#include "common/register.h"

struct conf;
struct text;

/* All words come in the language chosen (language.h). "30 days", "1 hour", "10 years". */
void register_put_span(struct text *t, int64_t seconds);
/* When it ends, all rules of a chain: "14 days after it was written". Without `conf` placeholders
 * stay as they are. */
void register_put_keep(struct text *t, const struct register_keep *k, const struct conf *conf);
/* "delivery, billing": the names of ids of a list at the top, small letters first. */
void register_put_names(struct text *t, const struct register_word *list, const char *const *ids);
/* What its columns or fields are, those alone that say something to their person. */
void register_put_parts(struct text *t, const struct register_thing *thing);
/* Copies `words` with {site}, {contact}, {transient} and {upload} filled in; unchanged without
 * `conf`. */
void register_put_filled(struct text *t, const char *words, const struct conf *conf);

#endif
