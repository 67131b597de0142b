/*
 * Proof that the person who asks for something grave is the owner: the password, and a code where
 * signing in takes one. Templates show the fields by {{> password-proof}}, which needs the flag
 * "second".
 */
#ifndef GEMPIX_APP_PRIVACY_PASSWORD_PROOF_PAGES_H
#define GEMPIX_APP_PRIVACY_PASSWORD_PROOF_PAGES_H

#include <stdbool.h>

struct err;
struct form;
struct request;
struct view;

/* A form of these fields and no others. */
extern const struct form password_proof_form;

struct password_proof {
    const char *password_error, *code_error; /* both NULL: proven. In the request's arena */
};

/* Looks at what the form brought; uses up a recovery code. 0, ST_DB, ST_NOMEM. */
int password_proof_check(struct request *rq, struct password_proof *out, struct err *e);
/* Fills the view of a page with the fields; `p` may be NULL. 0 or ST_DB. */
int password_proof_show(struct request *rq, const struct password_proof *p, struct view *v,
                        struct err *e);

#endif
