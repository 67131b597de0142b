/*
 * Random histories of credits: ledger_probe SOCKET SCHEMA USER STORE. First many short ones in one
 * process, each step compared with a model; then two processes at once on the same accounts,
 * where only the rules can be checked: nothing negative, nothing lost, one settlement per job.
 * GEMPIX_SEED=N replays a run; GEMPIX_HISTORIES=N runs another number of them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/crypto.h"
#include "common/db.h"
#include "common/ledger.h"
#include "common/media.h"
#include "t/lib/tap.h"
#include "t/queue/queue_kit.h"

#define ACCOUNTS 3
#define JOBS 8
#define STEPS 14
#define LEASE (30 * CLOCK_SECOND)

struct member {
    int64_t id, available, held;
    struct id jobs[JOBS];
    int64_t prices[JOBS];
    bool queued[JOBS];
    int count;
};

struct history {
    struct member members[ACCOUNTS];
    char model[32];
    struct job running;
    bool runs;
    char last[160]; /* the step just taken, for the report */
};

static struct db *db;
static struct store *store;
static struct err e;
static uint64_t dice;

/* xorshift: the same numbers for the same seed everywhere. */
static unsigned
roll(unsigned sides)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (unsigned)(dice % sides);
}

static int
write_result(const struct job *j)
{
    struct media m = {.kind = MEDIA_RESULT, .extension = "png", .width = 8, .height = 8};

    return media_write(db, store, j, &m, "x", 1, &e);
}

static bool
step_grant(struct history *h, struct member *m)
{
    int64_t amount = 1 + roll(20);
    char key[64];
    int again = roll(3) == 0;

    snprintf(key, sizeof key, "order:%" PRId64 ":%u", m->id, roll(1u << 30));
    snprintf(h->last, sizeof h->last, "grant %" PRId64 " %s", amount, again ? "twice" : "once");
    m->available += amount;
    for (int i = 0; i <= again; i++)
        if (ledger_grant(db, m->id, amount, key, "note", &e) != ST_OK)
            return false;
    return true;
}

static bool
step_submit(struct history *h, struct member *m)
{
    struct job_submission s = kit_submission(m->id, h->model, NULL);
    struct id again;
    int rc;

    if (m->count == JOBS)
        return true;
    s.price = roll(12);
    snprintf(h->last, sizeof h->last, "submit %" PRId64 " of %" PRId64, s.price, m->available);
    rc = job_submit(db, &s, &m->jobs[m->count], &e);
    if (s.price > m->available)
        return rc == ST_FUNDS;
    m->prices[m->count] = s.price;
    m->queued[m->count] = true;
    m->available -= s.price;
    m->held += s.price;
    if (rc != ST_OK || job_submit(db, &s, &again, &e) != ST_OK)
        return false;
    return memcmp(&again, &m->jobs[m->count++], sizeof again) == 0;
}

static bool
step_cancel(struct history *h, struct member *m)
{
    int i = m->count > 0 ? (int)roll((unsigned)m->count) : -1;

    snprintf(h->last, sizeof h->last, "cancel job %d", i);
    if (i < 0 || !m->queued[i])
        return true;
    m->queued[i] = false;
    m->available += m->prices[i];
    m->held -= m->prices[i];
    return job_cancel(db, m->id, &m->jobs[i], &e) == ST_OK;
}

static struct member *
member_of(struct history *h, int64_t account)
{
    for (int i = 0; i < ACCOUNTS; i++)
        if (h->members[i].id == account)
            return &h->members[i];
    return NULL;
}

static bool
step_claim(struct history *h, struct member *m)
{
    int count;

    (void)m;
    snprintf(h->last, sizeof h->last, "claim");
    if (h->runs)
        return true;
    if (job_claim(db, "here:1", h->model, LEASE, 3, 1, &h->running, &count, &e) != ST_OK)
        return false;
    h->runs = count == 1;
    if (h->runs) {
        m = member_of(h, h->running.account);
        for (int i = 0; m != NULL && i < m->count; i++)
            if (memcmp(&m->jobs[i], &h->running.public_id, sizeof m->jobs[i]) == 0)
                m->queued[i] = false;
    }
    return true;
}

/* Ends the running job, tries to settle it the other way, and settles it the same way again. */
static bool
step_end(struct history *h, struct member *m)
{
    const struct job *j = &h->running;
    bool good = roll(2) == 0;
    int rc;

    snprintf(h->last, sizeof h->last, "end %s", good ? "well" : "badly");
    if (!h->runs)
        return true;
    m = member_of(h, j->account);
    if (good && write_result(j) != ST_OK)
        return false;
    rc = good ? job_finish(db, j, CLOCK_DAY, &e) : job_fail(db, j, "engine", "no", &e);
    if (rc != ST_OK || m == NULL)
        return false;
    m->held -= j->price;
    if (!good)
        m->available += j->price;
    if (j->price > 0) {
        rc = good ? ledger_release(db, m->id, j->id, j->price, &e)
                  : ledger_capture(db, m->id, j->id, j->price, &e);
        if (rc != ST_CONFLICT)
            return false;
        rc = good ? ledger_capture(db, m->id, j->id, j->price, &e)
                  : ledger_release(db, m->id, j->id, j->price, &e);
        if (rc != ST_OK)
            return false;
    }
    job_release(&h->running);
    h->runs = false;
    return true;
}

