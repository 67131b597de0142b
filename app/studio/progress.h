/*
 * Where a job stands, in numbers and in words. One place for the page and for its live updates, so
 * they never differ.
 */
#ifndef GEMPIX_APP_STUDIO_PROGRESS_H
#define GEMPIX_APP_STUDIO_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct job;

/* What the queue says about a job that has not ended. */
struct progress_queue {
    int64_t jobs;  /* before it */
    int64_t work;  /* before it, running jobs and other models' share included; as job.cost */
    int64_t speed; /* of all workers with its model, job.cost per second; 0 = unknown */
    int workers;   /* with its model, seen within a minute */
};

struct progress {
    bool ended;
    int percent;       /* 0-100 of the steps */
    int64_t seconds;   /* until it is done; -1 = unknown */
    char words[200];   /* a sentence or two: "Drawing, step 5 of 25. About 10 seconds left." */
    char title[40];    /* for the tab: "20 %", "Waiting", "Ready" */
    const char *label; /* of the state: "Waiting", "Drawing", "Ready" … */
};

/* `q` may be NULL for a job that has ended. */
void progress_of(const struct job *j, const struct progress_queue *q, struct progress *out);

#endif
