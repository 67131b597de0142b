/*
 * All SQL of purchases and of the processor's events. Private to purchase.c and purchase_event.c.
 */
#ifndef GEMPIX_COMMON_PURCHASE_STORE_H
#define GEMPIX_COMMON_PURCHASE_STORE_H

#include "common/language.h"
#include "common/purchase.h"

int purchase_store_prepare(struct db *db, struct err *e);

struct purchase_new {
    struct id public_id, submit_key;
    int64_t account, credits, amount, now;
    const char *plan, *name, *currency;
    int64_t refund_days; /* -1 = not told */
    bool live;
};
/* ST_CONFLICT when the form's key is taken. */
int purchase_store_insert(struct db *db, const struct purchase_new *n, struct err *e);

/* Which row is meant; the locking ones need a transaction. */
enum purchase_by {
    PURCHASE_BY_KEY,    /* id: the form's */
    PURCHASE_BY_OWNER,  /* id: public, of the account */
    PURCHASE_BY_ID,     /* id: public; locked */
    PURCHASE_BY_PAYMENT /* text: the processor's payment; locked */
};
/* ST_NOTFOUND. */
int purchase_store_find(struct db *db, enum purchase_by by, int64_t account, const struct id *id,
                        const char *text, struct purchase *out, struct err *e);
int purchase_store_list(struct db *db, int64_t account, struct purchase *out, int max, int *count,
                        struct err *e);
int purchase_store_attach(struct db *db, int64_t id, const char *session, struct err *e);
int purchase_store_state(struct db *db, int64_t id, const char *state, struct err *e);
/* Paid: with the next receipt number, into *receipt. `payment` "" = none. */
int purchase_store_pay(struct db *db, int64_t id, const char *payment, int64_t now,
                       int64_t *receipt, struct err *e);
int purchase_store_refund(struct db *db, int64_t id, int64_t amount, int64_t credits,
                          struct err *e);
int purchase_store_dispute(struct db *db, int64_t id, const char *state, int64_t credits,
                           struct err *e);
/* Where the account's letters go, and its name. */
int purchase_store_address(struct db *db, int64_t account, char email[256], char name[321],
                           char language[LANGUAGE_TAG], struct err *e);

/* ST_CONFLICT when it is there already. */
int purchase_store_event(struct db *db, const char *id, const char *type, const char *body,
                         size_t len, int64_t now, struct err *e);
/* Locks the event; *body is heap memory (free()). `todo` false: it was acted upon before. */
int purchase_store_event_lock(struct db *db, const char *id, char type[101], char **body,
                              size_t *len, bool *todo, struct err *e);
int purchase_store_event_end(struct db *db, const char *id, const char *state, struct err *e);
int purchase_store_event_failed(struct db *db, const char *id, const char *why, int64_t next_try_at,
                                struct err *e);
int purchase_store_event_attempts(struct db *db, const char *id, int *attempts, struct err *e);
/* Ids of what is due: at most `max`, 256 bytes each. */
int purchase_store_events_due(struct db *db, int64_t now, char (*ids)[256], int max, int *count,
                              struct err *e);
int purchase_store_event_again(struct db *db, const char *id, int64_t now, int64_t *changed,
                               struct err *e);
int purchase_store_event_list(struct db *db, const char *state, struct purchase_event *out, int max,
                              int *count, struct err *e);

#endif
