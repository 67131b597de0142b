/*
 * Whether a prompt may be asked for, by the operator's rules (safety.prompts). No HTTP, no SQL.
 * Read next: common/prompt_rules.h.
 */
#ifndef GEMPIX_APP_STUDIO_WORDS_H
#define GEMPIX_APP_STUDIO_WORDS_H

struct conf;
struct err;

/* 0, with *flag = the category that people should look at, or NULL; ST_DENIED with a sentence that
 * names the category; ST_INVALID, ST_IO when the rules cannot be read: then nothing is taken. The
 * rules are read once in a worker's life. */
int words_check(const struct conf *conf, const char *prompt, const char **flag, struct err *e);

#endif
