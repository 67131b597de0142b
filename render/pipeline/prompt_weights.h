/*
 * A prompt's markup, as people know it from the webui: (more), [less], (as said:1.3), backslashes
 * before brackets that mean themselves, BREAK. Text in, pieces with weights out; knows no tokens.
 *
 * (x) is x by 1.1, [x] by 1/1.1, (x:1.3) by 1.3; nested ones multiply; what is opened and not
 * closed reaches to the end; what is closed and was not opened is text. A weight that is no number
 * is text too.
 */
#ifndef GEMPIX_RENDER_PIPELINE_PROMPT_WEIGHTS_H
#define GEMPIX_RENDER_PIPELINE_PROMPT_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>

struct err;

struct prompt_piece {
    const char *text; /* without markup */
    double weight;    /* finite */
    bool cut;         /* a BREAK; its text is "" */
};

struct prompt_pieces {
    struct prompt_piece *list; /* at least one; neighbours have different weights */
    size_t count;
    char *bytes; /* holds the texts */
};

/* 0 or ST_NOMEM: every text has a meaning. prompt_weights_release(out); a zeroed struct is legal.
 */
int prompt_weights_parse(const char *text, struct prompt_pieces *out, struct err *e);
void prompt_weights_release(struct prompt_pieces *pieces);

#endif
