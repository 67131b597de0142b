/*
 * What a job's page says, for every state and for what the queue does not know.
 */
#include "app/studio/progress.h"
#include "common/job.h"
#include "t/lib/tap.h"

static struct progress p;

static const char *
words(const struct job *j, const struct progress_queue *q)
{
    progress_of(j, q, &p);
    return p.words;
}

static void
test_waiting(void)
{
    struct job j = {.state = JOB_QUEUED, .images = 1, .cost = 1000, .steps = 25};
    struct progress_queue q = {.jobs = 0, .work = 0, .speed = 100, .workers = 1};

    is_str(words(&j, &q), "Next in the queue. Done in about 10 seconds.", "first in the queue");
    is_int(p.seconds, 10, "... in seconds");
    is_int(p.ended, false, "... not ended");
    q.jobs = 1;
    q.work = 5000;
    is_str(words(&j, &q), "In the queue, 1 job before yours. Done in about 1 minute.", "second");
    q.speed = 400;
    q.workers = 4;
    words(&j, &q);
    is_int(p.seconds, 13 + 10, "four workers for the queue, one for the job");
    q.jobs = 12;
    q.speed = 0;
    q.workers = 1;
    is_str(words(&j, &q), "In the queue, 12 jobs before yours.", "unknown speed promises nothing");
    is_int(p.seconds, -1, "... nor in seconds");
    q.workers = 0;
    ok(strstr(words(&j, &q), "No renderer is at work") != NULL, "nobody at work is said");
    is_str(p.title, "Waiting", "the tab says so");
    words(&j, NULL);
    ok(p.words[0] != '\0', "no queue facts at all still gives a sentence");
}

static void
test_drawing(void)
{
    struct job j = {.state = JOB_RUNNING, .images = 2, .cost = 1000, .steps = 50};
    struct progress_queue q = {.speed = 100, .workers = 1};

    is_str(words(&j, &q), "Starting to draw.", "before the first step");
    j.step = 10;
    is_str(words(&j, &q), "Drawing, step 10 of 50. Done in about 10 seconds.", "under way");
    is_int(p.percent, 20, "... in percent");
    is_str(p.title, "20 %", "... in the tab");
    is_str(p.label, "Drawing", "... and as a state");
    q.workers = 4;
    q.speed = 400;
    words(&j, &q);
    is_int(p.seconds, 8, "one worker draws it, not all four");
    j.step = 50;
    is_str(words(&j, &q), "Finishing touches.", "after the last step");
    is_int(p.percent, 100, "... all steps");
    j.step = 60;
    words(&j, &q);
    is_int(p.percent, 100, "never above 100");
    j.step = 10;
    j.cancel_asked = true;
    is_str(words(&j, &q), "Stopping after this step.", "a stop was asked for");
}

static void
test_ended(void)
{
    struct job j = {.state = JOB_DONE, .images = 1, .steps = 25, .step = 25};

    is_str(words(&j, NULL), "Your picture is ready.", "one picture");
    is_int(p.ended, true, "... ended");
    is_int(p.percent, 100, "... whole");
    j.images = 3;
    is_str(words(&j, NULL), "Your pictures are ready.", "several pictures");
    j.state = JOB_FAILED;
    is_str(words(&j, NULL), "This did not work.", "failed");
    is_int(p.ended, true, "... ended");
    j.state = JOB_CANCELLED;
    is_str(words(&j, NULL), "You cancelled this.", "cancelled");
}

int
main(void)
{
    test_waiting();
    test_drawing();
    test_ended();
    return tap_done();
}
