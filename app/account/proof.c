/*
 * The rules of proofs; see proof.h. Whoever asks with an address learns nothing about it: a row is
 * written in any case, and what differs is who gets which letter. Letters to one address are
 * counted, so that nobody can fill another's mailbox.
 */
#include "app/account/proof.h"

#include <stdbool.h>
#include <string.h>

#include "app/account/account.h"
#include "app/account/account_letters.h"
#include "app/account/account_store.h"
#include "app/account/proof_store.h"
#include "app/account/throttle.h"
#include "common/clock.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/err.h"
#include "common/language.h"

#define SECRET_BYTES 32
#define LETTERS_MAX 4 /* of a kind to one address in LETTERS_SPAN */
#define TRIES_MAX 5
#define LETTERS_SPAN CLOCK_HOUR

static const int64_t lives[] = {[PROOF_CONFIRM] = 2 * CLOCK_DAY,
                                [PROOF_RESET] = CLOCK_HOUR,
                                [PROOF_MOVE] = 2 * CLOCK_DAY,
                                [PROOF_STEP] = 10 * CLOCK_MINUTE};

static const char taken[] =
    N_("This address belongs to another account already. Sign in to that one.");

int
proof_prepare(struct db *db, struct err *e)
{
    return proof_store_prepare(db, e);
}

static void
hash_token(const char *token, uint8_t out[CRYPTO_SHA256])
{
    crypto_sha256(token, strlen(token), out);
}

/* Writes the row of a new link; the caller wipes the token. */
static int
new_proof(struct db *db, enum proof_kind kind, int64_t account, const char *email,
          const char *email_key, char token[PROOF_TOKEN], struct err *e)
{
    struct proof_row row = {
        .kind = kind, .account = account, .email = email, .email_key = email_key};
    uint8_t secret[SECRET_BYTES];

    crypto_random(secret, sizeof secret);
    crypto_base64url(secret, sizeof secret, token, PROOF_TOKEN);
    crypto_wipe(secret, sizeof secret);
    hash_token(token, row.token_hash);
    row.created_at = clock_now();
    row.expires_at = row.created_at + lives[kind];
    return proof_store_insert(db, &row, e);
}

/* Whether one more letter to this address is in order. */
static int
may_write(struct db *db, enum proof_kind kind, const char *email_key, bool *may, struct err *e)
{
    int64_t count;
    int rc = proof_store_count(db, kind, email_key, clock_now() - LETTERS_SPAN, &count, e);

    *may = rc == ST_OK && count < LETTERS_MAX;
    return rc;
}

int
proof_welcome(struct db *db, const struct conf *conf, const struct account_addressee *to,
              const char *email_key, struct err *e)
{
    struct account_secret who[ACCOUNT_CANDIDATES] = {0};
    struct account_addressee owner = *to;
    char token[PROOF_TOKEN];
    size_t count;
    bool may;
    int rc;

    if ((rc = account_store_secrets(db, email_key, who, &count, e)) != ST_OK ||
        (rc = may_write(db, PROOF_CONFIRM, email_key, &may, e)) != ST_OK ||
        (rc = new_proof(db, PROOF_CONFIRM, to->account, "", email_key, token, e)) != ST_OK)
        goto out;
    if (may && count > 0 && who[0].verified) {
        owner.account = who[0].id;
        owner.email = who[0].email;
        owner.display_name = who[0].display_name;
        rc = account_letter_queue(db, conf, LETTER_TAKEN, &owner, e);
    } else if (may) {
        owner.token = token;
        rc = account_letter_queue(db, conf, LETTER_CONFIRM, &owner, e);
    }
out:
    crypto_wipe(token, sizeof token);
    crypto_wipe(who, sizeof who);
    return rc;
}

/* What the transactions below work with. */
struct step {
    const struct conf *conf;
    struct account_secret who;
    const char *email, *email_key, *token, *password_hash;
    int64_t account;
};

static int
ask_confirm_body(struct db *db, void *arg, struct err *e)
{
    struct step *s = arg;
    struct account_secret owner[ACCOUNT_CANDIDATES] = {0};
    struct account_addressee to = {s->who.id, s->who.email, s->who.display_name, NULL, NULL};
    char token[PROOF_TOKEN];
    size_t count;
    int rc;

    if ((rc = account_store_secrets(db, s->email_key, owner, &count, e)) != ST_OK ||
        (rc = new_proof(db, PROOF_CONFIRM, s->who.id, "", s->email_key, token, e)) != ST_OK)
        goto out;
    to.token = token;
    if (count > 0 && owner[0].verified) {
        to = (struct account_addressee){owner[0].id, owner[0].email, owner[0].display_name, NULL,
                                        NULL};
        rc = account_letter_queue(db, s->conf, LETTER_TAKEN, &to, e);
    } else {
        rc = account_letter_queue(db, s->conf, LETTER_AGAIN, &to, e);
    }
out:
    crypto_wipe(token, sizeof token);
    crypto_wipe(owner, sizeof owner);
    return rc;
}

