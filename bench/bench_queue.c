/*
 * Measures the job queue through the calls that programs use: bench_queue SOCKET SCHEMA USER WHAT N
 * [BATCH]. WHAT is claim, renew or submit; N is the number of calls. Prints one line of
 * tab-separated columns: calls, jobs, seconds, jobs per second, and of one call p50, p99 and the
 * longest, in microseconds. bench/queue starts the server, fills the schema and makes the table.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/db.h"
#include "t/queue/queue_kit.h"

#define LEASE (600 * CLOCK_SECOND)
#define BATCH_MAX 64
#define MODEL "bench"

struct run {
    struct db *db;
    int batch;
    int64_t account;
    struct job held; /* for renew */
};

static struct err e;

/* Each returns the number of jobs one call was about. */
static int
claim(struct run *r)
{
    struct job jobs[BATCH_MAX];
    int count;

    if (job_claim(r->db, "bench:1", MODEL, LEASE, 3, r->batch, jobs, &count, &e) != ST_OK)
        kit_die("claiming", &e);
    for (int i = 0; i < count; i++)
        job_release(&jobs[i]);
    return count;
}

static bool
joins(void *ctx, const struct job *taken, int count, const struct job *other)
{
    (void)ctx;
    (void)count;
    return taken[0].params.steps == other->params.steps;
}

/* As the daemon claims: jobs that are drawn in one pass. */
static int
together(struct run *r)
{
    struct job_claim_ask ask = {.worker = "bench:1",
                                .model = MODEL,
                                .lease_us = LEASE,
                                .attempts_max = 3,
                                .max = r->batch,
                                .joins = joins};
    struct job jobs[BATCH_MAX];
    int count;

    if (job_claim_batch(r->db, &ask, jobs, &count, &e) != ST_OK)
        kit_die("claiming together", &e);
    for (int i = 0; i < count; i++)
        job_release(&jobs[i]);
    return count;
}

static int
renew(struct run *r)
{
    bool cancel;

    if (job_renew(r->db, &r->held, LEASE, 1, &cancel, &e) != ST_OK)
        kit_die("renewing", &e);
    return 1;
}

static int
submit(struct run *r)
{
    struct job_submission s = kit_submission(r->account, MODEL, NULL);
    struct id id;

    if (job_submit(r->db, &s, &id, &e) != ST_OK)
        kit_die("submitting", &e);
    return 1;
}

static const struct {
    const char *name;
    int (*call)(struct run *r);
} measures[] = {{"claim", claim}, {"together", together}, {"renew", renew}, {"submit", submit}};

static int
by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void
measure(struct run *r, int (*call)(struct run *), int calls)
{
    int64_t *times = calloc((size_t)calls, sizeof *times), jobs = 0, start, total;

    if (times == NULL)
        exit(1);
    start = clock_monotonic();
    for (int i = 0; i < calls; i++) {
        int64_t before = clock_monotonic();
        jobs += call(r);
        times[i] = clock_monotonic() - before;
    }
    total = clock_monotonic() - start;
    qsort(times, (size_t)calls, sizeof *times, by_value);
    printf("%d\t%" PRId64 "\t%.3f\t%.0f\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\n", calls, jobs,
           (double)total / 1e6, (double)jobs * 1e6 / (double)total, times[calls / 2],
           times[(int64_t)calls * 99 / 100], times[calls - 1]);
    free(times);
}

int
main(int argc, char **argv)
{
    struct run r = {.batch = argc > 6 ? (int)strtol(argv[6], NULL, 10) : 1};
    int calls = argc > 5 ? (int)strtol(argv[5], NULL, 10) : 0, count;

    if (argc < 6 || calls < 1 || r.batch < 1 || r.batch > BATCH_MAX) {
        fprintf(stderr,
                "usage: bench_queue SOCKET SCHEMA USER claim|together|renew|submit N [BATCH]\n");
        return 2;
    }
    r.db = kit_open(argv[1], argv[2], argv[3]);
    kit_prepare(r.db);
    r.account = kit_account(r.db, 1000000);
    if (job_claim(r.db, "bench:1", MODEL, LEASE, 3, 1, &r.held, &count, &e) != ST_OK || count != 1)
        kit_die("claiming the first job", &e);
    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++)
        if (strcmp(argv[4], measures[i].name) == 0)
            measure(&r, measures[i].call, calls);
    job_release(&r.held);
    db_close(r.db);
    return 0;
}
