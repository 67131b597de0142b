/*
 * Texts to begin an answer with, for each kind of request about personal data. Where the answer
 * must say something of its own the text has "[…]", and no letter goes out that still has it.
 */
#ifndef GEMPIX_COMMON_RIGHTS_ANSWERS_H
#define GEMPIX_COMMON_RIGHTS_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

struct conf;
struct rights;
struct text;

struct rights_answer {
    const char *kind;  /* word of rights_kinds; NULL = any */
    const char *label; /* N_, for whoever answers */
    const char *text;  /* N_, for the asker; {url} is the site's address */
};
extern const struct rights_answer rights_answers[];
extern const size_t rights_answer_count;

/* Is this text for such a request? */
bool rights_answer_fits(const struct rights_answer *a, const struct rights *r);
/* Puts it in the asker's language. */
void rights_answer_put(struct text *out, const struct rights_answer *a, const struct rights *r,
                       const struct conf *conf);
/* Does something in brackets still wait to be filled in? */
bool rights_answer_unfinished(const char *words);

#endif
