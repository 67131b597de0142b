/*
 * The second thread of the daemon: heartbeat_probe SOCKET SCHEMA USER. It keeps a lease while the
 * main thread says nothing for longer than the lease, hears of a stop, and gives up on a main
 * thread that hangs.
 */
#include <time.h>

#include "common/clock.h"
#include "common/conf.h"
#include "common/db.h"
#include "common/err.h"
#include "common/job.h"
#include "render/daemon/heartbeat.h"
#include "t/lib/tap.h"
#include "t/queue/queue_kit.h"

/* Long enough that a busy machine does not decide how this ends: the thread has a lease's two
   thirds to prolong it. */
#define LEASE_S 2
#define LEASE (LEASE_S * CLOCK_SECOND)
#define PATIENCE_S (2 * LEASE_S)
#define STOP_WAIT LEASE

static struct db *db;
static struct heartbeat *heart;
static struct err e;
static atomic_int stops;

/* So many thousandths of a lease. */
static void
sleep_leases(long thousandths)
{
    long ms = thousandths * LEASE_S;
    struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    nanosleep(&ts, NULL);
}

static struct job
begin(int64_t account, struct id *id)
{
    struct job_submission s = kit_submission(account, "m", NULL);
    struct job j = {0};
    int count = 0;

    if (job_submit(db, &s, id, &e) != ST_OK ||
        job_claim(db, "here:1", "m", LEASE, 3, 1, &j, &count, &e) != ST_OK || count != 1)
        kit_die("a job", &e);
    heartbeat_hold(heart, &j, clock_monotonic() + LEASE);
    heartbeat_touch(heart);
    return j;
}

static void
test_long_step(void)
{
    int64_t account = kit_account(db, 9);
    struct id id;
    struct job j = begin(account, &id);
    bool cancel = false;

    sleep_leases(1700);
    ok(heartbeat_lease(heart, &j, &cancel) > clock_monotonic() && !cancel, "the lease is known");
    is_int(job_renew(db, &j, LEASE, 1, &cancel, &e), ST_OK, "and the row has it");
    heartbeat_touch(heart);
    job_cancel(db, account, &id, &e);
    sleep_leases(1300);
    ok(heartbeat_lease(heart, &j, &cancel) > 0 && cancel, "a stop is heard of in a long step");
    heartbeat_drop(heart, &j);
    is_int(heartbeat_lease(heart, &j, &cancel), 0, "a job that has ended is not held");
    is_int(job_cancelled(db, &j, &e), ST_OK, "ended");
    job_release(&j);
}

static void
test_lost(void)
{
    struct id id;
    struct job j = begin(kit_account(db, 9), &id);
    bool cancel;

    is_int(job_give_back(db, &j, &e), ST_OK, "the row is nobody's");
    sleep_leases(1300);
    is_int(heartbeat_lease(heart, &j, &cancel), 0, "a lost lease is not prolonged, and told");
    heartbeat_drop(heart, &j);
    job_release(&j);
}

static void
test_hung(void)
{
    struct id id;
    struct job j = begin(kit_account(db, 9), &id);
    bool cancel;

    sleep_leases(3900);
    is_int(job_renew(db, &j, LEASE, 1, &cancel, &e), ST_LOST, "a hung thread loses its lease");
    job_release(&j);
}

/* Told to end in the middle of a step: what answers in time keeps its jobs, what does not gives
 * them back long before their leases are over, and the late main thread can write nothing. */
static void
test_told_to_end(void)
{
    struct id id;
    struct job j = begin(kit_account(db, 9), &id), again = {0};
    int count = 0;
    bool cancel;

    atomic_store(&stops, 1);
    sleep_leases(700);
    heartbeat_touch(heart);
    sleep_leases(700);
    ok(heartbeat_lease(heart, &j, &cancel) > 0, "a step that is short enough is waited for");
    sleep_leases(1000);
    is_int(heartbeat_lease(heart, &j, &cancel), 0, "a longer one is not");
    is_int(job_claim(db, "there:1", "m", LEASE, 3, 1, &again, &count, &e), ST_OK, "a claim");
    is_int(count, 1, "the job is free at once");
    is_int(again.attempts, 1, "and this its first attempt: nobody is to blame");
    is_int(job_finish(db, &j, CLOCK_SECOND, &e), ST_LOST, "what the step gives comes too late");
    is_int(job_renew(db, &again, LEASE, 1, &cancel, &e), ST_OK, "and harms nobody");
    heartbeat_drop(heart, &j);
    atomic_store(&stops, 0);
    job_release(&j);
    job_release(&again);
}

int
main(int argc, char **argv)
{
    char empty[] = "";
    struct conf conf = {.db = {.password_file = empty},
                        .render = {.lease = LEASE / CLOCK_SECOND, .patience = PATIENCE_S}};

    if (argc != 4)
        return 2;
    db = kit_open(argv[1], argv[2], argv[3]);
    kit_prepare(db);
    conf.db.socket = argv[1];
    conf.db.name = argv[2];
    conf.db.user = argv[3];
    if (heartbeat_start(&conf, &stops, STOP_WAIT, &heart, &e) != ST_OK)
        kit_die("starting", &e);
    test_long_step();
    test_lost();
    test_hung();
    test_told_to_end();
    heartbeat_stop(heart);
    heartbeat_stop(NULL);
    db_close(db);
    return tap_done();
}
