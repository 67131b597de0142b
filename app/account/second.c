/*
 * The rules of the second step; see second.h. A code counts once: what was used is remembered by
 * the number of its 30 seconds, a recovery code by being gone.
 */
#include "app/account/second.h"

#include <stdio.h>
#include <string.h>

#include "app/account/account_letters.h"
#include "app/account/account_store.h"
#include "app/account/second_store.h"
#include "common/clock.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/err.h"

#define GROUP 4
#define CODE_LETTERS 12

int
second_prepare(struct db *db, struct err *e)
{
    return second_store_prepare(db, e);
}

int
second_look(struct db *db, int64_t account, struct second_state *out, struct err *e)
{
    return second_store_load(db, account, out, e);
}

void
second_secret(const uint8_t key[SECOND_KEY], int64_t account, const struct second_state *s,
              uint8_t out[TOTP_SECRET])
{
    uint8_t text[sizeof account + sizeof s->nonce], mac[CRYPTO_SHA256];

    memcpy(text, &account, sizeof account);
    memcpy(text + sizeof account, s->nonce, sizeof s->nonce);
    crypto_hmac_sha256(key, SECOND_KEY, text, sizeof text, mac);
    memcpy(out, mac, TOTP_SECRET);
    crypto_wipe(mac, sizeof mac);
}

/* What the transactions below work with. */
struct change {
    const struct conf *conf;
    const uint8_t *key;
    int64_t account;
    const char *code;
    char (*codes)[SECOND_CODE];
};

static int
begin_body(struct db *db, void *arg, struct err *e)
{
    const struct change *c = arg;
    struct second_state s;
    uint8_t nonce[sizeof s.nonce];
    int rc = second_store_load(db, c->account, &s, e);

    if (rc != ST_OK)
        return rc;
    if (s.on)
        return err_set(e, ST_CONFLICT, "The second step is on already.", NULL);
    crypto_random(nonce, sizeof nonce);
    return second_store_begin(db, c->account, nonce, clock_now(), e);
}

int
second_begin(struct db *db, int64_t account, struct err *e)
{
    struct change c = {.account = account};

    return db_transaction(db, begin_body, &c, e);
}

/* Letters without those that are mistaken for others; case and hyphens do not count. */
static void
hash_code(const struct change *c, const char *code, uint8_t out[CRYPTO_SHA256])
{
    char text[64];
    int n = snprintf(text, sizeof text, "recovery %lld ", (long long)c->account);
    size_t used = n > 0 ? (size_t)n : 0;

    for (; *code != '\0' && used + 1 < sizeof text; code++) {
        char small = *code >= 'A' && *code <= 'Z' ? (char)(*code - 'A' + 'a') : *code;
        if (small != '-' && small != ' ')
            text[used++] = small;
    }
    crypto_hmac_sha256(c->key, SECOND_KEY, text, used, out);
    crypto_wipe(text, sizeof text);
}

static int
write_codes(struct db *db, const struct change *c, struct err *e)
{
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
    int rc = second_store_drop_codes(db, c->account, e);

    for (int i = 0; rc == ST_OK && i < SECOND_CODES; i++) {
        uint8_t hash[CRYPTO_SHA256];
        size_t used = 0;

        for (int k = 0; k < CODE_LETTERS; k++) {
            if (k > 0 && k % GROUP == 0)
                c->codes[i][used++] = '-';
            c->codes[i][used++] = letters[crypto_random_u32() % (sizeof letters - 1)];
        }
        c->codes[i][used] = '\0';
        hash_code(c, c->codes[i], hash);
        rc = second_store_add_code(db, c->account, hash, clock_now(), e);
    }
    return rc;
}

static int
tell(struct db *db, const struct change *c, enum account_letter letter, struct err *e)
{
    struct account_secret who;
    int rc = account_store_secret(db, c->account, &who, e);
    const struct account_addressee to = {
        .account = c->account, .email = who.email, .display_name = who.display_name};

    if (rc == ST_OK)
        rc = account_letter_queue(db, c->conf, letter, &to, e);
    crypto_wipe(&who, sizeof who);
    return rc;
}

