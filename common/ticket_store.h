/*
 * All SQL of tickets. Reading is for everybody who shows tickets: the member's pages, gempixctl,
 * the staff's pages. What changes a ticket is common/ticket.h's: it keeps the rules and the
 * letters.
 *
 * A page of the staff: ticket_store_list (queue by state, oldest first), ticket_store_load,
 * ticket_store_messages, ticket_store_files, ticket_store_file; then ticket_answer or ticket_close.
 */
#ifndef GEMPIX_COMMON_TICKET_STORE_H
#define GEMPIX_COMMON_TICKET_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ticket.h"

int ticket_store_prepare(struct db *db, struct err *e);

/* --- reading --- */

/* For ticket_store_list: state -1 = any; account 0 = anybody's; before 0 = from the newest. The
 * queue (state open) comes oldest first, everything else newest first. */
struct ticket_filter {
    int state;
    int64_t account;
    int64_t before; /* rows with smaller ids, for the next page; not with state open */
};
int ticket_store_list(struct db *db, const struct ticket_filter *filter, struct ticket *out,
                      size_t max, size_t *count, struct err *e);
/* How many wait for an answer of ours. */
int ticket_store_open(struct db *db, int64_t *count, struct err *e);

/* 0 or ST_NOTFOUND. `account` 0 = anybody's: for the staff. */
int ticket_store_load(struct db *db, const struct id *public_id, int64_t account,
                      struct ticket *out, struct err *e);
int ticket_store_by_token(struct db *db, const uint8_t token_hash[CRYPTO_SHA256],
                          struct ticket *out, struct err *e);

struct ticket_message {
    int64_t id, created_at;
    bool staff;
    char *body; /* heap */
};
/* The newest `max` in order of time. ticket_messages_free(*out, *count). */
int ticket_store_messages(struct db *db, int64_t ticket, struct ticket_message **out, size_t max,
                          size_t *count, struct err *e);
void ticket_messages_free(struct ticket_message *list, size_t count); /* NULL is legal */

struct ticket_file {
    int64_t id, message, bytes;
    char extension[5];
};
/* What came with the messages, without the bytes; at most `max`. */
int ticket_store_files(struct db *db, int64_t ticket, struct ticket_file *out, size_t max,
                       size_t *count, struct err *e);
/* The bytes of one, a WebP of ours (recode.h), heap memory (free()). ST_NOTFOUND where the file is
 * of another ticket. */
int ticket_store_file(struct db *db, int64_t ticket, int64_t file, void **data, size_t *size,
                      struct err *e);

/* --- changing: ticket.c's --- */

int ticket_store_insert(struct db *db, struct ticket *t, const uint8_t *token_hash, struct err *e);
/* ST_CONFLICT when the key was there before. */
int ticket_store_say(struct db *db, int64_t ticket, bool staff, const char *body,
                     const uint8_t key[CRYPTO_SHA256], const char *mail_id, int64_t now,
                     int64_t *message, struct err *e);
int ticket_store_keep(struct db *db, int64_t ticket, int64_t message, const char *extension,
                      const void *data, size_t size, struct err *e);
int ticket_store_state(struct db *db, int64_t ticket, enum ticket_state state, int64_t now,
                       struct err *e);
/* The ticket that has a message with this key. ST_NOTFOUND. */
int ticket_store_by_key(struct db *db, const uint8_t key[CRYPTO_SHA256], struct ticket *out,
                        struct err *e);
/* Message-ID of the asker's newest letter, "" = none. */
int ticket_store_mail_id(struct db *db, int64_t ticket, char out[251], struct err *e);
/* Tickets that this address opened since. */
int ticket_store_since(struct db *db, const char *email, int64_t since, int64_t *count,
                       struct err *e);

#endif
