/*
 * Forms: bytes to pairs, pairs to typed values. Hostile input ends here: everything is bounded, and
 * what a field's type does not allow becomes a sentence for the visitor. Knows no sockets, no
 * pages.
 */
#ifndef GEMPIX_APP_HTTP_FORM_H
#define GEMPIX_APP_HTTP_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "app/http/app.h"
#include "app/http/http.h"

/*
 * Splits "a=1&b=2" into pairs. 0, ST_INVALID (percent-encoding, empty names, more than PAIRS_MAX)
 * or ST_NOMEM.
 */
int form_urlencoded(struct arena *arena, const char *data, size_t len, struct pairs *out,
                    struct err *e);

/* The parts of a multipart/form-data body (modified in place: each value ends in a NUL). `type` is
 * the Content-Type header. The same errors. */
int form_multipart(struct arena *arena, const char *type, char *data, size_t len, struct pairs *out,
                   struct err *e);

/* By the Content-Type: one of the two, or ST_UNSUPPORTED. An empty body has no pairs. */
int form_body(struct arena *arena, const char *type, char *data, size_t len, struct pairs *out,
              struct err *e);

/* The first pair of this name; NULL if there is none. Later ones are ignored, so that nobody can
 * check one and use another. */
const struct pair *form_pair(const struct pairs *pairs, const char *name);

/* Fills values[i] for each field and counts the errors. 0 or ST_NOMEM. */
int form_values(struct arena *arena, const struct form *form, const struct pairs *pairs,
                struct value *values, int *errors, struct err *e);

/* True when the bytes are UTF-8 without overlong forms and surrogates. */
bool form_is_utf8(const char *s, size_t len);

#endif
