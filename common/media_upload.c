/*
 * Files that visitors send. As everywhere the row comes before the file, so that whatever is
 * interrupted leaves a row for the sweep. Knows no format: only the renderer looks inside. Read
 * next: media.c.
 */
#include "common/clock.h"
#include "common/db.h"
#include "common/err.h"
#include "common/media.h"
#include "common/media_store.h"

#include <stdio.h>

int
media_upload(struct db *db, struct store *s, int64_t account, const void *data, size_t size,
             int64_t lives_us, struct media *out, struct err *e)
{
    uint8_t sha256[CRYPTO_SHA256];
    char key[STORE_KEY];
    int64_t changed;
    int rc;

    *out = (struct media){.account = account, .kind = MEDIA_UPLOAD, .bytes = (int64_t)size};
    if (size == 0)
        return err_set(e, ST_INVALID, "This file is empty. Please choose another.", NULL);
    snprintf(out->extension, sizeof out->extension, "bin");
    id_random(&out->public_id);
    out->created_at = clock_now();
    out->expires_at = out->created_at + lives_us;
    crypto_sha256(data, size, sha256);
    if ((rc = media_prepare(db, e)) != ST_OK ||
        (rc = media_store_upload(db, out, sha256, e)) != ST_OK)
        return rc;
    media_key(out, key);
    if ((rc = store_put(s, key, data, size, e)) != ST_OK) {
        media_store_upload_failed(db, out, clock_now(), NULL);
        return rc;
    }
    if ((rc = media_store_uploaded(db, out, &changed, e)) != ST_OK || changed == 1)
        return rc;
    store_purge(s, key, NULL);
    return err_set(e, ST_TIMEOUT, "This took too long. Please send the picture again.", "upload");
}