int
proof_ask_confirm(struct db *db, const struct conf *conf, int64_t account, struct err *e)
{
    struct step s = {.conf = conf};
    char key[255];
    bool may = false;
    int rc;

    if ((rc = account_store_secret(db, account, &s.who, e)) != ST_OK ||
        (rc = account_email_key(s.who.email, key, e)) != ST_OK)
        goto out;
    s.email_key = key;
    if (s.who.verified)
        rc = err_set(e, ST_CONFLICT, "Your address is confirmed already.", NULL);
    else
        rc = may_write(db, PROOF_CONFIRM, key, &may, e);
    if (rc == ST_OK && !may)
        rc = err_set(e, ST_LIMIT,
                     "We have written several letters already. Please look among unwanted mail, or "
                     "try again in an hour.",
                     NULL);
    if (rc == ST_OK)
        rc = db_transaction(db, ask_confirm_body, &s, e);
out:
    crypto_wipe(&s, sizeof s);
    return rc;
}

static int
ask_reset_body(struct db *db, void *arg, struct err *e)
{
    struct step *s = arg;
    const struct account_addressee none = {0};
    struct account_addressee to = none;
    char token[PROOF_TOKEN];
    bool may;
    int rc;

    if ((rc = may_write(db, PROOF_RESET, s->email_key, &may, e)) == ST_OK &&
        (rc = new_proof(db, PROOF_RESET, s->who.id, "", s->email_key, token, e)) == ST_OK && may &&
        s->who.id != 0) {
        to = (struct account_addressee){s->who.id, s->who.email, s->who.display_name, token, NULL};
        rc = account_letter_queue(db, s->conf, LETTER_RESET, &to, e);
    }
    crypto_wipe(token, sizeof token);
    return rc;
}

int
proof_ask_reset(struct db *db, const struct conf *conf, const char *email, struct err *e)
{
    struct account_secret who[ACCOUNT_CANDIDATES] = {0};
    struct step s = {.conf = conf};
    char key[255];
    size_t count;
    int rc;

    if ((rc = account_email_key(email, key, e)) != ST_OK ||
        (rc = account_store_secrets(db, key, who, &count, e)) != ST_OK)
        goto out;
    if (count > 0 && who[0].active)
        s.who = who[0];
    s.email_key = key;
    rc = db_transaction(db, ask_reset_body, &s, e);
out:
    crypto_wipe(who, sizeof who);
    crypto_wipe(&s, sizeof s);
    return rc;
}

int
proof_look(struct db *db, enum proof_kind kind, const char *token, struct proof_owner *out,
           struct err *e)
{
    uint8_t hash[CRYPTO_SHA256];

    hash_token(token, hash);
    return proof_store_find(db, kind, hash, clock_now(), false, out, e);
}

static int
use_up(struct db *db, enum proof_kind kind, const char *token, struct proof_owner *who,
       struct err *e)
{
    uint8_t hash[CRYPTO_SHA256];
    int rc;

    hash_token(token, hash);
    if ((rc = proof_store_find(db, kind, hash, clock_now(), true, who, e)) != ST_OK)
        return rc;
    return proof_store_drop(db, kind, who->account, e);
}

/* The address becomes the account's own. */
static int
verify(struct db *db, int64_t account, struct err *e)
{
    int rc = account_store_verify(db, account, clock_now(), e);

    if (rc == ST_CONFLICT)
        return err_set(e, ST_CONFLICT, taken, NULL);
    return rc;
}

static int
confirm_body(struct db *db, void *arg, struct err *e)
{
    struct step *s = arg;
    struct proof_owner who;
    int rc = use_up(db, PROOF_CONFIRM, s->token, &who, e);

    return rc == ST_OK ? verify(db, who.account, e) : rc;
}

int
proof_confirm(struct db *db, const char *token, struct err *e)
{
    struct step s = {.token = token};

    return db_transaction(db, confirm_body, &s, e);
}

static int
reset_body(struct db *db, void *arg, struct err *e)
{
    struct step *s = arg;
    struct proof_owner who;
    struct account_addressee to;
    int rc;

    if ((rc = use_up(db, PROOF_RESET, s->token, &who, e)) != ST_OK ||
        (rc = verify(db, who.account, e)) != ST_OK ||
        (rc = proof_store_drop(db, PROOF_CONFIRM, who.account, e)) != ST_OK ||
        (rc = proof_store_drop(db, PROOF_MOVE, who.account, e)) != ST_OK ||
        (rc = account_store_password(db, who.account, s->password_hash, e)) != ST_OK ||
        (rc = account_store_end_sessions(db, who.account, NULL, e)) != ST_OK)
        return rc;
    s->account = who.account;
    to = (struct account_addressee){who.account, who.email, who.display_name, NULL, NULL};
    return account_letter_queue(db, s->conf, LETTER_PASSWORD, &to, e);
}

