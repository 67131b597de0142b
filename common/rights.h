/*
 * Requests under the law of data protection: asking, confirming by mail, extending, answering,
 * refusing, and the letters that go with it. For the site and gempixctl alike. Knows no HTTP and no
 * SQL; lists and reading are in rights_store.h.
 *
 * A member has proven who asks, so the time runs at once. Everybody else confirms the address by a
 * secret link first; the same link shows later how far the request is. The link is made from the
 * site's secret and the request's number, and the database holds its hash. Nothing here looks
 * whether an address has an account.
 */
#ifndef GEMPIX_COMMON_RIGHTS_H
#define GEMPIX_COMMON_RIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/crypto.h"
#include "common/ids.h"
#include "common/language.h"

struct conf;
struct db;
struct err;

#define RIGHTS_BODY_MAX 10000               /* bytes of a request, an answer, a reason */
#define RIGHTS_TOKEN 44                     /* the link's secret as text, with its NUL */
#define RIGHTS_CONFIRM_TIME (7 * CLOCK_DAY) /* the link confirms for so long */
#define RIGHTS_MONTHS_MORE 2                /* the law's longest extension */
#define RIGHTS_PER_DAY 5                    /* requests that one address or member may send */

/* Words of the columns; NULL ends each. */
extern const char *const rights_kinds[];
extern const char *const rights_states[];
extern const char *const rights_refusals[];
extern const char *const rights_whats[];
enum rights_state {
    RIGHTS_UNVERIFIED,
    RIGHTS_OPEN,
    RIGHTS_EXTENDED,
    RIGHTS_ANSWERED,
    RIGHTS_REFUSED
};
enum rights_what { RIGHTS_ASKED, RIGHTS_CONFIRMED, RIGHTS_LONGER, RIGHTS_REPLY, RIGHTS_REFUSAL };
/* For people, in the chosen language. */
const char *rights_kind_label(int kind);
const char *rights_state_label(enum rights_state state);
const char *rights_refusal_label(int refusal);
const char *rights_what_label(int what);

struct rights {
    int64_t id;
    struct id public_id;
    int64_t account; /* 0 = asked without one */
    char email[255]; /* of who asked; of a member today's; "" once the account is gone */
    char language[LANGUAGE_TAG];
    int kind; /* index into rights_kinds */
    enum rights_state state;
    int refusal;                                    /* index into rights_refusals, 0 = none */
    int64_t asked_at, verified_at, due_at, done_at; /* µs UTC, 0 = not yet */
};

struct rights_asker {
    int64_t account;   /* 0 = none: */
    const char *email; /* ... then the address */
    const char *language;
};

int rights_prepare(struct db *db, struct err *e);

/* So many calendar months later, at the same time of day; where that month has no such day, on its
 * last. Of a moment before the year 9000. */
int64_t rights_months_after(int64_t from, int months);

/* A new request; who has no account gets a letter with the link. `key` names the form: sent twice
 * it is kept once, and *out is the first. 0, ST_INVALID (empty, too long, no address), ST_LIMIT,
 * ST_DB. */
int rights_ask(struct db *db, const struct conf *conf, const struct rights_asker *who, int kind,
               const char *body, const struct id *key, struct id *out, struct err *e);
/* By the secret of a link. 0 or ST_NOTFOUND, also for one that was not confirmed in time. */
int rights_by_token(struct db *db, const char *token, struct rights *out, struct err *e);
/* The time runs from now. 0, also when it was confirmed before; ST_DB. */
int rights_confirm(struct db *db, const struct rights *r, struct err *e);

/* What the operator does; each writes to the asker. Call them in a transaction with the audit
 * log's line. 0; ST_INVALID (no words, too long, no such number of months); ST_CONFLICT where the
 * request is not open, or for an extension is extended already or overdue; ST_DB. */
int rights_extend(struct db *db, const struct conf *conf, const struct rights *r, int months,
                  const char *why, struct err *e);
int rights_answer(struct db *db, const struct conf *conf, const struct rights *r, const char *words,
                  struct err *e);
int rights_refuse(struct db *db, const struct conf *conf, const struct rights *r, int refusal,
                  const char *words, struct err *e);

/* Restriction of processing, by the member or by an answer: from then on the account's data are
 * stored, and used for nothing that its owner does not ask for (docs/policy/rights.md says what
 * stops). As it is already: 0. ST_DB. */
int rights_limit(struct db *db, int64_t account, bool on, struct err *e);

/* Letters to the operator about what is due within a week, within two days, or late (every week
 * anew); each goes once. *due: how many requests that is. 0, ST_NOMEM, ST_DB. */
int rights_remind(struct db *db, const struct conf *conf, int *due, struct err *e);

#endif
