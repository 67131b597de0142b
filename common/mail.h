/*
 * The mail outbox: a row inside the caller's transaction, delivered later by the steward through
 * SMTP (libcurl, in mail_send.c). Plain text only. Header values refuse CR and LF.
 */
#ifndef GEMPIX_COMMON_MAIL_H
#define GEMPIX_COMMON_MAIL_H

#include <stdint.h>

struct conf;
struct db;
struct err;

int mail_prepare(struct db *db, struct err *e);
/* Queues one message; the same key again queues nothing. The words of a letter whose key begins
 * with "link:" hold a secret: they are gone once it was sent or given up. account 0 = none. 0,
 * ST_INVALID (CR, LF or no address), ST_DB. */
int mail_queue(struct db *db, const char *key, int64_t account, const char *recipient,
               const char *subject, const char *body, struct err *e);
/* A letter of a conversation. */
struct mail_thread {
    const char *reply_to; /* where answers go; "" = the sender */
    const char *answers;  /* ids in angle brackets, separated by blanks, the last is answered; "" */
};
/* The same as mail_queue, with the headers that hold a conversation together. ST_INVALID also for
 * an address or ids that break a rule. */
int mail_queue_thread(struct db *db, const char *key, int64_t account, const char *recipient,
                      const char *subject, const char *body, const struct mail_thread *thread,
                      struct err *e);
/* Sends what is due, at most `max`; failures are tried again after 1, 5, 30 min, 2, 6, 12 h, then
 * 'failed'. A server that cannot be talked to ends the round: the other letters keep their tries. 0
 * even if some could not be sent. */
int mail_deliver(struct db *db, const struct conf *conf, int max, int *sent, int *failed,
                 struct err *e);

#endif
