/*
 * Erasing an account, as the data register says for each table and column. Somebody asks; for a
 * time of grace the account is closed to use and this can be taken back; then the steward erases,
 * batch by batch. The person gets a receipt, whose chain of hashes can be verified without knowing
 * who they were. What happens to which table is nowhere but in the register. docs/policy/erasure.md
 * has the receipt's form.
 */
#ifndef GEMPIX_COMMON_ERASURE_H
#define GEMPIX_COMMON_ERASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ids.h"

struct conf;
struct db;
struct erasure_plan;
struct err;
struct register_file;
struct store;

#define ERASURE_REMINDER_DAYS 3 /* before the end of the grace */

struct erasure {
    int64_t id, account;
    struct id code;
    int64_t asked_at, due_at; /* µs UTC */
    bool begun;               /* cannot be taken back any more */
};

/* Statements of asking, taking back and verifying. After job_prepare and mail_prepare. */
int erasure_prepare(struct db *db, struct err *e);

/* Closes the account to use, ends its sessions, stops its work and writes a letter. `grace` µs. 0,
 * ST_CONFLICT (asked already, or closed), ST_DB. */
int erasure_ask(struct db *db, const struct conf *conf, int64_t account, int64_t grace,
                struct err *e);
/* The account is open again. 0, ST_NOTFOUND (nothing was asked, or it has begun), ST_DB. */
int erasure_cancel(struct db *db, const struct conf *conf, int64_t account, struct err *e);
/* ST_NOTFOUND: nothing was asked. */
int erasure_load(struct db *db, int64_t account, struct erasure *out, struct err *e);

/* What the register tells to do, as statements. The register must live as long as the connection.
 * 0, ST_DB (also where the database's user lacks a right), ST_NOMEM. */
int erasure_plan_open(struct db *db, const struct register_file *r, struct erasure_plan **out,
                      struct err *e);
/* Also NULL; after db_close. */
void erasure_plan_free(struct erasure_plan *p);

/* Letters to those whose grace ends soon. */
int erasure_remind(struct db *db, const struct conf *conf, int max, int *told, struct err *e);
/* Erases what is due: *done accounts. One whose work still runs waits for the next call. Stopped or
 * killed anywhere, the next call goes on. */
int erasure_run(struct db *db, const struct conf *conf, struct store *s, struct erasure_plan *p,
                bool (*stopping)(void), int *done, struct err *e);

enum receipt_state {
    RECEIPT_NONE,    /* no receipt and no code in the text */
    RECEIPT_UNKNOWN, /* this site has given out no such code */
    RECEIPT_BROKEN,  /* its text was changed, or is not whole */
    RECEIPT_CODE,    /* the code alone: a deletion with it was completed */
    RECEIPT_TRUE,    /* whole and ours */
};
struct receipt_check {
    enum receipt_state state;
    int lines;       /* of the chain, that were walked */
    int wrong;       /* line of the chain, from 1; 0 = its end */
    int64_t done_at; /* µs UTC */
};
/* What a receipt, or its code alone, is worth. Blanks and '>' at the beginning of lines do not
 * matter. 0, ST_DB. */
int erasure_verify(struct db *db, const char *receipt, struct receipt_check *out, struct err *e);

#endif
