/*
 * The rules of changing an account; see profile.h. A new address is proof.c's.
 */
#include "app/account/profile.h"

#include <stdbool.h>
#include <stddef.h>

#include "app/account/account.h"
#include "app/account/account_letters.h"
#include "app/account/account_store.h"
#include "app/account/throttle.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/err.h"

int
profile_rename(struct db *db, int64_t account, const char *name, struct err *e)
{
    int rc = account_name_check(name, e);

    return rc == ST_OK ? account_store_rename(db, account, name, e) : rc;
}

int
profile_speak(struct db *db, int64_t account, const char *tag, struct err *e)
{
    return account_store_speak(db, account, tag != NULL ? tag : "", e);
}

static int
check(struct db *db, const struct account_secret *who, const char *password, struct err *e)
{
    bool fits;
    int rc = gate_enter(db, true, e);

    if (rc != ST_OK)
        return rc;
    fits = who->active && crypto_password_verify(who->hash, password);
    gate_leave(db);
    if (fits)
        return ST_OK;
    return err_set(e, ST_DENIED, "This is not your present password.", NULL);
}

int
profile_check(struct db *db, int64_t account, const char *password, struct err *e)
{
    struct account_secret who;
    int rc = account_store_secret(db, account, &who, e);

    if (rc == ST_OK)
        rc = check(db, &who, password, e);
    crypto_wipe(&who, sizeof who);
    return rc;
}

struct change {
    const struct conf *conf;
    struct account_secret who;
    const char *hash;
    const uint8_t *keep;
};

static int
password_body(struct db *db, void *arg, struct err *e)
{
    const struct change *c = arg;
    const struct account_addressee to = {
        .account = c->who.id, .email = c->who.email, .display_name = c->who.display_name};
    int rc;

    if ((rc = account_store_password(db, c->who.id, c->hash, e)) != ST_OK ||
        (rc = account_store_end_sessions(db, c->who.id, c->keep, e)) != ST_OK)
        return rc;
    return account_letter_queue(db, c->conf, LETTER_PASSWORD, &to, e);
}

int
profile_password(struct db *db, const struct conf *conf, int64_t account, const char *now,
                 const char *next, const uint8_t *keep, struct err *e)
{
    struct change c = {.conf = conf, .keep = keep};
    char hash[CRYPTO_PASSWORD_TEXT];
    int rc;

    if ((rc = account_store_secret(db, account, &c.who, e)) != ST_OK ||
        (rc = account_password_check(next, c.who.email, e)) != ST_OK ||
        (rc = check(db, &c.who, now, e)) != ST_OK || (rc = gate_enter(db, true, e)) != ST_OK)
        goto out;
    rc = crypto_password_hash(next, hash, e);
    gate_leave(db);
    if (rc != ST_OK)
        goto out;
    c.hash = hash;
    rc = db_transaction(db, password_body, &c, e);
    crypto_wipe(hash, sizeof hash);
out:
    crypto_wipe(&c, sizeof c);
    return rc;
}

int
profile_end_sessions(struct db *db, int64_t account, const uint8_t *keep, struct err *e)
{
    return account_store_end_sessions(db, account, keep, e);
}
