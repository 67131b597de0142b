/*
 * The pictures that jobs are made from: rows of job_source, and how long uploads stay. An upload is
 * kept without end from the submission of the first job that needs it to the end of the last.
 * Private to the files of the job queue and media_work.c.
 */
#ifndef GEMPIX_COMMON_JOB_SOURCE_STORE_H
#define GEMPIX_COMMON_JOB_SOURCE_STORE_H

#include <stdint.h>

struct db;
struct err;
struct job_submission;

int job_source_prepare(struct db *db, struct err *e);
int job_source_prepare_submit(struct db *db, struct err *e);

/* Has the submission the sources that its kind needs, and no others? 0 or ST_INVALID with what the
 * visitor can do. */
int job_source_check(const struct job_submission *s, struct err *e);
/* In the transaction of the submission, with the account's balance locked: locks the files, keeps
   the uploads, writes the rows. ST_NOTFOUND when one is gone, expired or another account's. */
int job_source_keep(struct db *db, const struct job_submission *s, int64_t job, struct err *e);
/* In the transaction that ends the job: uploads that no other job waits for expire from now on. */
int job_source_free(struct db *db, int64_t job, int64_t now, struct err *e);

#endif
