/*
 * The audit log: who of the staff looked at or did what to whom, when and why. Rows are added and
 * never changed; each row's hash covers the row before it, so that a changed or removed row shows.
 * For the site, gempixctl and the steward alike. docs/admin.md has the encoding, byte by byte.
 *
 * Retention empties old rows (register.yaml): what they said goes, their place in the chain stays.
 */
#ifndef GEMPIX_COMMON_AUDIT_H
#define GEMPIX_COMMON_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/crypto.h"

struct db;
struct err;

#define AUDIT_KEPT (2 * 366 * CLOCK_DAY) /* as register.yaml has it; a test compares */
#define AUDIT_WORD 40                    /* room for an action, a kind or a subject, with the NUL */
#define AUDIT_REASON_CHARS 500

/* What can be written. A new one: a line here and one in the table of audit.c. */
enum audit_action {
    AUDIT_STAFF_ADD,
    AUDIT_STAFF_REMOVE,
    AUDIT_ACCOUNT_SEARCH,
    AUDIT_ACCOUNT_LOOK,
    AUDIT_ACCOUNT_RESTRICT,
    AUDIT_ACCOUNT_RELEASE,
    AUDIT_ACCOUNT_SESSIONS,
    AUDIT_ACCOUNT_CREATE,
    AUDIT_ACCOUNT_CREDITS,
    AUDIT_ACCOUNT_EXPORT,
    AUDIT_ACCOUNT_ERASE,
    AUDIT_ACCOUNT_WRITE,
    AUDIT_ERASURE_LIST,
    AUDIT_FLAG_LIST,
    AUDIT_FLAG_DECIDE,
    AUDIT_JOB_LOOK,
    AUDIT_JOB_PROMPT,
    AUDIT_JOB_PICTURE,
    AUDIT_JOB_REQUEUE,
    AUDIT_REPORT_LOOK,
    AUDIT_REPORT_HIDE,
    AUDIT_REPORT_DISMISS,
    AUDIT_PURCHASE_LOOK,
    AUDIT_PURCHASE_REFUND,
    AUDIT_PURCHASE_REPLAY,
    AUDIT_TICKET_LIST,
    AUDIT_TICKET_LOOK,
    AUDIT_TICKET_FILE,
    AUDIT_TICKET_ANSWER,
    AUDIT_TICKET_CLOSE,
    AUDIT_RIGHTS_LIST,
    AUDIT_RIGHTS_LOOK,
    AUDIT_RIGHTS_ANSWER,
    AUDIT_RIGHTS_EXTEND,
    AUDIT_RIGHTS_REFUSE,
    AUDIT_LOG_LOOK,
    AUDIT_RECORD_LOOK,
    AUDIT_ACTIONS /* their number */
};

/* "account.look", of kind "account": "looked at an account" (English, to be translated by T). */
struct audit_word {
    const char *word, *kind, *about;
};
const struct audit_word *audit_word(enum audit_action action);
/* By its word; -1 where there is none. */
int audit_find(const char *word);

struct audit_entry {
    int64_t staff; /* account that acts; 0 = the operator at the machine */
    enum audit_action action;
    const char *subject; /* public id of what it is about; "" = nothing single */
    const char *reason;  /* "" where none was asked; cut to AUDIT_REASON_CHARS */
};

int audit_prepare(struct db *db, struct err *e);
/* Adds a row, in the caller's transaction or in one of its own. Writers queue at the chain's head:
 * in a transaction, call it last. Show nothing and do nothing when it fails. 0 or as
 * db_transaction. */
int audit_write(struct db *db, const struct audit_entry *entry, struct err *e);

struct audit_row {
    int64_t id, at; /* µs UTC */
    bool emptied;   /* by retention: what follows is "" */
    int64_t staff;  /* 0 = the operator at the machine */
    char staff_name[81];
    char action[AUDIT_WORD], kind[AUDIT_WORD], subject[AUDIT_WORD];
    char reason[AUDIT_REASON_CHARS * 4 + 1];
};

/* Only rows that fit all that is given; NULL or 0 = any. */
struct audit_filter {
    int64_t staff;
    const char *action, *subject;
    int64_t before; /* rows with smaller ids: for the next page */
};
/* The newest first, at most `max`. 0 or as db_query. */
int audit_list(struct db *db, const struct audit_filter *filter, struct audit_row *out, size_t max,
               size_t *count, struct err *e);

struct audit_report {
    int64_t rows, emptied;
    int64_t last; /* number of the newest row, 0 = none */
    char last_hash[2 * CRYPTO_SHA256 + 1];
    int64_t broken; /* number of the first row that is wrong or missing, 0 = none */
    char why[120];  /* English */
};
/* Walks the chain from its first row, in pieces, while the site works. `witness` and `hash`
 * (lower-case hex) are a row and its hash as an earlier run printed them; 0 = none. 0 also where
 * something is broken; ST_DB. */
int audit_verify(struct db *db, int64_t witness, const char *hash, struct audit_report *out,
                 struct err *e);

#endif