static int
wrong(struct err *e)
{
    return err_set(e, ST_DENIED,
                   "This code is not right, or it was used before. Codes change every "
                   "30 seconds.",
                   NULL);
}

/* Checks a code of the app and uses it up. */
static int
use_app_code(struct db *db, const struct change *c, const struct second_state *s, struct err *e)
{
    uint8_t secret[TOTP_SECRET];
    int64_t step;
    bool fits, fresh;
    int rc;

    second_secret(c->key, c->account, s, secret);
    fits = totp_fits(secret, c->code, clock_now(), &step);
    crypto_wipe(secret, sizeof secret);
    if (!fits)
        return wrong(e);
    rc = second_store_use(db, c->account, step, &fresh, e);
    return rc == ST_OK && !fresh ? wrong(e) : rc;
}

static int
confirm_body(struct db *db, void *arg, struct err *e)
{
    const struct change *c = arg;
    struct second_state s;
    int rc;

    if ((rc = second_store_load(db, c->account, &s, e)) != ST_OK)
        return rc;
    if (!s.begun)
        return err_set(e, ST_CONFLICT, "There is nothing to confirm.", NULL);
    if ((rc = use_app_code(db, c, &s, e)) != ST_OK ||
        (rc = second_store_confirm(db, c->account, clock_now(), e)) != ST_OK ||
        (rc = write_codes(db, c, e)) != ST_OK)
        return rc;
    return tell(db, c, LETTER_SECOND_ON, e);
}

int
second_confirm(struct db *db, const struct conf *conf, const uint8_t key[SECOND_KEY],
               int64_t account, const char *code, char codes[SECOND_CODES][SECOND_CODE],
               struct err *e)
{
    struct change c = {conf, key, account, code, codes};

    memset(codes, 0, SECOND_CODES * sizeof codes[0]);
    return db_transaction(db, confirm_body, &c, e);
}

static int
renew_body(struct db *db, void *arg, struct err *e)
{
    const struct change *c = arg;
    struct second_state s;
    int rc = second_store_load(db, c->account, &s, e);

    if (rc == ST_OK && !s.on)
        rc = err_set(e, ST_CONFLICT, "The second step is not on.", NULL);
    return rc == ST_OK ? write_codes(db, c, e) : rc;
}

int
second_renew(struct db *db, const uint8_t key[SECOND_KEY], int64_t account,
             char codes[SECOND_CODES][SECOND_CODE], struct err *e)
{
    struct change c = {NULL, key, account, NULL, codes};

    memset(codes, 0, SECOND_CODES * sizeof codes[0]);
    return db_transaction(db, renew_body, &c, e);
}

static int
end_body(struct db *db, void *arg, struct err *e)
{
    const struct change *c = arg;
    struct second_state s;
    int rc;

    if ((rc = second_store_load(db, c->account, &s, e)) != ST_OK ||
        (rc = second_store_drop_codes(db, c->account, e)) != ST_OK ||
        (rc = second_store_end(db, c->account, e)) != ST_OK)
        return rc;
    return s.on ? tell(db, c, LETTER_SECOND_OFF, e) : ST_OK;
}

int
second_end(struct db *db, const struct conf *conf, int64_t account, struct err *e)
{
    struct change c = {.conf = conf, .account = account};

    return db_transaction(db, end_body, &c, e);
}

static int
check_body(struct db *db, void *arg, struct err *e)
{
    const struct change *c = arg;
    struct second_state s;
    uint8_t hash[CRYPTO_SHA256];
    bool had;
    int rc;

    if ((rc = second_store_load(db, c->account, &s, e)) != ST_OK)
        return rc;
    if (!s.on)
        return wrong(e);
    if (strlen(c->code) < CODE_LETTERS)
        return use_app_code(db, c, &s, e);
    hash_code(c, c->code, hash);
    rc = second_store_use_code(db, c->account, hash, &had, e);
    return rc == ST_OK && !had ? wrong(e) : rc;
}

int
second_check(struct db *db, const uint8_t key[SECOND_KEY], int64_t account, const char *code,
             struct err *e)
{
    struct change c = {.key = key, .account = account, .code = code};

    return db_transaction(db, check_body, &c, e);
}
