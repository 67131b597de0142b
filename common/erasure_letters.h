/*
 * The letters of an erasure, in the language of the account. Private to erasure*.c.
 */
#ifndef GEMPIX_COMMON_ERASURE_LETTERS_H
#define GEMPIX_COMMON_ERASURE_LETTERS_H

struct conf;
struct db;
struct erasure;
struct erasure_person;
struct err;

enum erasure_letter { ERASURE_ASKED, ERASURE_SOON, ERASURE_CANCELLED, ERASURE_DONE };

/* Queues it in the caller's transaction; nothing for an address that nobody has proven. `receipt`
 * belongs to ERASURE_DONE, whose words leave the outbox when it is sent. */
int erasure_letter_queue(struct db *db, const struct conf *conf, enum erasure_letter letter,
                         const struct erasure *r, const struct erasure_person *to,
                         const char *receipt, struct err *e);

#endif
