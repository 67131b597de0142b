/*
 * The files that a job is made from, for workers. Who may use what, and how long uploads stay, is
 * decided when a job is submitted and when it ends (job_source_store.h).
 */
#ifndef GEMPIX_COMMON_JOB_SOURCE_H
#define GEMPIX_COMMON_JOB_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/ids.h"
#include "common/job.h"

struct db;
struct err;

struct job_source {
    bool there; /* else the job has none, or it is gone */
    struct id media;
    char extension[5];
};
/* 0 or ST_DB. */
int job_sources(struct db *db, int64_t job, struct job_source out[JOB_ROLES], struct err *e);

#endif
