/*
 * The rules of delays and of the gate; see throttle.h. The count goes by the address as typed,
 * whether it has an account or not, so that it tells nothing. The gate is a lock of the database
 * server: it holds for all workers, ends with a worker that dies, and nobody waits in it who was
 * not counted before.
 */
#include "app/account/throttle.h"

#include <string.h>

#include "app/account/account.h"
#include "app/account/device.h"
#include "app/account/throttle_store.h"
#include "common/clock.h"
#include "common/crypto.h"
#include "common/err.h"

#define FORGOTTEN CLOCK_HOUR /* a count begins anew after so long without a try */
#define PATIENCE 1.0         /* seconds in the queue */
#define GATE "password"

int
throttle_prepare(struct db *db, struct err *e)
{
    return throttle_store_prepare(db, e);
}

static void
find_bucket(const struct throttle_who *who, const char *key, struct throttle_place *place)
{
    uint8_t text[600];
    size_t used = strlen(key) + 1, device = strlen(who->device);

    memcpy(text, key, used);
    if (place->known && device < 200) {
        text[used++] = 'd';
        memcpy(text + used, who->device, device);
        used += device;
    } else {
        text[used++] = 'c';
        memcpy(text + used, who->client, who->client_len);
        used += who->client_len;
    }
    crypto_hmac_sha256(who->key, CRYPTO_SHA256, text, used, place->bucket);
}

int
throttle_try(struct db *db, const struct throttle_who *who, struct throttle_place *place,
             int *seconds, struct err *e)
{
    uint8_t hash[CRYPTO_SHA256];
    char key[255];
    int64_t now = clock_now(), free_at;
    int rc;

    memset(place, 0, sizeof *place);
    *seconds = 0;
    if (account_email_key(who->email, key, e) != ST_OK) {
        err_clear(e);
        key[0] = '\0';
    }
    if (who->device[0] != '\0') {
        crypto_sha256(who->device, strlen(who->device), hash);
        rc = throttle_store_known(db, key, hash, now - DEVICE_DAYS * CLOCK_DAY, &place->known, e);
        if (rc != ST_OK)
            return rc;
    }
    find_bucket(who, key, place);
    if ((rc = throttle_store_look(db, place->bucket, &free_at, e)) != ST_OK)
        return rc;
    if (free_at > now) {
        *seconds = (int)((free_at - now) / CLOCK_SECOND) + 1;
        return err_setf(e, ST_LIMIT,
                        "That was wrong several times. Please wait %d seconds, then try again; or "
                        "choose a new password.",
                        *seconds);
    }
    return throttle_store_count(db, place->bucket, now, now - FORGOTTEN, e);
}

int
throttle_right(struct db *db, const struct throttle_place *place, struct err *e)
{
    return throttle_store_forget(db, place->bucket, e);
}

int
gate_enter(struct db *db, bool known, struct err *e)
{
    const char *queue = known ? GATE ".known" : GATE ".queue";
    bool in, queued;
    int rc = throttle_store_lock(db, GATE, 0, &in, e);

    if (rc != ST_OK || in)
        return rc;
    rc = throttle_store_lock(db, queue, 0, &queued, e);
    if (rc == ST_OK && queued) {
        rc = throttle_store_lock(db, GATE, PATIENCE, &in, e);
        (void)throttle_store_unlock(db, queue, NULL);
    }
    if (rc != ST_OK || in)
        return rc;
    return err_set(e, ST_TIMEOUT,
                   "Many people are signing in at this moment. Please try again in a few seconds.",
                   "password gate");
}

void
gate_leave(struct db *db)
{
    (void)throttle_store_unlock(db, GATE, NULL);
}
