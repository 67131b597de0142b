/*
 * All SQL of media rows. Private to media.c (looking, saving, deleting) and media_work.c (writing,
 * sweeping, checking). Three sets of statements, as small as the grants of the application, the
 * workers and the steward.
 */
#ifndef GEMPIX_COMMON_MEDIA_STORE_H
#define GEMPIX_COMMON_MEDIA_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/crypto.h"
#include "common/media.h"

int media_store_prepare(struct db *db, struct err *e);
int media_store_prepare_upload(struct db *db, struct err *e);
int media_store_prepare_work(struct db *db, struct err *e);
int media_store_prepare_sweep(struct db *db, struct err *e);

const char *media_kind_name(enum media_kind kind);

/* --- looking: at most `max` rows into out; *count may be 0 --- */

int media_store_of_job(struct db *db, int64_t account, int64_t job, enum media_kind kind,
                       int64_t now, struct media *out, int max, int *count, struct err *e);
int media_store_recent(struct db *db, int64_t account, int64_t before_id, int64_t now,
                       struct media *out, int max, int *count, struct err *e);
int media_store_load(struct db *db, int64_t account, const struct id *public_id, int64_t now,
                     struct media *out, int *count, struct err *e);
int media_store_smaller(struct db *db, const struct media *result, enum media_kind kind,
                        struct media *out, int *count, struct err *e);
/* ST_NOTFOUND. */
int media_store_job(struct db *db, int64_t job, struct id *job_public, struct err *e);

/* --- changing what is stored: the file and its smaller copies; *changed counts rows --- */

int media_store_save(struct db *db, const struct media *m, bool saved, int64_t expires_at,
                     struct err *e);
/* `deletion` NULL: for good. */
int media_store_doom(struct db *db, const struct media *m, const struct id *deletion,
                     int64_t remove_at, int64_t *changed, struct err *e);
/* What one deletion took and the sweep removes after `removed_after` only: stored again with the
   expiry it had; what would have expired by now stays doomed. */
int media_store_restore(struct db *db, int64_t account, const struct id *deletion, int64_t now,
                        int64_t removed_after, struct err *e);
/* How many pictures that would be, and when the first goes. */
int media_store_restorable(struct db *db, int64_t account, const struct id *deletion, int64_t now,
                           int64_t removed_after, int64_t *count, int64_t *remove_at,
                           struct err *e);

/* --- uploads: a row 'writing' by its public id; then stored (*changed 0 when a sweep has taken it
   meanwhile) or doomed --- */

int media_store_upload(struct db *db, const struct media *m, const uint8_t sha256[CRYPTO_SHA256],
                       struct err *e);
int media_store_uploaded(struct db *db, const struct media *m, int64_t *changed, struct err *e);
int media_store_upload_failed(struct db *db, const struct media *m, int64_t remove_at,
                              struct err *e);

/* --- writing --- */

/* ST_CONFLICT when the slot of this lease, or the public id, is taken. */
int media_store_insert(struct db *db, const struct media *m, uint64_t token,
                       const uint8_t sha256[CRYPTO_SHA256], struct err *e);
/* The row in the slot of m's job, kind and position under this token: id and public id into *m.
 * ST_NOTFOUND. */
int media_store_slot(struct db *db, struct media *m, uint64_t token, struct err *e);
int media_store_rewrite(struct db *db, const struct media *m, const uint8_t sha256[CRYPTO_SHA256],
                        struct err *e);
/* True while the row waits to be published. */
int media_store_is_writing(struct db *db, int64_t id, bool *writing, struct err *e);
/* A row whose file could not be written: doomed, and its slot free again. */
int media_store_discard(struct db *db, int64_t id, int64_t remove_at, struct err *e);
int media_store_publish(struct db *db, int64_t job, uint64_t token, int64_t expires_at,
                        struct err *e);
int media_store_results(struct db *db, int64_t job, int *count, struct err *e);
int media_store_abandon(struct db *db, int64_t job, int64_t remove_at, struct err *e);

/* --- sweeping and checking --- */

int media_store_expire(struct db *db, int64_t now, int max, int64_t *changed, struct err *e);
/* Dooms rows of leases that are gone, and of uploads that began before `uploads_before` and never
 * ended: ids first, then one by one. */
int media_store_stale(struct db *db, int64_t now, int64_t uploads_before, int max, int64_t *ids,
                      int *count, struct err *e);
int media_store_doom_stale(struct db *db, int64_t id, int64_t remove_at, int64_t *changed,
                           struct err *e);
int media_store_doomed(struct db *db, int64_t now, int max, struct media *out, int *count,
                       struct err *e);
int media_store_drop(struct db *db, int64_t id, struct err *e);
int media_store_exists(struct db *db, const struct id *public_id, bool *exists, struct err *e);
int media_store_stored_after(struct db *db, int64_t after_id, int max, struct media *out,
                             int *count, struct err *e);
int media_store_is_stored(struct db *db, int64_t id, bool *stored, struct err *e);

/* Every file of an account becomes doomed, for good and at once; at most `max`. And: is one left? */
int media_store_doom_of(struct db *db, int64_t account, int max, int64_t *doomed, struct err *e);
int media_store_left_of(struct db *db, int64_t account, bool *left, struct err *e);

#endif
