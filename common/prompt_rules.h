/*
 * What may not be asked for: the operator's rules about prompts, from a YAML file that people can
 * read and audit. Knows no jobs and no pages. How words are found: prompt_fold.h.
 *
 *     groups:
 *       minor: [child, "# year old", 小学生]   # '#' = a number below 18; "rape*" = words that
 * begin so sexual: [nude, …] categories: minors: name: sexual pictures of minors     # as the
 * visitor reads it action: refuse                      # or flag: people decide any: [loli] # one
 * word of one of these groups together: [minor, sexual]           # or a word of each of these
 */
#ifndef GEMPIX_COMMON_PROMPT_RULES_H
#define GEMPIX_COMMON_PROMPT_RULES_H

#include <stddef.h>

struct err;
struct prompt_rules;

enum prompt_action { PROMPT_PASS, PROMPT_FLAG, PROMPT_REFUSE };

/* The strictest category that fits, the first of these in the file. Texts belong to the rules. */
struct prompt_verdict {
    enum prompt_action action;
    const char *category, *name;
    const char *words[4]; /* entries of the lists that were found, for the operator; NULL ends */
};

/* 0, ST_IO, ST_INVALID ("file:line: what is wrong") or ST_NOMEM. prompt_rules_free(*out). */
int prompt_rules_load(const char *path, struct prompt_rules **out, struct err *e);
void prompt_rules_free(struct prompt_rules *r);          /* NULL is legal */
size_t prompt_rules_count(const struct prompt_rules *r); /* entries of all lists */
void prompt_rules_check(struct prompt_rules *r, const char *prompt, struct prompt_verdict *out);

#endif
