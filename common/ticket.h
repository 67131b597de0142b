/*
 * Questions to the people who run the site: asking, answering, closing, and the letters that go
 * with it. For the site, gempixctl, the staff's pages and gempix-inbound alike. Knows no HTTP and
 * no SQL (ticket_store.c); lists and reading are in ticket_store.h.
 *
 * Who has an account reads a ticket on its pages. Everybody else gets a secret link by mail; the
 * link is made from the site's secret and the ticket's number, and the database holds its hash.
 */
#ifndef GEMPIX_COMMON_TICKET_H
#define GEMPIX_COMMON_TICKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/crypto.h"
#include "common/ids.h"
#include "common/language.h"

struct conf;
struct db;
struct err;

#define TICKET_BODY_MAX 20000               /* bytes of a message */
#define TICKET_FILES_MAX 3                  /* pictures of a message */
#define TICKET_FILE_MAX ((size_t)2 << 20)   /* bytes of a picture */
#define TICKET_TOKEN 44                     /* the link's secret as text, with its NUL */
#define TICKET_REFERENCE (ID_TEXT + 16 + 1) /* in addresses and subjects, with its NUL */
#define TICKET_SUBJECT_CHARS 100
#define TICKET_PER_DAY 10 /* tickets that one address may open by mail in a day */

/* Words of the columns; NULL ends each. */
extern const char *const ticket_kinds[];
extern const char *const ticket_states[];
enum ticket_state { TICKET_OPEN, TICKET_WAITING, TICKET_RESOLVED };
/* For people, in the chosen language. */
const char *ticket_kind_label(int kind);
const char *ticket_state_label(enum ticket_state state);

struct ticket {
    int64_t id;
    struct id public_id;
    int64_t account; /* 0 = asked without one */
    char email[255]; /* of who asked; of a member today's; "" once the account is gone */
    char language[LANGUAGE_TAG];
    int kind; /* index into ticket_kinds */
    enum ticket_state state;
    char subject[4 * TICKET_SUBJECT_CHARS + 1];
    int64_t created_at, changed_at; /* µs UTC */
};

/* A picture as it came: what is kept is made anew from it (recode.h). Borrowed. */
struct ticket_picture {
    const void *data;
    size_t size;
};
/* True for what begins like a PNG, JPEG or WebP; *extension names it. Looks no further. */
bool ticket_picture_kind(const void *data, size_t size, const char **extension);

/* What somebody writes. Borrowed. */
struct ticket_words {
    const char *body;
    const void *key; /* key_size bytes that name this message: what is sent twice is kept once */
    size_t key_size;
    const char *mail_id; /* Message-ID of a letter, "" = none */
    struct ticket_picture pictures[TICKET_FILES_MAX];
    size_t picture_count;
};

struct ticket_asker {
    int64_t account;   /* 0 = none: */
    const char *email; /* ... then the address */
    const char *language;
};

int ticket_prepare(struct db *db, struct err *e);

/* A new ticket; who has no account gets a letter with the link. The subject is the beginning of the
 * words. 0 also for what came before (then *out is its ticket); ST_INVALID (empty, too long, no
 * address, no picture), ST_DB. */
int ticket_ask(struct db *db, const struct conf *conf, const struct ticket_asker *who, int kind,
               const struct ticket_words *words, struct id *out, struct err *e);
/* The asker's further words: the ticket is open again. 0 or as above. */
int ticket_add(struct db *db, const struct conf *conf, const struct ticket *t,
               const struct ticket_words *words, struct err *e);
/* The staff's answer, which goes out as a letter: the ticket waits, or with `resolved` is closed.
 * Call it in a transaction with the audit log's line. 0, ST_INVALID, ST_DB. */
int ticket_answer(struct db *db, const struct conf *conf, const struct ticket *t, const char *body,
                  bool resolved, struct err *e);
/* The staff writes first: a ticket of a member, that waits for them, and a letter. The same words
 * to the same member are sent once a day. Call it in a transaction with the audit log's line. 0,
 * ST_INVALID, ST_DB. */
int ticket_write(struct db *db, const struct conf *conf, int64_t account, const char *body,
                 struct id *out, struct err *e);
/* Closed by either side, without a word. 0 or ST_DB. */
int ticket_close(struct db *db, const struct ticket *t, struct err *e);

/* By the secret of a link. 0 or ST_NOTFOUND. */
int ticket_by_token(struct db *db, const char *token, struct ticket *out, struct err *e);
/* By a reference as letters carry it, anywhere in an address or a subject; upper case is taken
 * too. 0; ST_NOTFOUND when there is none or its signature is not ours. */
int ticket_by_reference(struct db *db, const struct conf *conf, const char *text,
                        struct ticket *out, struct err *e);
/* "xxxxxxxxxxxxxxxxxxxxxxxxxx-0123456789abcdef": the number and its signature. 0, ST_IO. */
int ticket_reference(const struct conf *conf, const struct id *public_id,
                     char out[TICKET_REFERENCE], struct err *e);

#endif