/* What nobody may do: settle what is not held, another amount, or nothing at all. */
static bool
step_nonsense(struct history *h, struct member *m)
{
    snprintf(h->last, sizeof h->last, "nonsense");
    return ledger_capture(db, m->id, INT64_MAX - roll(1000), 1, &e) == ST_INTERNAL &&
           ledger_grant(db, m->id, 0, "zero", "", &e) == ST_INTERNAL &&
           ledger_grant(db, m->id, -5, "minus", "", &e) == ST_INTERNAL &&
           (!h->runs || h->running.price == 0 ||
            ledger_release(db, h->running.account, h->running.id, h->running.price + 1, &e) ==
                ST_INTERNAL) &&
           ledger_hold(db, m->id, INT64_MAX - 2000, m->available + 1, &e) == ST_FUNDS;
}

static bool (*const steps[])(struct history *, struct member *) = {
    step_grant, step_submit, step_submit, step_cancel, step_claim, step_end, step_nonsense,
};

static bool
agrees(const struct history *h)
{
    struct ledger_balance b;

    for (int i = 0; i < ACCOUNTS; i++) {
        const struct member *m = &h->members[i];
        if (ledger_balance(db, m->id, &b, &e) != ST_OK)
            return false;
        if (b.available == m->available && b.held == m->held)
            continue;
        diag("after '%s': account %d has %" PRId64 " + %" PRId64 ", the model %" PRId64
             " + %" PRId64,
             h->last, i, b.available, b.held, m->available, m->held);
        return false;
    }
    return true;
}

static bool
run_history(int number)
{
    struct history h = {0};
    bool good = true;

    snprintf(h.model, sizeof h.model, "history-%d", number);
    for (int i = 0; i < ACCOUNTS; i++)
        h.members[i].id = kit_account(db, 0);
    for (int i = 0; i < STEPS && good; i++) {
        struct member *m = &h.members[roll(ACCOUNTS)];
        good = steps[roll(sizeof steps / sizeof steps[0])](&h, m);
        if (!good)
            diag("history %d: '%s' went wrong: %s (%s)", number, h.last, status_name(e.code),
                 e.detail);
        good = good && agrees(&h);
    }
    job_release(&h.running);
    return good;
}

/* --- two processes --- */

static void
rival_work(const char *model)
{
    struct job j;
    int count, moved;
    unsigned what = roll(5);

    if (what == 0) {
        job_requeue_lost(db, 3, 5, &moved, &e);
        return;
    }
    if (job_claim(db, "rival:1", model, LEASE, 3, 1, &j, &count, &e) != ST_OK || count == 0)
        return;
    if (what == 1)
        job_fail(db, &j, "engine", "no", &e);
    else if (what == 2)
        job_give_back(db, &j, &e);
    else if (what == 3 || write_result(&j) == ST_OK) /* 3: forgotten; its lease will end */
        what == 3 ? kit_end_lease(db, j.id) : (void)job_finish(db, &j, CLOCK_DAY, &e);
    job_release(&j);
}

static int
rival(char **argv, const int64_t *accounts, uint64_t seed)
{
    struct id mine[200];
    int count = 0;

    dice = seed;
    db = kit_open(argv[1], argv[2], argv[3]);
    kit_prepare(db);
    for (int i = 0; i < 250; i++) {
        int64_t a = accounts[roll(ACCOUNTS)];
        struct job_submission s = kit_submission(a, "rivals", NULL);
        unsigned what = roll(4);
        s.price = 1 + roll(4);
        if (what == 0 && count < 200) {
            if (job_submit(db, &s, &mine[count], &e) == ST_OK)
                count++;
            else if (e.code != ST_FUNDS)
                kit_die("a rival's submission", &e);
        } else if (what == 1 && count > 0) {
            const struct id *id = &mine[roll((unsigned)count)];
            for (int k = 0; k < ACCOUNTS; k++)
                job_cancel(db, accounts[k], id, &e);
        } else {
            rival_work("rivals");
        }
    }
    db_close(db);
    return 0;
}

static void
test_rivals(char **argv, uint64_t seed)
{
    int64_t accounts[ACCOUNTS];
    pid_t children[2];
    bool good = true;
    int status;

    for (int i = 0; i < ACCOUNTS; i++)
        accounts[i] = kit_account(db, 60);
    fflush(stdout);
    for (int i = 0; i < 2; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(rival(argv, accounts, seed + 77 + (uint64_t)i));
    }
    for (int i = 0; i < 2; i++)
        good = waitpid(children[i], &status, 0) == children[i] && status == 0 && good;
    ok(good, "two rivals came to their end");
    ok(kit_clean(db, store), "the ledger agrees with jobs and balances");
    is_int(kit_number(db, KIT_NEGATIVE, NULL), 0, "nothing is negative");
    is_int(kit_number(db, KIT_RESULTS_TWICE, NULL), 0, "no picture twice");
    is_int(kit_number(db, KIT_DONE_WITHOUT, NULL), 0, "no job done without its picture");
}

int
main(int argc, char **argv)
{
    const char *chosen = getenv("GEMPIX_SEED"), *many = getenv("GEMPIX_HISTORIES");
    int histories = many != NULL ? (int)strtol(many, NULL, 10) : 250, bad = 0;
    uint64_t seed;

    if (argc != 5)
        return 2;
    db = kit_open(argv[1], argv[2], argv[3]);
    kit_prepare(db);
    seed = chosen != NULL ? strtoull(chosen, NULL, 10) : crypto_random_u32();
    diag("replay with GEMPIX_SEED=%" PRIu64, seed);
    if (store_open(argv[4], &store, &e) != ST_OK)
        kit_die("opening the store", &e);
    for (int i = 0; i < histories && bad < 3; i++) {
        dice = (seed + (uint64_t)i) * UINT64_C(0x9E3779B97F4A7C15) | 1;
        bad += !run_history(i);
    }
    ok(bad == 0, "%d random histories agree with the model", histories);
    ok(kit_clean(db, store), "and with the check");
    test_rivals(argv, seed | 1);
    store_close(store);
    db_close(db);
    return tap_done();
}
