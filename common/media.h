/*
 * Media: a row per file. The row is written before the file and removed after it, so an
 * interruption anywhere leaves a row that the next sweep completes: no file without a row, no row
 * without a file.
 */
#ifndef GEMPIX_COMMON_MEDIA_H
#define GEMPIX_COMMON_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"
#include "common/ids.h"
#include "common/store.h"

struct db;
struct err;
struct job;
struct store;

enum media_kind { MEDIA_RESULT, MEDIA_THUMB, MEDIA_UPLOAD, MEDIA_SOURCE, MEDIA_VIEW, MEDIA_SHOWN };

struct media {
    int64_t id;
    struct id public_id;
    int64_t account, job; /* job 0 = none */
    enum media_kind kind;
    int position;
    char extension[5];
    int width, height;
    int64_t bytes;
    uint32_t seed;
    bool saved;
    int64_t created_at, expires_at; /* expires_at 0 = kept */
};
/* The store key of a row. */
void media_key(const struct media *m, char out[STORE_KEY]);

/* Statements of the application's side: look, save, delete. */
int media_prepare(struct db *db, struct err *e);
/* The same and those that write and publish; job_work_prepare includes it. */
int media_work_prepare(struct db *db, struct err *e);
/* Those of media_sweep and media_check, which call it themselves. */
int media_sweep_prepare(struct db *db, struct err *e);

/* A worker's write under its job's lease: row 'writing' (checked against the lease), then the file.
   It shows nowhere until job_finish. Fills id, public_id, account, job, bytes, created_at of *m.
   Kind and position written twice under one lease: the later file replaces the earlier. 0, ST_LOST,
   ST_IO, ST_DB. */
int media_write(struct db *db, struct store *s, const struct job *j, struct media *m,
                const void *data, size_t size, struct err *e);

/* For job_move alone, in its transaction: what this lease wrote becomes 'stored' (*results counts
   the pictures); what any lease of the job left unfinished becomes 'doomed'. */
int media_publish(struct db *db, const struct job *j, int64_t lives_us, int *results,
                  struct err *e);
int media_abandon(struct db *db, int64_t job, struct err *e);

/* The application's write: a file of a visitor as it came, which nobody has looked into yet. It
   expires after `lives_us` unless a job takes it along (job_source). How large it may be is the
   caller's business. Fills *out. 0, ST_INVALID (empty), ST_IO, ST_DB. */
int media_upload(struct db *db, struct store *s, int64_t account, const void *data, size_t size,
                 int64_t lives_us, struct media *out, struct err *e);

/* Stored results (or thumbs) of an account's job in order of position; at most `max`. */
int media_of_job(struct db *db, int64_t account, int64_t job, enum media_kind kind,
                 struct media *out, int max, int *count, struct err *e);
/* An account's results, newest first; `before_id` 0 = from the newest; expired ones are left out.
 */
int media_recent(struct db *db, int64_t account, int64_t before_id, struct media *out, int max,
                 int *count, struct err *e);
/* One stored, unexpired file. ST_NOTFOUND also for another account's. */
int media_load(struct db *db, int64_t account, const struct id *public_id, struct media *out,
               struct err *e);
#define MEDIA_THUMB_SIDE 256 /* longest side of a thumb, pixels */
#define MEDIA_VIEW_SIDE 768  /* ... of a view */
/* The width of a copy that fits into side × side; a copy is never larger than the picture. For its
 * height swap the two. */
int media_copy_width(int width, int height, int side);
/* A smaller copy of it (same job and position): MEDIA_THUMB for tiles, MEDIA_VIEW for pages,
   MEDIA_SHOWN of a film without the words it was made from, for everybody.
   ST_NOTFOUND. */
int media_smaller(struct db *db, const struct media *result, enum media_kind kind,
                  struct media *out, struct err *e);
/* The job a picture came from, by row id, for its parameters page: *job_public. */
int media_job(struct db *db, const struct media *m, struct id *job_public, struct err *e);
/* saved: kept while the account lives, its smaller copies too. */
int media_save(struct db *db, int64_t account, const struct id *public_id, bool saved,
               int64_t transient_us, struct err *e);
/* Marks the file (and its smaller copies) doomed: gone for visitors at once; the sweep removes it.
   With a `deletion`, a random id that several pictures may share, it can be taken back for
   MEDIA_UNDO and the sweep waits so long; NULL = for good. */
#define MEDIA_UNDO (10 * CLOCK_MINUTE)
int media_delete(struct db *db, int64_t account, const struct id *public_id,
                 const struct id *deletion, struct err *e);
/* How many pictures of a deletion can still come back, and until when (µs UTC). 0 = none. */
int media_restorable(struct db *db, int64_t account, const struct id *deletion, int64_t *count,
                     int64_t *until, struct err *e);
/* Takes a deletion back. *count = pictures that are there again; ST_NOTFOUND when none could. */
int media_restore(struct db *db, int64_t account, const struct id *deletion, int64_t *count,
                  struct err *e);

struct media_sweep {
    int expired; /* rows that became doomed because their time had come */
    int stale;   /* rows left 'writing' by a lease that is gone */
    int removed; /* doomed files unlinked and rows dropped */
};
/* One bounded pass (at most `max` rows of each sort); interrupted anywhere, the next completes it.
 */
int media_sweep(struct db *db, struct store *s, int max, struct media_sweep *out, struct err *e);
/* For an erasure: every file of the account is doomed for good, at most `max` rows in a call, which
 * may be part of the caller's transaction. The sweep removes them; *left: it is not through. After
 * media_sweep_prepare. */
int media_doom_of(struct db *db, int64_t account, int max, int64_t *doomed, struct err *e);
int media_left_of(struct db *db, int64_t account, bool *left, struct err *e);
/* Compares rows and files: counts files (leftovers of interrupted writes included) without a row,
 * and stored rows without a file of their size. */
int media_check(struct db *db, struct store *s, int64_t *lone_files, int64_t *lone_rows,
                struct err *e);

#endif
