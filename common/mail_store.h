/*
 * All SQL of the outbox. Private to mail.c, which queues, and mail_deliver.c, which sends: two sets
 * of statements, since the application may add letters and nothing else.
 */
#ifndef GEMPIX_COMMON_MAIL_STORE_H
#define GEMPIX_COMMON_MAIL_STORE_H

#include <stdbool.h>
#include <stdint.h>

struct db;
struct err;
struct mail_thread;

/* A row of the outbox. Strings are heap memory: mail_letter_release. */
struct mail_letter {
    int64_t id;
    char *recipient, *subject, *body, *reply_to, *answers;
    int attempts; /* the one that is being made included */
    int64_t created_at;
};
void mail_letter_release(struct mail_letter *l); /* a zeroed struct is legal */

int mail_store_prepare(struct db *db, struct err *e);
int mail_store_prepare_work(struct db *db, struct err *e);

/* ST_CONFLICT when the key was seen before. */
int mail_store_insert(struct db *db, const char *key, int64_t account, const char *recipient,
                      const char *subject, const char *body, const struct mail_thread *thread,
                      int64_t now, struct err *e);

/* Inside a transaction: locks one letter that is due and that no other steward holds. l->id is 0
 * when there is none. */
int mail_store_due(struct db *db, int64_t now, struct mail_letter *l, struct err *e);
int mail_store_take(struct db *db, int64_t id, int attempts, int64_t next_try_at, struct err *e);
int mail_store_sent(struct db *db, int64_t id, int64_t now, struct err *e);
int mail_store_failed(struct db *db, int64_t id, struct err *e);

#endif