int
proof_reset(struct db *db, const struct conf *conf, const char *token, const char *password,
            int64_t *account, struct err *e)
{
    struct step s = {.conf = conf, .token = token};
    char hash[CRYPTO_PASSWORD_TEXT];
    struct proof_owner who;
    int rc;

    *account = 0;
    if ((rc = proof_look(db, PROOF_RESET, token, &who, e)) != ST_OK ||
        (rc = account_password_check(password, who.email, e)) != ST_OK ||
        (rc = gate_enter(db, true, e)) != ST_OK)
        return rc;
    rc = crypto_password_hash(password, hash, e);
    gate_leave(db);
    if (rc != ST_OK)
        return rc;
    s.password_hash = hash;
    rc = db_transaction(db, reset_body, &s, e);
    crypto_wipe(hash, sizeof hash);
    if (rc == ST_OK)
        *account = s.account;
    return rc;
}

static int
ask_move_body(struct db *db, void *arg, struct err *e)
{
    struct step *s = arg;
    struct account_secret owner[ACCOUNT_CANDIDATES] = {0};
    struct account_addressee old = {s->who.id, s->who.email, s->who.display_name, NULL, s->email};
    struct account_addressee new = {s->who.id, s->email, s->who.display_name, NULL, NULL};
    char token[PROOF_TOKEN];
    size_t count;
    int rc;

    if ((rc = account_store_secrets(db, s->email_key, owner, &count, e)) != ST_OK ||
        (rc = proof_store_drop(db, PROOF_MOVE, s->who.id, e)) != ST_OK ||
        (rc = new_proof(db, PROOF_MOVE, s->who.id, s->email, s->email_key, token, e)) != ST_OK ||
        (rc = account_letter_queue(db, s->conf, LETTER_MOVING, &old, e)) != ST_OK)
        goto out;
    new.token = token;
    if (count > 0 && owner[0].verified) {
        new = (struct account_addressee){owner[0].id, owner[0].email, owner[0].display_name, NULL,
                                         NULL};
        rc = account_letter_queue(db, s->conf, LETTER_CLAIMED, &new, e);
    } else {
        rc = account_letter_queue(db, s->conf, LETTER_MOVE, &new, e);
    }
out:
    crypto_wipe(token, sizeof token);
    crypto_wipe(owner, sizeof owner);
    return rc;
}

int
proof_ask_move(struct db *db, const struct conf *conf, int64_t account, const char *email,
               struct err *e)
{
    struct step s = {.conf = conf, .email = email};
    char key[255], old[255];
    bool may = false;
    int rc;

    if ((rc = account_email_key(email, key, e)) != ST_OK ||
        (rc = account_store_secret(db, account, &s.who, e)) != ST_OK ||
        (rc = account_email_key(s.who.email, old, e)) != ST_OK)
        goto out;
    s.email_key = key;
    if (strcmp(key, old) == 0)
        rc = err_set(e, ST_INVALID, "This is your address already.", NULL);
    else
        rc = may_write(db, PROOF_MOVE, key, &may, e);
    if (rc == ST_OK && !may)
        rc = err_set(e, ST_LIMIT,
                     "We have written several letters already. Please look among unwanted mail, or "
                     "try again in an hour.",
                     NULL);
    if (rc == ST_OK)
        rc = db_transaction(db, ask_move_body, &s, e);
out:
    crypto_wipe(&s, sizeof s);
    return rc;
}

static int
move_body(struct db *db, void *arg, struct err *e)
{
    struct step *s = arg;
    struct proof_owner who;
    struct account_addressee to;
    int rc;

    if ((rc = use_up(db, PROOF_MOVE, s->token, &who, e)) != ST_OK ||
        (rc = proof_store_drop(db, PROOF_CONFIRM, who.account, e)) != ST_OK ||
        (rc = proof_store_drop(db, PROOF_RESET, who.account, e)) != ST_OK)
        return rc;
    rc = account_store_move(db, who.account, who.asked, who.asked_key, clock_now(), e);
    if (rc == ST_CONFLICT)
        return err_set(e, ST_CONFLICT, taken, NULL);
    to = (struct account_addressee){who.account, who.email, who.display_name, NULL, who.asked};
    if (rc == ST_OK && (rc = account_letter_queue(db, s->conf, LETTER_MOVED, &to, e)) == ST_OK) {
        to.email = who.asked;
        rc = account_letter_queue(db, s->conf, LETTER_MOVED, &to, e);
    }
    return rc;
}

int
proof_move(struct db *db, const struct conf *conf, const char *token, struct err *e)
{
    struct step s = {.conf = conf, .token = token};

    return db_transaction(db, move_body, &s, e);
}

int
proof_step(struct db *db, int64_t account, char token[PROOF_TOKEN], struct err *e)
{
    return new_proof(db, PROOF_STEP, account, "", "", token, e);
}

int
proof_step_wrong(struct db *db, const char *token, int64_t account, struct err *e)
{
    uint8_t hash[CRYPTO_SHA256];
    bool over;
    int rc;

    hash_token(token, hash);
    if ((rc = proof_store_try(db, hash, TRIES_MAX, &over, e)) != ST_OK || !over)
        return rc;
    return proof_store_drop(db, PROOF_STEP, account, e);
}

int
proof_step_done(struct db *db, int64_t account, struct err *e)
{
    return proof_store_drop(db, PROOF_STEP, account, e);
}
