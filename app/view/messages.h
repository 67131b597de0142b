/*
 * The sentences of a template: {{#_}}Sign in{{/_}}. They are translated when the template is
 * loaded, before it is compiled, so a page costs the same in every language. A sentence may hold
 * tags ("You have {{have}}.") and markup; white space counts as one blank. Knows no pages.
 */
#ifndef GEMPIX_APP_VIEW_MESSAGES_H
#define GEMPIX_APP_VIEW_MESSAGES_H

struct err;
struct text;

/* Appends the source with every sentence in the language chosen. 0, ST_INVALID (a sentence that
 * does not end or begins within another: the line), ST_TOOBIG. */
int messages_fill(const char *source, struct text *out, struct err *e);

#endif
