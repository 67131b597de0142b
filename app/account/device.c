/*
 * The rules of known browsers; see device.h.
 */
#include "app/account/device.h"

#include <stdio.h>
#include <string.h>

#include "app/account/account_letters.h"
#include "app/account/account_store.h"
#include "app/account/device_store.h"
#include "common/clock.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/err.h"
#include "common/language.h"

#define SECRET_BYTES 32

int
device_prepare(struct db *db, struct err *e)
{
    return device_store_prepare(db, e);
}

static void
hash_token(const char *token, uint8_t out[CRYPTO_SHA256])
{
    crypto_sha256(token, strlen(token), out);
}

struct note {
    const struct conf *conf;
    const struct device *d;
    int64_t account;
    char *fresh;
};

static int
tell_owner(struct db *db, const struct note *n, struct err *e)
{
    struct account_secret who;
    struct account_addressee to = {.account = n->account};
    char iso[32], date[DATE_TEXT], language[LANGUAGE_TAG], words[240];
    int rc, before;

    if ((rc = account_store_secret(db, n->account, &who, e)) == ST_OK &&
        (rc = account_store_language(db, n->account, language, e)) == ST_OK) {
        before = language_for_reader(language);
        clock_iso(clock_now(), iso, sizeof iso);
        language_date(clock_now(), date);
        snprintf(words, sizeof words, "%s\n%s %s\n%s, %.5s UTC",
                 n->d->browser[0] != '\0' ? n->d->browser : T("An unknown browser"), T("Country:"),
                 n->d->region[0] != '\0' ? n->d->region : T("unknown"), date, iso + 11);
        language_use(before);
        to.email = who.email;
        to.display_name = who.display_name;
        to.words = words;
        rc = account_letter_queue(db, n->conf, LETTER_BROWSER, &to, e);
    }
    crypto_wipe(&who, sizeof who);
    return rc;
}

static int
note_body(struct db *db, void *arg, struct err *e)
{
    struct note *n = arg;
    uint8_t secret[SECRET_BYTES], hash[CRYPTO_SHA256];
    int64_t all, same, now = clock_now();
    bool known;
    int rc;

    n->fresh[0] = '\0';
    hash_token(n->d->token, hash);
    if ((rc = device_store_count(db, n->account, n->d, &all, &same, e)) != ST_OK ||
        (rc = device_store_touch(db, n->account, hash, n->d, now, &known, e)) != ST_OK)
        return rc;
    if (!known) {
        crypto_random(secret, sizeof secret);
        crypto_base64url(secret, sizeof secret, n->fresh, DEVICE_TOKEN);
        crypto_wipe(secret, sizeof secret);
        hash_token(n->fresh, hash);
        if ((rc = device_store_insert(db, n->account, hash, n->d, now, e)) != ST_OK)
            return rc;
    }
    return all > 0 && same == 0 ? tell_owner(db, n, e) : ST_OK;
}

int
device_note(struct db *db, const struct conf *conf, int64_t account, const struct device *d,
            char fresh[DEVICE_TOKEN], struct err *e)
{
    struct note n = {conf, d, account, fresh};

    return db_transaction(db, note_body, &n, e);
}

int
device_known(struct db *db, int64_t account, const char *token, bool *known, struct err *e)
{
    uint8_t hash[CRYPTO_SHA256];

    hash_token(token, hash);
    return device_store_known(db, account, hash, clock_now() - DEVICE_DAYS * CLOCK_DAY, known, e);
}
