/*
 * Keeps programs from sending forms that anybody may send, without asking anybody else: a signed
 * time in the form, a field that nobody sees, few links. What is refused is shown again with its
 * words and with what to do.
 */
#ifndef GEMPIX_APP_HTTP_STAMP_H
#define GEMPIX_APP_HTTP_STAMP_H

#include <stdbool.h>

#include "app/http/http.h"

/* "TIME.SIGNATURE": when this form was first shown. Arena memory. */
const char *stamp_make(struct request *rq);
/* NULL, or a sentence why this looks like a program's work and what to do. `*again` tells whether
 * the same stamp is good for the next try. */
const char *stamp_suspect(struct request *rq, const char *stamp, const char *trap,
                          const char *words, bool *again);

#endif
